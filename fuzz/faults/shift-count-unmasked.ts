// A mid-end rule: a shift by a constant of the width or more becomes 0, as a host's shift would have it, instead of wrapping the count.
// The class: an operation folded by the host's rules, not by wasm's; counts of width and above show it.

import { type ConstantTest, iconst, ishl, i32, k, simplificationRule, where, x } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

const name = 'ishl.count';
const beyondWidth: ConstantTest = (low, high, type) => (type === i32 ? (low & ~31) !== 0 : (low & ~63) !== 0 || high !== 0);

export const shiftCountUnmasked: PlantedFault = {
  name: 'shift-count-unmasked',
  summary: 'x << k with k of the width or above becomes 0',
  history: 'Cranelift, 2023 (72c8513411): shifts were folded by a shift of the host, the count not masked by the width',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{ kind: 'simplification', name, rule: simplificationRule(name, ishl(x, iconst(where(k, beyondWidth))), ({ type }, c) => c.iconst(type, 0)) }],
  level: 'simplify',
  rule: `simplify/${name}`,
  witness: '(module (func (export "f") (param i32) (result i32) (i32.shl (i32.or (local.get 0) (i32.const 1)) (i32.const 33))))',
};
