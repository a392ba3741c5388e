// An encoder fault: shifts by a constant carry the next opcode extension, so that left becomes right.
// The class: a wrong digit in the ModRM byte, as when add with carry was encoded as an addition; any shifted value shows it.

import { Decoder, type Level, x64InstructionSet } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

const decoder = new Decoder(x64InstructionSet);

function changeDigit(level: Level): Level {
  if (level.level !== 'code') return level;
  const bytes = level.bytes.slice();
  const length = level.emitted.codeEnd - level.emitted.start;
  for (let at = 0; at < length; ) {
    const decoded = decoder.maybeDecode(bytes, at);
    if (decoded === undefined) {
      at++;
      continue;
    }
    // The ModRM byte stands before the one-byte count; /4 is shl, /5 is shr.
    const modrm = at + decoded.length - 2;
    if (/^shl(?:32|64)_ri$/.test(decoded.shape.name)) bytes[modrm] = (bytes[modrm] ?? 0) | 0x08;
    at += decoded.length;
  }
  return { ...level, bytes };
}

export const shiftLeftGoesRight: PlantedFault = {
  name: 'shift-left-goes-right',
  summary: 'shl r, imm8 is encoded with the digit of shr',
  history: 'Cranelift, 2024 (3d7a1c8ca5, a2f0f2fd03): forms of adc and sbb carried the digit of add and sub',
  component: 'encoding',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'shift-left-goes-right', stage: 'emit', transform: changeDigit }],
  level: 'emit',
  rule: 'shl32_ri',
  alsoRight: ['shl64_ri'],
  witness: '(module (func (export "f") (param i32) (result i32) (i32.shl (i32.or (local.get 0) (i32.const 5)) (i32.const 7))))',
};
