// Every row with random operands: encoder, decoder, printer and parser agree with each other, and with disassemblers that are not ours.

import { describe, expect, it } from 'vitest';
import { Const, Capstone, loadCapstone } from 'capstone-wasm';
import { choices } from '../../../testing/choices.ts';
import { differencesFrom, maybeTool, readByLlvm, readByObjdump, type Sample } from '../../../testing/disassemblers.ts';
import { conditionNames, instructionSet } from '../instructions/table.ts';
import { assembleLines, listCode } from '../listing.ts';
import { randomCells } from '../random-instruction.ts';
import { type Decoded, Decoder } from './decode.ts';
import { encodeFloat8, immediateFields } from './fields.ts';
import { decodeLogical, encodeLogical32, encodeLogical64 } from './logical-immediate.ts';
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

describe('aarch64 encoding', () => {
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

  it('writes the forms people expect', () => {
    const word = (line: string): string => Buffer.from(encodeDecoded(parseAsm(line, 0x100)).toReversed()).toString('hex');
    expect(word('add x0, x1, x2')).toBe('8b020020');
    expect(word('add sp, x29, #16')).toBe('910043bf');
    expect(word('ldr x0, [sp, #8]')).toBe('f94007e0');
    expect(word('ldr x0, [x1, #-8]')).toBe('f85f8020');
    expect(word('ldr w2, [x3, w4, uxtw #2]')).toBe('b8645862');
    expect(word('stp x29, x30, [sp, #-16]!')).toBe('a9bf7bfd');
    expect(word('ldp x29, x30, [sp], #16')).toBe('a8c17bfd');
    expect(word('and w0, w1, #0xff')).toBe('12001c20');
    expect(word('b.ne 0xfc')).toBe('54ffffe1');
    expect(word('tbnz x5, #63, 0x104')).toBe('b7f80025');
    expect(word('ret')).toBe('d65f03c0');
  });

  it('lists what is no instruction as words and bytes, and assembles it back', () => {
    const bytes = Uint8Array.from([0x20, 0x00, 0x02, 0x8b, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x20, 0x03]);
    const lines = listCode(bytes, 0, bytes.length).map((line) => line.text);
    expect(lines).toEqual(['add x0, x1, x2', '.word 0xffffffff', '.byte 0x1f', '.byte 0x20', '.byte 0x03']);
    expect(assembleLines(lines, 0)).toEqual(bytes);
  });

  it('lists any words so that they assemble back', () => {
    const choose = choices(0xc0de);
    const bytes = Uint8Array.from({ length: 40_000 }, () => choose(256));
    expect(assembleLines(listCode(bytes, 0, bytes.length).map((line) => line.text), 0)).toEqual(bytes);
  });
});

