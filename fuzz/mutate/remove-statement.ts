// Removes code and leaves constants, or does it twice.

import { applyChanges, maybeInstead } from '../edit/apply.ts';
import { signatureOf } from '../edit/module.ts';
import { initialisesLocal, isClosed, maybePlace, type Mutation, rangeOf, replaceRange } from './mutation.ts';

export const removeStatement: Mutation = {
  name: 'remove-statement',
  summary: 'x becomes constants of its types',
  preservesMeaning: false,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site, owner) => isClosed(site) && !initialisesLocal(owner, signatureOf(m, owner.type).params, rangeOf(site)));
    const by = place === undefined ? undefined : maybeInstead([], place.site.net);
    return place === undefined || by === undefined ? undefined : applyChanges(m, [replaceRange(place.site, by)]);
  },
};

export const repeatStatement: Mutation = {
  name: 'repeat-statement',
  summary: 'a statement is done twice',
  preservesMeaning: false,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site) => isClosed(site) && site.net.length === 0);
    return place === undefined ? undefined : applyChanges(m, [replaceRange(place.site, [...rangeOf(place.site), ...rangeOf(place.site)])]);
  },
};
