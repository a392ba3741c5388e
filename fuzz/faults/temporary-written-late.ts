// A fault of operand metadata: temporaries, which are written before the sources have been read, are said to be written with the results.
// The allocator may then put one where a source still is. Tables of branches have temporaries.

import type { Level } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

// Bits of a packed operand, see compiler/regalloc/operand.ts.
const defBit = 1 << 20;
const lateBit = 1 << 21;

function late(level: Level): Level {
  if (level.level !== 'problem') return level;
  const { stated } = level;
  const operands = stated.problem.operands.map((operand) => ((operand & defBit) !== 0 ? operand | lateBit : operand));
  return { ...level, stated: { ...stated, problem: { ...stated.problem, operands } } };
}

export const temporaryWrittenLate: PlantedFault = {
  name: 'temporary-written-late',
  summary: 'temporaries may share a register with a source',
  history: 'regalloc2, 2022 (433e8b3): a temporary was modelled so that it conflicted with too little',
  component: 'allocation',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'temporary-written-late', stage: 'state', transform: late }],
  isWild: true,
  level: 'state',
  rule: 'jump_table',
  witness: `(module (func (export "f") (param i32) (result i32)
    (block $a (block $b (block $c (block $d (br_table $a $b $c $d (i32.and (local.get 0) (i32.const 3)))) (return (i32.const 11))) (return (i32.const 12))) (return (i32.const 13))) (i32.const 14)))`,
};
