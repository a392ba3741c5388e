// Vector instructions by opcode, except those with memory operands or lane immediates.
// Chapter: "Execution", section "Instructions", "Vector Instructions"; the operations: section "Numerics".
import { compare, compare64, compareF32, compareF64, addPairs, allTrue, bitmask, extend, extendMultiply, extendMultiplyTo64, extendTo64, fromScratch, map, map64, mapF32, mapF64, mapWords, narrow, pickF32, pickF64, scratch, shift, shift64, zip, zip64, zipF32, zipF64, zipWords, S16, S32, S8, U16, U32, U8 } from './vectors.ts';
import type { Binary, Map1, Map2, Predicate, Shape, Shift, Ternary, Test, Unary } from './vectors.ts';
import { maximum, minimum, nearest, pseudoMaxPicksSecond, pseudoMinPicksSecond, putF32, putF64 } from './floats.ts';
import { popcnt32 } from './integers.ts';
import { truncSatS32, truncSatU32 } from './convert.ts';
import { at, double, int, single } from './cells.ts';

export type VectorOperation =
  | { readonly form: 'unary'; readonly run: Unary }
  | { readonly form: 'binary'; readonly run: Binary }
  | { readonly form: 'ternary'; readonly run: Ternary }
  | { readonly form: 'test'; readonly run: Test }
  | { readonly form: 'shift'; readonly run: Shift };

export const vectorOperations: (VectorOperation | undefined)[] = [];

function unary(opcode: number, run: Unary): void { vectorOperations[opcode] = { form: 'unary', run }; }
function binary(opcode: number, run: Binary): void { vectorOperations[opcode] = { form: 'binary', run }; }
function test(opcode: number, run: Test): void { vectorOperations[opcode] = { form: 'test', run }; }
function shifts(opcode: number, ...runs: readonly Shift[]): void {
  runs.forEach((run, i) => { vectorOperations[opcode + i] = { form: 'shift', run }; });
}
function binaries(opcode: number, ...runs: readonly Binary[]): void { runs.forEach((run, i) => binary(opcode + i, run)); }
function unaries(opcode: number, ...runs: readonly Unary[]): void { runs.forEach((run, i) => unary(opcode + i, run)); }

// ---- comparisons ------------------------------------------------------------------------------------------------------------------------

const eq: Predicate = (x, y) => x === y;
const ne: Predicate = (x, y) => x !== y;
const lt: Predicate = (x, y) => x < y;
const gt: Predicate = (x, y) => x > y;
const le: Predicate = (x, y) => x <= y;
const ge: Predicate = (x, y) => x >= y;

/** eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u */
function integerComparisons(opcode: number, s: Shape, u: Shape): void {
  binaries(opcode, compare(s, eq), compare(s, ne), compare(s, lt), compare(u, lt), compare(s, gt), compare(u, gt), compare(s, le), compare(u, le), compare(s, ge), compare(u, ge));
}
integerComparisons(0x23, S8, U8);
integerComparisons(0x2d, S16, U16);
integerComparisons(0x37, S32, U32);
binaries(0x41, compareF32(eq), compareF32(ne), compareF32(lt), compareF32(gt), compareF32(le), compareF32(ge));
binaries(0x47, compareF64(eq), compareF64(ne), compareF64(lt), compareF64(gt), compareF64(le), compareF64(ge));
// i64x2: eq ne lt_s gt_s le_s ge_s
binaries(0xd6, compare64((x, y) => x === y), compare64((x, y) => x !== y), compare64((x, y) => x < y), compare64((x, y) => x > y), compare64((x, y) => x <= y), compare64((x, y) => x >= y));

// ---- bits -------------------------------------------------------------------------------------------------------------------------------

unary(0x4d, mapWords((x) => ~x));
binaries(0x4e, zipWords((x, y) => x & y), zipWords((x, y) => x & ~y), zipWords((x, y) => x | y), zipWords((x, y) => x ^ y));

/** Bits of the first where the mask is one, of the second where it is zero. */
export const bitselect: Ternary = ({ I }, a, b, c) => {
  for (let i = 0; i < 4; i++) I[a + i] = int(I, a + i) & int(I, c + i) | int(I, b + i) & ~int(I, c + i);
};
vectorOperations[0x52] = { form: 'ternary', run: bitselect };
test(0x53, ({ I }, a) => ((int(I, a) | int(I, a + 1) | int(I, a + 2) | int(I, a + 3)) !== 0 ? 1 : 0));

// ---- integer arithmetic -------------------------------------------------------------------------------------------------------------------

