// Conversions between integers and floats. fcvt to an integer gives the nearest of its type for what is out of range, which is what the saturating
// forms want, but the largest for NaN, where they want 0. The trapping forms are undefined there, their checks stand before them.

import type { Value } from '../../../base/entity.ts';
import { fcvt_from_sint, fcvt_from_uint, fcvt_to_sint, fcvt_to_sint_sat, fcvt_to_uint, fcvt_to_uint_sat, fdemote, fpromote } from '../../../ir/pattern-terms.ts';
import { typed, x } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { roundings } from '../encoding/fields.ts';
import { rv } from '../instructions/table.ts';
import { byWidth, integerClass, rule, widthOf } from './rule.ts';

const integers = [
  ['i32', i32, 'w'],
  ['i64', i64, 'l'],
] as const;
const floats = [
  ['f32', f32, 's'],
  ['f64', f64, 'd'],
] as const;

/** Zero where the source is NaN: the result and-ed with all ones or none. */
function saturate(c: Selector, type: Type | 0, float: Type, row: number, value: Value): void {
  const a = c.use(value);
  const [ordered, nearest, mask] = [c.temp(integerClass, 4), c.temp(integerClass, widthOf(type)), c.temp(integerClass, widthOf(type))];
  c.emit(row, nearest, a, roundings.rtz);
  c.emit(byWidth(float, rv.feq32, rv.feq64), ordered, a, a);
  c.emit(byWidth(type, rv.negw, rv.neg_word), mask, ordered);
  c.emit(byWidth(type, rv.and32, rv.and), c.result(), nearest, mask);
}

const toInteger = (name: string, term: typeof fcvt_to_sint, suffix: '' | 'u', saturates: boolean) =>
  integers.flatMap(([integerName, integer, to]) =>
    floats.map(([floatName, float, from]) => {
      const row = rv[`fcvt_${to}${suffix}_${from}`];
      return rule(`${name}.${integerName}_${floatName}`, typed(integer, term(typed(float, x))), ({ x, type }, c) => {
        if (saturates) saturate(c, type, float, row, x);
        else c.emit(row, c.result(), c.use(x), roundings.rtz);
      });
    }),
  );

const fromInteger = (name: string, term: typeof fcvt_from_sint, suffix: '' | 'u') =>
  integers.flatMap(([integerName, integer, from]) =>
    floats.map(([floatName, float, to]) =>
      rule(`${name}.${floatName}_${integerName}`, typed(float, term(typed(integer, x))), ({ x }, c) =>
        c.emit(rv[`fcvt_${to}_${from}${suffix}`], c.result(), c.use(x), roundings.rne),
      ),
    ),
  );

export const convertRules = [
  rule('fpromote', fpromote(x), ({ x }, c) => c.emit(rv.fcvt_d_s, c.result(), c.use(x))),
  rule('fdemote', fdemote(x), ({ x }, c) => c.emit(rv.fcvt_s_d, c.result(), c.use(x))),
  ...toInteger('fcvt_to_sint', fcvt_to_sint, '', false),
  ...toInteger('fcvt_to_uint', fcvt_to_uint, 'u', false),
  ...toInteger('fcvt_to_sint_sat', fcvt_to_sint_sat, '', true),
  ...toInteger('fcvt_to_uint_sat', fcvt_to_uint_sat, 'u', true),
  ...fromInteger('fcvt_from_sint', fcvt_from_sint, ''),
  ...fromInteger('fcvt_from_uint', fcvt_from_uint, 'u'),
];
