// Reads a local in the place of a value of its type.

import { applyChanges } from '../edit/apply.ts';
import { instruction } from '../edit/instructions.ts';
import { signatureOf } from '../edit/module.ts';
import { isNumeric } from '../edit/typing.ts';
import { isClosed, maybePlace, type Mutation, replaceRange } from './mutation.ts';

export const useLocal: Mutation = {
  name: 'use-local',
  summary: 'x, no float, becomes a local of its type',
  preservesMeaning: false,
  apply: (c, m) => {
    // A float may stand where its NaN bits show, and has them canonical there; a local's are whatever an operation made.
    const place = maybePlace(c, m, (site) => isClosed(site) && site.net.length === 1 && isNumeric(site.net[0] ?? '') && !site.net[0]?.startsWith('f'));
    if (place === undefined) return undefined;
    const locals = [...signatureOf(m, place.owner.type).params, ...place.owner.locals];
    const local = c.maybePick(locals.flatMap((type, index) => (type === place.site.net[0] ? [index] : [])));
    return local === undefined ? undefined : applyChanges(m, [replaceRange(place.site, [instruction('local.get', local)])]);
  },
};
