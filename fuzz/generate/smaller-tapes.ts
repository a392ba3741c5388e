// Smaller tapes to try in a tape's place, in the order that gets small soonest.
//
// Sections from large to small, blocks of the tape from large to small and from the end, small draws lowered by one together with what they may have
// counted, then single draws towards 0 by halving. Lowering with deletion is tried on small draws only: on large constants it walks for thousands of steps.
// A proposal need not be smaller once it is replayed and recorded anew: whoever uses it compares with isSmaller.

/** What shrinking works on: the draws, and the sections in them as pairs of start and end. */
export interface RecordedTape {
  readonly tape: readonly number[];
  readonly spans: readonly number[];
}

/** Shorter, or as long and earlier in lexical order. */
export function isSmaller(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return a.length < b.length;
  for (let i = 0; i < a.length; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    if (left !== right) return left < right;
  }
  return false;
}

const countable = 32;

/** Tapes to try. */
export function* smallerTapes({ tape, spans }: RecordedTape): Generator<number[]> {
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

