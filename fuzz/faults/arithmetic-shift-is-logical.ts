// A lowering rule: the arithmetic right shift by a variable is done by the logical one.
// The class: the neighbouring opcode; negative values show it.

import { byWidth, sshr, x, x64, x64Rule, y } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

export const arithmeticShiftIsLogical: PlantedFault = {
  name: 'arithmetic-shift-is-logical',
  summary: 'sshr is lowered to shr',
  history: 'Cranelift, 2024 (b25fa639e3): a helper emitted the neighbouring operation, max for min',
  component: 'lowering',
  target: 'x86-64',
  faults: [{
    kind: 'lowering',
    name: 'sshr',
    target: 'x86-64',
    rule: x64Rule('sshr', sshr(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, x64.shr32_rc, x64.shr64_rc), c.use(x), c.result(), c.use(y))),
  }],
  level: 'select',
  rule: 'sshr',
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.shr_s (i32.or (local.get 0) (i32.const 0x80000000)) (i32.or (local.get 1) (i32.const 1)))))',
};
