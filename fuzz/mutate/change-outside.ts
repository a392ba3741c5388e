// Changes what stands around the code: exports come and go, functions are doubled or removed, memories begin larger.

import { applyChanges } from '../edit/apply.ts';
import { eachInstruction, opcode } from '../edit/instructions.ts';
import type { MemoryEntity } from '../edit/module.ts';
import { mutable, type Mutation } from './mutation.ts';

export const removeExport: Mutation = {
  name: 'remove-export',
  summary: 'an export goes',
  preservesMeaning: false,
  apply: (c, m) => {
    // A function that code takes a reference of must be declared, and an export may be what declares it.
    const referenced = new Set<number>();
    for (const { body } of m.functions) eachInstruction(body, ({ row, args }) => {
      if (row.opcode === opcode.refFunc) referenced.add(Number(args[0]));
    });
    const gone = c.maybePick(m.exports.filter(({ name, kind, id }) => name !== 'refuel' && !(kind === 'function' && referenced.has(id))));
    return gone === undefined ? undefined : { ...m, exports: m.exports.filter((one) => one !== gone) };
  },
};

export const removeFunction: Mutation = {
  name: 'remove-function',
  summary: 'a function goes, its calls become constants',
  preservesMeaning: false,
  apply: (c, m) => {
    // What a reference names must be declared, and references that are not null have nothing else to be.
    const isNamed = (id: number): boolean => m.exports.some(({ name, kind, id: exported }) => kind === 'function' && exported === id && name === 'refuel');
    const hasReferences = m.functions.some(({ locals }) => locals.some((type) => type.startsWith('(ref '))) || m.types.flat().some(({ composite }) => composite.kind !== 'function' || [...composite.params, ...composite.results].some((type) => type.startsWith('(ref ')));
    const gone = hasReferences ? undefined : c.maybePick(mutable(m).filter(({ id }) => !isNamed(id)));
    return gone === undefined ? undefined : applyChanges(m, [{ kind: 'remove', space: 'function', id: gone.id }]);
  },
};

export const doubleFunction: Mutation = {
  name: 'double-function',
  summary: 'a function gets a twin, exported',
  preservesMeaning: false,
  apply: (c, m) => {
    const one = c.maybePick(mutable(m));
    const id = m.nextId;
    return one === undefined ? undefined : { ...m, functions: [...m.functions, { ...one, id }], exports: [...m.exports, { name: `twin${id}`, kind: 'function', id }], nextId: id + 1 };
  },
};

export const widenMemory: Mutation = {
  name: 'widen-memory',
  summary: 'a memory begins one page larger',
  preservesMeaning: false,
  apply: (c, m) => {
    const one = c.maybePick(m.memories.filter(({ from, limits }) => from === undefined && (limits.maximum === undefined || limits.minimum < limits.maximum) && limits.minimum < 4n));
    return one === undefined ? undefined : { ...m, memories: m.memories.map((each): MemoryEntity => (each === one ? { ...each, limits: { ...each.limits, minimum: each.limits.minimum + 1n } } : each)) };
  },
};
