// Writes the binary format (standard, chapter 5 "Binary Format"): LEB128 numbers, vectors and sections into a buffer that grows.

export class ByteWriter {
  private buffer = new Uint8Array(256);
  length = 0;

  private room(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const bigger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + count));
    bigger.set(this.buffer.subarray(0, this.length));
    this.buffer = bigger;
  }

  u8(byte: number): void {
    this.room(1);
    this.buffer[this.length++] = byte;
  }

  bytes(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128 of a number below 2^53. */
  u32(value: number): void {
    this.room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  /** Signed LEB128 of an int32. */
  s32(value: number): void {
    this.room(5);
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.buffer[this.length++] = low;
        return;
      }
      this.buffer[this.length++] = low | 0x80;
    }
  }

  /** Signed LEB128 of an int64 given as two int32 halves. */
  s64(low: number, high: number): void {
    this.room(10);
    let lo = low | 0;
    let hi = high | 0;
    for (;;) {
      const bits = lo & 0x7f;
      lo = (lo >>> 7) | (hi << 25);
      hi >>= 7;
      if ((lo === 0 && hi === 0 && (bits & 0x40) === 0) || (lo === -1 && hi === -1 && (bits & 0x40) !== 0)) {
        this.buffer[this.length++] = bits;
        return;
      }
      this.buffer[this.length++] = bits | 0x80;
    }
  }

  /** Four bytes, little-endian. */
  fixed32(bits: number): void {
    this.room(4);
    this.buffer[this.length++] = bits & 0xff;
    this.buffer[this.length++] = (bits >>> 8) & 0xff;
    this.buffer[this.length++] = (bits >>> 16) & 0xff;
    this.buffer[this.length++] = bits >>> 24;
  }

  /** A name of ASCII letters. */
  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i));
  }

  /** Bytes with their count in front. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** What was written, in place: valid until the next write. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  copy(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

export const sectionIds = { custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9, code: 10, data: 11, dataCount: 12, tag: 13 } as const;

/** What `write` writes. */
export function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  write(out);
  return out.copy();
}

/** Writes one section unless its vector is empty; `write` writes the elements. */
export function vectorSection<T>(out: ByteWriter, id: number, list: readonly T[], write: (element: T, section: ByteWriter) => void): void {
  if (list.length === 0) return;
  sectionScratch.clear();
  sectionScratch.u32(list.length);
  for (const element of list) write(element, sectionScratch);
  out.u8(id);
  out.sized(sectionScratch.view());
}

/** Sections do not nest, so one buffer serves them all; allocation was a fifth of a generator's time. */
const sectionScratch = new ByteWriter();

/** Writes an opcode; those with a prefix are spelled `prefix << 8 | number`, or `prefix << 16 | number` where the number has more than eight bits. */
export function writeOpcode(out: ByteWriter, code: number): void {
  if (code < 0x100) out.u8(code);
  else if (code < 0x10000) {
    out.u8(code >> 8);
    out.u32(code & 0xff);
  } else {
    out.u8(code >> 16);
    out.u32(code & 0xffff);
  }
}

/** Starts a module: magic and version. */
export function moduleHeader(out: ByteWriter): void {
  out.bytes(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
}
