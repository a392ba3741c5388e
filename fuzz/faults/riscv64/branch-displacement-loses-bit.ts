// A fault of branch fix-up on RISC-V: one bit of a conditional branch's scattered displacement is lost, so that it leads 32 bytes before its target.

import { changeRow } from '../change-row.ts';
import type { PlantedFault } from '../fault.ts';

/** Bit 5 of the displacement is the lowest above the registers. */
const displacement32 = 1 << 25;

export const rvBranchDisplacementLosesBit: PlantedFault = {
  name: 'rv-branch-displacement-loses-bit',
  summary: 'a conditional branch at a displacement with bit 5 set leads 32 bytes before its target',
  history: 'Cranelift, 2025 (25a0a0b265, riscv64) and 2023 (49dd8fd710, aarch64): branches out of range, whose displacement does not fit its field',
  component: 'encoding',
  target: 'riscv64',
  faults: [changeRow('rv-branch-displacement-loses-bit', 'riscv64', 'branch_d', (word) => word & ~displacement32)],
  level: 'emit',
  rule: 'branch_d',
  witness: `(module (func (export "f") (param i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (local.set 1 (i32.add (i32.xor (i32.mul (i32.rotl (local.get 1) (local.get 1)) (i32.const 0x12345)) (i32.const 0x54321)) (i32.const 77))))) (local.get 1)))`,
};
