// Float operations. Constants of bitwise operations lie in the constant pool with 16 bytes, since andps and its like read 16.
// Only branch-free sequences: a NaN, a zero's sign or a rounding mode never costs a jump.

import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { fconst, fabs, fadd, fceil, fcopysign, fdiv, ffloor, fmax, fmin, fmul, fnearest, fneg, fsqrt, fsub, ftrunc, load, bitcast } from '../../../ir/pattern-terms.ts';
import { type Pattern, k, memory, typed, x, y } from '../../../ir/pattern.ts';
import type { Selector } from '../../../machine/select.ts';
import { x64 } from '../instructions/table.ts';
import { byWidth, floatClass, rule, widthOf } from './rule.ts';

const temp = (c: Selector, type: Type | 0) => c.temp(floatClass, widthOf(type));
/** Emits a two-operand instruction into a new register. */
function combine(c: Selector, row: number, a: number, b: number, type: Type | 0): number {
  const into = temp(c, type);
  c.emit(row, a, into, b);
  return into;
}

// The predicates of cmpss and cmpsd.
const predicates = { lt: 1, unordered: 3, ordered: 7 } as const;

/** Makes the address that of a 16-byte constant whose first lane is `low32` (4-byte types) or `high32:low32`. */
function maskConstant(c: Selector, type: Type | 0, low: number, high: number): void {
  c.addressConstant(widthOf(type) === 4 ? c.constant(16, high) : c.constant(16, low, high));
}
const signMask = (c: Selector, type: Type | 0): void => maskConstant(c, type, 0, -0x80000000);
const magnitudeMask = (c: Selector, type: Type | 0): void => maskConstant(c, type, -1, 0x7fffffff);
/** The address of a float constant given by the upper half of its bits (f64) or all of them (f32). */
function floatConstant(c: Selector, type: Type | 0, bits32: number, high64: number): void {
  c.addressConstant(widthOf(type) === 4 ? c.constant(4, bits32) : c.constant(8, 0, high64));
}

type Binary = typeof fadd;

const arithmetic = (name: string, term: Binary, mnemonic: 'add' | 'sub' | 'mul' | 'div') =>
  ([['f32', f32, 'ss'], ['f64', f64, 'sd']] as const).flatMap(([typeName, type, suffix]) => [
    rule(`${name}.${typeName}.constant`, typed(type, term(x, fconst(k))), ({ x, kLow, kHigh }, c) => {
      c.addressConstant(type === f32 ? c.constant(4, kLow) : c.constant(8, kLow, kHigh));
      c.emit(x64[`${mnemonic}${suffix}_rm`], c.use(x), c.result());
    }),
    rule(`${name}.${typeName}.load`, typed(type, term(x, load(memory, y))), ({ x, y, offset, flags }, c) => {
      c.address(y, offset, flags);
      c.emit(x64[`${mnemonic}${suffix}_rm`], c.use(x), c.result());
    }),
    rule(`${name}.${typeName}`, typed(type, term(x, y)), ({ x, y }, c) => c.emit(x64[`${mnemonic}${suffix}_rr`], c.use(x), c.result(), c.use(y))),
  ]);

// minss answers its second operand when either is NaN or both are zeros. So the minimum is taken both ways and the bits joined by `or`: a NaN in
// either place stays a NaN, and -0 beats +0. A NaN then loses its payload: all ones, with the fraction below the quiet bit cleared, is canonical.
function minimum(c: Selector, type: Type | 0, a: number, b: number): void {
  const min = byWidth(type, x64.minss_rr, x64.minsd_rr);
  const joined = combine(c, byWidth(type, x64.orf32_rr, x64.orf64_rr), combine(c, min, a, b, type), combine(c, min, b, a, type), type);
  clearPayload(c, type, joined, byWidth(type, x64.orf32_rr, x64.orf64_rr));
}

// The maximum both ways, a and b: o = a | (a ^ b) is a NaN if either is, -0 if they are zeros of different sign, else their common value.
// o - (a ^ b) then is +0 for those zeros and o for equal values; for a NaN it is quiet.
function maximum(c: Selector, type: Type | 0, a: number, b: number): void {
  const max = byWidth(type, x64.maxss_rr, x64.maxsd_rr);
  const first = combine(c, max, a, b, type);
  const difference = combine(c, byWidth(type, x64.xorf32_rr, x64.xorf64_rr), combine(c, max, b, a, type), first, type);
  const joined = combine(c, byWidth(type, x64.orf32_rr, x64.orf64_rr), first, difference, type);
  const positive = combine(c, byWidth(type, x64.subss_rr, x64.subsd_rr), joined, difference, type);
  clearPayload(c, type, positive, 0);
}

/** Result = `value`, but a NaN becomes canonical. `join` (or 0) is the row by which the mask of a NaN is first joined with the value. */
function clearPayload(c: Selector, type: Type | 0, value: number, join: number): void {
  const mask = temp(c, type);
  c.emit(byWidth(type, x64.cmpss_rr, x64.cmpsd_rr), value, mask, value, predicates.unordered);
  const ones = join === 0 ? value : combine(c, join, value, mask, type);
  const payload = temp(c, type);
  // 32 - 10 and 64 - 13 bits: the fraction without its quiet bit.
  c.emit(byWidth(type, x64.psrld_ri, x64.psrlq_ri), mask, payload, widthOf(type) === 4 ? 10 : 13);
  c.emit(byWidth(type, x64.andnf32_rr, x64.andnf64_rr), payload, c.result(), ones);
}

type Rounding = 'nearest' | 'floor' | 'ceil' | 'trunc';
const modes: Record<Rounding, number> = { nearest: 8, floor: 9, ceil: 10, trunc: 11 };

