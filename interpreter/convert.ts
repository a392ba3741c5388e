// Conversions between number types.
// Chapter: "Execution", section "Numerics", "Conversions".
// Truncation to 64 bits splits the number into exact halves; the operand's magnitude is below 2^64, so both halves are exact in a double.
import { Trap } from './outcome.ts';
import { long } from './cells.ts';
import type { Cells, LongCells } from './cells.ts';

const TWO_32 = 0x1_0000_0000;
const TWO_63 = 0x8000_0000_0000_0000;
const TWO_64 = 0x1_0000_0000_0000_0000;

function requireNumber(x: number): void {
  if (x !== x) throw new Trap('invalid conversion to integer');
}

/** trunc to signed 32 bits, trapping. */
export function truncS32(x: number): number {
  requireNumber(x);
  if (!(x > -2147483649 && x < 2147483648)) throw new Trap('integer overflow');
  return x | 0;
}

export function truncU32(x: number): number {
  requireNumber(x);
  if (!(x > -1 && x < TWO_32)) throw new Trap('integer overflow');
  return Math.trunc(x) | 0;
}

/** trunc_sat to signed 32 bits: NaN gives 0, out of range the nearest bound. */
export function truncSatS32(x: number): number {
  return x <= -2147483648 ? -0x8000_0000 : x >= 2147483647 ? 0x7fff_ffff : x | 0;
}

export function truncSatU32(x: number): number {
  return x >= 4294967295 ? -1 : x > 0 ? Math.trunc(x) | 0 : 0;
}

/** Writes an integral number with |x| < 2^64 as a 64-bit two's complement pair. */
function putIntegral(I: Cells, index: number, x: number): void {
  const magnitude = Math.abs(x);
  const high = Math.floor(magnitude / TWO_32);
  const low = magnitude - high * TWO_32;
  if (x < 0) {
    I[index] = -low;
    I[index + 1] = low === 0 ? -high : ~high;
  } else {
    I[index] = low;
    I[index + 1] = high;
  }
}

export function truncS64(I: Cells, index: number, x: number): void {
  requireNumber(x);
  if (!(x >= -TWO_63 && x < TWO_63)) throw new Trap('integer overflow');
  putIntegral(I, index, Math.trunc(x));
}

export function truncU64(I: Cells, index: number, x: number): void {
  requireNumber(x);
  if (!(x > -1 && x < TWO_64)) throw new Trap('integer overflow');
  putIntegral(I, index, Math.trunc(x));
}

export function truncSatS64(I: Cells, index: number, x: number): void {
  if (x >= TWO_63) {
    I[index] = -1;
    I[index + 1] = 0x7fff_ffff;
  } else if (x <= -TWO_63) {
    I[index] = 0;
    I[index + 1] = -0x8000_0000;
  } else putIntegral(I, index, x === x ? Math.trunc(x) : 0);
}

export function truncSatU64(I: Cells, index: number, x: number): void {
  if (x >= TWO_64) {
    I[index] = -1;
    I[index + 1] = -1;
  } else putIntegral(I, index, x > 0 ? Math.trunc(x) : 0);
}

/** An i64 as the nearest double; `Number` of a bigint rounds to nearest, ties to even. */
export function convertS64(B: LongCells, index: number): number { return Number(long(B, index >> 1)); }
export function convertU64(B: LongCells, index: number): number { return Number(BigInt.asUintN(64, long(B, index >> 1))); }

/**
 * An i64 as a double that rounds to single precision as the i64 itself would: rounding first to double could land on a tie that was none.
 * Method: beyond 2^53 the low bits are folded into one sticky bit well below single precision (round to odd).
 */
export function convertToF32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 1n << 53n) return Number(value);
  const kept = magnitude >> 11n;
  const sticky = (magnitude & 0x7ffn) !== 0n ? kept | 1n : kept;
  const rounded = Number(sticky) * 2048;
  return value < 0n ? -rounded : rounded;
}
