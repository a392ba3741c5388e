// Moves functions, locals, segments and types to other places; everything that names them follows.

import { renumberLocals } from '../edit/functions.ts';
import { signatureOf, withFunction } from '../edit/module.ts';
import type { Choices } from '../generate/choices.ts';
import { mutable, type Mutation } from './mutation.ts';

/** The list with one element moved to another place. */
function withOneMoved<T>(c: Choices, list: readonly T[], first = 0): T[] {
  const result = [...list];
  const [one] = result.splice(first + c.draw(list.length - first), 1);
  if (one !== undefined) result.splice(first + c.draw(list.length - first), 0, one);
  return result;
}

export const reorderFunctions: Mutation = {
  name: 'reorder-functions',
  summary: 'a function gets another index',
  preservesMeaning: true,
  apply: (c, m) => ({ ...m, functions: withOneMoved(c, m.functions, m.functions.filter(({ from }) => from !== undefined).length) }),
};

export const reorderTypes: Mutation = {
  name: 'reorder-types',
  summary: 'a type gets another index, where no type names another',
  preservesMeaning: true,
  apply: (c, m) => {
    const isPlain = m.types.every((group) => group.every(({ supertypes, composite }) => supertypes.length === 0 && composite.kind === 'function' && [...composite.params, ...composite.results].every((type) => !type.includes('$'))));
    return isPlain ? { ...m, types: withOneMoved(c, m.types) } : undefined;
  },
};

export const reorderLocals: Mutation = {
  name: 'reorder-locals',
  summary: 'a local gets another index',
  preservesMeaning: true,
  apply: (c, m) => {
    const owner = c.maybePick(mutable(m));
    if (owner === undefined || owner.locals.length < 2) return undefined;
    const first = signatureOf(m, owner.type).params.length;
    const order = withOneMoved(c, owner.locals.map((_, place) => place));
    const locals = order.map((place) => owner.locals[place] ?? 'i32');
    const numbers = new Map(order.map((was, now) => [first + was, first + now]));
    return withFunction(m, { ...owner, locals, body: renumberLocals(owner.body, (local) => numbers.get(local) ?? local) });
  },
};
