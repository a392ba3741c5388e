// Makes a finding small by its tape: as long as a smaller tape gives something that is still interesting, take it and begin again.
//
// Works for whatever a generator made, since the tape is all it depends on, and never leaves the generator's own modules: what is small is still valid and
// still ends by itself. Ends when no proposal helps, or when time is up.

import { type Choices, tapeChoices } from '../generate/choices.ts';
import { isSmaller, type RecordedTape, smallerTapes } from '../generate/smaller-tapes.ts';

/** The smallest found; what `start` recorded must be interesting. `isLate` is asked before each try. */
export function shrink<T>(build: (c: Choices) => T, start: RecordedTape, isInteresting: (built: T) => boolean, isLate: () => boolean): { readonly built: T; readonly tape: readonly number[]; readonly tries: number } {
  let best: RecordedTape = start;
  let built = build(tapeChoices(start.tape));
  let tries = 0;
  for (let isBetter = true; isBetter && !isLate(); ) {
    isBetter = false;
    for (const tape of smallerTapes(best)) {
      if (isLate()) break;
      const choices = tapeChoices(tape);
      const candidate = build(choices);
      if (!isSmaller(choices.tape, best.tape)) continue;
      tries++;
      if (!isInteresting(candidate)) continue;
      best = { tape: choices.tape, spans: choices.spans };
      built = candidate;
      isBetter = true;
      break;
    }
  }
  return { built, tape: best.tape, tries };
}