// Without roundss: adding and subtracting 2^(fraction bits) rounds a smaller magnitude to an integer, to nearest even. A larger magnitude is an
// integer already, and a NaN is nothing to round: for those, found by a comparison that a NaN fails, zero is added and subtracted instead,
// which quiets a NaN. The sign is put back at the end, for it may have been lost in zeros.
// Directed modes then correct by one where nearest went the wrong way: a comparison's mask, and-ed with 1.0.
function roundBySums(c: Selector, type: Type | 0, value: number, mode: Rounding): void {
  const [and, or] = [byWidth(type, x64.andf32_rr, x64.andf64_rr), byWidth(type, x64.orf32_rr, x64.orf64_rr)];
  const [add, sub] = [byWidth(type, x64.addss_rr, x64.addsd_rr), byWidth(type, x64.subss_rr, x64.subsd_rr)];
  const compare = byWidth(type, x64.cmpss_rr, x64.cmpsd_rr);
  const signBits = temp(c, type);
  signMask(c, type);
  c.emit(byWidth(type, x64.andf32_rm, x64.andf64_rm), value, signBits);
  const magnitude = temp(c, type);
  magnitudeMask(c, type);
  c.emit(byWidth(type, x64.andf32_rm, x64.andf64_rm), value, magnitude);
  const big = temp(c, type);
  floatConstant(c, type, 0x4b000000, 0x43300000);
  c.emit(byWidth(type, x64.movss_rm, x64.movsd_rm), big);
  const isSmall = temp(c, type);
  c.emit(compare, magnitude, isSmall, big, predicates.lt);
  const summand = combine(c, and, isSmall, big, type);
  const rounded = combine(c, sub, combine(c, add, magnitude, summand, type), summand, type);
  if (mode === 'nearest') {
    c.emit(or, rounded, c.result(), signBits);
    return;
  }
  const one = temp(c, type);
  floatConstant(c, type, 0x3f800000, 0x3ff00000);
  c.emit(byWidth(type, x64.movss_rm, x64.movsd_rm), one);
  // Truncation works on magnitudes, floor and ceiling on signed values.
  const signed = mode === 'trunc' ? rounded : combine(c, or, rounded, signBits, type);
  const exact = mode === 'trunc' ? magnitude : value;
  const [less, than] = mode === 'ceil' ? [signed, exact] : [exact, signed];
  const wrong = temp(c, type);
  c.emit(compare, less, wrong, than, predicates.lt);
  const corrected = combine(c, mode === 'ceil' ? add : sub, signed, combine(c, and, wrong, one, type), type);
  c.emit(or, corrected, c.result(), signBits);
}

const rounding = (name: string, term: typeof fceil, mode: Rounding) => [
  rule(`${name}.round`, term(x), (_, c) => c.features.has('sse4.1'), ({ x, type }, c) =>
    c.emit(byWidth(type, x64.roundss_rr, x64.roundsd_rr), c.result(), c.use(x), modes[mode]),
  ),
  rule(name, term(x), ({ x, type }, c) => roundBySums(c, type, c.use(x), mode)),
];

const bitcastRule = (name: string, result: Type, operand: Type, row: number) =>
  rule(name, typed(result, bitcast(typed(operand, x) as Pattern<'x'>)), ({ x }, c) => c.emit(row, c.result(), c.use(x)));

export const floatRules = [
  ...arithmetic('fadd', fadd, 'add'),
  ...arithmetic('fsub', fsub, 'sub'),
  ...arithmetic('fmul', fmul, 'mul'),
  ...arithmetic('fdiv', fdiv, 'div'),
  rule('fmin', fmin(x, y), ({ x, y, type }, c) => minimum(c, type, c.use(x), c.use(y))),
  rule('fmax', fmax(x, y), ({ x, y, type }, c) => maximum(c, type, c.use(x), c.use(y))),
  rule('fcopysign', fcopysign(x, y), ({ x, y, type }, c) => {
    const [magnitude, sign] = [temp(c, type), temp(c, type)];
    const [from, signFrom] = [c.use(x), c.use(y)];
    magnitudeMask(c, type);
    c.emit(byWidth(type, x64.andf32_rm, x64.andf64_rm), from, magnitude);
    signMask(c, type);
    c.emit(byWidth(type, x64.andf32_rm, x64.andf64_rm), signFrom, sign);
    c.emit(byWidth(type, x64.orf32_rr, x64.orf64_rr), magnitude, c.result(), sign);
  }),
  rule('fabs', fabs(x), ({ x, type }, c) => {
    magnitudeMask(c, type);
    c.emit(byWidth(type, x64.andf32_rm, x64.andf64_rm), c.use(x), c.result());
  }),
  rule('fneg', fneg(x), ({ x, type }, c) => {
    signMask(c, type);
    c.emit(byWidth(type, x64.xorf32_rm, x64.xorf64_rm), c.use(x), c.result());
  }),
  rule('fsqrt', fsqrt(x), ({ x, type }, c) => c.emit(byWidth(type, x64.sqrtss_rr, x64.sqrtsd_rr), c.result(), c.use(x))),
  ...rounding('fceil', fceil, 'ceil'),
  ...rounding('ffloor', ffloor, 'floor'),
  ...rounding('ftrunc', ftrunc, 'trunc'),
  ...rounding('fnearest', fnearest, 'nearest'),
  bitcastRule('bitcast.i32_f32', i32, f32, x64.movd_rx),
  bitcastRule('bitcast.f32_i32', f32, i32, x64.movd_xr),
  bitcastRule('bitcast.i64_f64', i64, f64, x64.movq_rx),
  bitcastRule('bitcast.f64_i64', f64, i64, x64.movq_xr),
];
