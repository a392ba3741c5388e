// Every row with random operands: encoder, decoder, printer and parser agree with each other, and with disassemblers that are not ours.

import { describe, expect, it } from 'vitest';
import { Const, Capstone, loadCapstone } from 'capstone-wasm';
import { choices } from '../../../testing/choices.ts';
import { differencesFrom, maybeTool, readByLlvm, readByObjdump, type Sample } from '../../../testing/disassemblers.ts';
import { instructionSet } from '../instructions/table.ts';
import { randomCells } from '../random-instruction.ts';
import { assembleLines, listCode } from '../listing.ts';
import { type Decoded, Decoder } from './decode.ts';
import { encodeDecoded, parseAsm } from './parse.ts';
import { plainText } from './print.ts';

const shapes = instructionSet.shapes.filter((shape) => shape.row.pseudo !== true && shape.row.alias !== true);
const perRow = 40;

function samples(): Decoded[] {
  const choose = choices(0x5eed);
  return shapes.flatMap((shape) =>
    Array.from({ length: perRow }, () => {
      const cells = randomCells(shape, choose);
      return { shape, cells, length: encodeDecoded({ shape, cells }).length };
    }),
  );
}

const all = samples();
const decoder = new Decoder(instructionSet);

describe('x86-64 encoding', () => {
  it('is undone by the decoder, for every row', () => {
    for (const sample of all) {
      const decoded = decoder.maybeDecode(encodeDecoded(sample), 0);
      expect(decoded && { row: decoded.shape.name, cells: decoded.cells, length: decoded.length }).toEqual({ row: sample.shape.name, cells: sample.cells, length: sample.length });
    }
  });

  it('survives being printed and parsed', () => {
    for (const sample of all) {
      const bytes = encodeDecoded(sample);
      const lines = listCode(bytes, 0, bytes.length).map((line) => line.text);
      expect(lines).toHaveLength(1);
      expect(assembleLines(lines, 0)).toEqual(bytes);
    }
  });

  it('writes the forms people expect', () => {
    const text = (line: string): string => [...encodeDecoded(parseAsm(line, 0x100))].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(text('add eax, 1')).toBe('83 c0 01');
    expect(text('{add32_ri} add eax, 1')).toBe('81 c0 01 00 00 00');
    expect(text('mov qword ptr [r12], rsp')).toBe('49 89 24 24');
    expect(text('movzx eax, sil')).toBe('40 0f b6 c6');
    expect(text('mov eax, dword ptr [r13 + r15*8 - 128]')).toBe('43 8b 44 fd 80');
    expect(text('je 0x100')).toBe('74 fe');
    expect(text('je 0x1000')).toBe('0f 84 fa 0e 00 00');
    expect(text('movabs rbx, 0xffffffff80000000')).toBe('48 bb 00 00 00 80 ff ff ff ff');
  });

  it('refuses an address with two bases', () => {
    expect(() => parseAsm('mov eax, dword ptr [rcx + rax]', 0)).toThrow("no instruction reads 'mov eax, dword ptr [rcx + rax]'");
  });

  it('lists what is no instruction as bytes, and assembles it back', () => {
    const bytes = Uint8Array.from([0x83, 0xc0, 0x01, 0xff, 0xff, 0x66, 0x0f, 0xc3]);
    const lines = listCode(bytes, 0, bytes.length).map((line) => line.text);
    expect(lines[0]).toBe('add eax, 1');
    expect(lines).toContain('.byte 0xff');
    expect(assembleLines(lines, 0)).toEqual(bytes);
  });
});

/** Text of either disassembler in one spelling: numbers in hexadecimal without sign at their width, blanks and size words gone. */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/#.*$/gm, '')
    .replaceAll(/\b(byte|word|dword|qword|xmmword) ptr /g, (_all, size: string) => `${size}:`)
    .replaceAll(/\*1\b/g, '')
    .replaceAll(/-?\b(0x[0-9a-f]+|\d+)\b/g, (number) => String(number.startsWith('-') ? -BigInt(number.slice(1)) : BigInt(number)))
    .replaceAll(/\s+/g, '');
}

