// Ends a sequence early: everything from an instruction on goes, and constants stand for what the sequence leaves.

import { maybeInstead } from '../../edit/apply.ts';
import { type Code, countInstructions, opcode } from '../../edit/instructions.ts';
import { signatureOf } from '../../edit/module.ts';
import { blockSignature, sitesOf } from '../../edit/typing.ts';
import { largestFirst, type ModulePass, ownFunctions } from './pass.ts';

export const dropTails: ModulePass = {
  name: 'drop-tails',
  propose: ({ m }) => largestFirst(ownFunctions(m).flatMap((one) => {
    const sites = sitesOf(m, one);
    const results = new Map<Code, readonly string[]>([[one.body, signatureOf(m, one.type).results]]);
    for (const { one: { row, args, body, otherwise } } of sites) {
      if (body === undefined || (row.immediate !== 'block' && row.immediate !== 'tryTable')) continue;
      const made = blockSignature(m, String(args[0])).results;
      results.set(body, made);
      if (otherwise !== undefined) results.set(otherwise, made);
    }
    return sites.flatMap(({ list, at, stack }) => {
      const rest = list.slice(at);
      const by = maybeInstead(stack, results.get(list) ?? []);
      if (by === undefined) return [];
      const size = countInstructions(rest);
      // Dead code behind a terminator, too, goes with it.
      return by.length < size || rest[0]?.row.opcode === opcode.return ? [{ size, change: { kind: 'code' as const, list, from: at, to: list.length - 1, by } }] : [];
    });
  })),
};
