// An encoder fault of RISC-V: the bit that makes a shift by a constant arithmetic is missing.

import { changeRow } from '../change-row.ts';
import type { PlantedFault } from '../fault.ts';

const arithmetic = 1 << 30;

export const rvArithmeticShiftIsLogical: PlantedFault = {
  name: 'rv-arithmetic-shift-is-logical',
  summary: 'sraiw is encoded as srliw',
  history: 'Cranelift, 2024 (3d7a1c8ca5, a2f0f2fd03): forms of an instruction carried the opcode of its neighbour',
  component: 'encoding',
  target: 'riscv64',
  faults: [changeRow('rv-arithmetic-shift-is-logical', 'riscv64', 'sraiw', (word) => word & ~arithmetic)],
  level: 'emit',
  rule: 'sraiw',
  witness: '(module (func (export "f") (param i32) (result i32) (i32.shr_s (i32.or (local.get 0) (i32.const 0x80000000)) (i32.const 3))))',
};
