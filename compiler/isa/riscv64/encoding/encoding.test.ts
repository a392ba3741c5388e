// Every row with random operands: encoder, decoder, printer and parser agree with each other, with words recorded from the manual's tables, and with
// disassemblers that are not ours.

import { describe, expect, it } from 'vitest';
import { choices } from '../../../testing/choices.ts';
import { asWordsFor, differencesFrom, maybeTool, readByLlvm, readByObjdump, type Sample } from '../../../testing/disassemblers.ts';
import { instructionSet } from '../instructions/table.ts';
import { assembleLines, listCode } from '../listing.ts';
import { randomCells } from '../random-instruction.ts';
import { type Decoded, Decoder } from './decode.ts';
import { encodeDecoded, parseAsm } from './parse.ts';
import { plainText } from './print.ts';

const shapes = instructionSet.shapes.filter((shape) => shape.row.pseudo !== true && shape.row.alias !== true);
const perRow = 40;

function samples(): Decoded[] {
  const choose = choices(0x5eed);
  return shapes.flatMap((shape) => Array.from({ length: perRow }, () => ({ shape, cells: randomCells(shape, choose), length: 4 })));
}

const all = samples();
const decoder = new Decoder(instructionSet);
const wordOf = (line: string): string => Buffer.from(encodeDecoded(parseAsm(line, 0x100)).toReversed()).toString('hex');

describe('riscv64 encoding', () => {
  it('is undone by the decoder, for every row', () => {
    for (const sample of all) {
      const decoded = decoder.maybeDecode(encodeDecoded(sample), 0);
      expect(decoded && { row: decoded.shape.name, cells: decoded.cells, length: decoded.length }).toEqual({ row: sample.shape.name, cells: sample.cells, length: 4 });
    }
  });

  it('survives being printed and parsed', () => {
    for (const sample of all) {
      const bytes = encodeDecoded(sample);
      const text = plainText(sample, 0x1000);
      const parsed = parseAsm(text, 0x1000);
      expect({ text, row: parsed.shape.name }).toEqual({ text, row: sample.shape.name });
      expect(encodeDecoded(parsed)).toEqual(bytes);
    }
  });

  it('gives aliases the bytes of a row that the decoder knows', () => {
    const choose = choices(0xa11a5);
    for (const shape of instructionSet.shapes.filter(({ row }) => row.alias === true)) {
      const bytes = encodeDecoded({ shape, cells: randomCells(shape, choose) });
      const decoded = decoder.maybeDecode(bytes, 0);
      expect({ name: shape.name, mnemonic: decoded?.shape.row.asm.split(' ')[0] }).toEqual({ name: shape.name, mnemonic: shape.row.asm.split(' ')[0] });
      expect(encodeDecoded(decoded ?? { shape, cells: [] })).toEqual(bytes);
    }
  });

  it('lists what is no instruction as words and bytes, and assembles it back', () => {
    const bytes = Uint8Array.from([0x33, 0x85, 0xc5, 0x00, 0, 0, 0, 0, 0x13, 0x05, 0x10]);
    const lines = listCode(bytes, 0, bytes.length).map((line) => line.text);
    expect(lines).toEqual(['add a0, a1, a2', '.word 0x00000000', '.byte 0x13', '.byte 0x05', '.byte 0x10']);
    expect(assembleLines(lines, 0)).toEqual(bytes);
  });

  it('lists any words so that they assemble back', () => {
    const choose = choices(0xc0de);
    const bytes = Uint8Array.from({ length: 40_000 }, (_, i) => (i % 4 === 0 ? choose(256) | 3 : choose(256)));
    expect(assembleLines(listCode(bytes, 0, bytes.length).map((line) => line.text), 0)).toEqual(bytes);
  });
});

