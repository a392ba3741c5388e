// Makes what stands beside the code smaller: contents of segments, initial values, limits.

import type { Change } from '../../edit/apply.ts';
import type { DataEntity, EditModule, ElementEntity, Limits } from '../../edit/module.ts';
import { maybeDefault } from '../../edit/typing.ts';
import type { ModulePass } from './pass.ts';

/** Limits that are simpler than the given, the simplest first. */
function simpler(limits: Limits): Limits[] {
  const { minimum, maximum, shared } = limits;
  const found: Limits[] = [];
  for (const less of [0n, 1n, minimum / 2n]) if (less < minimum) found.push({ ...limits, minimum: less });
  if (maximum !== undefined && !shared) found.push({ ...limits, maximum: undefined });
  if (shared) found.push({ ...limits, shared: false, maximum: undefined });
  return found;
}

export const shrinkSegments: ModulePass = {
  name: 'shrink-segments',
  propose: ({ m }) => {
    const changes: Change[] = [];
    const change = (apply: (m: EditModule) => EditModule): void => {
      changes.push({ kind: 'module', apply });
    };
    for (const { id, bytes } of m.datas) {
      const set = (shorter: Uint8Array): void => change((now) => ({ ...now, datas: now.datas.map((one): DataEntity => (one.id === id ? { ...one, bytes: shorter } : one)) }));
      for (const keep of [0, bytes.length >> 1, bytes.length - 1]) if (keep >= 0 && keep < bytes.length) set(bytes.slice(0, keep));
    }
    for (const { id, items } of m.elements) {
      const set = (fewer: ElementEntity['items']): void => change((now) => ({ ...now, elements: now.elements.map((one): ElementEntity => (one.id === id ? { ...one, items: fewer } : one)) }));
      for (const keep of [0, items.length >> 1, items.length - 1]) if (keep >= 0 && keep < items.length) set(items.slice(0, keep));
    }
    for (const { id, type, initial, from } of m.globals) {
      const plain = maybeDefault(type);
      if (from === undefined && plain !== undefined && initial[0] !== plain) change((now) => ({ ...now, globals: now.globals.map((one) => (one.id === id ? { ...one, initial: [plain] } : one)) }));
    }
    for (const { id, limits } of m.memories) for (const less of simpler(limits)) change((now) => ({ ...now, memories: now.memories.map((one) => (one.id === id ? { ...one, limits: less } : one)) }));
    for (const { id, limits } of m.tables) for (const less of simpler(limits)) change((now) => ({ ...now, tables: now.tables.map((one) => (one.id === id ? { ...one, limits: less } : one)) }));
    return changes;
  },
};
