// An encoder fault of AArch64: madd carries the bit that makes it msub.

import { changeRow } from '../change-row.ts';
import type { PlantedFault } from '../fault.ts';

const subtract = 1 << 15;

export const a64MultiplyAddSubtracts: PlantedFault = {
  name: 'a64-multiply-add-subtracts',
  summary: 'madd of 32 bits is encoded as msub',
  history: 'Cranelift, 2024 (3d7a1c8ca5, a2f0f2fd03): forms of an instruction carried the opcode of its neighbour',
  component: 'encoding',
  target: 'aarch64',
  faults: [changeRow('a64-multiply-add-subtracts', 'aarch64', 'madd32', (word) => word | subtract)],
  level: 'emit',
  rule: 'madd32',
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 1) (i32.mul (i32.or (local.get 0) (i32.const 1)) (i32.const 77)))))',
};
