// Constants and the vmctx in registers. They are made anew for each use.

import { fconst, iconst, vmctx } from '../../../ir/pattern-terms.ts';
import { type ConstantTest, k, typed, where } from '../../../ir/pattern.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { lowerPart, upperPart } from '../branches.ts';
import { fits12 } from '../encoding/fields.ts';
import { rv } from '../instructions/table.ts';
import { integerClass, rule } from './rule.ts';

/** A signed 32-bit number: addi, or lui and perhaps addiw, whose sum wraps around in 32 bits. */
function materialiseShort(c: Selector, into: number, bytes: 4 | 8, value: number): void {
  const [li, lui, addiw] = bytes === 4 ? [rv.li32, rv.lui32, rv.addiw] : [rv.li, rv.lui, rv.addiw_wide];
  if (fits12(value)) c.emit(li, into, value);
  else if (lowerPart(value) === 0) c.emit(lui, into, value >>> 12);
  else {
    const upper = c.temp(integerClass, bytes);
    c.emit(lui, upper, upperPart(value) >>> 12);
    c.emit(addiw, into, upper, lowerPart(value));
  }
}

/** Zeros at the low end of a number that is not zero. */
const trailingZeros = (low: number, high: number): number => (low !== 0 ? 31 - Math.clz32(low & -low) : 63 - Math.clz32(high & -high));

/** The number shifted to the right by its trailing zeros if 32 signed bits hold that. */
function maybeShifted(low: number, high: number): { readonly value: number; readonly count: number } | undefined {
  if (low === 0 && high === 0) return undefined;
  const count = trailingZeros(low, high);
  const whole = ((BigInt(high) << 32n) | BigInt(low >>> 0)) >> BigInt(count);
  return whole === BigInt.asIntN(32, whole) ? { value: Number(whole), count } : undefined;
}

/** Puts an integer constant in `into`: 32 signed bits, perhaps shifted to the left, and runs of ones at the low end by instructions; anything else is loaded. */
export function materialise(c: Selector, into: number, bytes: 4 | 8, low: number, high: number): void {
  if (bytes === 4 || high === low >> 31) {
    materialiseShort(c, into, bytes, low);
    return;
  }
  if (low === -1 && high > 0 && (high & (high + 1)) === 0) {
    c.emit(rv.srli, into, constant(c, 8, -1), Math.clz32(high));
    return;
  }
  const shifted = maybeShifted(low, high);
  if (shifted === undefined) {
    c.addressConstant(c.constant(8, low, high));
    c.emit(rv.ld, into);
    return;
  }
  const unshifted = c.temp(integerClass, 8);
  materialiseShort(c, unshifted, 8, shifted.value);
  c.emit(rv.slli, into, unshifted, shifted.count);
}

/** A new register with an integer constant. */
export function constant(c: Selector, bytes: 4 | 8, low: number, high: number = low >> 31): number {
  const register = c.temp(integerClass, bytes);
  materialise(c, register, bytes, low, high);
  return register;
}

/** Floats whose bits at most two instructions put in an integer register. */
const cheap: ConstantTest = (low, high, type) => {
  if (type === f32) return lowerPart(low) === 0 || fits12(low);
  const shifted = maybeShifted(low, high);
  return (low === 0 && high === 0) || (shifted !== undefined && (fits12(shifted.value) || (shifted.value & 0xfff) === 0));
};

export const constantRules = [
  rule('iconst.i32', typed(i32, iconst(k)), ({ kLow }, c) => materialise(c, c.result(), 4, kLow, kLow >> 31)),
  rule('iconst.i64', typed(i64, iconst(k)), ({ kLow, kHigh }, c) => materialise(c, c.result(), 8, kLow, kHigh)),
  rule('fconst.f32.moved', typed(f32, fconst(where(k, cheap))), ({ kLow }, c) => c.emit(rv.fmv_w_x, c.result(), constant(c, 4, kLow))),
  rule('fconst.f64.moved', typed(f64, fconst(where(k, cheap))), ({ kLow, kHigh }, c) => c.emit(rv.fmv_d_x, c.result(), constant(c, 8, kLow, kHigh))),
  rule('fconst.f32', typed(f32, fconst(k)), ({ kLow }, c) => {
    c.addressConstant(c.constant(4, kLow));
    c.emit(rv.flw, c.result());
  }),
  rule('fconst.f64', typed(f64, fconst(k)), ({ kLow, kHigh }, c) => {
    c.addressConstant(c.constant(8, kLow, kHigh));
    c.emit(rv.fld, c.result());
  }),
  rule('vmctx', vmctx(), (_, c) => c.emit(rv.get_vmctx, c.result())),
];
