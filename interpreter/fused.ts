// Fused multiply-add: x × y + z with one rounding.
// Chapter: "Execution", section "Numerics", "Floating-Point Operations" (fma). JavaScript has none, so the exact sum is formed as an integer and rounded once.
import { f64ToBits } from './floats.ts';

interface Exact { readonly mantissa: bigint; readonly exponent: number }

/** A finite double as mantissa × 2^exponent. */
function exact(x: number): Exact {
  const bits = f64ToBits(x);
  const biased = Number(bits >> 52n & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const mantissa = biased === 0 ? fraction : fraction | 1n << 52n;
  return { mantissa: bits >> 63n === 1n ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

function bitLength(x: bigint): number {
  return x === 0n ? 0 : x.toString(2).length;
}

/**
 * The number nearest to mantissa × 2^exponent with `precision` bits and no bit below 2^lowest, ties to even. Overflow past the greatest
 * double gives infinity; a caller with a narrower format rounds on to its own infinity, since its precision is already right.
 */
function round(mantissa: bigint, exponent: number, precision: number, lowest: number): number {
  const negative = mantissa < 0n;
  const magnitude = negative ? -mantissa : mantissa;
  const drop = Math.max(bitLength(magnitude) - precision, lowest - exponent);
  let kept = magnitude;
  let scale = exponent;
  if (drop > 0) {
    kept = magnitude >> BigInt(drop);
    const rest = magnitude - (kept << BigInt(drop));
    const half = 1n << BigInt(drop - 1);
    if (rest > half || rest === half && (kept & 1n) === 1n) kept += 1n;
    scale += drop;
  }
  // `kept` fits in 54 bits. Scaling in two steps keeps both factors in range; no step rounds, as no bit lies below 2^lowest.
  const first = Math.max(-1000, Math.min(1000, scale));
  const result = Number(kept) * 2 ** first * 2 ** (scale - first);
  return negative ? -result : result;
}

function fused(x: number, y: number, z: number, precision: number, lowest: number): number {
  const plain = x * y + z;
  if (!Number.isFinite(x) || !Number.isFinite(y) || !Number.isFinite(z) || x === 0 || y === 0) return plain;
  const a = exact(x);
  const b = exact(y);
  const c = exact(z);
  const exponent = Math.min(a.exponent + b.exponent, c.exponent);
  const product = a.mantissa * b.mantissa << BigInt(a.exponent + b.exponent - exponent);
  const sum = product + (c.mantissa << BigInt(c.exponent - exponent));
  // An exact zero of two opposite non-zero terms is +0.
  return sum === 0n ? 0 : round(sum, exponent, precision, lowest);
}

export function fusedMultiplyAdd64(x: number, y: number, z: number): number { return fused(x, y, z, 53, -1074); }
export function fusedMultiplyAdd32(x: number, y: number, z: number): number { return fused(x, y, z, 24, -149); }
