// Takes blocks away from around their code: a block becomes its content, and what branched to it branches to what is around it; a conditional becomes one of
// its arms, a loop a block.

import type { Change } from '../../edit/apply.ts';
import { branchesTo, type Code, countInstructions, instruction, moveLabels, opcode, rowNamed } from '../../edit/instructions.ts';
import { allSites, largestFirst, type ModulePass, replaceOne } from './pass.ts';

/** The code of a block without the block: labels outside of it are one nearer, and what branched to it branches to what is around it. */
export function maybeUnwrapped(body: Code): Code | undefined {
  return moveLabels(body, (label) => Math.max(0, label - 1));
}

export const unwrapBlocks: ModulePass = {
  name: 'unwrap-blocks',
  propose: ({ m }) => {
    const sized: { size: number; change: Change }[] = [];
    for (const site of allSites(m)) {
      const { row, args, body, otherwise } = site.one;
      if (body === undefined) continue;
      const add = (by: Code): void => {
        sized.push({ size: countInstructions([site.one]) - countInstructions(by) + 1, change: replaceOne(site, by) });
      };
      const isIf = row.opcode === opcode.if;
      for (const arm of [body, ...(otherwise === undefined ? [] : [otherwise])]) {
        const inner = maybeUnwrapped(arm);
        if (inner !== undefined) add(isIf ? [instruction('drop'), ...inner] : inner);
        if (branchesTo(arm, 0) && row.opcode !== opcode.block) add([...(isIf ? [instruction('drop')] : []), { row: rowNamed('block'), args: [args[0] ?? ''], body: arm }]);
      }
      // Without its else, or with nothing but it.
      if (isIf && otherwise !== undefined && otherwise.length > 0 && args[0] === '') add([{ row, args, body }]);
    }
    return largestFirst(sized);
  },
};
