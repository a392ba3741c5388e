// A lowering rule: exclusive or of two 64-bit registers is done by the inclusive one.
// The class: the neighbouring opcode. Generated modules fold much into a hash by this very operation, so nearly each of them shows it: it is what
// campaigns plant at their start.

import { bxor, i64, typed, x, x64, x64Rule, y } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

export const xorIsOr: PlantedFault = {
  name: 'xor-is-or',
  summary: 'bxor.i64 is lowered to or',
  history: 'Cranelift, 2024 (b25fa639e3): a helper emitted the neighbouring operation, max for min',
  component: 'lowering',
  target: 'x86-64',
  faults: [{
    kind: 'lowering',
    name: 'bxor.i64',
    target: 'x86-64',
    rule: x64Rule('bxor.i64', typed(i64, bxor(x, y)), ({ x, y }, c) => c.emit(x64.or64_rr, c.use(x), c.result(), c.use(y))),
  }],
  level: 'select',
  rule: 'bxor.i64',
  witness: '(module (func (export "f") (param i64 i64) (result i64) (i64.xor (i64.or (local.get 0) (i64.const 1)) (i64.or (local.get 1) (i64.const 1)))))',
};
