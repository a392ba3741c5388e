// Adds what nobody uses: a function, a global, a local, a type, a passive segment, a custom section.

import { maybeInstead } from '../edit/apply.ts';
import { constantOf } from '../edit/functions.ts';
import { withFunction, withSignature } from '../edit/module.ts';
import { mutable, type Mutation } from './mutation.ts';

const types = ['i32', 'i64', 'f32', 'f64'] as const;

export const addUnused: Mutation = {
  name: 'add-unused',
  summary: 'adds a function, global, local, type, passive segment or custom section that nobody uses',
  preservesMeaning: true,
  apply: (c, m) => {
    const type = c.pick(types);
    const id = m.nextId;
    switch (c.draw(6)) {
      case 0: return { ...m, customs: [...m.customs, { name: 'mutant', bytes: Uint8Array.of(c.draw(256)) }] };
      case 1: {
        const owner = c.maybePick(mutable(m));
        return owner === undefined ? undefined : withFunction(m, { ...owner, locals: [...owner.locals, type] });
      }
      case 2: return { ...m, globals: [...m.globals, { id, from: undefined, type, mutable: c.draw(2) === 1, initial: [constantOf(type, c.draw(256))] }], nextId: id + 1 };
      case 3: return { ...m, types: [...m.types, [{ id, final: true, supertypes: [], composite: { kind: 'function', params: [type], results: [type, type] } }]], nextId: id + 1 };
      case 4: return { ...m, datas: [...m.datas, { id, mode: 'passive', memory: 0, at: undefined, bytes: Uint8Array.of(1, 2, 3) }], nextId: id + 1 };
      default: {
        const { m: extended, type: signature } = withSignature(m, [], [type]);
        const one = extended.nextId;
        return { ...extended, functions: [...extended.functions, { id: one, from: undefined, type: signature, locals: [type], body: maybeInstead([], [type]) ?? [] }], nextId: one + 1 };
      }
    }
  },
};
