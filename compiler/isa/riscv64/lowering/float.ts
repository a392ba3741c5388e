// Float operations. fmin and fmax of the standard give NaN if either source is one, those of RISC-V the other source.
// Rounding to an integer goes through one: what is 2^23 (f32) or 2^52 (f64) or more has no fraction and stays itself, as infinities do. NaN is made quiet.

import type { Value } from '../../../base/entity.ts';
import { bitcast, fabs, fadd, fceil, fcopysign, fdiv, ffloor, fmax, fmin, fmul, fnearest, fneg, fsqrt, fsub, ftrunc } from '../../../ir/pattern-terms.ts';
import { type Pattern, typed, x, y } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { roundings } from '../encoding/fields.ts';
import { conditions, rv } from '../instructions/table.ts';
import { constant } from './constants.ts';
import { byWidth, floatClass, integerClass, rule, widthOf } from './rule.ts';

const temp = (c: Selector, type: Type | 0): number => c.temp(floatClass, widthOf(type));

const binary = (name: string, term: typeof fadd, row4: number, row8: number) =>
  rule(name, term(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(y)));
/** Takes the sign from a combination of the source's with itself. */
const sign = (name: string, term: typeof fabs, row4: number, row8: number) =>
  rule(name, term(x), ({ x, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(x)));

const bitcastRule = (name: string, result: Type, operand: Type, row: number) =>
  rule(name, typed(result, bitcast(typed(operand, x) as Pattern<'x'>)), ({ x }, c) => c.emit(row, c.result(), c.use(x)));

/** The number that row gives, unless a source is NaN; then their sum, which is one. */
function extreme(c: Selector, type: Type | 0, row: number, first: Value, second: Value): void {
  const [a, b] = [c.use(first), c.use(second)];
  const [number, sum] = [temp(c, type), temp(c, type)];
  const [ordered1, ordered2, ordered] = [c.temp(integerClass, 4), c.temp(integerClass, 4), c.temp(integerClass, 4)];
  const feq = byWidth(type, rv.feq32, rv.feq64);
  c.emit(feq, ordered1, a, a);
  c.emit(feq, ordered2, b, b);
  c.emit(rv.and32, ordered, ordered1, ordered2);
  c.emit(row, number, a, b);
  c.emit(byWidth(type, rv.fadd32, rv.fadd64), sum, a, b);
  c.emit(byWidth(type, rv.select_f32_wz, rv.select_f64_wz), sum, c.result(), number, ordered, conditions.ne);
}

function round(c: Selector, type: Type | 0, value: Value, mode: number): void {
  const a = c.use(value);
  const [limit, magnitude, back, signed, quiet] = [temp(c, type), temp(c, type), temp(c, type), temp(c, type), temp(c, type)];
  const small = c.temp(integerClass, 4);
  const whole = c.temp(integerClass, widthOf(type));
  if (type === f32) c.emit(rv.fmv_w_x, limit, constant(c, 4, 0x4b000000));
  else c.emit(rv.fmv_d_x, limit, constant(c, 8, 0, 0x43300000));
  c.emit(byWidth(type, rv.fsgnjx32, rv.fsgnjx64), magnitude, a, a);
  c.emit(byWidth(type, rv.flt32, rv.flt64), small, magnitude, limit);
  c.emit(byWidth(type, rv.fcvt_w_s, rv.fcvt_l_d), whole, a, mode);
  c.emit(byWidth(type, rv.fcvt_s_w, rv.fcvt_d_l), back, whole, roundings.rne);
  // An integer has no -0.
  c.emit(byWidth(type, rv.fsgnj32, rv.fsgnj64), signed, back, a);
  // The smaller of a number and itself is the number; of two NaNs the quiet one.
  c.emit(byWidth(type, rv.fmin32, rv.fmin64), quiet, a, a);
  c.emit(byWidth(type, rv.select_f32_wz, rv.select_f64_wz), quiet, c.result(), signed, small, conditions.ne);
}

const rounding = (name: string, term: typeof fceil, mode: number) => rule(name, term(x), ({ x, type }, c) => round(c, type, x, mode));

export const floatRules = [
  binary('fadd', fadd, rv.fadd32, rv.fadd64),
  binary('fsub', fsub, rv.fsub32, rv.fsub64),
  binary('fmul', fmul, rv.fmul32, rv.fmul64),
  binary('fdiv', fdiv, rv.fdiv32, rv.fdiv64),
  rule('fmin', fmin(x, y), ({ x, y, type }, c) => extreme(c, type, byWidth(type, rv.fmin32, rv.fmin64), x, y)),
  rule('fmax', fmax(x, y), ({ x, y, type }, c) => extreme(c, type, byWidth(type, rv.fmax32, rv.fmax64), x, y)),
  binary('fcopysign', fcopysign, rv.fsgnj32, rv.fsgnj64),
  sign('fabs', fabs, rv.fsgnjx32, rv.fsgnjx64),
  sign('fneg', fneg, rv.fsgnjn32, rv.fsgnjn64),
  rule('fsqrt', fsqrt(x), ({ x, type }, c) => c.emit(byWidth(type, rv.fsqrt32, rv.fsqrt64), c.result(), c.use(x))),
  rounding('fceil', fceil, roundings.rup),
  rounding('ffloor', ffloor, roundings.rdn),
  rounding('ftrunc', ftrunc, roundings.rtz),
  rounding('fnearest', fnearest, roundings.rne),
  bitcastRule('bitcast.i32_f32', i32, f32, rv.fmv_x_w),
  bitcastRule('bitcast.f32_i32', f32, i32, rv.fmv_w_x),
  bitcastRule('bitcast.i64_f64', i64, f64, rv.fmv_x_d),
  bitcastRule('bitcast.f64_i64', f64, i64, rv.fmv_d_x),
];
