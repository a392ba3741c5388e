// Deletes code behind a terminator: nothing runs it.

import { allSites, largestFirst, type ModulePass } from './pass.ts';

export const dropDead: ModulePass = {
  name: 'drop-dead',
  propose: ({ m }) => largestFirst(allSites(m).flatMap(({ list, at, ends }) =>
    (ends && at + 1 < list.length ? [{ size: list.length - at, change: { kind: 'code' as const, list, from: at + 1, to: list.length - 1, by: [] } }] : []))),
};
