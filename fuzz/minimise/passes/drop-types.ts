// Drops types that nothing mentions, and splits recursion groups whose members do not need each other.

import type { Change } from '../../edit/apply.ts';
import type { ModulePass } from './pass.ts';

export const dropTypes: ModulePass = {
  name: 'drop-types',
  propose: ({ m }) => {
    const changes: Change[] = m.types.flat().reverse().map(({ id }) => ({ kind: 'remove', space: 'type', id }));
    for (const group of m.types) {
      if (group.length > 1) changes.push({ kind: 'module', apply: (now) => ({ ...now, types: now.types.flatMap((one) => (one[0]?.id === group[0]?.id ? one.map((type) => [type]) : [one])) }) });
      for (const { id, supertypes, final } of group) {
        if (supertypes.length === 0 && final) continue;
        changes.push({ kind: 'module', apply: (now) => ({ ...now, types: now.types.map((one) => one.map((type) => (type.id === id ? { ...type, supertypes: [], final: true } : type))) }) });
      }
    }
    return changes;
  },
};
