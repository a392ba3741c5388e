// Conversions between integers and floats. fcvtz* answers 0 for NaN and the nearest integer of its type for what is out of range, which is what the
// saturating forms want; the trapping forms are undefined there, their checks stand before them.

import { fcvt_from_sint, fcvt_from_uint, fcvt_to_sint, fcvt_to_sint_sat, fcvt_to_uint, fcvt_to_uint_sat, fdemote, fpromote } from '../../../ir/pattern-terms.ts';
import { typed, x } from '../../../ir/pattern.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import { a64 } from '../instructions/table.ts';
import { rule } from './rule.ts';

const integers = [
  ['i32', i32, 'w'],
  ['i64', i64, 'x'],
] as const;
const floats = [
  ['f32', f32, 's'],
  ['f64', f64, 'd'],
] as const;

const toInteger = (name: string, term: typeof fcvt_to_sint, mnemonic: 'fcvtzs' | 'fcvtzu') =>
  integers.flatMap(([integerName, integer, to]) =>
    floats.map(([floatName, float, from]) =>
      rule(`${name}.${integerName}_${floatName}`, typed(integer, term(typed(float, x))), ({ x }, c) => c.emit(a64[`${mnemonic}_${from}_${to}`], c.result(), c.use(x))),
    ),
  );

const fromInteger = (name: string, term: typeof fcvt_from_sint, mnemonic: 'scvtf' | 'ucvtf') =>
  integers.flatMap(([integerName, integer, from]) =>
    floats.map(([floatName, float, to]) =>
      rule(`${name}.${floatName}_${integerName}`, typed(float, term(typed(integer, x))), ({ x }, c) => c.emit(a64[`${mnemonic}_${from}_${to}`], c.result(), c.use(x))),
    ),
  );

export const convertRules = [
  rule('fpromote', fpromote(x), ({ x }, c) => c.emit(a64.fcvt_32_64, c.result(), c.use(x))),
  rule('fdemote', fdemote(x), ({ x }, c) => c.emit(a64.fcvt_64_32, c.result(), c.use(x))),
  ...toInteger('fcvt_to_sint', fcvt_to_sint, 'fcvtzs'),
  ...toInteger('fcvt_to_uint', fcvt_to_uint, 'fcvtzu'),
  ...toInteger('fcvt_to_sint_sat', fcvt_to_sint_sat, 'fcvtzs'),
  ...toInteger('fcvt_to_uint_sat', fcvt_to_uint_sat, 'fcvtzu'),
  ...fromInteger('fcvt_from_sint', fcvt_from_sint, 'scvtf'),
  ...fromInteger('fcvt_from_uint', fcvt_from_uint, 'ucvtf'),
];
