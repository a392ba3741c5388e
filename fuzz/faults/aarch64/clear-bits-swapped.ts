// A lowering rule of AArch64: the operands of bic change places, so that the wrong one is inverted.

import { a64, a64Rule, band, byWidth, bxor, iconst, x, y } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'band.bic';

export const a64ClearBitsSwapped: PlantedFault = {
  name: 'a64-clear-bits-swapped',
  summary: 'x & ~y becomes y & ~x',
  history: 'Cranelift, 2022 (7a55779c6b, 22439f7b39): operands, conditions or halves taken for each other',
  component: 'lowering',
  target: 'aarch64',
  faults: [{ kind: 'lowering', name, target: 'aarch64', rule: a64Rule(name, band(x, bxor(y, iconst(-1))), ({ x, y, type }, c) => c.emit(byWidth(type, a64.bic32_rr, a64.bic64_rr), c.result(), c.use(y), c.use(x))) }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i32) (result i32) (i32.and (i32.or (local.get 0) (i32.const 12)) (i32.xor (i32.const -1) (i32.and (local.get 0) (i32.const 3))))))',
};
