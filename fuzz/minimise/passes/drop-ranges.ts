// Deletes what an instruction and its operands do, and leaves constants of the types it made.

import { maybeInstead } from '../../edit/apply.ts';
import { countInstructions } from '../../edit/instructions.ts';
import { allSites, largestFirst, type ModulePass } from './pass.ts';

export const dropRanges: ModulePass = {
  name: 'drop-ranges',
  propose: ({ m }) => largestFirst(allSites(m).flatMap(({ list, from, at, net, ends }) => {
    // What control does not come back from can only go where something else ends the sequence; drop-tails knows.
    if (from === undefined || ends) return [];
    const by = maybeInstead([], net);
    const size = countInstructions(list.slice(from, at + 1));
    return by === undefined || by.length > size || (size === 1 && by.length === 1 && by[0] === list[at]) ? [] : [{ size, change: { kind: 'code', list, from, to: at, by } }];
  })),
};