describe('aarch64 immediates', () => {
  it('encodes every run of ones that has an encoding, and nothing else', () => {
    const known = new Map<bigint, number>();
    for (let encoded = 0; encoded < 1 << 13; encoded++) {
      const halves = decodeLogical(encoded);
      if (halves === undefined) continue;
      const [low, high] = halves;
      expect(encodeLogical64(low, high)).toBe(encoded);
      if (low === high) expect(encodeLogical32(low)).toBe(encoded);
      known.set((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0), encoded);
    }
    // The manual's count of 64-bit bitmask immediates.
    expect(known.size).toBe(5334);
    const choose = choices(0xb175);
    const random32 = (): number => (choose(0x10000) << 16) | choose(0x10000);
    for (let i = 0; i < 20_000; i++) {
      const low = random32() & random32();
      const high = choose(2) === 0 ? low : random32();
      expect(encodeLogical64(low, high)).toBe(known.get((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) ?? -1);
    }
  });

  it('knows the 256 floats that fmov can write', () => {
    const view = new DataView(new ArrayBuffer(8));
    const value = (bits: number): number => Number(immediateFields['float8']?.text?.(bits, 0));
    for (let bits = 0; bits < 256; bits++) {
      view.setFloat64(0, value(bits));
      expect(encodeFloat8(view.getInt32(4), view.getInt32(0), 8)).toBe(bits);
      view.setFloat32(0, value(bits));
      expect(encodeFloat8(view.getInt32(0), 0, 4)).toBe(bits);
    }
    for (const other of [0, -0, 0.1, 32, 1 / 16, 1.03125, Infinity, NaN, 2 ** -1022, 1 + 2 ** -52]) {
      view.setFloat64(0, other);
      expect(encodeFloat8(view.getInt32(4), view.getInt32(0), 8)).toBe(-1);
      view.setFloat32(0, other);
      expect(encodeFloat8(view.getInt32(0), 0, 4)).toBe(other === 1 + 2 ** -52 ? encodeFloat8(0x3f800000, 0, 4) : -1);
    }
  });
});

const widthOf = (register: string): bigint => (/^(x|sp)/.test(register) ? 64n : 32n);

/**
 * One spelling for what can be written in several ways: `mov` for every instruction that writes a constant or reads the stack pointer, cinc and the
 * like for a csinc whose sources are one register, masks without sign, numbers in decimal without `#`, no shift by nothing, hs and lo for cs and cc.
 */
function normalise(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/(\/\/|;|<).*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll('#', '')
    .replaceAll(/\b(ld|st)ur(\w*) /g, '$1r$2 ')
    .replaceAll(/-?\b\d+\.\d+(?:e[+-]\d+)?/g, (n) => String(Number(n)))
    .replaceAll(/(-?)\b(0x[0-9a-f]+|\d+)(?![\w.])/g, (_all, sign: string, n: string) => `${sign}${BigInt(n)}`)
    .replaceAll(/, (lsl|uxtw|sxtw) 0\b/g, (_all, shift: string) => (shift === 'lsl' ? '' : `, ${shift}`))
    .replaceAll(/\bcs\b/g, 'hs')
    .replaceAll(/\bcc\b/g, 'lo');
  const constant = /^(?:mov|movz|movn|orr) (\w+), (?:[wx]zr, )?(-?\d+)(?:, lsl (\d+))?$/.exec(plain);
  if (constant !== null) {
    const [, register = '', number = '', shift] = constant;
    const shifted = BigInt(number) << BigInt(shift ?? 0);
    return `mov ${register}, ${BigInt.asUintN(Number(widthOf(register)), plain.startsWith('movn') ? ~shifted : shifted)}`;
  }
  const mask = /^tst (\w+), (-\d+)$/.exec(plain);
  if (mask !== null) return `tst ${mask[1]}, ${BigInt.asUintN(Number(widthOf(mask[1] ?? '')), BigInt(mask[2] ?? ''))}`;
  const stack = /^add (w?sp|[wx]\d+), (w?sp|[wx]\d+), 0$/.exec(plain);
  if (stack !== null && `${stack[1]}${stack[2]}`.includes('sp')) return `mov ${stack[1]}, ${stack[2]}`;
  const conditional = /^cs(inc|inv|neg) (\w+), (\w+), (\w+), (\w+)$/.exec(plain);
  if (conditional !== null && conditional[3] === conditional[4] && conditionNames.indexOf(conditional[5] ?? '') < 14) {
    return `c${conditional[1]} ${conditional[2]}, ${conditional[3]}, ${conditionNames[conditionNames.indexOf(conditional[5] ?? '') ^ 1]}`;
  }
  return plain;
}

describe('aarch64 encoding beside foreign disassemblers', () => {
  const samples = all.map((sample): Sample => ({ name: sample.shape.name, bytes: encodeDecoded(sample), textAt: (offset) => plainText(sample, offset) }));
  const isSame = (ours: string, theirs: string): boolean => normalise(ours) === normalise(theirs);

  it('agrees with capstone on every row', async () => {
    await loadCapstone();
    const capstone = new Capstone(Const.CS_ARCH_ARM64, Const.CS_MODE_LITTLE_ENDIAN);
    // This capstone is older than the mnemonic and refuses the word; the other disassemblers read it.
    const readable = samples.filter(({ name }) => name !== 'udf');
    const theirs = readable.map(({ bytes }) => {
      const [found] = capstone.disasm(bytes, { address: 0x100000000 });
      return found === undefined ? 'nothing' : `${found.mnemonic} ${found.opStr}`;
    });
    capstone.close();
    expect(differencesFrom('capstone', readable, theirs, () => 0x100000000, isSame)).toEqual([]);
  });

  const llvm = maybeTool(['llvm-mc-19', 'llvm-mc-16', 'llvm-mc']);
  it('agrees with llvm-mc on every row', ({ skip }) => {
    skip(llvm === undefined, 'no llvm-mc here: apt-get install llvm-19');
    expect(differencesFrom('llvm-mc', samples, readByLlvm(llvm ?? '', ['--triple=aarch64'], samples), () => 0, isSame)).toEqual([]);
  });

  const objdump = maybeTool(['aarch64-linux-gnu-objdump']);
  it('agrees with objdump on every row', ({ skip }) => {
    skip(objdump === undefined, 'no aarch64-linux-gnu-objdump here: apt-get install binutils-aarch64-linux-gnu');
    const { texts, offsets } = readByObjdump(objdump ?? '', ['-m', 'aarch64'], samples);
    expect(differencesFrom('objdump', samples, texts, (_sample, i) => offsets[i] ?? 0, isSame)).toEqual([]);
  });
});
