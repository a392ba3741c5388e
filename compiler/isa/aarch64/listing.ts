// Machine code as text and back; see machine/listing.ts.

import { codecOf } from '../../machine/instruction-codec.ts';
import { listingOf } from '../../machine/listing.ts';
import { type Decoded, Decoder } from './encoding/decode.ts';
import { encodeDecoded, parseAsm } from './encoding/parse.ts';
import { plainText } from './encoding/print.ts';
import { instructionSet } from './instructions/table.ts';
import { randomCells } from './random-instruction.ts';

const decoder = new Decoder(instructionSet);

export const maybeDecode = (code: Uint8Array, offset: number): Decoded | undefined => decoder.maybeDecode(code, offset);

export const { listCode, assembleLines } = listingOf<Decoded>({
  unit: 4,
  maybeDecode,
  encode: encodeDecoded,
  parse: parseAsm,
  print: plainText,
});

/** Single instructions, for the lab. */
export const codec = codecOf({ shapes: instructionSet.shapes, encode: encodeDecoded, maybeDecode, randomCells });
