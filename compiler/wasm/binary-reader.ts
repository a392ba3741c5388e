// A cursor over the bytes of a module that reads the standard's primitive formats (chapter 5.2 "Values"), strictly.
// Invariant: position ≤ end ≤ bytes.length; nothing at or beyond `end` is ever read, whatever the bytes claim.
// 64-bit integers leave as two int32 halves, so that validation alone never makes a bigint.

import { InvalidModule } from '../base/errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class BinaryReader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  position: number;
  /** Where the section or body being read stops. */
  end: number;
  /** Halves of the last 64-bit value read. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  private endMessage(): string {
    return this.end === this.bytes.length ? 'unexpected end' : 'unexpected end of section or function';
  }

  u8(): number {
    if (this.position >= this.end) malformed(this.position, this.endMessage());
    return this.bytes[this.position++] as number;
  }
  /** The next byte without taking it; -1 at the end. */
  peek(): number {
    return this.position < this.end ? (this.bytes[this.position] as number) : -1;
  }

  /** An unsigned 32-bit LEB128 integer: at most five bytes, padding allowed. */
  u32(): number {
    if (this.position < this.end) {
      const byte = this.bytes[this.position] as number;
      if (byte < 0x80) {
        this.position++;
        return byte;
      }
    }
    return this.longU32();
  }
  private longU32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.u8();
    if (last >= 0x80) malformed(start, 'integer representation too long');
    if (last > 0x0f) malformed(start, 'integer too large');
    return (value | (last << 28)) >>> 0;
  }

  /**
   * A bound of 32-bit limits or the offset of a 32-bit access. Wasm 2.0 writes them as u32, 3.0 as u64 and calls what is too large
   * invalid, not malformed. Taken here: a u32, padded as a u32 may be; or a u64 beyond it, for validation to refuse, of which
   * only the magnitude is right.
   */
  u32OrLarger(): number {
    const first = this.peek();
    if (first >= 0 && first < 0x80) {
      this.position++;
      return first;
    }
    const start = this.position;
    const value = this.longU64();
    if (this.position - start > 5 && value <= 0xffff_ffff) malformed(start, 'integer representation too long');
    return value;
  }
  private longU64(): number {
    const start = this.position;
    let value = 0;
    let weight = 1;
    for (let i = 0; i < 9; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 128;
    }
    const last = this.u8();
    if (last >= 0x80) malformed(start, 'integer representation too long');
    if (last > 1) malformed(start, 'integer too large');
    return value + last * weight;
  }

  /** A signed 32-bit LEB128 integer. */
  s32(): number {
    if (this.position < this.end) {
      const byte = this.bytes[this.position] as number;
      if (byte < 0x80) {
        this.position++;
        return (byte << 25) >> 25;
      }
    }
    return this.longS32();
  }
  private longS32(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    const last = this.u8();
    if (last >= 0x80) malformed(start, 'integer representation too long');
    // Bits 4–6 of the last byte must repeat the sign, bit 3.
    if ((last & 0x78) !== 0 && (last & 0x78) !== 0x78) malformed(start, 'integer too large');
    return value | (last << 28);
  }

  /** A signed 33-bit LEB128 integer, which block types and heap types are. */
  s33(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
    }
    const last = this.u8();
    if (last >= 0x80) malformed(start, 'integer representation too long');
    // Bits 5–6 of the last byte must repeat the sign, bit 4.
    if ((last & 0x70) !== 0 && (last & 0x70) !== 0x70) malformed(start, 'integer too large');
    const low = (value | (last << 28)) >>> 0;
    return (last & 0x10) !== 0 ? low - 0x1_0000_0000 : low;
  }

  /** A signed 64-bit LEB128 integer, left in `low` and `high`. */
  s64(): void {
    const first = this.peek();
    if (first >= 0 && first < 0x80) {
      this.position++;
      this.low = (first << 25) >> 25;
      this.high = this.low >> 31;
      return;
    }
    this.longS64();
  }
  private longS64(): void {
    const start = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = this.u8();
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0) {
          const width = shift + 7;
          if (width < 32) {
            low |= -1 << width;
            high = -1;
          } else high |= -1 << (width - 32);
        }
        this.low = low;
        this.high = high;
        return;
      }
    }
    const last = this.u8();
    if (last >= 0x80) malformed(start, 'integer representation too long');
    if (last !== 0 && last !== 0x7f) malformed(start, 'integer too large');
    this.low = low;
    this.high = high | (last << 31);
  }

  /** Four bytes, little-endian, as an int32. */
  bits32(): number {
    const at = this.position;
    if (this.end - at < 4) malformed(this.end, this.endMessage());
    this.position = at + 4;
    return int32At(this.bytes, at);
  }
  /** Eight bytes, little-endian, left in `low` and `high`. */
  bits64(): void {
    const at = this.position;
    if (this.end - at < 8) malformed(this.end, this.endMessage());
    this.position = at + 8;
    this.low = int32At(this.bytes, at);
    this.high = int32At(this.bytes, at + 4);
  }
  /** The last 64-bit value read, as a signed bigint. */
  wide(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  /** The length of a vector whose elements take at least one byte each. */
  count(): number {
    const at = this.position;
    const count = this.u32();
    if (count > this.end - this.position) malformed(at, 'length out of bounds');
    return count;
  }

  /** Skips a vector of bytes and answers where it begins; it ends at `position`. */
  skipBytes(): number {
    const length = this.count();
    const start = this.position;
    this.position = start + length;
    return start;
  }

  /** A name: a vector of bytes that must be UTF-8. */
  name(): string {
    const start = this.skipBytes();
    try {
      return utf8.decode(this.bytes.subarray(start, this.position));
    } catch {
      return malformed(start, 'malformed UTF-8 encoding');
    }
  }
}

function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}

/** Refuses the module: its bytes are not the encoding of any module (standard, chapter 5). */
export function malformed(offset: number, message: string): never {
  throw new InvalidModule('malformed', offset, message);
}
/** Refuses the module: its types do not fit (standard, chapter 3). */
export function invalid(offset: number, message: string): never {
  throw new InvalidModule('invalid', offset, message);
}
