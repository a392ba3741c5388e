// Drops an instruction and puts another value in the place of its result: one of its operands, or one of the same type that was there before.
// Whether that is available where it is used, the verifier says.

import { endsBlock, mapInstructions, usesOf, withValues } from '../ir-text.ts';
import { inEach, type IrPass, placesOf } from './pass.ts';

/** Values of the same type that are tried for one result. */
const most = 4;

export const useOthers: IrPass = {
  name: 'use-others',
  propose: inEach((f) => {
    const places = placesOf(f);
    const entry = f.blocks[0];
    return places.flatMap(({ block, at, one: { id, results }, one }) => {
      const [value] = results;
      if (value === undefined || results.length > 1 || endsBlock(one)) return [];
      const earlier = f.blocks.find(({ number }) => number === block)?.instructions.slice(0, at).flatMap((each) => each.results) ?? [];
      const constants = entry?.instructions.filter(({ name }) => /^[if]const/.test(name)).flatMap((each) => each.results) ?? [];
      const own = f.blocks.find(({ number }) => number === block)?.parameters ?? [];
      const candidates = [...usesOf(one), ...(entry?.parameters ?? []), ...own, ...constants, ...earlier.toReversed()].filter((other) => other !== value && f.types.get(other) === f.types.get(value));
      return [...new Set(candidates)].slice(0, most).map((other) => (now: typeof f) => withValues(mapInstructions(now, (each) => (each.id === id ? [] : [each])), new Map([[value, other]])));
    });
  }),
};
