// Choices as bytes: whatever was drawn, written as a `ByteSource` would have to read it. The one form in which campaigns keep choices, since all drivers
// read it: libFuzzer mutates it as it is, `byteChoices` replays it, and a section's window keeps a change in one function from shifting the others.
//
// A section longer than its 16-bit length can say does not survive; whoever records compares what the bytes make with what was there.

import { type ChoiceSource, Choices, TapeSource } from './choices.ts';

/** Passes draws through from another source and keeps them as bytes. */
class RecordingSource implements ChoiceSource {
  private readonly inner: ChoiceSource;
  private readonly bytes: number[] = [];
  private readonly starts: number[] = [];

  constructor(inner: ChoiceSource) {
    this.inner = inner;
  }

  next(n: number): number {
    const value = this.inner.next(n);
    const width = n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 4;
    for (let i = 0; i < width; i++) this.bytes.push(Math.floor(value / 2 ** (8 * i)) & 0xff);
    return value;
  }

  enter(): void {
    this.inner.enter?.();
    this.bytes.push(0, 0);
    this.starts.push(this.bytes.length);
  }

  leave(): void {
    this.inner.leave?.();
    const start = this.starts.pop() ?? 0;
    const length = Math.min(this.bytes.length - start, 0xffff);
    this.bytes[start - 2] = length & 0xff;
    this.bytes[start - 1] = length >> 8;
  }

  copy(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

/** The bytes from which `build` makes what it makes from a tape. */
export function recordBytes(build: (c: Choices) => unknown, tape: readonly number[]): Uint8Array {
  const source = new RecordingSource(new TapeSource(tape));
  build(new Choices(source));
  return source.copy();
}
