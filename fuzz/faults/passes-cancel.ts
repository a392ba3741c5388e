// Faults of two passes that make up for each other: what one leaves is wrong, what the next leaves is right again. The ends agree, for as long as nobody
// changes the order of passes, or takes one out.

import { asInst, instCount, type Level, maybeBlockOf, op, opcodeOf, operandAt, setOperand, type TransformerFault } from '../../compiler/inside.ts';

function swapDifferences(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  for (let number = 0; number < instCount(f); number++) {
    const inst = asInst(number);
    if (opcodeOf(f, inst) !== op.isub || maybeBlockOf(f, inst) === undefined) continue;
    const first = operandAt(f, inst, 0);
    setOperand(f, inst, 0, operandAt(f, inst, 1));
    setOperand(f, inst, 1, first);
  }
  return level;
}

const after = (stage: 'simplify' | 'number-values'): TransformerFault => ({ kind: 'transformer', name: `passes-cancel after ${stage}`, stage, transform: swapDifferences });

/** Not among the faults that engines must show: they never do. */
export const passesCancel = {
  name: 'passes-cancel',
  summary: 'simplify leaves differences turned round, and number-values turns them back',
  history: 'none by itself; the class of passes that are right only in the company of others',
  oracle: 'passes',
  faults: [after('simplify'), after('number-values')],
  witness: '(module (func (export "f") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1))))',
} as const;
