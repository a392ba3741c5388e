// Strictness of the decoder: what the grammar does not derive is malformed, and the offset points at the fault.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { decode } from './index.ts';
import { MalformedModule } from './outcome.ts';
import { Reader } from './reader.ts';
import { I32, assemble, funcType, leb, section, sleb, vector } from './assemble.ts';

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Appends zero (or sign) groups to a LEB128 integer until it has `length` bytes. */
function pad(bytes: readonly number[], length: number, filler: number): number[] {
  const head = bytes.slice(0, -1);
  const last = bytes[bytes.length - 1] ?? 0;
  const gap = length - bytes.length;
  if (gap === 0) return [...bytes];
  return [...head, last | 0x80, ...new Array<number>(gap - 1).fill(filler | 0x80), filler];
}

function readBack(bytes: readonly number[], read: (r: Reader) => number): number {
  const r = new Reader(Uint8Array.from(bytes));
  const value = read(r);
  expect(r.pos).toBe(bytes.length);
  return value;
}

describe('LEB128', () => {
  it('reads unsigned integers, padded or not', () => {
    fc.assert(fc.property(fc.nat(0xffff_ffff), fc.nat(4), (value, extra) => {
      const bytes = leb(value);
      return readBack(pad(bytes, Math.min(5, bytes.length + extra), 0), (r) => r.u32()) === value;
    }), { seed: 1 });
  });
  it('reads signed integers, padded or not', () => {
    fc.assert(fc.property(fc.integer(), fc.nat(4), (value, extra) => {
      const bytes = sleb(value);
      const padded = pad(bytes, Math.min(5, bytes.length + extra), value < 0 ? 0x7f : 0);
      return readBack(padded, (r) => r.s32()) === value && readBack(padded, (r) => r.s33()) === value;
    }), { seed: 2 });
  });
  it('reads 64-bit integers as halves', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const bytes: number[] = [];
      for (let rest = value; ; rest >>= 7n) {
        const byte = Number(rest & 0x7fn);
        if (rest >> 6n === 0n || rest >> 6n === -1n) {
          bytes.push(byte);
          break;
        }
        bytes.push(byte | 0x80);
      }
      const r = new Reader(Uint8Array.from(bytes));
      r.s64();
      return BigInt.asIntN(64, BigInt(r.high) << 32n | BigInt(r.low >>> 0)) === value;
    }), { seed: 3 });
  });
  it.each([
    ['too long', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long', 4],
    ['too large', [0xff, 0xff, 0xff, 0xff, 0x1f], 'integer too large', 4],
    ['cut off', [0x80, 0x80], 'unexpected end', 2],
  ])('refuses an integer that is %s', (_, bytes, message, offset) => {
    const r = new Reader(Uint8Array.from(bytes));
    let thrown: unknown;
    try {
      r.u32();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MalformedModule);
    expect(thrown).toMatchObject({ message, offset });
  });
});

const sample = assemble({
  types: [funcType([I32], [I32])],
  functions: [0],
  memories: [[0x01, 0x01, 0x02]],
  globals: [[I32, 0x01, 0x41, 0x07, 0x0b]],
  exports: [['f', 0, 0], ['m', 2, 0]],
  bodies: [[0x02, 0x40, 0x20, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x00, 0x28, 0x02, 0x04]],
});

describe('modules', () => {
  it('decodes a module into its parts', () => {
    expect(decode(sample)).toMatchObject({ kind: 'module', functions: [0], memories: [{ limits: { minimum: 1n, maximum: 2n } }], exports: [{ name: 'f' }, { name: 'm' }] });
  });
  it('refuses every proper prefix that cuts a section, and never throws', () => {
    // A prefix that ends between sections is a module again as long as no bodies are missing.
    const whole: number[] = [];
    for (let length = 0; length < sample.length; length++) {
      const result = decode(sample.subarray(0, length));
      if (result.kind === 'module') whole.push(length);
      else expect(result.offset).toBeLessThanOrEqual(length);
    }
    expect(whole).toEqual([8, 8 + section(1, vector([funcType([I32], [I32])])).length]);
  });
  it('never throws on flipped bits', () => {
    fc.assert(fc.property(fc.nat(sample.length * 8 - 1), fc.nat(sample.length * 8 - 1), (first, second) => {
      const bytes = sample.slice();
      for (const bit of [first, second]) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ 1 << (bit & 7);
      return ['module', 'malformed'].includes(decode(bytes).kind);
    }), { seed: 4, numRuns: 2000 });
  });
  it.each([
    ['a wrong magic', [0x00, 0x61, 0x73, 0x6e, 1, 0, 0, 0], 'magic header not detected', 0],
    ['a wrong version', [0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0], 'unknown binary version', 4],
    ['an unknown section', [...header, 14, 0], 'malformed section id', 8],
    ['a section twice', [...header, 1, 1, 0, 1, 1, 0], 'unexpected content after last section', 11],
    ['sections out of order', [...header, 2, 1, 0, 1, 1, 0], 'unexpected content after last section', 11],
    ['a section longer than the file', [...header, 1, 9, 0], 'length out of bounds', 10],
    ['a section longer than its content', [...header, 1, 2, 0, 0], 'section size mismatch', 11],
    ['functions without code', [...header, ...section(1, vector([funcType([], [])])), ...section(3, [1, 0])], 'function and code section have inconsistent lengths', 18],
    ['a count without data', [...header, ...section(12, [1])], 'data count and data section have inconsistent lengths', 11],
    ['a name that is not UTF-8', [...header, ...section(0, [1, 0xff])], 'malformed UTF-8 encoding', 11],
    ['an opcode that is none', [...assemble({ types: [funcType([], [])], functions: [0], bodies: [[0x27]] })], 'illegal opcode 27', 23],
    ['else outside if', [...assemble({ types: [funcType([], [])], functions: [0], bodies: [[0x05]] })], 'else outside if', 23],
    ['a body without end', [...assemble({ types: [funcType([], [])], functions: [0], bodies: [[0x02, 0x40]] })], 'END opcode expected', 26],
    ['memory.init without data count', [...assemble({ types: [funcType([], [])], functions: [0], memories: [[0, 1]], bodies: [[0xfc, 0x08, 0x00, 0x00]] })], 'data count section required', 30],
  ])('refuses %s', (_, bytes, message, offset) => {
    expect(decode(Uint8Array.from(bytes))).toEqual({ kind: 'malformed', message, offset });
  });
});
