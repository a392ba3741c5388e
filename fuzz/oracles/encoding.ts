// Encoder against decoder, printer against assembler, and both against a foreign disassembler, for single instructions and for any bytes.
//
// Our decoder reads the same rows as the encoder, so a wrong row is seen by neither; capstone, which knows x86-64 and AArch64, is asked whether the bytes are one
// instruction of that length, and on x86-64 of that mnemonic. Whole texts are compared row by row in the tests of each encoding.

import { Capstone, Const, loadCapstone } from 'capstone-wasm';
import {
  A64Decoder, a64InstructionSet, encodeA64, encodeRv, encodeX64, Decoder as X64Decoder, RvDecoder, rvInstructionSet, targetOf, x64InstructionSet,
} from '../../compiler/inside.ts';
import type { IsaName, MachineCode, MachineInstruction } from '../generate/machine-code.ts';

export interface EncodingFault {
  readonly kind: 'decode' | 'text' | 'foreign';
  readonly row: string;
  readonly detail: string;
}

interface Codec {
  /** Bytes of an instruction; throws for a row that there is not. */
  encode(instruction: MachineInstruction): Uint8Array;
  /** What stands at the start of the bytes. */
  decode(bytes: Uint8Array): { readonly row: string; readonly cells: readonly number[]; readonly length: number } | undefined;
}

interface ShapeTable<Shape> {
  readonly shapes: readonly Shape[];
}

function codec<Shape extends { readonly name: string }>(
  set: ShapeTable<Shape>,
  encode: (given: { readonly shape: Shape; readonly cells: readonly number[] }) => Uint8Array,
  decoder: { maybeDecode(bytes: Uint8Array, at: number): { readonly shape: Shape; readonly cells: readonly number[]; readonly length: number } | undefined },
): Codec {
  const byName = new Map(set.shapes.map((shape) => [shape.name, shape]));
  return {
    encode: ({ row, cells }) => {
      const shape = byName.get(row);
      if (shape === undefined) throw new Error(`no row is called '${row}'`);
      return encode({ shape, cells });
    },
    decode: (bytes) => {
      const decoded = decoder.maybeDecode(bytes, 0);
      return decoded && { row: decoded.shape.name, cells: decoded.cells, length: decoded.length };
    },
  };
}

const codecs: Readonly<Record<IsaName, Codec>> = {
  'x86-64': codec(x64InstructionSet, encodeX64, new X64Decoder(x64InstructionSet)),
  aarch64: codec(a64InstructionSet, encodeA64, new A64Decoder(a64InstructionSet)),
  riscv64: codec(rvInstructionSet, encodeRv, new RvDecoder(rvInstructionSet)),
};

/** Bytes of one instruction. */
export type Encode = (isa: IsaName, instruction: MachineInstruction) => Uint8Array;
export const encode: Encode = (isa, instruction) => codecs[isa].encode(instruction);

/** What a foreign disassembler says of the bytes of one instruction: what is wrong, or undefined. */
export type ForeignOpinion = (isa: IsaName, row: string, bytes: Uint8Array, ours: string) => string | undefined;

/** Words that capstone has for what we write otherwise, and an instruction that is younger than it. */
const youngerThanCapstone: ReadonlySet<string> = new Set(['udf']);

/** Behind the name of the row, which our text has in front where several rows have one text. */
const mnemonicOf = (text: string): string => text.replace(/^\{\w+\}/, '').trim().split(/\s/, 1)[0] ?? '';

export async function openCapstone(): Promise<ForeignOpinion> {
  await loadCapstone();
  const machines: Partial<Record<IsaName, Capstone>> = {
    'x86-64': new Capstone(Const.CS_ARCH_X86, Const.CS_MODE_64),
    aarch64: new Capstone(Const.CS_ARCH_ARM64, Const.CS_MODE_LITTLE_ENDIAN),
  };
  return (isa, row, bytes, ours) => {
    const machine = machines[isa];
    if (machine === undefined || youngerThanCapstone.has(row)) return undefined;
    const [found] = machine.disasm(bytes, { address: 0x100000000 });
    if (found === undefined || found.size !== bytes.length) return `capstone reads ${found === undefined ? 'nothing' : `${found.size} of ${bytes.length} bytes as '${found.mnemonic} ${found.opStr}'`}, we '${ours}'`;
    // Comparisons with a predicate in their name are one instruction with a number behind it in ours.
    const theirs = found.mnemonic.replace(/^cmp(?:eq|lt|le|unord|neq|nlt|nle|ord)(s[sd])$/, 'cmp$1');
    if (isa === 'x86-64' && theirs !== mnemonicOf(ours)) return `capstone reads '${found.mnemonic} ${found.opStr}', we '${ours}'`;
    return undefined;
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The first thing wrong with some machine code; undefined when nothing is. */
export function encodingFault(code: MachineCode, encoding: Encode, foreign: ForeignOpinion | undefined): EncodingFault | undefined {
  if (code.kind === 'bytes') return textFault(code.isa, 'bytes', Uint8Array.from(code.bytes));
  const whole: Uint8Array[] = [];
  for (const instruction of code.instructions) {
    const bytes = encoding(code.isa, instruction);
    whole.push(bytes);
    const decoded = codecs[code.isa].decode(bytes);
    const isSame = decoded !== undefined && decoded.row === instruction.row && decoded.length === bytes.length && decoded.cells.join() === instruction.cells.join();
    if (!isSame) return { kind: 'decode', row: instruction.row, detail: `${instruction.row}(${instruction.cells.join()}) is ${hex(bytes)}, which decodes to ${decoded === undefined ? 'nothing' : `${decoded.row}(${decoded.cells.join()}) of ${decoded.length} bytes`}` };
    const [line] = targetOf(code.isa).listCode(bytes, 0, bytes.length);
    const opinion = foreign?.(code.isa, instruction.row, bytes, line?.text ?? '');
    if (opinion !== undefined) return { kind: 'foreign', row: instruction.row, detail: `${hex(bytes)}: ${opinion}` };
  }
  return textFault(code.isa, code.instructions.map(({ row }) => row).join(' '), Buffer.concat(whole));
}

/** Listed text must assemble to the bytes it was listed from. */
function textFault(isa: IsaName, row: string, bytes: Uint8Array): EncodingFault | undefined {
  const target = targetOf(isa);
  const lines = target.listCode(bytes, 0, bytes.length).map(({ text }) => text);
  const again = target.assembleLines(lines, 0);
  return Buffer.compare(bytes, again) === 0 ? undefined : { kind: 'text', row, detail: `${hex(bytes)} is listed as\n${lines.join('\n')}\nwhich assembles to ${hex(again)}` };
}
