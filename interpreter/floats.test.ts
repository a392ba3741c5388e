// Floating-point operations and conversions against exact arithmetic on fractions.
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { CANONICAL_NAN_32, f32FromBits, f32ToBits, f64FromBits, f64ToBits, maximum, minimum, nearest, putF32, putF64 } from './floats.ts';
import { convertToF32, truncS32, truncS64, truncSatS64, truncSatU64, truncU32, truncU64 } from './convert.ts';
import { fusedMultiplyAdd32, fusedMultiplyAdd64 } from './fused.ts';
import { Trap } from './outcome.ts';

const f64 = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64, Infinity, -Infinity, NaN, Number.MIN_VALUE, Number.MAX_VALUE),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(f64FromBits),
  fc.double({ min: -1e20, max: 1e20 }),
);
const f32 = fc.oneof(fc.constantFrom(0, -0, 1, -1, 0.1, Infinity, NaN), fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((bits) => f32FromBits(Number(bits)))).map(Math.fround);

/** A finite double as a fraction over 2^1074. */
function scaled(x: number): bigint {
  const bits = f64ToBits(x);
  const exponent = bits >> 52n & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 1n << 52n) << exponent - 1n;
  return bits >> 63n === 1n ? -magnitude : magnitude;
}

const buffer = new ArrayBuffer(8);
const I = new Int32Array(buffer);
const D = new Float64Array(buffer);
const F = new Float32Array(buffer);
const B = new BigInt64Array(buffer);

describe('the NaN rule', () => {
  it('makes every NaN the positive canonical one', () => {
    putF32(I, F, 0, NaN);
    expect((I[0] ?? 0) >>> 0).toBe(CANONICAL_NAN_32);
    putF64(I, D, 0, NaN);
    expect(BigInt.asUintN(64, B[0] ?? 0n)).toBe(0x7ff8_0000_0000_0000n);
  });
  it('holds for minimum and maximum, which order the zeroes', () => {
    expect([minimum(NaN, 1), maximum(1, NaN)]).toEqual([NaN, NaN]);
    expect([minimum(0, -0), minimum(-0, 0), maximum(0, -0), maximum(-0, 0)]).toEqual([-0, -0, 0, 0]);
  });
});

it('bits survive the way through numbers, NaN payloads apart', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bits) => {
    const x = f64FromBits(bits);
    return x !== x || f64ToBits(x) === bits;
  }), { seed: 1 });
  expect(f32ToBits(f32FromBits(0x8000_0001))).toBe(0x8000_0001);
});

it('nearest rounds to the closest integer, ties to even, and keeps the sign of zero', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 0.4, -0.4].map(nearest)).toEqual([0, 2, 2, -0, -2, 0, -0]);
  fc.assert(fc.property(f64.filter(Number.isFinite), (x) => {
    const rounded = nearest(x);
    const distance = Math.abs(rounded - x);
    return Number.isInteger(rounded) && distance <= 0.5 && (distance < 0.5 || rounded % 2 === 0) && Object.is(Math.sign(rounded) || Math.sign(1 / rounded), Math.sign(x) || Math.sign(1 / x));
  }), { seed: 2, numRuns: 500 });
});

