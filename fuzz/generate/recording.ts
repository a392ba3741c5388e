// A recording: draws with their bounds, and the sections they were drawn in. What guided fuzzing keeps of a case, because it can be edited with meaning: a section
// can be replaced, doubled or grown anew, and what is behind it keeps its place.
//
// Two columns. A draw is its value and its bound less one; a mark has 0 where a draw has its bound (no draw is below 1), and says as its value what it opens or
// closes: a section, or a part, which differs from a section only in having no length when draws are written as bytes. Marks are balanced.
//
// Replay keeps to the sections: a section of the generator reads the next section of the recording, from its start, and leaves it at its end, however much
// was read. Where there is nothing left to read, the rest answers.

import { type ChoiceSource, Choices } from './choices.ts';

export interface Recording {
  readonly values: Uint32Array;
  /** Bounds less one; 0 for a mark. */
  readonly limits: Uint32Array;
}

const opening = 0;
const closing = 1;
const openingPart = 2;
const closingPart = 3;

export function isMark({ limits }: Recording, at: number): boolean {
  return limits[at] === 0;
}

/** Whether the mark at a place opens something. */
export function opens({ values }: Recording, at: number): boolean {
  return ((values[at] ?? closing) & 1) === 0;
}

export const emptyRecording: Recording = { values: new Uint32Array(), limits: new Uint32Array() };

/** Passes draws through and records them. */
export class RecordingSource implements ChoiceSource {
  private readonly inner: ChoiceSource;
  private readonly values: number[] = [];
  private readonly limits: number[] = [];

  constructor(inner: ChoiceSource) {
    this.inner = inner;
  }

  next(n: number): number {
    const value = this.inner.next(n);
    this.values.push(value);
    this.limits.push(n - 1);
    return value;
  }

  enter(): void {
    this.inner.enter?.();
    this.values.push(opening);
    this.limits.push(0);
  }

  leave(): void {
    this.inner.leave?.();
    this.values.push(closing);
    this.limits.push(0);
  }

  openPart(): void {
    this.inner.openPart?.();
    this.values.push(openingPart);
    this.limits.push(0);
  }

  closePart(): void {
    this.inner.closePart?.();
    this.values.push(closingPart);
    this.limits.push(0);
  }

  recording(): Recording {
    return { values: Uint32Array.from(this.values), limits: Uint32Array.from(this.limits) };
  }
}

/** Choices from a source, of which a recording can be had afterwards. */
export function recordedChoices(source: ChoiceSource): { readonly choices: Choices; readonly recording: () => Recording } {
  const recorder = new RecordingSource(source);
  return { choices: new Choices(recorder), recording: () => recorder.recording() };
}

/** Reads a recording section by section. */
export class ReplaySource implements ChoiceSource {
  private readonly values: Uint32Array;
  private readonly limits: Uint32Array;
  private readonly rest: ChoiceSource;
  private at = 0;
  /** Sections of the generator that the recording does not have. */
  private missing = 0;

  constructor({ values, limits }: Recording, rest: ChoiceSource) {
    this.values = values;
    this.limits = limits;
    this.rest = rest;
  }

  next(n: number): number {
    const limit = this.missing > 0 ? 0 : (this.limits[this.at] ?? 0);
    if (limit === 0) return this.rest.next(n);
    const value = this.values[this.at++] ?? 0;
    return value < n ? value : value % n;
  }

  enter(): void {
    if (this.missing === 0) {
      let at = this.at;
      while ((this.limits[at] ?? 0) !== 0) at++;
      if (at < this.values.length && ((this.values[at] ?? closing) & 1) === 0) {
        this.at = at + 1;
        return;
      }
    }
    this.missing++;
  }

  leave(): void {
    if (this.missing > 0) {
      this.missing--;
      return;
    }
    let depth = 0;
    for (; this.at < this.values.length; this.at++) {
      if (this.limits[this.at] !== 0) continue;
      if (((this.values[this.at] ?? 0) & 1) === 0) depth++;
      else if (depth-- === 0) {
        this.at++;
        return;
      }
    }
  }

  openPart(): void {
    this.enter();
  }

  closePart(): void {
    this.leave();
  }
}

/** Answers 0, the simplest, for ever. */
export const zeros: ChoiceSource = { next: () => 0 };

/** The bytes from which a `ByteSource` makes the same draws; longer sections than a 16-bit length can say are cut. */
export function bytesOf({ values, limits }: Recording): Uint8Array {
  const bytes: number[] = [];
  const starts: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const limit = limits[i] ?? 0;
    const value = values[i] ?? 0;
    if (limit !== 0) {
      const width = limit < 0x100 ? 1 : limit < 0x10000 ? 2 : 4;
      for (let k = 0; k < width; k++) bytes.push((value >>> (8 * k)) & 0xff);
    } else if (value === opening) {
      bytes.push(0, 0);
      starts.push(bytes.length);
    } else if (value === closing) {
      const start = starts.pop() ?? 2;
      const length = Math.min(bytes.length - start, 0xffff);
      bytes[start - 2] = length & 0xff;
      bytes[start - 1] = length >> 8;
    }
  }
  return Uint8Array.from(bytes);
}
