// Listings of machine code: assembly text for a range of bytes, and back. Bytes that are no instruction of ours, or would not be encoded the
// same way (tables and constants between instructions), are listed as `.byte`, or as `.word` where instructions have four bytes. So every listing
// assembles to what it was made from.

export interface ListedLine {
  /** Bytes from the start of `code`. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** What an ISA knows of one instruction, decoded as `D`. */
export interface InstructionText<D> {
  /** Bytes of every instruction, or 1 where they vary. */
  readonly unit: 1 | 4;
  maybeDecode(code: Uint8Array, offset: number): D | undefined;
  encode(decoded: D): Uint8Array;
  /** Throws where the text is no instruction. */
  parse(text: string, offset: number): D;
  print(decoded: D, offset: number): string;
}

export interface Listing {
  /** Lines for the bytes `[start, end)` of `code`. */
  listCode(code: Uint8Array, start: number, end: number): ListedLine[];
  /** The bytes that listed lines stand for, the first of them at `start`. Throws what parsing throws. */
  assembleLines(lines: readonly string[], start: number): Uint8Array;
}

const sameBytes = (code: Uint8Array, offset: number, bytes: Uint8Array): boolean => bytes.every((byte, i) => byte === code[offset + i]);

/** Bytes as one hexadecimal number, the last byte first. */
const hex = (code: Uint8Array, offset: number, count: number): string =>
  Array.from({ length: count }, (_, i) => (code[offset + count - 1 - i] ?? 0).toString(16).padStart(2, '0')).join('');

/** The listing of an ISA, from what it knows of one instruction. */
export function listingOf<D extends { readonly shape: { readonly name: string }; readonly length: number }>(isa: InstructionText<D>): Listing {
  const lineAt = (code: Uint8Array, offset: number): ListedLine => {
    const decoded = isa.maybeDecode(code, offset);
    if (decoded === undefined || !sameBytes(code, offset, isa.encode(decoded))) {
      const length = code.length - offset >= isa.unit ? isa.unit : 1;
      return { offset, length, text: `${length === 4 ? '.word' : '.byte'} 0x${hex(code, offset, length)}` };
    }
    const plain = isa.print(decoded, offset);
    // A long form for a small number reads back as the short one, unless the row is named.
    const isExact = sameBytes(code, offset, isa.encode(isa.parse(plain, offset)));
    return { offset, length: decoded.length, text: isExact ? plain : `{${decoded.shape.name}} ${plain}` };
  };
  return {
    listCode(code, start, end) {
      const lines: ListedLine[] = [];
      const bounded = code.subarray(0, end);
      for (let offset = start; offset < end; ) {
        const line = lineAt(bounded, offset);
        lines.push(line);
        offset += line.length;
      }
      return lines;
    },
    assembleLines(lines, start) {
      const bytes: number[] = [];
      for (const line of lines) {
        const data = /^\.(?:word|byte) 0x((?:[0-9a-f]{2})+)$/.exec(line);
        if (data === null) bytes.push(...isa.encode(isa.parse(line, start + bytes.length)));
        else bytes.push(...Buffer.from(data[1] ?? '', 'hex').toReversed());
      }
      return Uint8Array.from(bytes);
    },
  };
}
