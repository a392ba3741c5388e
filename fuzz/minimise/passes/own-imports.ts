// Makes what is imported the module's own: functions that return constants, empty memories and tables, globals of 0.

import type { Change } from '../../edit/apply.ts';
import { maybeOwned } from '../../edit/functions.ts';
import type { ModulePass } from './pass.ts';

export const ownImports: ModulePass = {
  name: 'own-imports',
  propose: ({ m }) => ([['function', m.functions], ['table', m.tables], ['memory', m.memories], ['global', m.globals]] as const).flatMap(([kind, list]) => (
    list.filter(({ from }) => from !== undefined).map(({ id }): Change => ({ kind: 'module', apply: (now) => (now[`${kind === 'memory' ? 'memorie' : kind}s`].some((one) => one.id === id) ? maybeOwned(now, kind, id) : undefined) })))),
};
