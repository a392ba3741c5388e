// Listings of machine code: assembly text for a range of bytes, and back. Bytes that are no instruction of ours, or whose text would
// not give the same bytes again (tables and constants between instructions), are listed as `.byte`. So every listing assembles to what it was made from.

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

const sameBytes = (code: Uint8Array, offset: number, bytes: Uint8Array): boolean => bytes.every((byte, i) => byte === code[offset + i]);

function lineAt(code: Uint8Array, offset: number): ListedLine {
  const decoded = decoder.maybeDecode(code, offset);
  if (decoded === undefined || !sameBytes(code, offset, encodeDecoded(decoded))) {
    return { offset, length: 1, text: `.byte 0x${(code[offset] ?? 0).toString(16).padStart(2, '0')}` };
  }
  const plain = plainText(decoded, offset);
  const again = parseAsm(plain, offset);
  const text = again.shape === decoded.shape ? plain : `{${decoded.shape.name}} ${plain}`;
  return { offset, length: decoded.length, text };
}

/** Lines for the bytes `[start, end)` of `code`. */
export function listCode(code: Uint8Array, start: number, end: number): ListedLine[] {
  const lines: ListedLine[] = [];
  const bounded = code.subarray(0, end);
  for (let offset = start; offset < end; ) {
    const line = lineAt(bounded, offset);
    lines.push(line);
    offset += line.length;
  }
  return lines;
}

/** The bytes that listed lines stand for, the first of them at `start`. Throws `AsmSyntaxError`. */
export function assembleLines(lines: readonly string[], start: number): Uint8Array {
  const bytes: number[] = [];
  for (const line of lines) {
    const byte = /^\.byte 0x([0-9a-f]{2})$/.exec(line);
    if (byte !== null) bytes.push(Number.parseInt(byte[1] ?? '', 16));
    else bytes.push(...encodeDecoded(parseAsm(line, start + bytes.length)));
  }
  return Uint8Array.from(bytes);
}
