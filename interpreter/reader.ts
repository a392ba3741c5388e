// Reads the primitive encodings of the binary format: bytes, LEB128 integers, IEEE floats, names, vector lengths.
// Chapter: "Binary Format", sections "Conventions" and "Values".
// Invariant: 0 ≤ pos ≤ end ≤ bytes.length. Nothing is read beyond `end`; callers narrow `end` to a section or a function body.
// Integers may be padded up to the ceil(N/7) bytes the grammar allows; unused bits of the last byte must be a sign or zero extension.
import { MalformedModule } from './outcome.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  pos: number;
  end: number;
  /** Halves of the last 64-bit integer read by `u64` or `s64`. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = start;
    this.end = end;
  }

  fail(message: string, offset = this.pos): never {
    throw new MalformedModule(offset, message);
  }

  atEnd(): boolean { return this.pos >= this.end; }

  byte(): number {
    if (this.pos >= this.end) this.fail(this.end === this.bytes.length ? 'unexpected end' : 'unexpected end of section or function');
    return this.bytes[this.pos++] as number;
  }

  /** The next byte without taking it; -1 at the end. */
  peek(): number { return this.pos < this.end ? this.bytes[this.pos] as number : -1; }

  skip(count: number): void {
    if (count > this.end - this.pos) this.fail('unexpected end of section or function');
    this.pos += count;
  }

  u32(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let result = first & 0x7f;
    for (let shift = 7; ; shift += 7) {
      const b = this.byte();
      if (shift === 28) {
        if (b >= 0x80) this.fail('integer representation too long', this.pos - 1);
        if (b > 0x0f) this.fail('integer too large', this.pos - 1);
        return (result | b << 28) >>> 0;
      }
      result |= (b & 0x7f) << shift;
      if (b < 0x80) return result;
    }
  }

  s32(): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      if (shift === 28) {
        if (b >= 0x80) this.fail('integer representation too long', this.pos - 1);
        // Payload bits 4..6 of the last byte must repeat bit 3, the sign.
        if (b > 0x07 && b < 0x78) this.fail('integer too large', this.pos - 1);
        return result | b << 28;
      }
      result |= (b & 0x7f) << shift;
      if (b < 0x80) return (result << 25 - shift) >> 25 - shift;
    }
  }

  /** A 33-bit signed integer (block and heap types), exact in a JS number. */
  s33(): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      if (shift === 28) {
        if (b >= 0x80) this.fail('integer representation too long', this.pos - 1);
        if (b > 0x0f && b < 0x70) this.fail('integer too large', this.pos - 1);
        const topBits = b < 0x40 ? b : b - 0x80;
        return result + topBits * 0x1000_0000;
      }
      result += (b & 0x7f) * 2 ** shift;
      if (b < 0x80) return (b & 0x40) === 0 ? result : result - 2 ** (shift + 7);
    }
  }

  /** Leaves the value in `low` and `high`. */
  u64(): void {
    this.leb64(false);
  }

  /** Leaves the value in `low` and `high`. */
  s64(): void {
    this.leb64(true);
  }

  private leb64(signed: boolean): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      const payload = b & 0x7f;
      if (shift === 63) {
        if (b >= 0x80) this.fail('integer representation too long', this.pos - 1);
        if (b > 1 && !(signed && b === 0x7f) || signed && b === 1) this.fail('integer too large', this.pos - 1);
        high |= payload << 31;
      } else if (shift < 28) {
        low |= payload << shift;
      } else if (shift === 28) {
        low |= payload << 28;
        high |= payload >> 4;
      } else {
        high |= payload << shift - 32;
      }
      if (b < 0x80) {
        if (signed && (b & 0x40) !== 0 && shift < 57) {
          const width = shift + 7;
          if (width < 32) { low |= -1 << width; high = -1; } else high |= -1 << width - 32;
        }
        this.low = low | 0;
        this.high = high | 0;
        return;
      }
    }
  }

  u64BigInt(): bigint {
    this.u64();
    return BigInt(this.high >>> 0) << 32n | BigInt(this.low >>> 0);
  }

  /** Four little-endian bytes as an int32: the bits of an f32 constant, or a quarter of a v128. */
  fixed32(): number {
    if (this.end - this.pos < 4) this.fail('unexpected end');
    const value = this.view.getInt32(this.pos, true);
    this.pos += 4;
    return value;
  }

  /** A vector's length. Each element takes at least one byte, so a longer vector than what is left cannot be genuine. */
  length(): number {
    const start = this.pos;
    const count = this.u32();
    if (count > this.end - this.pos) this.fail('length out of bounds', start);
    return count;
  }

  /** A byte vector's extent; returns its start and moves past it. */
  byteVector(): { start: number; end: number } {
    const count = this.length();
    const start = this.pos;
    this.pos += count;
    return { start, end: this.pos };
  }

  name(): string {
    const { start, end } = this.byteVector();
    try {
      return utf8.decode(this.bytes.subarray(start, end));
    } catch {
      return this.fail('malformed UTF-8 encoding', start);
    }
  }
}
