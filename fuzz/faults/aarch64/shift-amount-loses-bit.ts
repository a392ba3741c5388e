// An encoder fault of AArch64: the amount of a 64-bit shift to the right loses its highest bit, as if it shifted 32 bits.

import { changeRow } from '../change-row.ts';
import type { PlantedFault } from '../fault.ts';

/** immr of a bit field move, its bit for 32. */
const amount32 = 1 << 21;

export const a64ShiftAmountLosesBit: PlantedFault = {
  name: 'a64-shift-amount-loses-bit',
  summary: 'lsr x, x, #n with n of 32 and above shifts by n - 32',
  history: 'Cranelift, 2023 (2d44eccce9, riscv64): an immediate was masked to one bit too few when it was scattered into its field',
  component: 'encoding',
  target: 'aarch64',
  faults: [changeRow('a64-shift-amount-loses-bit', 'aarch64', 'lsr64_ri', (word) => word & ~amount32)],
  level: 'emit',
  rule: 'lsr64_ri',
  witness: '(module (func (export "f") (param i64) (result i64) (i64.shr_u (i64.or (local.get 0) (i64.const -0x700000000000000)) (i64.const 40))))',
};
