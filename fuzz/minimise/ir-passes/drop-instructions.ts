// Drops instructions; where their results are used, constants of the same types stand in their place.

import { constantFor, endsBlock, isUsed, mapInstructions } from '../ir-text.ts';
import { inEach, type IrPass, placesOf } from './pass.ts';

export const dropInstructions: IrPass = {
  name: 'drop-instructions',
  propose: inEach((f) => placesOf(f).filter(({ one }) => !endsBlock(one)).reverse().map(({ one: { id } }) => (now) =>
    mapInstructions(now, (one) => (one.id === id ? one.results.filter((value) => isUsed(now, value)).map((value) => constantFor(now, value, id)) : [one])))),
};