/** The signed numbers in a text, and the text with their places marked. Register names hold digits and are left alone. */
function split(text: string): { readonly numbers: readonly bigint[]; readonly skeleton: string } {
  const numbers: bigint[] = [];
  const skeleton = text.replaceAll(/(?<![a-z0-9])([+-]?)(\d+)(?![a-z0-9])/g, (_all, sign: string, digits: string) => {
    numbers.push(sign === '-' ? -BigInt(digits) : BigInt(digits));
    return '#';
  });
  return { numbers, skeleton };
}

/** True when both are the same bits of some operand width, one read as signed and one as unsigned. */
const sameBits = (a: bigint, b: bigint): boolean =>
  a === b || [8n, 16n, 32n, 64n].some((width) => [a, b].every((n) => n >= -(1n << (width - 1n)) && n < 1n << width) && (a - b) % (1n << width) === 0n);

const firstWord = (text: string): string => text.trim().split(/\s/)[0] ?? '';

function equivalent(ours: string, theirs: string): boolean {
  const a = split(normalise(ours));
  const b = split(normalise(theirs));
  return firstWord(ours) === firstWord(theirs) && a.skeleton === b.skeleton && a.numbers.every((n, i) => sameBits(n, b.numbers[i] ?? 0n));
}

const predicates = ['eq', 'lt', 'le', 'unord', 'neq', 'nlt', 'nle', 'ord'];

/**
 * The foreign tools' spelling turned into ours: `cmpltss a, b` is `cmpss a, b, 1`, `[2*rax]` is `[rax*2]`; in objdump `ds:5` is `[5]`,
 * `[rbp+0x0]` is `[rbp]`, `[rip+0xffffffffffffffff]` is `[rip-1]`.
 */
function plain(theirs: string): string {
  const spelled = theirs.replace(/#.*$/, '').replace('\t', ' ').replace(/([1248])\*(r\w+)/, '$2*$1').replace(/\bds:(0x[0-9a-f]+)/, '[$1]').replace('+0x0]', ']')
    .replace(/\[rip\+(0xf[0-9a-f]{15})\]/, (_all, number: string) => `[rip${BigInt.asIntN(64, BigInt(number))}]`);
  const compare = /^cmp(eq|lt|le|unord|neq|nlt|nle|ord)(s[sd])\b(.*)$/.exec(spelled);
  return compare === null ? spelled : `cmp${compare[2]}${compare[3]}, ${predicates.indexOf(compare[1] ?? '')}`;
}

describe('x86-64 against foreign disassemblers', () => {
  const samples = all.map((sample): Sample => ({ name: sample.shape.name, bytes: encodeDecoded(sample), textAt: (offset) => plainText(sample, offset) }));
  const isSame = (ours: string, theirs: string): boolean => equivalent(ours, plain(theirs));

  it('agrees with capstone on every row', async () => {
    await loadCapstone();
    const capstone = new Capstone(Const.CS_ARCH_X86, Const.CS_MODE_64);
    const theirs = samples.map(({ bytes }) => {
      const [found] = capstone.disasm(bytes, { address: 0x100000000 });
      return found?.size === bytes.length ? `${found.mnemonic} ${found.opStr}` : 'nothing';
    });
    capstone.close();
    expect(differencesFrom('capstone', samples, theirs, () => 0x100000000, isSame)).toEqual([]);
  });

  const llvm = maybeTool(['llvm-mc-19', 'llvm-mc-16', 'llvm-mc-14', 'llvm-mc']);
  it('agrees with llvm-mc on every row', ({ skip }) => {
    skip(llvm === undefined, 'no llvm-mc here: apt-get install llvm-19');
    const theirs = readByLlvm(llvm ?? '', ['--triple=x86_64', '--output-asm-variant=1', '--mattr=+popcnt,+lzcnt,+bmi,+sse4.1'], samples);
    // It writes where a branch goes from the instruction's end.
    expect(differencesFrom('llvm-mc', samples, theirs, ({ bytes }) => -bytes.length, isSame)).toEqual([]);
  });

  const objdump = maybeTool(['x86_64-linux-gnu-objdump', 'objdump'], (version) => version.includes('GNU'));
  it('agrees with objdump on every row', ({ skip }) => {
    skip(objdump === undefined, 'no GNU objdump here: apt-get install binutils-x86-64-linux-gnu');
    const { texts, offsets } = readByObjdump(objdump ?? '', ['-m', 'i386:x86-64', '-M', 'intel'], samples);
    expect(differencesFrom('objdump', samples, texts, (_sample, i) => offsets[i] ?? 0, isSame)).toEqual([]);
  });
});
