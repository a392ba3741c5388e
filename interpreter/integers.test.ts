// Integer operations against BigInt, which knows no widths and so cannot make the same mistake.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { add64, clz64, ctz32, ctz64, divS32, divS64, divU32, divU64, eq64, ltS64, ltU64, mul64, popcnt32, popcnt64, remS32, remS64, remU32, remU64, rotl32, rotl64, rotr32, rotr64, shl64, shrS64, shrU64, sub64 } from './integers.ts';
import { Trap } from './outcome.ts';

const edges64 = [0n, 1n, -1n, 2n, 31n, 32n, 63n, 64n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, -0x8000_0000n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];
const i64 = fc.oneof(fc.constantFrom(...edges64), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const i32 = fc.oneof(fc.constantFrom(0, 1, -1, 2, 31, 32, 0x7fff_ffff, -0x8000_0000, 0xff), fc.integer());
const signed = (x: bigint): bigint => BigInt.asIntN(64, x);
const unsigned = (x: bigint): bigint => BigInt.asUintN(64, x);

const B = new BigInt64Array(2);
const I = new Int32Array(B.buffer);

function binary64(operate: () => void, a: bigint, b: bigint): bigint {
  B[0] = a;
  B[1] = b;
  operate();
  return B[0] ?? 0n;
}

function same(operate: () => void, naive: (a: bigint, b: bigint) => bigint): void {
  fc.assert(fc.property(i64, i64, (a, b) => binary64(operate, a, b) === signed(naive(a, b))), { seed: 1, numRuns: 500 });
}

describe('64-bit operations agree with BigInt', () => {
  it.each<[string, () => void, (a: bigint, b: bigint) => bigint]>([
    ['add', () => add64(I, 0, 2), (a, b) => a + b],
    ['sub', () => sub64(I, 0, 2), (a, b) => a - b],
    ['mul', () => mul64(B, 0, 2), (a, b) => a * b],
    ['shl', () => shl64(I, 0, I[2] ?? 0), (a, b) => a << (b & 63n)],
    ['shr_s', () => shrS64(I, 0, I[2] ?? 0), (a, b) => a >> (b & 63n)],
    ['shr_u', () => shrU64(I, 0, I[2] ?? 0), (a, b) => unsigned(a) >> (b & 63n)],
    ['rotl', () => rotl64(I, 0, I[2] ?? 0), (a, b) => unsigned(a) << (b & 63n) | unsigned(a) >> 64n - (b & 63n)],
    ['rotr', () => rotr64(I, 0, I[2] ?? 0), (a, b) => unsigned(a) >> (b & 63n) | unsigned(a) << 64n - (b & 63n)],
  ])('%s', (_, operate, naive) => {
    expect(() => same(operate, naive)).not.toThrow();
  });
  it('clz, ctz and popcnt count digits of the binary text', () => {
    const text = (a: bigint): string => unsigned(a).toString(2).padStart(64, '0');
    expect(() => same(() => clz64(I, 0), (a) => BigInt((text(a) + '1').indexOf('1')))).not.toThrow();
    expect(() => same(() => ctz64(I, 0), (a) => BigInt(64 - (text(a).lastIndexOf('1') + 1)))).not.toThrow();
    expect(() => same(() => popcnt64(I, 0), (a) => BigInt(text(a).replaceAll('0', '').length))).not.toThrow();
  });
  it('compares', () => {
    fc.assert(fc.property(i64, i64, (a, b) => {
      B[0] = a;
      B[1] = b;
      return ltS64(I, 0, 2) === a < b && ltU64(I, 0, 2) === unsigned(a) < unsigned(b) && eq64(I, 0, 2) === (a === b);
    }), { seed: 2, numRuns: 500 });
  });
  it('divides, or traps as the standard says', () => {
    fc.assert(fc.property(i64, i64, (a, b) => {
      if (b === 0n) {
        for (const divide of [divS64, divU64, remS64, remU64]) expect(() => binary64(() => divide(I, B, 0, 2), a, b)).toThrow(new Trap('integer divide by zero'));
        return;
      }
      if (a === -(2n ** 63n) && b === -1n) expect(() => binary64(() => divS64(I, B, 0, 2), a, b)).toThrow(new Trap('integer overflow'));
      else expect(binary64(() => divS64(I, B, 0, 2), a, b)).toBe(a / b);
      expect(binary64(() => remS64(I, B, 0, 2), a, b)).toBe(signed(a % b));
      expect(binary64(() => divU64(I, B, 0, 2), a, b)).toBe(signed(unsigned(a) / unsigned(b)));
      expect(binary64(() => remU64(I, B, 0, 2), a, b)).toBe(signed(unsigned(a) % unsigned(b)));
    }), { seed: 3, numRuns: 500 });
  });
});

describe('32-bit operations agree with BigInt', () => {
  const wrap = (x: bigint): number => Number(BigInt.asIntN(32, x));
  const u = (x: number): bigint => BigInt(x >>> 0);
  it('rotates', () => {
    fc.assert(fc.property(i32, i32, (a, b) => {
      const k = BigInt(b & 31);
      return rotl32(a, b) === wrap(u(a) << k | u(a) >> 32n - k) && (rotr32(a, b) | 0) === wrap(u(a) >> k | u(a) << 32n - k);
    }), { seed: 4, numRuns: 500 });
  });
  it('counts trailing zeros and ones', () => {
    fc.assert(fc.property(i32, (a) => {
      const text = (a >>> 0).toString(2).padStart(32, '0');
      return ctz32(a) === 32 - (text.lastIndexOf('1') + 1) && popcnt32(a) === text.replaceAll('0', '').length;
    }), { seed: 5, numRuns: 500 });
  });
  it('divides, or traps as the standard says', () => {
    fc.assert(fc.property(i32, i32, (a, b) => {
      if (b === 0) {
        for (const divide of [divS32, divU32, remS32, remU32]) expect(() => divide(a, b)).toThrow(new Trap('integer divide by zero'));
        return;
      }
      if (a === -0x8000_0000 && b === -1) expect(() => divS32(a, b)).toThrow(new Trap('integer overflow'));
      else expect(divS32(a, b)).toBe(wrap(BigInt(a) / BigInt(b)));
      expect(remS32(a, b)).toBe(wrap(BigInt(a) % BigInt(b)));
      expect(divU32(a, b)).toBe(wrap(u(a) / u(b)));
      expect(remU32(a, b)).toBe(wrap(u(a) % u(b)));
    }), { seed: 6, numRuns: 500 });
  });
});
