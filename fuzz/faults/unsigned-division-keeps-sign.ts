// A mid-end rule: unsigned division by a power of two becomes an arithmetic shift.
// The class: the signedness of the source lost on the way to a cheaper operation; dividends of 2^31 and above show it.

import { iconst, k, op, powerOfTwo, simplificationRule, udiv, x } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

const name = 'udiv.power-of-two';
const bitNumber = (low: number, high: number): number => (low !== 0 ? 31 - Math.clz32(low) : 63 - Math.clz32(high));

export const unsignedDivisionKeepsSign: PlantedFault = {
  name: 'unsigned-division-keeps-sign',
  summary: 'x /u 2^k becomes x >>s k',
  history: 'Cranelift, 2021 (eebae8d4c8, e628fb376f): the signedness of a narrow constant was lost on the way into an immediate',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{
    kind: 'simplification',
    name,
    rule: simplificationRule(name, udiv(x, iconst(powerOfTwo(k))), ({ x, kLow, kHigh, type }, c) => c.binary(op.sshr, x, c.iconst(type, bitNumber(kLow, kHigh)))),
  }],
  level: 'simplify',
  rule: `simplify/${name}`,
  witness: '(module (func (export "f") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 8))) (func (export "g") (result i32) (i32.const 1)) (func (export "h") (param i64) (result i64) (i64.div_u (i64.or (local.get 0) (i64.const 0x8000000000000000)) (i64.const 16))))',
};
