// Conversions between integers and floats. cvtt* answers the sign bit alone for NaN and for what is out of the signed range; unsigned and
// saturating forms are built around that, without branches. cvtsi2* keep the rest of their destination, so it is cleared first, which also
// breaks the dependency on its old value.

import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { fcvt_from_sint, fcvt_from_uint, fcvt_to_sint, fcvt_to_sint_sat, fcvt_to_uint, fcvt_to_uint_sat, fdemote, fpromote } from '../../../ir/pattern-terms.ts';
import { typed, x } from '../../../ir/pattern.ts';
import type { Selector } from '../../../machine/select.ts';
import { conditions, x64 } from '../instructions/table.ts';
import { byWidth, floatClass, integerClass, rule } from './rule.ts';

const integer = (c: Selector, bytes: 4 | 8) => c.temp(integerClass, bytes);
const float = (c: Selector, type: Type) => c.temp(floatClass, type === f32 ? 4 : 8);

/** The bits of an f32, and the upper half of those of an f64, for powers of two. */
const power = { 63: [0x5f000000, 0x43e00000], 64: [0x5f800000, 0x43f00000] } as const;

/** Sets the address to the constant 2^exponent of a type. */
function addressPower(c: Selector, type: Type, exponent: keyof typeof power): void {
  c.addressConstant(type === f32 ? c.constant(4, power[exponent][0]) : c.constant(8, 0, power[exponent][1]));
}

function fromSigned(c: Selector, into: number, source: number, type: Type, bytes: 4 | 8): void {
  const zero = float(c, type);
  c.emit(x64.zero_x, zero);
  if (type === f32) c.emit(bytes === 4 ? x64.cvtsi2ss32_rr : x64.cvtsi2ss64_rr, zero, into, source);
  else c.emit(bytes === 4 ? x64.cvtsi2sd32_rr : x64.cvtsi2sd64_rr, zero, into, source);
}

/** cvtt* into a new register. */
function truncate(c: Selector, source: number, from: Type, bytes: 4 | 8): number {
  const into = integer(c, bytes);
  truncateInto(c, into, source, from, bytes);
  return into;
}
function truncateInto(c: Selector, into: number, source: number, from: Type, bytes: 4 | 8): void {
  if (from === f32) c.emit(bytes === 4 ? x64.cvttss2si32_rr : x64.cvttss2si64_rr, into, source);
  else c.emit(bytes === 4 ? x64.cvttsd2si32_rr : x64.cvttsd2si64_rr, into, source);
}

/** As an f64, which holds every f32. */
function widened(c: Selector, source: number, from: Type): number {
  if (from === f64) return source;
  const into = float(c, f64);
  c.emit(x64.cvtss2sd_rr, into, source);
  return into;
}

// A 64-bit unsigned integer with the top bit set is halved, with the lost bit kept as a sticky one so that rounding is the same, converted, and
// doubled. The choice is a conditional move; doubling adds the result to itself, or zero, by the mask of the top bit.
function fromUnsigned64(c: Selector, source: number, type: Type): void {
  const [half, lost, sticky, chosen, top] = [integer(c, 8), integer(c, 8), integer(c, 8), integer(c, 8), integer(c, 8)];
  c.emit(x64.shr64_ri, source, half, 1);
  c.emit(x64.and64_ri, source, lost, 1);
  c.emit(x64.or64_rr, half, sticky, lost);
  c.emit(x64.sar64_ri, source, top, 63);
  c.emit(x64.test64_rr, source, source);
  c.emit(x64.cmov64_rr, source, chosen, sticky, conditions.s);
  const [converted, mask, again] = [float(c, type), float(c, f64), float(c, type)];
  fromSigned(c, converted, chosen, type, 8);
  c.emit(x64.movq_xr, mask, top);
  c.emit(byWidth(type, x64.andf32_rr, x64.andf64_rr), mask, again, converted);
  c.emit(byWidth(type, x64.addss_rr, x64.addsd_rr), converted, c.result(), again);
}

// Below 2^63 the signed conversion is right. From there on it gives the sign bit, and converting x - 2^63 gives the rest of the bits: joined
// under the mask of the first result's sign.
function toUnsigned64(c: Selector, source: number, from: Type, into: number): void {
  const low = truncate(c, source, from, 8);
  const reduced = float(c, from);
  addressPower(c, from, 63);
  c.emit(byWidth(from, x64.subss_rm, x64.subsd_rm), source, reduced);
  const high = truncate(c, reduced, from, 8);
  const [mask, masked] = [integer(c, 8), integer(c, 8)];
  c.emit(x64.sar64_ri, low, mask, 63);
  c.emit(x64.and64_rr, high, masked, mask);
  c.emit(x64.or64_rr, low, into, masked);
}

/** 0 or 1, 8 bytes: whether `source` is at least 2^exponent. */
function atLeast(c: Selector, source: number, from: Type, exponent: 63 | 64): number {
  const [byte, flag] = [c.temp(integerClass, 1), integer(c, 8)];
  addressPower(c, from, exponent);
  c.emit(byWidth(from, x64.ucomiss_rm, x64.ucomisd_rm), source);
  c.emit(x64.setcc, byte, conditions.ae);
  c.emit(x64.movzx8_32_rr, flag, byte);
  return flag;
}

