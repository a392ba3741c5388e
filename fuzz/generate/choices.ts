// Where every decision of a generator comes from: a number below n, drawn from a random stream, from bytes, or from a recorded tape.
//
// What holds for all sources, and what shrinking and coverage guidance rely on:
// - draw(n) is in [0, n), and 0 is the simplest alternative: the shortest list, the smallest number, the plainest construct.
// - A source that is exhausted answers 0 for ever, so any input gives something valid and small.
// - The drawn numbers, in order, are the tape: replaying it gives the same thing, whatever the first source was.
// - A generator never loops on rejection; lists ask "one more?" before each element, so that an element can be cut out of the middle of a tape.
// - section() brackets what belongs together. On bytes a section is a window with its length in front, so that changing one leaves its neighbours'
//   meaning alone; on tapes it is a span that shrinking may drop at once. part() brackets smaller pieces, of which only recordings know (recording.ts).

/** What answers the draws; `n` is at least 2. */
export interface ChoiceSource {
  next(n: number): number;
  enter?(): void;
  leave?(): void;
  openPart?(): void;
  closePart?(): void;
}

export class Choices {
  /** Everything drawn so far. */
  readonly tape: number[] = [];
  /** Sections as pairs of tape positions: start (inclusive), end (exclusive); inner ones first. */
  readonly spans: number[] = [];
  private readonly source: ChoiceSource;

  constructor(source: ChoiceSource) {
    this.source = source;
  }

  /** A number in `[0, n)`; `n` up to 2^32. */
  draw(n: number): number {
    if (n <= 1) return 0;
    const value = this.source.next(n);
    this.tape.push(value);
    return value;
  }

  /** True in `parts` of `of` cases; false is the simpler answer. */
  chance(parts: number, of: number): boolean {
    return this.draw(of) >= of - parts;
  }

  /** A number in `[low, high]`, `low` being the simplest. */
  between(low: number, high: number): number {
    return low + this.draw(high - low + 1);
  }

  /** One of a list that is not empty; the first is the simplest. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.draw(list.length)] ?? list[0];
  }

  /** One of a list, or undefined when it is empty. */
  maybePick<T>(list: readonly T[]): T | undefined {
    return list[this.draw(list.length)];
  }

  /** An index by weight; the first with a weight is the simplest. `total` is the sum of the weights. */
  weighted(weights: readonly number[], total: number): number {
    let rest = this.draw(total);
    for (let index = 0; index < weights.length; index++) {
      rest -= weights[index] ?? 0;
      if (rest < 0) return index;
    }
    return 0;
  }

  /** 32 random bits, as an int32. */
  bits32(): number {
    return this.draw(2 ** 32) | 0;
  }

  section<T>(build: () => T): T {
    const start = this.tape.length;
    this.source.enter?.();
    const result = build();
    this.source.leave?.();
    this.spans.push(start, this.tape.length);
    return result;
  }

  part(build: () => void): void {
    this.source.openPart?.();
    build();
    this.source.closePart?.();
  }
}

/** A random stream: xoshiro128** (Blackman, Vigna), seeded by splitmix32. */
export class RandomSource implements ChoiceSource {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(seed: number) {
    let state = seed | 0;
    const splitmix = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    this.a = splitmix();
    this.b = splitmix();
    this.c = splitmix();
    this.d = splitmix() | 1;
  }

  /** 32 bits, unsigned. */
  word(): number {
    const five = Math.imul(this.b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9);
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  next(n: number): number {
    return Math.floor((this.word() / 2 ** 32) * n);
  }
}

/** Bytes from a fuzzer: 1, 2 or 4 bytes for a draw, by the size of n, little-endian, modulo n. */
export class ByteSource implements ChoiceSource {
  private readonly bytes: Uint8Array;
  private at = 0;
  private end: number;
  private readonly outer: number[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  private read(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++) {
      if (this.at >= this.end) break;
      value += (this.bytes[this.at++] ?? 0) * 2 ** (8 * i);
    }
    return value;
  }

  next(n: number): number {
    return this.read(n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 4) % n;
  }

  enter(): void {
    const length = this.read(2);
    this.outer.push(this.end);
    this.end = Math.min(this.at + length, this.end);
  }

  leave(): void {
    this.at = this.end;
    this.end = this.outer.pop() ?? this.end;
  }
}

/** A recorded tape, clamped where the generator now offers fewer alternatives. */
export class TapeSource implements ChoiceSource {
  private readonly tape: readonly number[];
  private at = 0;

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  next(n: number): number {
    const value = this.tape[this.at++] ?? 0;
    return value < n ? value : n - 1;
  }
}

export function randomChoices(seed: number): Choices {
  return new Choices(new RandomSource(seed));
}

export function byteChoices(bytes: Uint8Array): Choices {
  return new Choices(new ByteSource(bytes));
}

export function tapeChoices(tape: readonly number[]): Choices {
  return new Choices(new TapeSource(tape));
}