describe('truncation', () => {
  const exactTrunc = (x: number): bigint => BigInt(Math.trunc(x));
  const check = (x: number, low: bigint, high: bigint, run: () => bigint): void => {
    if (x !== x) expect(run).toThrow(new Trap('invalid conversion to integer'));
    else if (!Number.isFinite(x) || exactTrunc(x) < low || exactTrunc(x) > high) expect(run).toThrow(new Trap('integer overflow'));
    else expect(run()).toBe(exactTrunc(x));
  };
  it('gives the integer part or traps', () => {
    fc.assert(fc.property(f64, (x) => {
      check(x, -(2n ** 31n), 2n ** 31n - 1n, () => BigInt(truncS32(x)));
      check(x, 0n, 2n ** 32n - 1n, () => BigInt(truncU32(x) >>> 0));
      check(x, -(2n ** 63n), 2n ** 63n - 1n, () => (truncS64(I, 0, x), B[0] ?? 0n));
      check(x, 0n, 2n ** 64n - 1n, () => (truncU64(I, 0, x), BigInt.asUintN(64, B[0] ?? 0n)));
    }), { seed: 3, numRuns: 1000 });
  });
  it('saturates instead, where asked', () => {
    fc.assert(fc.property(f64, (x) => {
      const clamp = (low: bigint, high: bigint): bigint => (x !== x ? 0n : x <= Number(low) ? low : x >= Number(high) ? high : exactTrunc(x));
      truncSatS64(I, 0, x);
      expect(B[0]).toBe(clamp(-(2n ** 63n), 2n ** 63n - 1n));
      truncSatU64(I, 0, x);
      expect(BigInt.asUintN(64, B[0] ?? 0n)).toBe(clamp(0n, 2n ** 64n - 1n));
    }), { seed: 4, numRuns: 1000 });
  });
});

it('an i64 becomes the nearest f32, not the f32 nearest to its f64', () => {
  // 2^53 + 2^29 + 1 lies just above a tie of single precision; as a double it is the tie itself.
  expect(Math.fround(convertToF32(2n ** 53n + 2n ** 29n + 1n))).toBe(2 ** 53 + 2 ** 30);
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
    const result = Math.fround(convertToF32(value));
    const bits = f32ToBits(result);
    const error = (candidate: number): bigint => {
      const difference = BigInt(candidate) - value;
      return difference < 0n ? -difference : difference;
    };
    const neighbours = [f32FromBits(bits - 1), f32FromBits(bits + 1)].filter((x) => Number.isInteger(x));
    return neighbours.every((x) => error(result) < error(x) || error(result) === error(x) && bits % 2 === 0);
  }), { seed: 5, numRuns: 500 });
});

describe('fused multiply-add', () => {
  it('is exact where two roundings are not', () => {
    const x = 1 + 2 ** -30;
    expect(x * x - (1 + 2 ** -29)).toBe(0);
    expect(fusedMultiplyAdd64(x, x, -(1 + 2 ** -29))).toBe(2 ** -60);
    expect(fusedMultiplyAdd64(Number.MAX_VALUE, 2, -Number.MAX_VALUE)).toBe(Number.MAX_VALUE);
    expect(fusedMultiplyAdd64(0, -1, 0)).toBe(0);
    expect(fusedMultiplyAdd64(Infinity, 0, 1)).toBe(NaN);
  });
  it('leaves no double closer to the exact value', () => {
    const finite = f64.filter((x) => Number.isFinite(x) && Math.abs(x) < 1e100);
    fc.assert(fc.property(finite, finite, finite, (x, y, z) => {
      const result = fusedMultiplyAdd64(x, y, z);
      const exact = scaled(x) * scaled(y) + (scaled(z) << 1074n);
      const error = (candidate: number): bigint => {
        const difference = (scaled(candidate) << 1074n) - exact;
        return difference < 0n ? -difference : difference;
      };
      const bits = f64ToBits(Math.abs(result));
      return [bits - 1n, bits + 1n].filter((b) => b >= 0n).every((b) => error(result) <= error(Math.sign(result) * f64FromBits(b)));
    }), { seed: 6, numRuns: 300 });
  });
  it('rounds once to single precision', () => {
    fc.assert(fc.property(f32, f32, f32, (x, y, z) => {
      const result = fusedMultiplyAdd32(x, y, z);
      // In double precision the product of two floats is exact; only the sum rounds, so both differ by less than one single ulp.
      const close = Math.fround(x * y + z);
      return Object.is(result, close) || result !== result && close !== close || Math.abs(f32ToBits(Math.fround(result)) - f32ToBits(close)) <= 1 || result === close;
    }), { seed: 7, numRuns: 500 });
  });
});
