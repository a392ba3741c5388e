// An encoder fault of RISC-V: one bit of a store's scattered displacement is lost.

import { changeRow } from '../change-row.ts';
import type { PlantedFault } from '../fault.ts';

/** Bit 3 of the displacement lies with the low ones, in the place of a load's destination. */
const displacement8 = 1 << 10;

export const rvStoreDisplacementLosesBit: PlantedFault = {
  name: 'rv-store-displacement-loses-bit',
  summary: 'sw at a displacement with bit 3 set stores 8 bytes before it',
  history: 'Cranelift, 2023 (2d44eccce9): the immediate of c.addi4spn was masked to 3 bits instead of 4',
  component: 'encoding',
  target: 'riscv64',
  faults: [changeRow('rv-store-displacement-loses-bit', 'riscv64', 'sw', (word) => word & ~displacement8)],
  level: 'emit',
  rule: 'sw',
  // A store of zero, the same instruction.
  alsoRight: ['sw_zero'],
  witness: '(module (memory (export "m") 1) (func (export "f") (param i32 i32) (i32.store offset=40 (i32.and (local.get 0) (i32.const 0xff0)) (i32.or (local.get 1) (i32.const 1)))))',
};
