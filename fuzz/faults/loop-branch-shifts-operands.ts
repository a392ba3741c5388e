// A frontend fault: the default edge of a br_table that leads to a loop takes its operands from one place too deep in the stack.
// Needs a loop with parameters whose number is not that of its results, reached by the default of a table; wrong values are carried round.

import { argumentAt, argumentCount, type BlockCall, blockOfCall, type Cfg, computeCfg, computeDominators, dominates, type IrFunction, type Level, maybeFirstBlock, maybeNextBlock, op, opcodeOf, setArgument, successorAt, successorCount, terminatorOf, typeOf } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

/** The call that passes the arguments of an edge: its own, or that of a block on the way that only jumps. */
function passingCall(f: IrFunction, call: BlockCall): BlockCall {
  const last = terminatorOf(f, blockOfCall(f, call));
  return argumentCount(f, call) === 0 && opcodeOf(f, last) === op.jump ? successorAt(f, last, 0) : call;
}

function shift(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  const cfg: Cfg = computeCfg(f);
  const tree = computeDominators(cfg);
  for (let block = maybeFirstBlock(f); block !== undefined; block = maybeNextBlock(f, block)) {
    const last = terminatorOf(f, block);
    if (opcodeOf(f, last) !== op.br_table) continue;
    const call = passingCall(f, successorAt(f, last, successorCount(f, last) - 1));
    const isLoop = dominates(tree, blockOfCall(f, call), block);
    if (!isLoop || argumentCount(f, call) < 2) continue;
    const [first, second] = [argumentAt(f, call, 0), argumentAt(f, call, 1)];
    if (typeOf(f, first) !== typeOf(f, second)) continue;
    setArgument(f, call, 1, first);
    setArgument(f, call, 0, second);
  }
  return level;
}

export const loopBranchShiftsOperands: PlantedFault = {
  name: 'loop-branch-shifts-operands',
  summary: 'the default edge of a br_table to a loop passes its operands from the wrong place',
  history: 'Cranelift, 2020 (cc8630d9b4, 6ad0b04f05): branches to a loop passed as many operands as it has results; mended for br, later for the default of br_table',
  component: 'frontend',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'loop-branch-shifts-operands', stage: 'translate', transform: shift }],
  level: 'translate',
  witness: `(module (func (export "f") (param i32) (result i32) (local $n i32)
    (i32.const 1) (i32.const 2)
    (loop $l (param i32 i32) (result i32)
      (i32.sub)
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (if (param i32) (result i32) (i32.gt_u (local.get $n) (i32.const 3)) (then) (else (i32.const 7) (br_table $l (local.get $n)))))))`,
};
