// Float operations. fmin and fmax are the standard's minimum and maximum: NaN if either source is one, -0 below +0.

import { bitcast, fabs, fadd, fceil, fcopysign, fdiv, ffloor, fmax, fmin, fmul, fnearest, fneg, fsqrt, fsub, ftrunc } from '../../../ir/pattern-terms.ts';
import { type Pattern, typed, x, y } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { a64 } from '../instructions/table.ts';
import { byWidth, floatClass, rule, widthOf } from './rule.ts';

const binary = (name: string, term: typeof fadd, row4: number, row8: number) =>
  rule(name, term(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(y)));
const unary = (name: string, term: typeof fabs, row4: number, row8: number) =>
  rule(name, term(x), ({ x, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x)));

const bitcastRule = (name: string, result: Type, operand: Type, row: number) =>
  rule(name, typed(result, bitcast(typed(operand, x) as Pattern<'x'>)), ({ x }, c) => c.emit(row, c.result(), c.use(x)));

export const floatRules = [
  binary('fadd', fadd, a64.fadd32, a64.fadd64),
  binary('fsub', fsub, a64.fsub32, a64.fsub64),
  binary('fmul', fmul, a64.fmul32, a64.fmul64),
  binary('fdiv', fdiv, a64.fdiv32, a64.fdiv64),
  binary('fmin', fmin, a64.fmin32, a64.fmin64),
  binary('fmax', fmax, a64.fmax32, a64.fmax64),
  // The sign alone is shifted down, and inserted above the other's magnitude.
  rule('fcopysign', fcopysign(x, y), ({ x, y, type }, c) => {
    const top = 8 * widthOf(type) - 1;
    const sign = c.temp(floatClass, widthOf(type));
    c.emit(byWidth(type, a64.ushr32, a64.ushr64), sign, c.use(y), top);
    c.emit(byWidth(type, a64.sli32, a64.sli64), c.use(x), c.result(), sign, top);
  }),
  unary('fabs', fabs, a64.fabs32, a64.fabs64),
  unary('fneg', fneg, a64.fneg32, a64.fneg64),
  unary('fsqrt', fsqrt, a64.fsqrt32, a64.fsqrt64),
  unary('fceil', fceil, a64.frintp32, a64.frintp64),
  unary('ffloor', ffloor, a64.frintm32, a64.frintm64),
  unary('ftrunc', ftrunc, a64.frintz32, a64.frintz64),
  unary('fnearest', fnearest, a64.frintn32, a64.frintn64),
  bitcastRule('bitcast.i32_f32', i32, f32, a64.fmov_s_w),
  bitcastRule('bitcast.f32_i32', f32, i32, a64.fmov_w_s),
  bitcastRule('bitcast.i64_f64', i64, f64, a64.fmov_d_x),
  bitcastRule('bitcast.f64_i64', f64, i64, a64.fmov_x_d),
];