/** NaN becomes zero, the rest stays: and-ed with the mask of an ordered comparison with itself. */
function withoutNaN(c: Selector, source: number, from: Type): number {
  const [mask, ordered] = [float(c, from), float(c, from)];
  c.emit(byWidth(from, x64.cmpss_rr, x64.cmpsd_rr), source, mask, source, 7);
  c.emit(byWidth(from, x64.andf32_rr, x64.andf64_rr), mask, ordered, source);
  return ordered;
}

/** Negative numbers and NaN become zero: max answers its second operand, zero, for a NaN. */
function atLeastZero(c: Selector, source: number, from: Type): number {
  const [zero, raised] = [float(c, from), float(c, from)];
  c.emit(x64.zero_x, zero);
  c.emit(byWidth(from, x64.maxss_rr, x64.maxsd_rr), source, raised, zero);
  return raised;
}

/** The smaller of an f64 and a constant given by its bits. */
function atMost(c: Selector, source: number, low: number, high: number): number {
  const lowered = float(c, f64);
  c.addressConstant(c.constant(8, low, high));
  c.emit(x64.minsd_rm, source, lowered);
  return lowered;
}

const forTypes = <R>(make: (from: Type, name: string) => R): R[] => [make(f32, 'f32'), make(f64, 'f64')];

const toSigned = forTypes((from, name) => [
  rule(`fcvt_to_sint.i32_${name}`, typed(i32, fcvt_to_sint(typed(from, x))), ({ x }, c) => truncateInto(c, c.result(), c.use(x), from, 4)),
  rule(`fcvt_to_sint.i64_${name}`, typed(i64, fcvt_to_sint(typed(from, x))), ({ x }, c) => truncateInto(c, c.result(), c.use(x), from, 8)),
  // Too small gives the sign bit, which is the least integer; too great is lowered first.
  rule(`fcvt_to_sint_sat.i32_${name}`, typed(i32, fcvt_to_sint_sat(typed(from, x))), ({ x }, c) => {
    const bounded = atMost(c, withoutNaN(c, widened(c, c.use(x), from), f64), -0x400000, 0x41dfffff);
    truncateInto(c, c.result(), bounded, f64, 4);
  }),
  // No float lies between 2^63 - 1 and 2^63: from there on the sign bit comes out, and one less is the greatest integer.
  rule(`fcvt_to_sint_sat.i64_${name}`, typed(i64, fcvt_to_sint_sat(typed(from, x))), ({ x }, c) => {
    const ordered = withoutNaN(c, c.use(x), from);
    const converted = truncate(c, ordered, from, 8);
    c.emit(x64.sub64_rr, converted, c.result(), atLeast(c, ordered, from, 63));
  }),
]).flat();

const toUnsigned = forTypes((from, name) => [
  rule(`fcvt_to_uint.i32_${name}`, typed(i32, fcvt_to_uint(typed(from, x))), ({ x }, c) => c.alias(truncate(c, c.use(x), from, 8))),
  rule(`fcvt_to_uint.i64_${name}`, typed(i64, fcvt_to_uint(typed(from, x))), ({ x }, c) => toUnsigned64(c, c.use(x), from, c.result())),
  rule(`fcvt_to_uint_sat.i32_${name}`, typed(i32, fcvt_to_uint_sat(typed(from, x))), ({ x }, c) => {
    const bounded = atMost(c, atLeastZero(c, widened(c, c.use(x), from), f64), -0x200000, 0x41efffff);
    c.alias(truncate(c, bounded, f64, 8));
  }),
  // From 2^64 on all bits are set: minus one, joined in.
  rule(`fcvt_to_uint_sat.i64_${name}`, typed(i64, fcvt_to_uint_sat(typed(from, x))), ({ x }, c) => {
    const raised = atLeastZero(c, c.use(x), from);
    const converted = integer(c, 8);
    toUnsigned64(c, raised, from, converted);
    const ones = integer(c, 8);
    c.emit(x64.neg64_r, atLeast(c, raised, from, 64), ones);
    c.emit(x64.or64_rr, converted, c.result(), ones);
  }),
]).flat();

const fromInteger = forTypes((type, name) => [
  rule(`fcvt_from_sint.${name}_i32`, typed(type, fcvt_from_sint(typed(i32, x))), ({ x }, c) => fromSigned(c, c.result(), c.use(x), type, 4)),
  rule(`fcvt_from_sint.${name}_i64`, typed(type, fcvt_from_sint(typed(i64, x))), ({ x }, c) => fromSigned(c, c.result(), c.use(x), type, 8)),
  // Zero-extended, every u32 is a positive 64-bit integer.
  rule(`fcvt_from_uint.${name}_i32`, typed(type, fcvt_from_uint(typed(i32, x))), ({ x }, c) => {
    const wide = integer(c, 8);
    c.emit(x64.movzx32_64_rr, wide, c.use(x));
    fromSigned(c, c.result(), wide, type, 8);
  }),
  rule(`fcvt_from_uint.${name}_i64`, typed(type, fcvt_from_uint(typed(i64, x))), ({ x }, c) => fromUnsigned64(c, c.use(x), type)),
]).flat();

export const convertRules = [
  rule('fpromote', fpromote(x), ({ x }, c) => c.emit(x64.cvtss2sd_rr, c.result(), c.use(x))),
  rule('fdemote', fdemote(x), ({ x }, c) => c.emit(x64.cvtsd2ss_rr, c.result(), c.use(x))),
  ...toSigned,
  ...toUnsigned,
  ...fromInteger,
];
