// A generator on choices as a fast-check arbitrary, with shrinking by the tape.
//
// A value's context is its tape. Shrinking proposes smaller tapes (shorter, or of the same length and earlier in lexical order), replays each and
// records it anew, so that what is handed on is normalised; a candidate that is not strictly smaller after that is dropped.
// The order of proposals is smaller-tapes.ts.

import { Arbitrary, type Random, Stream, Value } from 'fast-check';
import { type Choices, Choices as ChoicesOf, tapeChoices } from './choices.ts';
import { isSmaller, type RecordedTape, smallerTapes } from './smaller-tapes.ts';

function isRecorded(value: unknown): value is RecordedTape {
  return typeof value === 'object' && value !== null && 'tape' in value && 'spans' in value;
}

class ChoiceArbitrary<T> extends Arbitrary<T> {
  private readonly build: (choices: Choices) => T;

  constructor(build: (choices: Choices) => T) {
    super();
    this.build = build;
  }

  override generate(random: Random): Value<T> {
    const choices = new ChoicesOf({ next: (n) => random.nextInt(0, n - 1) });
    const built = this.build(choices);
    return new Value(built, { tape: choices.tape, spans: choices.spans } satisfies RecordedTape);
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }

  override shrink(_value: T, context: unknown): Stream<Value<T>> {
    if (!isRecorded(context)) return Stream.nil();
    return new Stream(this.candidates(context));
  }

  private *candidates(context: RecordedTape): IterableIterator<Value<T>> {
    for (const tape of smallerTapes(context)) {
      const choices = tapeChoices(tape);
      const built = this.build(choices);
      if (isSmaller(choices.tape, context.tape)) yield new Value(built, { tape: choices.tape, spans: choices.spans } satisfies RecordedTape);
    }
  }
}

/** What `build` makes of any choices, shrinking towards the all-zero tape. `build` must depend on its choices alone. */
export function arbitrary<T>(build: (choices: Choices) => T): Arbitrary<T> {
  return new ChoiceArbitrary(build);
}
