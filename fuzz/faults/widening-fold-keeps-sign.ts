// A fault of constant folding: a zero extension of a constant copies its sign into the upper half.

import { op } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

export const wideningFoldKeepsSign: PlantedFault = {
  name: 'widening-fold-keeps-sign',
  summary: 'uextend of a negative i32 constant is folded to a negative i64',
  history: 'Cranelift, 2022 (1aaea279e5): folding copied the 64-bit immediate of a 32-bit constant, whose upper half held sign bits',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{ kind: 'folding', name: 'uextend', opcode: op.uextend, evaluate: (m) => {
    m.i64[0] = BigInt(m.i32[2] ?? 0);
  } }],
  level: 'simplify',
  rule: 'fold-constants',
  witness: '(module (func (export "f") (param i64) (result i64) (i64.add (local.get 0) (i64.extend_i32_u (i32.const -7)))))',
};
