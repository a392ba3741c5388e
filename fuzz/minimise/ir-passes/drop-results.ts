// Drops results of functions.

import { type EditFunction, mapInstructions, usesOf } from '../ir-text.ts';
import { inEach, type IrPass } from './pass.ts';

function without(f: EditFunction, place: number): EditFunction {
  const now = mapInstructions(f, (one) => (one.name === 'return' ? [{ ...one, words: usesOf(one).filter((_, at) => at !== place).map((value) => `v${value}`).join(', ') }] : [one]));
  return { ...now, results: f.results.filter((_, at) => at !== place) };
}

export const dropResults: IrPass = {
  name: 'drop-results',
  // From the last on, so that those still to go keep their places.
  propose: inEach((f) => f.results.map((_, place) => (now: EditFunction) => (place < now.results.length ? without(now, place) : undefined)).reverse()),
};
