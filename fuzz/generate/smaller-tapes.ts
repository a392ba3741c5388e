// Smaller tapes to try in a tape's place, in the order that gets small soonest.
//
// Sections from large to small, blocks of the tape from large to small and from the end, small draws lowered by one together with what they may have
// counted (a few draws behind them, or one of the sections behind them), then single draws towards 0 by halving. Lowering with deletion is tried on small draws only: on large constants it walks for thousands of steps.
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
/** Of the sections behind a count so many are tried. */
const mostCounted = 4;
const little = 64;
const mostZeros = 4;
const mostGone = 10;

/** Tapes to try. */
export function* smallerTapes({ tape, spans }: RecordedTape): Generator<number[]> {
  const cut = (start: number, length: number): number[] => [...tape.slice(0, start), ...tape.slice(start + length)];
  const sections: { start: number; length: number }[] = [];
  for (let i = 0; i + 1 < spans.length; i += 2) sections.push({ start: spans[i] ?? 0, length: (spans[i + 1] ?? 0) - (spans[i] ?? 0) });
  for (const { start, length } of sections.sort((a, b) => b.length - a.length)) {
    if (length === 0) continue;
    yield cut(start, length);
    // With the draw that asked for it, or that asks for the next.
    if (start + length < tape.length) yield cut(start, length + 1);
    if (start > 0) yield cut(start - 1, length + 1);
  }
  for (let block = tape.length >> 1; block >= 1; block >>= 1) {
    for (let start = tape.length - block; start >= 0; start -= block) yield cut(start, block);
  }
  const inOrder = sections.filter(({ length }) => length > 0).sort((a, b) => a.start - b.start || b.length - a.length);
  for (let at = 0; at < tape.length; at++) {
    const value = tape[at] ?? 0;
    if (value === 0 || value > countable) continue;
    let counted = 0;
    let end = 0;
    for (const { start, length } of inOrder) {
      if (start <= at || start < end) continue;
      end = start + length;
      yield [...tape.slice(0, at), value - 1, ...tape.slice(at + 1, start), ...tape.slice(end)];
      if (++counted === mostCounted) break;
    }
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
  if (tape.length <= little) yield* lastSteps(tape, inOrder);
}

/** When little is left, steps that would be too many before: two places at once. */
function* lastSteps(tape: readonly number[], sections: readonly { readonly start: number; readonly length: number }[]): Generator<number[]> {
  // The smaller of two neighbours first.
  for (let at = 0; at + 1 < tape.length; at++) {
    const [left = 0, right = 0] = [tape[at], tape[at + 1]];
    if (left > right) yield [...tape.slice(0, at), right, left, ...tape.slice(at + 2)];
  }
  // Another alternative in a section, and the plainest of all that follows from it.
  for (const { start, length } of sections) {
    const end = start + length;
    for (let at = start; at < end; at++) {
      const value = tape[at] ?? 0;
      if (value > countable) continue;
      for (let lower = 0; lower < value; lower++) {
        for (let zeros = 0; zeros <= mostZeros && at + 1 + zeros <= end; zeros++) yield [...tape.slice(0, at), lower, ...new Array<number>(zeros).fill(0), ...tape.slice(end)];
      }
    }
  }
  // Something lowered together with a few draws anywhere behind it.
  for (let at = 0; at < tape.length; at++) {
    const value = tape[at] ?? 0;
    if (value === 0 || value > countable) continue;
    for (const lower of value === 1 ? [0] : [0, value - 1]) {
      for (let start = at + 1; start < tape.length; start++) {
        for (let gone = 1; gone <= mostGone && start + gone <= tape.length; gone++) yield [...tape.slice(0, at), lower, ...tape.slice(at + 1, start), ...tape.slice(start + gone)];
      }
    }
  }
}
