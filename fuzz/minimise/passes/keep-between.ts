// Deletes an instruction with what makes its operands, but keeps code that stands between them: a value that waits on the stack while other things happen.

import { maybeInstead } from '../../edit/apply.ts';
import { countInstructions } from '../../edit/instructions.ts';
import { allSites, largestFirst, type ModulePass } from './pass.ts';

export const keepBetween: ModulePass = {
  name: 'keep-between',
  propose: ({ m }) => largestFirst(allSites(m).flatMap(({ list, from, at, net, ends, between }) => {
    if (from === undefined || ends || between.length === 0) return [];
    const left = maybeInstead([], net);
    if (left === undefined) return [];
    const by = [...between.flatMap((range) => list.slice(range.from, range.to + 1)), ...left];
    const size = countInstructions(list.slice(from, at + 1)) - countInstructions(by);
    return size <= 0 ? [] : [{ size, change: { kind: 'code' as const, list, from, to: at, by } }];
  })),
};
