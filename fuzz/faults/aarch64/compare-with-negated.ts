// A lowering rule of AArch64: a compare with a negative constant subtracts its absolute value, where it must add it.

import { a64, a64Rule, a64Conditions, condition, i32, icmp, iconst, k, typed, where, x } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'condition.i32.negated';
const { eq, ne, lt, ge, gt, le, lo, hs, hi, ls } = a64Conditions;
const codes = [eq, ne, lt, ge, gt, le, lo, hs, hi, ls] as const;

export const a64CompareWithNegated: PlantedFault = {
  name: 'a64-compare-with-negated',
  summary: 'a compare with -k becomes cmp with k instead of cmn',
  history: 'Cranelift, 2021 (eebae8d4c8, e628fb376f): a compare with a narrow constant put it into the 12-bit immediate without minding its sign',
  component: 'lowering',
  target: 'aarch64',
  faults: [{
    kind: 'lowering',
    name,
    target: 'aarch64',
    rule: a64Rule(name, icmp(condition, typed(i32, x), iconst(where(k, (low) => low < 0 && low >= -0xfff))), ({ x, k, condition }, c) => {
      c.emit(a64.cmp32_ri, c.use(x), -k);
      c.setCondition(codes[condition] ?? eq);
    }),
  }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i32) (result i32) (i32.lt_s (i32.and (local.get 0) (i32.const 3)) (i32.const -5))) (func (export "g") (param i32) (result i32) (i32.gt_s (i32.and (local.get 0) (i32.const 3)) (i32.const -5))))',
};
