// Listings of machine code: assembly text for a range of bytes, and back. Words that are no instruction of ours (tables and constants between
// instructions) are listed as `.word`, what is left of a range as `.byte`. So every listing assembles to what it was made from.

import { Decoder } from './encoding/decode.ts';
import { encodeDecoded, parseAsm } from './encoding/parse.ts';
import { plainText } from './encoding/print.ts';
import { instructionSet } from './instructions/table.ts';

const decoder = new Decoder(instructionSet);

export interface ListedLine {
  /** Bytes from the start of `code`. */
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

const hex = (code: Uint8Array, offset: number, count: number): string =>
  Array.from({ length: count }, (_, i) => (code[offset + count - 1 - i] ?? 0).toString(16).padStart(2, '0')).join('');

/** Lines for the bytes `[start, end)` of `code`. */
export function listCode(code: Uint8Array, start: number, end: number): ListedLine[] {
  const lines: ListedLine[] = [];
  const bounded = code.subarray(0, end);
  for (let offset = start; offset < end; ) {
    const decoded = decoder.maybeDecode(bounded, offset);
    const length = decoded?.length ?? (end - offset >= 4 ? 4 : 1);
    const text = decoded === undefined ? `${length === 4 ? '.word' : '.byte'} 0x${hex(code, offset, length)}` : plainText(decoded, offset);
    lines.push({ offset, length, text });
    offset += length;
  }
  return lines;
}

/** The bytes that listed lines stand for, the first of them at `start`. Throws `AsmSyntaxError`. */
export function assembleLines(lines: readonly string[], start: number): Uint8Array {
  const bytes: number[] = [];
  for (const line of lines) {
    const data = /^\.(?:word|byte) 0x((?:[0-9a-f]{2})+)$/.exec(line);
    if (data === null) bytes.push(...encodeDecoded(parseAsm(line, start + bytes.length)));
    else bytes.push(...Buffer.from(data[1] ?? '', 'hex').toReversed());
  }
  return Uint8Array.from(bytes);
}
