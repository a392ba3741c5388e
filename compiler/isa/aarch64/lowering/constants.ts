// Constants and the vmctx in registers. They are made anew for each use, so no rule here may touch the flags.

import { fconst, iconst, vmctx } from '../../../ir/pattern-terms.ts';
import { type ConstantTest, k, typed, where } from '../../../ir/pattern.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { encodeFloat8 } from '../encoding/fields.ts';
import { encodeLogical32, encodeLogical64 } from '../encoding/logical-immediate.ts';
import { a64 } from '../instructions/table.ts';
import { integerClass, rule } from './rule.ts';

/** Quarter `number` of a 64-bit constant. */
const quarter = (low: number, high: number, number: number): number => ((number < 2 ? low : high) >>> (16 * (number & 1))) & 0xffff;

/** Quarters of the constant that differ from `filler`, which is 0 or 0xffff. */
function countOthers(low: number, high: number, quarters: number, filler: number): number {
  let count = 0;
  for (let i = 0; i < quarters; i++) if (quarter(low, high, i) !== filler) count++;
  return count;
}

/** Instructions that `materialise` needs for a constant of 8 bytes. */
function costOf(low: number, high: number): number {
  if (high === 0) return encodeLogical32(low) >= 0 ? 1 : Math.max(1, Math.min(countOthers(low, high, 2, 0), countOthers(low, high, 2, 0xffff)));
  if (encodeLogical64(low, high) >= 0) return 1;
  return Math.max(1, Math.min(countOthers(low, high, 4, 0), countOthers(low, high, 4, 0xffff)));
}

/** Puts an integer constant in `into`: one instruction if there is one, else a move and a movk for each quarter that the move leaves wrong. */
export function materialise(c: Selector, into: number, bytes: 4 | 8, low: number, high: number): void {
  // Writing 32 bits clears the rest.
  const narrow = bytes === 4 || high === 0;
  const quarters = narrow ? 2 : 4;
  const inverted = countOthers(low, high, quarters, 0xffff) < countOthers(low, high, quarters, 0);
  const filler = inverted ? 0xffff : 0;
  if (countOthers(low, high, quarters, filler) > 1) {
    if (narrow && encodeLogical32(low) >= 0) {
      c.emit(a64.mov32_logical, into, low);
      return;
    }
    if (!narrow && encodeLogical64(low, high) >= 0) {
      c.emit(a64.mov64_logical, into, low, high);
      return;
    }
  }
  const [move, keep] = narrow ? [inverted ? a64.movn32 : a64.movz32, a64.movk32] : [inverted ? a64.movn64 : a64.movz64, a64.movk64];
  let left = countOthers(low, high, quarters, filler);
  if (left === 0) {
    c.emit(move, into, 0, 0);
    return;
  }
  let last = -1;
  for (let i = 0; i < quarters; i++) {
    const bits = quarter(low, high, i);
    if (bits === filler) continue;
    left--;
    const next = left === 0 ? into : c.temp(integerClass, bytes);
    if (last < 0) c.emit(move, next, inverted ? bits ^ 0xffff : bits, 16 * i);
    else c.emit(keep, last, next, bits, 16 * i);
    last = next;
  }
}

const float8: (bytes: 4 | 8) => ConstantTest = (bytes) => (low, high) => encodeFloat8(low, high, bytes) >= 0;
/** Constants whose bits one instruction puts in an integer register. */
const cheap: ConstantTest = (low, high) => costOf(low, high) === 1;

export const constantRules = [
  rule('iconst.i32', typed(i32, iconst(k)), ({ kLow }, c) => materialise(c, c.result(), 4, kLow, 0)),
  rule('iconst.i64', typed(i64, iconst(k)), ({ kLow, kHigh }, c) => materialise(c, c.result(), 8, kLow, kHigh)),
  rule('fconst.zero', fconst(0), (_, c) => c.emit(a64.movi_zero, c.result())),
  rule('fconst.f32.imm8', typed(f32, fconst(where(k, float8(4)))), ({ kLow }, c) => c.emit(a64.fmov32_imm, c.result(), encodeFloat8(kLow, 0, 4))),
  rule('fconst.f64.imm8', typed(f64, fconst(where(k, float8(8)))), ({ kLow, kHigh }, c) => c.emit(a64.fmov64_imm, c.result(), encodeFloat8(kLow, kHigh, 8))),
  rule('fconst.f32.moved', typed(f32, fconst(where(k, (low) => cheap(low, 0, f32)))), ({ kLow }, c) => {
    const bits = c.temp(integerClass, 4);
    materialise(c, bits, 4, kLow, 0);
    c.emit(a64.fmov_w_s, c.result(), bits);
  }),
  rule('fconst.f64.moved', typed(f64, fconst(where(k, cheap))), ({ kLow, kHigh }, c) => {
    const bits = c.temp(integerClass, 8);
    materialise(c, bits, 8, kLow, kHigh);
    c.emit(a64.fmov_x_d, c.result(), bits);
  }),
  rule('fconst.f32', typed(f32, fconst(k)), ({ kLow }, c) => {
    c.addressConstant(c.constant(4, kLow));
    c.emit(a64.ldrf32, c.result());
  }),
  rule('fconst.f64', typed(f64, fconst(k)), ({ kLow, kHigh }, c) => {
    c.addressConstant(c.constant(8, kLow, kHigh));
    c.emit(a64.ldrf64, c.result());
  }),
  rule('vmctx', vmctx(), (_, c) => c.emit(a64.get_vmctx, c.result())),
];
