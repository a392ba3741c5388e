// An allocator fault: one operand of each function is read from the register next to its own.
// The class: an allocation that names the wrong place. The symbolic checker must refute it before any code runs.

import type { Level } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

/** Registers that integer operands live in; the neighbour by number is another one. */
const generalRegisters = 16;
const stackPointer = 4;

function misplace(level: Level): Level {
  if (level.level !== 'allocation') return level;
  const locations = level.allocation.locations.slice();
  // The last integer operand in a register: late enough to be a use of something.
  for (let i = locations.length - 1; i >= 0; i--) {
    const location = locations[i] ?? -1;
    if (location < 0 || location >= generalRegisters) continue;
    const other = location ^ 1;
    locations[i] = other === stackPointer ? location ^ 2 : other;
    break;
  }
  return { ...level, allocation: { ...level.allocation, locations } };
}

export const operandInAnotherRegister: PlantedFault = {
  name: 'operand-in-another-register',
  summary: "the last integer operand's location is off by one",
  history: 'Cranelift, 2022 (af226d37c2): two fixed registers of an instruction were taken for each other',
  component: 'allocation',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'operand-in-another-register', stage: 'allocate', transform: misplace }],
  level: 'allocate',
  rule: 'single-pass',
  alsoRight: ['backtracking'],
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.mul (local.get 1) (local.get 1)))))',
};
