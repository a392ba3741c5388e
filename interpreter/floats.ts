// Floating-point arithmetic.
// Chapter: "Execution", section "Numerics", "Floating-Point Operations"; NaNs: "NaN Propagation" in the deterministic profile
// ("Appendix", section "Profiles"): every operation that makes a NaN makes the positive canonical one.
//
// Floats live as bits. An operator converts to a number, computes, and stores through `putF32` or `putF64`, where the NaN rule is applied.
// An f32 operation computed in double precision and rounded once on storing is exact for + - × ÷ and √ (double has more than 2p+2 bits).
import { int } from './cells.ts';
import type { Cells } from './cells.ts';

export const CANONICAL_NAN_32 = 0x7fc0_0000;
/** High half of the canonical f64 NaN; the low half is 0. */
export const CANONICAL_NAN_64_HIGH = 0x7ff8_0000;

/** Stores a result of f32 arithmetic: rounds to single precision; a NaN becomes the canonical NaN. */
export function putF32(I: Cells, F: Float32Array, index: number, result: number): void {
  if (result === result) F[index] = result;
  else I[index] = CANONICAL_NAN_32;
}

/** Stores a result of f64 arithmetic at an int index; a NaN becomes the canonical NaN. */
export function putF64(I: Cells, D: Float64Array, index: number, result: number): void {
  if (result === result) D[index >> 1] = result;
  else {
    I[index] = 0;
    I[index + 1] = CANONICAL_NAN_64_HIGH;
  }
}

/** fmin: NaN if either is; -0 is smaller than +0. `Math.min` has exactly these rules. */
export function minimum(a: number, b: number): number { return Math.min(a, b); }
export function maximum(a: number, b: number): number { return Math.max(a, b); }

/** fnearest: ties to even; keeps the sign of zero. */
export function nearest(x: number): number {
  if (!(Math.abs(x) < 4503599627370496)) return x;
  // Adding and taking away 2^52 rounds at the units place with the hardware's ties-to-even.
  const rounded = x < 0 ? x - 4503599627370496 + 4503599627370496 : x + 4503599627370496 - 4503599627370496;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** pmin and pmax pick an operand unchanged, NaN or not; true when the second is picked. */
export function pseudoMinPicksSecond(a: number, b: number): boolean { return b < a; }
export function pseudoMaxPicksSecond(a: number, b: number): boolean { return a < b; }

const scratch = new DataView(new ArrayBuffer(8));

/** Bits of an f32 to its number. */
export function f32FromBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}

/** A number to f32 bits, canonical if NaN. */
export function f32ToBits(x: number): number {
  if (x !== x) return CANONICAL_NAN_32;
  scratch.setFloat32(0, x);
  return scratch.getUint32(0);
}

export function f64FromBits(bits: bigint): number {
  scratch.setBigUint64(0, BigInt.asUintN(64, bits));
  return scratch.getFloat64(0);
}

export function f64ToBits(x: number): bigint {
  if (x !== x) return 0x7ff8_0000_0000_0000n;
  scratch.setFloat64(0, x);
  return scratch.getBigUint64(0);
}

/** fcopysign on the word that holds the sign: the only one of an f32, the high one of an f64. */
export function copySign(I: Cells, a: number, b: number): void {
  I[a] = int(I, a) & 0x7fff_ffff | int(I, b) & 0x8000_0000;
}
