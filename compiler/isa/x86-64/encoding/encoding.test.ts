// Every row with random operands: encoder, decoder, printer and parser agree with each other, and with disassemblers that are not ours.

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Const, Capstone, loadCapstone } from 'capstone-wasm';
import { instructionSet } from '../instructions/table.ts';
import { type Choose, randomCells } from '../random-instruction.ts';
import { assembleLines, listCode } from '../listing.ts';
import { type Decoded, Decoder } from './decode.ts';
import { encodeDecoded, parseAsm } from './parse.ts';
import { plainText } from './print.ts';

/** A small deterministic source of choices (xorshift, Marsaglia 2003). */
function choices(seed: number): Choose {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

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

function equivalent(ours: string, theirs: string): boolean {
  const a = split(ours);
  const b = split(theirs);
  return a.skeleton === b.skeleton && a.numbers.every((n, i) => sameBits(n, b.numbers[i] ?? 0n));
}

const predicates = ['eq', 'lt', 'le', 'unord', 'neq', 'nlt', 'nle', 'ord'];

/** The foreign tools' spelling turned into ours: `cmpltss a, b` is `cmpss a, b, 1`, `[2*rax]` is `[rax*2]`. */
function plain(theirs: string): string {
  const scaledLast = theirs.replace('\t', ' ').replace(/([1248])\*(r\w+)/, '$2*$1');
  const compare = /^cmp(eq|lt|le|unord|neq|nlt|nle|ord)(s[sd])\b(.*)$/.exec(scaledLast);
  return compare === null ? scaledLast : `cmp${compare[2]}${compare[3]}, ${predicates.indexOf(compare[1] ?? '')}`;
}

const firstWord = (text: string): string => text.trim().split(/\s/)[0] ?? '';

describe('x86-64 against foreign disassemblers', () => {
  it('agrees with capstone on every row', async () => {
    await loadCapstone();
    const capstone = new Capstone(Const.CS_ARCH_X86, Const.CS_MODE_64);
    const differences: string[] = [];
    for (const sample of all) {
      const bytes = encodeDecoded(sample);
      const [found] = capstone.disasm(bytes, { address: 0x100000000 });
      const ours = plainText(sample, 0x100000000);
      const theirs = found === undefined ? 'nothing' : plain(`${found.mnemonic} ${found.opStr}`);
      if (found === undefined || found.size !== bytes.length || firstWord(ours) !== firstWord(theirs) || !equivalent(normalise(ours), normalise(theirs))) {
        differences.push(`${sample.shape.name}: ${Buffer.from(bytes).toString('hex')}: ours '${ours}', capstone '${theirs}'`);
      }
    }
    capstone.close();
    expect(differences).toEqual([]);
  });

  const llvm = ['llvm-mc-19', 'llvm-mc-16', 'llvm-mc-14', 'llvm-mc'].find((name) => spawnSync(name, ['--version']).status === 0);
  it('agrees with llvm-mc on every row', ({ skip }) => {
    skip(llvm === undefined, 'no llvm-mc here: apt-get install llvm-19');
    const input = all.map((sample) => [...encodeDecoded(sample)].map((byte) => `0x${byte.toString(16)}`).join(' ')).join('\n');
    const { stdout, stderr } = spawnSync(llvm ?? '', ['--disassemble', '--triple=x86_64', '--output-asm-variant=1', '--mattr=+popcnt,+lzcnt,+bmi,+sse4.1'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
    const lines = stdout.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('.'));
    expect(stderr).toBe('');
    expect(lines).toHaveLength(all.length);
    const differences: string[] = [];
    for (const [i, sample] of all.entries()) {
      const ours = plainText(sample, -sample.length);
      const theirs = plain(lines[i] ?? '');
      if (firstWord(ours) !== firstWord(theirs) || !equivalent(normalise(ours), normalise(theirs))) differences.push(`${sample.shape.name}: ours '${ours}', llvm-mc '${theirs}'`);
    }
    expect(differences).toEqual([]);
  });
});