const add: Map2 = (x, y) => x + y;
const sub: Map2 = (x, y) => x - y;
const averageU: Map2 = (x, y) => (x + y + 1) >> 1;
const abs: Map1 = (x) => Math.abs(x);
const neg: Map1 = (x) => -x;
const shl: Map2 = (x, k) => x << k;
const shrS: Map2 = (x, k) => x >> k;
const shrU: Map2 = (x, k) => x >>> k;

function clampTo(low: number, high: number): Map1 {
  return (x) => (x < low ? low : x > high ? high : x);
}
const clampS8 = clampTo(-128, 127);
const clampU8 = clampTo(0, 255);
const clampS16 = clampTo(-32768, 32767);
const clampU16 = clampTo(0, 65535);

/** Saturating rounding multiplication of Q15 numbers. */
export const q15multiply: Map2 = (x, y) => clampS16((x * y + 0x4000) >> 15);

unaries(0x60, map(S8, abs), map(S8, neg), map(U8, popcnt32));
test(0x63, allTrue(S8));
test(0x64, bitmask(S8));
binaries(0x65, narrow(S16, S8, clampS8), narrow(S16, U8, clampU8));
shifts(0x6b, shift(S8, shl), shift(S8, shrS), shift(U8, shrU));
binaries(0x6e,
  zip(S8, add), zip(S8, (x, y) => clampS8(x + y)), zip(U8, (x, y) => clampU8(x + y)),
  zip(S8, sub), zip(S8, (x, y) => clampS8(x - y)), zip(U8, (x, y) => clampU8(x - y)));
binaries(0x76, zip(S8, minimum), zip(U8, minimum), zip(S8, maximum), zip(U8, maximum));
binary(0x7b, zip(U8, averageU));
unaries(0x7c, addPairs(S8, S16), addPairs(U8, U16), addPairs(S16, S32), addPairs(U16, U32));

unaries(0x80, map(S16, abs), map(S16, neg));
binary(0x82, zip(S16, q15multiply));
test(0x83, allTrue(S16));
test(0x84, bitmask(S16));
binaries(0x85, narrow(S32, S16, clampS16), narrow(S32, U16, clampU16));
unaries(0x87, extend(S8, S16, 0), extend(S8, S16, 8), extend(U8, U16, 0), extend(U8, U16, 8));
shifts(0x8b, shift(S16, shl), shift(S16, shrS), shift(U16, shrU));
binaries(0x8e,
  zip(S16, add), zip(S16, (x, y) => clampS16(x + y)), zip(U16, (x, y) => clampU16(x + y)),
  zip(S16, sub), zip(S16, (x, y) => clampS16(x - y)), zip(U16, (x, y) => clampU16(x - y)));
binaries(0x95, zip(S16, Math.imul), zip(S16, minimum), zip(U16, minimum), zip(S16, maximum), zip(U16, maximum));
binary(0x9b, zip(U16, averageU));
binaries(0x9c, extendMultiply(S8, S16, 0), extendMultiply(S8, S16, 8), extendMultiply(U8, U16, 0), extendMultiply(U8, U16, 8));

unaries(0xa0, map(S32, abs), map(S32, neg));
test(0xa3, allTrue(S32));
test(0xa4, bitmask(S32));
unaries(0xa7, extend(S16, S32, 0), extend(S16, S32, 4), extend(U16, U32, 0), extend(U16, U32, 4));
shifts(0xab, shift(S32, shl), shift(S32, shrS), shift(U32, shrU));
binary(0xae, zip(S32, add));
binary(0xb1, zip(S32, sub));
binary(0xb5, zip(S32, Math.imul));
binaries(0xb6, zip(S32, minimum), zip(U32, minimum), zip(S32, maximum), zip(U32, maximum));
// i32x4.dot_i16x8_s: both products and their sum, modulo 2^32.
binary(0xba, ({ I, I16 }, a, b) => {
  for (let i = 0; i < 4; i++) {
    const first = at(I16, 2 * a + 2 * i) * at(I16, 2 * b + 2 * i);
    I[a + i] = first + at(I16, 2 * a + 2 * i + 1) * at(I16, 2 * b + 2 * i + 1);
  }
});
binaries(0xbc, extendMultiply(S16, S32, 0), extendMultiply(S16, S32, 4), extendMultiply(U16, U32, 0), extendMultiply(U16, U32, 4));

