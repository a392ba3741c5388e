// A fault of operand metadata: calls are said to leave one register alone that callees do use. The allocator and its checker believe it.

import type { Level } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

/** rsi, the fourth register that is handed out: leaves keep values there. */
const spared = 1 << 6;

function spare(level: Level): Level {
  if (level.level !== 'problem') return level;
  const { stated } = level;
  return { ...level, stated: { ...stated, problem: { ...stated.problem, clobberInt: stated.problem.clobberInt.map((mask) => mask & ~spared) } } };
}

export const callSparesARegister: PlantedFault = {
  name: 'call-spares-a-register',
  summary: 'rsi is not among the registers that a call destroys',
  history: 'Cranelift, 2022 (e95ffe4413): a call that returns by pointer did not list rax as clobbered',
  component: 'allocation',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'call-spares-a-register', stage: 'state', transform: spare }],
  isWild: true,
  level: 'state',
  rule: 'call',
  alsoRight: ['call_r'],
  witness: `(module
    (func $g (export "g") (param i32) (result i32) (local i32 i32 i32 i32 i32)
      (local.set 1 (i32.mul (local.get 0) (i32.const 3)))
      (local.set 2 (i32.mul (local.get 0) (i32.const 5)))
      (local.set 3 (i32.mul (local.get 0) (i32.const 7)))
      (local.set 4 (i32.mul (local.get 0) (i32.const 11)))
      (local.set 5 (i32.mul (local.get 0) (i32.const 13)))
      (i32.sub (local.get 1) (i32.div_u (local.get 2) (i32.or (i32.const 1) (i32.sub (local.get 3) (i32.rem_u (local.get 4) (i32.or (i32.const 1) (local.get 5))))))))
    (func (export "f") (param i32 i32) (result i32)
      (i32.sub (call $g (local.get 0)) (local.get 1))))`,
};
