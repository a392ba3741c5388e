// Passes a value through a new local, or through a select that always takes it.

import { applyChanges, maybeInstead } from '../edit/apply.ts';
import { type Code, instruction } from '../edit/instructions.ts';
import { functionOf, signatureOf, withFunction } from '../edit/module.ts';
import { isNumeric } from '../edit/typing.ts';
import { isClosed, maybePlace, type Mutation } from './mutation.ts';

export const throughLocal: Mutation = {
  name: 'through-local',
  summary: 'x becomes (local.tee x), drop, local.get; or (select x 0 (i32.const 1))',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site) => isClosed(site) && isNumeric(site.pushes.at(-1) ?? ''));
    const type = place?.site.pushes.at(-1);
    if (place === undefined || type === undefined) return undefined;
    const { owner, site: { list, at } } = place;
    const local = signatureOf(m, owner.type).params.length + owner.locals.length;
    const insert = (by: Code): ReturnType<Mutation['apply']> => applyChanges(m, [{ kind: 'code', list, from: at + 1, to: at, by }]);
    if (c.draw(2) === 1) return insert([...(maybeInstead([], [type]) ?? []), instruction('i32.const', 1), instruction('select')]);
    const changed = insert(c.draw(2) === 0 ? [instruction('local.set', local), instruction('local.get', local)] : [instruction('local.tee', local), instruction('drop'), instruction('local.get', local)]);
    if (changed === undefined) return undefined;
    const now = functionOf(changed, owner.id);
    return withFunction(changed, { ...now, locals: [...now.locals, type] });
  },
};
