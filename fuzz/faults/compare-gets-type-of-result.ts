// A mid-end rule: turning a compare round, its constant is made with the type of the compare's result, not of its operands.
// The verifier of the IR must see it, wherever an i64 is compared with a constant on the left.

import { condition, i32, icmp, icmpConditions, iconst, k, simplificationRule, x } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

const { eq, ne, slt, sge, sgt, sle, ult, uge, ugt, ule } = icmpConditions;
const exchanged = new Map<number, number>([[eq, eq], [ne, ne], [slt, sgt], [sge, sle], [sgt, slt], [sle, sge], [ult, ugt], [uge, ule], [ugt, ult], [ule, uge]]);
const name = 'icmp.exchange';

export const compareGetsTypeOfResult: PlantedFault = {
  name: 'compare-gets-type-of-result',
  summary: 'k < x becomes x > k with a k of the type of the result',
  history: 'Cranelift, 2026 (9c1f3e82e9): a rule on compare and select built its zero with the type of the result instead of that of the condition',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{ kind: 'simplification', name: `simplify/${name}`, rule: simplificationRule(name, icmp(condition, iconst(k), x), ({ x, kLow, condition }, c) => c.icmp(exchanged.get(condition) ?? condition, x, c.iconst(i32, kLow))) }],
  level: 'simplify',
  rule: `simplify/${name}`,
  witness: '(module (func (export "f") (param i64) (result i32) (i64.lt_s (i64.const 5) (local.get 0))))',
};
