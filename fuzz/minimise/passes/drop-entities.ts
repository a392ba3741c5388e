// Drops functions, segments, tables, memories, globals, tags and the start function; what mentions them becomes drops and constants.

import type { Change } from '../../edit/apply.ts';
import { countInstructions } from '../../edit/instructions.ts';
import type { ModulePass } from './pass.ts';

export const dropEntities: ModulePass = {
  name: 'drop-entities',
  propose: ({ m }) => {
    const functions = m.functions.map((one) => ({ id: one.id, size: countInstructions(one.body) })).sort((a, b) => b.size - a.size);
    const changes: Change[] = functions.map(({ id }) => ({ kind: 'remove', space: 'function', id }));
    if (m.start !== undefined) changes.push({ kind: 'module', apply: (now) => ({ ...now, start: undefined }) });
    for (const [space, list] of [['element', m.elements], ['data', m.datas], ['table', m.tables], ['memory', m.memories], ['global', m.globals], ['tag', m.tags]] as const) {
      for (const { id } of list) changes.push({ kind: 'remove', space, id });
    }
    return changes;
  },
};