unaries(0xc0, map64((x) => (x < 0n ? -x : x)), map64((x) => -x));
test(0xc3, ({ I }, a) => ((int(I, a) | int(I, a + 1)) !== 0 && (int(I, a + 2) | int(I, a + 3)) !== 0 ? 1 : 0));
test(0xc4, ({ I }, a) => int(I, a + 1) >>> 31 | int(I, a + 3) >>> 31 << 1);
unaries(0xc7, extendTo64(S32, 0), extendTo64(S32, 2), extendTo64(U32, 0), extendTo64(U32, 2));
shifts(0xcb, shift64((x, k) => x << k), shift64((x, k) => x >> k), shift64((x, k) => BigInt.asUintN(64, x) >> k));
binary(0xce, zip64((x, y) => x + y));
binary(0xd1, zip64((x, y) => x - y));
binary(0xd5, zip64((x, y) => x * y));
binaries(0xdc, extendMultiplyTo64(S32, 0), extendMultiplyTo64(S32, 2), extendMultiplyTo64(U32, 0), extendMultiplyTo64(U32, 2));

// ---- floats -------------------------------------------------------------------------------------------------------------------------------

unaries(0x67, mapF32(Math.ceil), mapF32(Math.floor), mapF32(Math.trunc), mapF32(nearest));
unaries(0x74, mapF64(Math.ceil), mapF64(Math.floor));
unary(0x7a, mapF64(Math.trunc));
unary(0x94, mapF64(nearest));
// abs, neg: sign bits only, NaNs kept.
unaries(0xe0, mapWords((x) => x & 0x7fff_ffff), mapWords((x) => x ^ 0x8000_0000));
unary(0xe3, mapF32(Math.sqrt));
binaries(0xe4, zipF32(add), zipF32(sub), zipF32((x, y) => x * y), zipF32((x, y) => x / y), zipF32(minimum), zipF32(maximum),
  pickF32(pseudoMinPicksSecond), pickF32(pseudoMaxPicksSecond));
unaries(0xec, mapWords((x, i) => ((i & 1) !== 0 ? x & 0x7fff_ffff : x)), mapWords((x, i) => ((i & 1) !== 0 ? x ^ 0x8000_0000 : x)));
unary(0xef, mapF64(Math.sqrt));
binaries(0xf0, zipF64(add), zipF64(sub), zipF64((x, y) => x * y), zipF64((x, y) => x / y), zipF64(minimum), zipF64(maximum),
  pickF64(pseudoMinPicksSecond), pickF64(pseudoMaxPicksSecond));

// ---- conversions --------------------------------------------------------------------------------------------------------------------------

/** Each f32 lane to a 32-bit integer. */
export function truncateF32(f: Map1): Unary {
  return ({ I, F }, a) => {
    for (let i = a; i < a + 4; i++) I[i] = f(single(F, i));
  };
}

/** Two f64 lanes to the lower two 32-bit lanes; the others become zero. */
export function truncateF64(f: Map1): Unary {
  return (v, a) => {
    for (let i = 0; i < 2; i++) scratch.I[i] = f(double(v.D, (a >> 1) + i));
    scratch.I[2] = 0;
    scratch.I[3] = 0;
    fromScratch(v, a);
  };
}

unary(0x5e, (v, a) => { // f32x4.demote_f64x2_zero
  for (let i = 0; i < 2; i++) putF32(scratch.I, scratch.F, i, double(v.D, (a >> 1) + i));
  scratch.I[2] = 0;
  scratch.I[3] = 0;
  fromScratch(v, a);
});
unary(0x5f, (v, a) => { // f64x2.promote_low_f32x4
  for (let i = 0; i < 2; i++) putF64(scratch.I, scratch.D, 2 * i, single(v.F, a + i));
  fromScratch(v, a);
});
unaries(0xf8, truncateF32(truncSatS32), truncateF32(truncSatU32));
unaries(0xfa, ({ I, F }, a) => {
  for (let i = a; i < a + 4; i++) F[i] = int(I, i);
}, ({ U32: words, F }, a) => {
  for (let i = a; i < a + 4; i++) F[i] = at(words, i);
});
unaries(0xfc, truncateF64(truncSatS32), truncateF64(truncSatU32));
unaries(0xfe, (v, a) => {
  for (let i = 0; i < 2; i++) scratch.D[i] = int(v.I, a + i);
  fromScratch(v, a);
}, (v, a) => {
  for (let i = 0; i < 2; i++) scratch.D[i] = at(v.U32, a + i);
  fromScratch(v, a);
});

/** i8x16.swizzle: lanes of the first picked by the second; out of range gives 0. */
export const swizzle: Binary = (v, a, b) => {
  for (let i = 0; i < 16; i++) {
    const index = at(v.U8, b * 4 + i);
    scratch.U8[i] = index < 16 ? at(v.U8, a * 4 + index) : 0;
  }
  fromScratch(v, a);
};
binary(0x0e, swizzle);
