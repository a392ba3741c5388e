// Deletes what an instruction and its operands do, and leaves constants of the types it made; where control leaves the sequence at its end, also without them:
// what a terminator does not take may lie on the stack, or not.

import { maybeInstead } from '../../edit/apply.ts';
import { countInstructions, isTerminator } from '../../edit/instructions.ts';
import { allSites, largestFirst, type ModulePass } from './pass.ts';

export const dropRanges: ModulePass = {
  name: 'drop-ranges',
  propose: ({ m }) => largestFirst(allSites(m).flatMap(({ list, from, at, net, ends }) => {
    // What control does not come back from can only go where something else ends the sequence; drop-tails knows.
    if (from === undefined || ends) return [];
    const size = countInstructions(list.slice(from, at + 1));
    const proposals = net.length > 0 && list.some(isTerminator) ? [{ size, change: { kind: 'code' as const, list, from, to: at, by: [] } }] : [];
    const by = maybeInstead([], net);
    const isNothing = by === undefined || by.length > size || (size === 1 && by.length === 1 && by[0] === list[at]);
    return isNothing ? proposals : [{ size, change: { kind: 'code' as const, list, from, to: at, by } }, ...proposals];
  })),
};
