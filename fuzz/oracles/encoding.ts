// Encoder against decoder, printer against assembler, and both against a foreign disassembler, for single instructions and for any bytes.
//
// Our decoder reads the same rows as the encoder, so a wrong row is seen by neither; capstone, where it can read the ISA, is asked whether the bytes are one
// instruction of that length, and of that mnemonic where it has ours. Whole texts are compared row by row in the tests of each encoding.

import { Capstone, Const, loadCapstone } from 'capstone-wasm';
import { type NamedInstruction, type TargetName, targetNames, targetOf } from '../../compiler/inside.ts';
import type { MachineCode } from '../generate/machine-code.ts';

export interface EncodingFault {
  readonly kind: 'decode' | 'text' | 'foreign';
  readonly row: string;
  readonly detail: string;
}

/** Bytes of one instruction. */
export type Encode = (isa: TargetName, instruction: NamedInstruction) => Uint8Array;
export const encode: Encode = (isa, instruction) => targetOf(isa).codec.encode(instruction);

/** What a foreign disassembler says of the bytes of one instruction: what is wrong, or undefined. */
export type ForeignOpinion = (isa: TargetName, row: string, bytes: Uint8Array, ours: string) => string | undefined;

/** Words that capstone has for what we write otherwise, and an instruction that is younger than it. */
const youngerThanCapstone: ReadonlySet<string> = new Set(['udf']);

/** Behind the name of the row, which our text has in front where several rows have one text. */
const mnemonicOf = (text: string): string => text.replace(/^\{\w+\}/, '').trim().split(/\s/, 1)[0] ?? '';

function constantOf(name: string): number {
  const value: unknown = Reflect.get(Const, name);
  if (typeof value !== 'number') throw new Error(`capstone has no constant ${name}`);
  return value;
}

export async function openCapstone(): Promise<ForeignOpinion> {
  await loadCapstone();
  const machines = new Map(targetNames.flatMap((name) => {
    const { capstone } = targetOf(name).platform;
    return capstone === undefined ? [] : [[name, { reader: new Capstone(constantOf(capstone.architecture), constantOf(capstone.mode)), sameMnemonics: capstone.sameMnemonics }] as const];
  }));
  return (isa, row, bytes, ours) => {
    const machine = machines.get(isa);
    if (machine === undefined || youngerThanCapstone.has(row)) return undefined;
    const [found] = machine.reader.disasm(bytes, { address: 0x100000000 });
    if (found === undefined || found.size !== bytes.length) return `capstone reads ${found === undefined ? 'nothing' : `${found.size} of ${bytes.length} bytes as '${found.mnemonic} ${found.opStr}'`}, we '${ours}'`;
    // Comparisons with a predicate in their name are one instruction with a number behind it in ours.
    const theirs = found.mnemonic.replace(/^cmp(?:eq|lt|le|unord|neq|nlt|nle|ord)(s[sd])$/, 'cmp$1');
    if (machine.sameMnemonics && theirs !== mnemonicOf(ours)) return `capstone reads '${found.mnemonic} ${found.opStr}', we '${ours}'`;
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
    const decoded = targetOf(code.isa).codec.maybeDecode(bytes, 0);
    const isSame = decoded !== undefined && decoded.row === instruction.row && decoded.length === bytes.length && decoded.cells.join() === instruction.cells.join();
    if (!isSame) return { kind: 'decode', row: instruction.row, detail: `${instruction.row}(${instruction.cells.join()}) is ${hex(bytes)}, which decodes to ${decoded === undefined ? 'nothing' : `${decoded.row}(${decoded.cells.join()}) of ${decoded.length} bytes`}` };
    const [line] = targetOf(code.isa).listCode(bytes, 0, bytes.length);
    const opinion = foreign?.(code.isa, instruction.row, bytes, line?.text ?? '');
    if (opinion !== undefined) return { kind: 'foreign', row: instruction.row, detail: `${hex(bytes)}: ${opinion}` };
  }
  return textFault(code.isa, code.instructions.map(({ row }) => row).join(' '), Buffer.concat(whole));
}

/** Listed text must assemble to the bytes it was listed from. */
function textFault(isa: TargetName, row: string, bytes: Uint8Array): EncodingFault | undefined {
  const target = targetOf(isa);
  const lines = target.listCode(bytes, 0, bytes.length).map(({ text }) => text);
  const again = target.assembleLines(lines, 0);
  return Buffer.compare(bytes, again) === 0 ? undefined : { kind: 'text', row, detail: `${hex(bytes)} is listed as\n${lines.join('\n')}\nwhich assembles to ${hex(again)}` };
}
