// An encoder fault: the empty REX prefix that makes a byte register sil, dil, bpl or spl is left out, so that ah, ch, dh or bh is meant.
// The bytes keep their number: a segment prefix, which does nothing in 64-bit mode, stands in its place.

import { changeCode } from './change-row.ts';
import type { PlantedFault } from './fault.ts';

const emptyRex = 0x40;
const idlePrefix = 0x3e;

export const byteRegisterWithoutRex: PlantedFault = {
  name: 'byte-register-without-rex',
  summary: 'the prefix 0x40 is missing before instructions on sil and dil',
  history: 'Cranelift, 2020 (2e3ad3227d): extensions of a byte in rsi or rdi lacked the empty REX prefix and read dh or bh',
  component: 'encoding',
  target: 'x86-64',
  faults: [changeCode('byte-register-without-rex', 'x86-64', (_, bytes) => {
    if (bytes[0] === emptyRex) bytes[0] = idlePrefix;
  })],
  level: 'emit',
  rule: 'movsx8_32_rr',
  alsoRight: ['movsx8_64_rr', 'movzx8_32_rr', 'setcc', 'mov8_mr'],
  witness: '(module (func (export "f") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.add (i32.add (i32.extend8_s (local.get 0)) (i32.extend8_s (local.get 1))) (i32.add (i32.add (i32.extend8_s (local.get 2)) (i32.extend8_s (local.get 3))) (i32.add (i32.extend8_s (local.get 4)) (i32.extend8_s (local.get 5)))))))',
};
