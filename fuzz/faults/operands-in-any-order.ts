// Additions whose operands are swapped now and then: every answer is right, and no two compilations need be the same.
// The class: an order that comes from a cache or a set, not from the input. No engine ever disagrees; only whoever compiles twice sees it.

import { instCount, op, opcodeOf, operandAt, setOperand, asInst } from '../../compiler/inside.ts';
import type { TransformerFault } from '../../compiler/inside.ts';

let functions = 0;

const swap: TransformerFault = {
  kind: 'transformer',
  name: 'operands-in-any-order',
  stage: 'translate',
  transform: (level) => {
    if (level.level !== 'ir' || Math.imul(++functions, 0x9e3779b9) >>> 31 === 0) return level;
    const { f } = level;
    for (let i = 0; i < instCount(f); i++) {
      const inst = asInst(i);
      if (opcodeOf(f, inst) !== op.iadd) continue;
      const first = operandAt(f, inst, 0);
      setOperand(f, inst, 0, operandAt(f, inst, 1));
      setOperand(f, inst, 1, first);
    }
    return level;
  },
};

/** Not among the faults that engines must show: they never do. */
export const operandsInAnyOrder = {
  name: 'operands-in-any-order',
  summary: 'the operands of additions are swapped in about half of all functions',
  history: 'none by itself; the class of output that follows the order of a hash table',
  oracle: 'determinism',
  faults: [swap],
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
} as const;
