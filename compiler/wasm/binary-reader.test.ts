// LEB128 integers against their definition over bigints: every value at every padding, and every way of being too long or too large.

import { describe, expect, test } from 'vitest';
import { InvalidModule } from '../base/errors.ts';
import { BinaryReader } from './binary-reader.ts';
import { signed, unsigned } from './module-bytes.ts';

function readerOf(bytes: readonly number[]): BinaryReader {
  return new BinaryReader(Uint8Array.from(bytes), 0, bytes.length);
}
function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidModule) return `${error.kind}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

/** Values at which some bit of some encoding changes its role. */
function edges(bits: number): bigint[] {
  const found = new Set<bigint>([0n]);
  for (let bit = 0; bit < bits; bit++)
    for (const value of [(1n << BigInt(bit)) - 1n, 1n << BigInt(bit), (1n << BigInt(bit)) + 1n]) {
      found.add(value);
      found.add(-value);
    }
  return [...found];
}

/** One signed or unsigned format: how it is read, as a bigint, and how many bits it has. */
const formats = [
  { name: 'u32', bits: 32, maxBytes: 5, isSigned: false, read: (input: BinaryReader) => BigInt(input.u32()) },
  { name: 's32', bits: 32, maxBytes: 5, isSigned: true, read: (input: BinaryReader) => BigInt(input.s32()) },
  { name: 's33', bits: 33, maxBytes: 5, isSigned: true, read: (input: BinaryReader) => BigInt(input.s33()) },
  {
    name: 's64',
    bits: 64,
    maxBytes: 10,
    isSigned: true,
    read: (input: BinaryReader) => {
      input.s64();
      return input.wide();
    },
  },
] as const;

describe.each(formats)('$name', ({ bits, maxBytes, isSigned, read }) => {
  const encode = isSigned ? signed : unsigned;
  const fits = (value: bigint): boolean =>
    isSigned ? BigInt.asIntN(bits, value) === value : BigInt.asUintN(bits, value) === value;

  test('reads every value at every padding', () => {
    for (const value of edges(bits).filter(fits))
      for (let width = 1; width <= maxBytes; width++) {
        const bytes = encode(value, width);
        if (bytes.length > maxBytes) continue;
        const input = readerOf([...bytes, 0x55]);
        expect(read(input)).toBe(value);
        expect(input.position).toBe(bytes.length);
      }
  });
  test('refuses one byte more than the format has', () => {
    const bytes = encode(0n, maxBytes + 1);
    expect(messageOf(() => read(readerOf(bytes)))).toBe('malformed: integer representation too long');
  });
  test('refuses every value that needs more bits', () => {
    for (const value of edges(bits + 2).filter((each) => !fits(each) && (isSigned || each >= 0n))) {
      const bytes = encode(value);
      if (bytes.length > maxBytes) continue;
      expect(messageOf(() => read(readerOf(bytes)))).toBe('malformed: integer too large');
    }
  });
  test('stops at the end of the bytes', () => {
    for (let length = 0; length < maxBytes; length++)
      expect(messageOf(() => read(readerOf(new Array<number>(length).fill(0x80))))).toBe('malformed: unexpected end');
  });
});

test('a bound beyond 32 bits is read, for validation to refuse', () => {
  expect(readerOf(unsigned(2n ** 32n)).u32OrLarger()).toBe(2 ** 32);
  expect(readerOf(unsigned(2n ** 64n - 1n)).u32OrLarger()).toBe(2 ** 64);
  expect(readerOf(unsigned(7, 5)).u32OrLarger()).toBe(7);
  expect(messageOf(() => readerOf(unsigned(7, 6)).u32OrLarger())).toBe('malformed: integer representation too long');
  expect(messageOf(() => readerOf(unsigned(2n ** 64n)).u32OrLarger())).toBe('malformed: integer too large');
});

test('names are strict UTF-8 and keep a byte order mark', () => {
  expect(readerOf([3, 0xef, 0xbb, 0xbf]).name()).toBe('\ufeff');
  expect(messageOf(() => readerOf([1, 0xff]).name())).toBe('malformed: malformed UTF-8 encoding');
  expect(messageOf(() => readerOf([3, 0xed, 0xa0, 0x80]).name())).toBe('malformed: malformed UTF-8 encoding');
  expect(messageOf(() => readerOf([4, 0x61]).name())).toBe('malformed: length out of bounds');
});

test('floats are bits, signalling NaNs too', () => {
  expect(readerOf([1, 0, 0xa0, 0x7f]).bits32()).toBe(0x7fa00001);
  const input = readerOf([1, 0, 0, 0, 0, 0, 0xf4, 0xff]);
  input.bits64();
  expect(BigInt.asUintN(64, input.wide())).toBe(0xfff4000000000001n);
});
