// Integer arithmetic: 32-bit on int32 numbers, 64-bit in place on pairs of int32 cells (low, high).
// Chapter: "Execution", section "Numerics", "Integer Operations".
// A 64-bit operand is named by the index of its low half in `I`; binary operations leave their result in the first operand.
// `B` views the same cells as int64: multiplication and division go through it, everything else is cheaper on halves.
import { Trap } from './outcome.ts';
import { int, long } from './cells.ts';
import type { Cells, LongCells } from './cells.ts';

const MIN32 = -0x8000_0000;

export function ctz32(x: number): number { return x === 0 ? 32 : 31 - Math.clz32(x & -x); }

export function popcnt32(x: number): number {
  let n = x - (x >>> 1 & 0x5555_5555);
  n = (n & 0x3333_3333) + (n >>> 2 & 0x3333_3333);
  return Math.imul(n + (n >>> 4) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

// JavaScript takes shift counts modulo 32, so `-k` is the complementary count, and a count of 0 ors x with itself.
export function rotl32(x: number, k: number): number { return x << k | x >>> -k; }
export function rotr32(x: number, k: number): number { return x >>> k | x << -k; }

export function divS32(a: number, b: number): number {
  if (b === 0) throw new Trap('integer divide by zero');
  if (b === -1 && a === MIN32) throw new Trap('integer overflow');
  return a / b | 0;
}

export function divU32(a: number, b: number): number {
  if (b === 0) throw new Trap('integer divide by zero');
  return (a >>> 0) / (b >>> 0) | 0;
}

export function remS32(a: number, b: number): number {
  if (b === 0) throw new Trap('integer divide by zero');
  return a % b | 0;
}

export function remU32(a: number, b: number): number {
  if (b === 0) throw new Trap('integer divide by zero');
  return (a >>> 0) % (b >>> 0) | 0;
}

// ---- 64 bits ------------------------------------------------------------------------------------------------------------------------------

export function add64(I: Cells, a: number, b: number): void {
  const low = int(I, a) + int(I, b) | 0;
  const carry = (low >>> 0) < (int(I, b) >>> 0) ? 1 : 0;
  I[a + 1] = int(I, a + 1) + int(I, b + 1) + carry;
  I[a] = low;
}

export function sub64(I: Cells, a: number, b: number): void {
  const borrow = (int(I, a) >>> 0) < (int(I, b) >>> 0) ? 1 : 0;
  I[a] = int(I, a) - int(I, b);
  I[a + 1] = int(I, a + 1) - int(I, b + 1) - borrow;
}

/** Storing into an int64 cell wraps modulo 2^64, which is the standard's imul. */
export function mul64(B: LongCells, a: number, b: number): void {
  B[a >> 1] = long(B, a >> 1) * long(B, b >> 1);
}

function requireDivisor(I: Cells, b: number): void {
  if ((int(I, b) | int(I, b + 1)) === 0) throw new Trap('integer divide by zero');
}

export function divS64(I: Cells, B: LongCells, a: number, b: number): void {
  requireDivisor(I, b);
  if ((int(I, b) & int(I, b + 1)) === -1 && int(I, a) === 0 && int(I, a + 1) === MIN32) throw new Trap('integer overflow');
  B[a >> 1] = long(B, a >> 1) / long(B, b >> 1);
}

export function divU64(I: Cells, B: LongCells, a: number, b: number): void {
  requireDivisor(I, b);
  B[a >> 1] = BigInt.asUintN(64, long(B, a >> 1)) / BigInt.asUintN(64, long(B, b >> 1));
}

export function remS64(I: Cells, B: LongCells, a: number, b: number): void {
  requireDivisor(I, b);
  B[a >> 1] = long(B, a >> 1) % long(B, b >> 1);
}

export function remU64(I: Cells, B: LongCells, a: number, b: number): void {
  requireDivisor(I, b);
  B[a >> 1] = BigInt.asUintN(64, long(B, a >> 1)) % BigInt.asUintN(64, long(B, b >> 1));
}

export function shl64(I: Cells, a: number, count: number): void {
  const k = count & 63;
  if (k === 0) return;
  if (k >= 32) {
    I[a + 1] = int(I, a) << k;
    I[a] = 0;
  } else {
    I[a + 1] = int(I, a + 1) << k | int(I, a) >>> 32 - k;
    I[a] = int(I, a) << k;
  }
}

export function shrS64(I: Cells, a: number, count: number): void {
  const k = count & 63;
  if (k === 0) return;
  if (k >= 32) {
    I[a] = int(I, a + 1) >> k;
    I[a + 1] = int(I, a + 1) >> 31;
  } else {
    I[a] = int(I, a) >>> k | int(I, a + 1) << 32 - k;
    I[a + 1] = int(I, a + 1) >> k;
  }
}

export function shrU64(I: Cells, a: number, count: number): void {
  const k = count & 63;
  if (k === 0) return;
  if (k >= 32) {
    I[a] = int(I, a + 1) >>> k;
    I[a + 1] = 0;
  } else {
    I[a] = int(I, a) >>> k | int(I, a + 1) << 32 - k;
    I[a + 1] = int(I, a + 1) >>> k;
  }
}

export function rotl64(I: Cells, a: number, count: number): void {
  let low = int(I, a);
  let high = int(I, a + 1);
  if ((count & 32) !== 0) [low, high] = [high, low];
  const k = count & 31;
  if (k !== 0) {
    const carried = low >>> 32 - k;
    low = low << k | high >>> 32 - k;
    high = high << k | carried;
  }
  I[a] = low;
  I[a + 1] = high;
}

export function rotr64(I: Cells, a: number, count: number): void {
  rotl64(I, a, 64 - (count & 63));
}

export function clz64(I: Cells, a: number): void {
  const high = int(I, a + 1);
  I[a] = high === 0 ? 32 + Math.clz32(int(I, a)) : Math.clz32(high);
  I[a + 1] = 0;
}

export function ctz64(I: Cells, a: number): void {
  const low = int(I, a);
  I[a] = low === 0 ? 32 + ctz32(int(I, a + 1)) : ctz32(low);
  I[a + 1] = 0;
}

export function popcnt64(I: Cells, a: number): void {
  I[a] = popcnt32(int(I, a)) + popcnt32(int(I, a + 1));
  I[a + 1] = 0;
}

/** Signed less-than. */
export function ltS64(I: Cells, a: number, b: number): boolean {
  const left = int(I, a + 1);
  const right = int(I, b + 1);
  return left === right ? (int(I, a) >>> 0) < (int(I, b) >>> 0) : left < right;
}

/** Unsigned less-than. */
export function ltU64(I: Cells, a: number, b: number): boolean {
  const left = int(I, a + 1);
  const right = int(I, b + 1);
  return left === right ? (int(I, a) >>> 0) < (int(I, b) >>> 0) : (left >>> 0) < (right >>> 0);
}

export function eq64(I: Cells, a: number, b: number): boolean {
  return int(I, a) === int(I, b) && int(I, a + 1) === int(I, b + 1);
}

/** Replaces the cell pair by the sign extension of its low half. */
export function extend64(I: Cells, a: number, low: number): void {
  I[a] = low;
  I[a + 1] = low >> 31;
}
