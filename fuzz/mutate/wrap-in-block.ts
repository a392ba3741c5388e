// Puts code into a block, or into a loop that nobody goes round.

import { applyChanges } from '../edit/apply.ts';
import { blockTypeFor } from '../edit/functions.ts';
import { blockOf, moveLabels } from '../edit/instructions.ts';
import { signatureOf } from '../edit/module.ts';
import { initialisesLocal, isClosed, maybePlace, type Mutation, rangeOf, replaceRange } from './mutation.ts';

export const wrapInBlock: Mutation = {
  name: 'wrap-in-block',
  summary: 'x becomes (block x) or (loop x)',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site, owner) => isClosed(site) && !initialisesLocal(owner, signatureOf(m, owner.type).params, rangeOf(site)));
    if (place === undefined) return undefined;
    const inner = moveLabels(rangeOf(place.site), (label) => label + 1);
    const block = blockTypeFor(m, place.site.net);
    return inner === undefined ? undefined : applyChanges(block.m, [replaceRange(place.site, [blockOf(c.draw(2) === 0 ? 'block' : 'loop', block.type, inner)])]);
  },
};
