// A lowering rule of RISC-V: an i32 sum counts as zero-extended already. Registers hold 32-bit values sign-extended, so negative ones are not.

import { op, rvRule, uextend, x } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'uextend.free';

export const rvExtensionForgotten: PlantedFault = {
  name: 'rv-extension-forgotten',
  summary: 'uextend of a sum is the sum itself',
  history: 'Cranelift, 2023 (51e1b49ff5, 32cfd60877, 4e875f33a7, riscv64): one operand of an operation on a narrow type was not extended',
  component: 'lowering',
  target: 'riscv64',
  faults: [{
    kind: 'lowering',
    name,
    target: 'riscv64',
    rule: rvRule(name, uextend(x), ({ x }, c) => c.definingOpcode(x) === op.iadd || c.definingOpcode(x) === op.isub, ({ x }, c) => c.alias(c.useWide(x, 8))),
  }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i32) (result i64) (i64.extend_i32_u (i32.sub (i32.and (local.get 0) (i32.const 15)) (i32.const 99)))))',
};
