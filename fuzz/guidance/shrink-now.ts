// Makes a case smaller by its tape without ever waiting: inside libFuzzer's callback nothing asynchronous runs, so the search of minimise/ cannot be used.
// It tries smaller tapes in the order of generate/smaller-tapes.ts and begins again with the first that still shows the finding.

import { type Choices, tapeChoices } from '../generate/choices.ts';
import { isSmaller, type RecordedTape, smallerTapes } from '../generate/smaller-tapes.ts';

/** The smallest found before `isLate`; what `start` recorded must be interesting. */
export function shrinkNow<T>(build: (c: Choices) => T, start: RecordedTape, isInteresting: (built: T) => boolean, isLate: () => boolean): T {
  let best = start;
  let built = build(tapeChoices(start.tape));
  for (let isBetter = true; isBetter && !isLate(); ) {
    isBetter = false;
    for (const tape of smallerTapes(best)) {
      if (isLate()) break;
      const choices = tapeChoices(tape);
      const candidate = build(choices);
      if (!isSmaller(choices.tape, best.tape) || !isInteresting(candidate)) continue;
      best = { tape: choices.tape, spans: choices.spans };
      built = candidate;
      isBetter = true;
      break;
    }
  }
  return built;
}
