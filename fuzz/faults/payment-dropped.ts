// A fault of the mid-end: of two stores to the fuel cell in one block the earlier is taken for dead, though what lies between may trap. The sum comes out right
// whenever the block is left at its end; a call that traps in the middle has paid too little. Engines compare what a call does, not what it cost.

import { type Level, maybeFirstBlock, maybeFirstInst, maybeNextBlock, maybeNextInst, memoryFlagsOf, opcodeOf, op, removeInst, rowOf, type Inst } from '../../compiler/inside.ts';

function dropPayments(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  for (let block = maybeFirstBlock(f); block !== undefined; block = maybeNextBlock(f, block)) {
    let earlier: Inst | undefined;
    for (let inst = maybeFirstInst(f, block); inst !== undefined; inst = maybeNextInst(f, inst)) {
      const { effect } = rowOf(opcodeOf(f, inst));
      const isFuel = (effect === 'load' || effect === 'store') && memoryFlagsOf(f, inst).region === 'fuel';
      if (effect === 'call' || (effect === 'load' && isFuel)) earlier = undefined;
      if (opcodeOf(f, inst) !== op.store || !isFuel) continue;
      if (earlier !== undefined) removeInst(f, earlier);
      earlier = inst;
    }
  }
  return level;
}

/** Not among the faults that engines must show: they never do. */
export const paymentDropped = {
  name: 'payment-dropped',
  summary: 'a store to the fuel cell that another follows in its block is dropped',
  history: 'none by itself; the class of store elimination that forgets that a trap observes what was stored before it',
  oracle: 'fuel',
  faults: [{ kind: 'transformer', name: 'payment-dropped', stage: 'number-values', transform: dropPayments }],
  witness: '(module (memory 1) (func (export "f") (param i32) (result i32) (i32.store (i32.const 0) (local.get 0)) (i32.load (i32.const -8))))',
} as const;