// For machines without a disassembler that knows RISC-V: words put together by hand from the fields of the manual's listings, one for each format and group.
// The RISC-V Instruction Set Manual, volume I (20191213), chapter 24 "RV32/64G Instruction Set Listings"; Bit-Manipulation ISA-extensions (1.0.0), chapter 2.
const recorded: readonly (readonly [line: string, word: string, where: string])[] = [
  ['lui a0, 1048575', 'fffff537', 'RV32I, U format'],
  ['auipc t6, 1', '00001f97', 'RV32I, U format'],
  ['jal ra, 0x8fe', '', 'RV32I, J format: odd multiples of two are never emitted'],
  ['jal ra, 0x900', '001000ef', 'RV32I, J format: imm[11] in bit 20'],
  ['jal zero, 0xfc', 'ffdff06f', 'RV32I, J format'],
  ['jalr zero, 0(ra)', '00008067', 'RV32I, I format'],
  ['beq a0, a1, 0x108', '00b50463', 'RV32I, B format'],
  ['bgeu t0, t1, 0xf8', 'fe62fce3', 'RV32I, B format'],
  ['lw a0, -4(sp)', 'ffc12503', 'RV32I, I format'],
  ['sd ra, 8(sp)', '00113423', 'RV32I, S format'],
  ['sb a0, -1(a1)', 'fea58fa3', 'RV32I, S format'],
  ['addi sp, sp, -16', 'ff010113', 'RV32I, I format'],
  ['sub a0, a1, a2', '40c58533', 'RV32I, R format'],
  ['srai a0, a1, 63', '43f5d513', 'RV64I shift'],
  ['sraiw a0, a1, 31', '41f5d51b', 'RV64I shift'],
  ['mulhu a0, a1, a2', '02c5b533', 'RV32M'],
  ['remuw a0, a1, a2', '02c5f53b', 'RV64M'],
  ['fld fa0, 16(a0)', '01053507', 'RV32D'],
  ['fadd.d fa0, fa1, fa2, rne', '02c58553', 'RV32D'],
  ['fsgnjn.s fa0, fa1, fa1', '20b59553', 'RV32F'],
  ['fle.d a0, fa0, fa1', 'a2b50553', 'RV32D'],
  ['fcvt.lu.d a0, fa0, rtz', 'c2351553', 'RV64D'],
  ['fcvt.d.w fa0, a0', 'd2050553', 'RV32D'],
  ['fmv.w.x fa0, a0', 'f0050553', 'RV32F'],
  ['sh2add.uw a0, a1, a2', '20c5c53b', 'Zba, sh2add.uw'],
  ['rori a0, a1, 63', '63f5d513', 'Zbb, rori'],
  ['ctzw a0, a1', '6015951b', 'Zbb, ctzw'],
  ['rev8 a0, a1', '6b85d513', 'Zbb, rev8'],
  ['fsd fa0, 24(sp)', '00a13c27', 'RV32D, S format'],
  ['fmv.x.d a0, fa0', 'e2050553', 'RV64D'],
  ['slli.uw a0, a1, 63', '0bf5951b', 'Zba, slli.uw'],
  ['maxu a0, a1, a2', '0ac5f533', 'Zbb, maxu'],
  ['fence rw, rw', '0330000f', 'RV32I'],
  ['fence.i', '0000100f', 'Zifencei'],
  ['ecall', '00000073', 'RV32I'],
];
describe('riscv64 words recorded from the manual', () => {
  it.each(recorded)('%s', (line, word) => {
    if (word === '') expect(() => wordOf(line)).toThrow();
    else expect(wordOf(line)).toBe(word);
  });

  it('have every major opcode of the rows', () => {
    const majorOpcodes = (words: readonly number[]): number[] => [...new Set(words.map((word) => word & 0x7f))].sort((a, b) => a - b);
    expect(majorOpcodes(recorded.flatMap(([, word]) => (word === '' ? [] : [Number.parseInt(word, 16)])))).toEqual(majorOpcodes(shapes.map(({ row }) => row.bits ?? 0)));
  });
});

/** Numbers in decimal, one blank behind a comma, no remarks. objdump writes a place as bare hexadecimal digits and a name. */
const normalise = (text: string): string =>
  text
    .replaceAll(/\b([0-9a-f]+) <.*$/gm, '0x$1')
    .replaceAll(/#.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/, ?/g, ', ')
    .trim()
    .replaceAll(/(-?)\b0x([0-9a-f]+)\b/g, (_all, sign: string, n: string) => String((sign === '-' ? -1 : 1) * Number.parseInt(n, 16) || 0));

// capstone-wasm knows no RISC-V. What binutils makes of reserved encodings does not matter here: every sample is one that may be emitted.
describe('riscv64 encoding beside foreign disassemblers', () => {
  const samples = all.map((sample): Sample => ({ name: sample.shape.name, bytes: encodeDecoded(sample), textAt: (offset) => plainText(sample, offset) }));
  const isSame = (ours: string, theirs: string): boolean => normalise(ours) === normalise(theirs);

  // It knows zifencei by name from version 17 on.
  const llvm = maybeTool(['llvm-mc-19', 'llvm-mc'], (version) => Number(/LLVM version (\d+)/.exec(version)?.[1]) >= 17);
  it('agrees with llvm-mc on every row', ({ skip }) => {
    skip(llvm === undefined, 'no llvm-mc of version 17 or later here: apt-get install llvm-19');
    const args = ['--triple=riscv64', '-mattr=+m,+a,+f,+d,+zba,+zbb,+zifencei', '-M', 'no-aliases'];
    expect(differencesFrom('llvm-mc', samples, readByLlvm(llvm ?? '', args, samples), () => 0, isSame)).toEqual([]);
  });

  const [objdump, assembler] = [maybeTool(['riscv64-linux-gnu-objdump']), maybeTool(['riscv64-linux-gnu-as'])];
  it('agrees with objdump on every row', ({ skip }) => {
    skip(objdump === undefined || assembler === undefined, 'no objdump and as of riscv64-linux-gnu here: apt-get install binutils-riscv64-linux-gnu');
    const { texts, offsets } = readByObjdump(objdump ?? '', ['-M', 'no-aliases'], samples, asWordsFor(assembler ?? '', ['-march=rv64imafd_zba_zbb_zifencei']));
    expect(differencesFrom('objdump', samples, texts, (_sample, i) => offsets[i] ?? 0, isSame)).toEqual([]);
  });
});
