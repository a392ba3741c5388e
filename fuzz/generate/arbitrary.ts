// A generator on choices as a fast-check arbitrary, with shrinking by the tape.
//
// A value's context is its tape. Shrinking proposes smaller tapes (shorter, or of the same length and earlier in lexical order), replays each and
// records it anew, so that what is handed on is normalised; a candidate that is not strictly smaller after that is dropped.
// Order of proposals: sections from large to small, blocks of the tape from large to small and from the end, small draws lowered by one together
// with what they may have counted, then single draws towards 0 by halving. Lowering with deletion is tried on small draws only: on large
// constants it walks for thousands of steps.

import { Arbitrary, type Random, Stream, Value } from 'fast-check';
import { type Choices, Choices as ChoicesOf, tapeChoices } from './choices.ts';

interface Context {
  readonly tape: readonly number[];
  readonly spans: readonly number[];
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && 'tape' in value && 'spans' in value;
}

function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  for (let i = 0; i < a.length; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    if (left !== right) return left < right;
  }
  return false;
}

const countable = 32;

function* proposals({ tape, spans }: Context): Generator<number[]> {
  const cut = (start: number, length: number): number[] => [...tape.slice(0, start), ...tape.slice(start + length)];
  const sections: { start: number; length: number }[] = [];
  for (let i = 0; i + 1 < spans.length; i += 2) sections.push({ start: spans[i] ?? 0, length: (spans[i + 1] ?? 0) - (spans[i] ?? 0) });
  for (const { start, length } of sections.sort((a, b) => b.length - a.length)) if (length > 0) yield cut(start, length);
  for (let block = tape.length >> 1; block >= 1; block >>= 1) {
    for (let start = tape.length - block; start >= 0; start -= block) yield cut(start, block);
  }
  for (let at = 0; at < tape.length; at++) {
    const value = tape[at] ?? 0;
    if (value === 0 || value > countable) continue;
    for (const gone of [8, 4, 2, 1]) {
      if (at + gone < tape.length) yield [...tape.slice(0, at), value - 1, ...tape.slice(at + 1 + gone)];
    }
  }
  for (let at = 0; at < tape.length; at++) {
    const value = tape[at] ?? 0;
    if (value === 0) continue;
    yield tape.with(at, 0);
    for (let step = Math.ceil(value / 2); step >= 1 && step < value; step = step === 1 ? 0 : Math.ceil(step / 4)) yield tape.with(at, value - step);
  }
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
    return new Value(built, { tape: choices.tape, spans: choices.spans } satisfies Context);
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }

  override shrink(_value: T, context: unknown): Stream<Value<T>> {
    if (!isContext(context)) return Stream.nil();
    return new Stream(this.candidates(context));
  }

  private *candidates(context: Context): IterableIterator<Value<T>> {
    for (const tape of proposals(context)) {
      const choices = tapeChoices(tape);
      const built = this.build(choices);
      if (isSmaller(choices.tape, context.tape)) yield new Value(built, { tape: choices.tape, spans: choices.spans } satisfies Context);
    }
  }
}

/** What `build` makes of any choices, shrinking towards the all-zero tape. `build` must depend on its choices alone. */
export function arbitrary<T>(build: (choices: Choices) => T): Arbitrary<T> {
  return new ChoiceArbitrary(build);
}
