// A lowering rule: sign extension from 16 bits is done by the instruction that fills with zeros.
// The class: missing or wrong extension of narrow values, the most frequent of all; values with bit 15 set show it.

import { sextend16, x, x64, x64Rule } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

export const extensionFillsWithZero: PlantedFault = {
  name: 'extension-fills-with-zero',
  summary: 'sextend16 is lowered to movzx',
  history: 'Cranelift, 2023 (51e1b49ff5, 32cfd60877, 4e875f33a7): operands of narrow types were not extended, or by the wrong extension',
  component: 'lowering',
  target: 'x86-64',
  faults: [{
    kind: 'lowering',
    name: 'sextend16',
    target: 'x86-64',
    rule: x64Rule('sextend16', sextend16(x), ({ x }, c) => c.emit(x64.movzx16_32_rr, c.result(), c.use(x))),
  }],
  level: 'select',
  rule: 'sextend16',
  witness: '(module (func (export "f") (param i32) (result i32) (i32.extend16_s (i32.or (local.get 0) (i32.const 0x8000)))))',
};
