// A fault of value numbering: a load of memory takes what an earlier load of the same address gave, though a store lies between.

import { firstOperand, immediateOf, type Level, maybeFirstBlock, maybeFirstInst, maybeNextBlock, maybeNextInst, memoryFlagsOf, op, opcodeOf, removeInst, replaceValue, resultOf, rowOf, typeOf, type Inst } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

function forget(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  for (let block = maybeFirstBlock(f); block !== undefined; block = maybeNextBlock(f, block)) {
    const known = new Map<string, Inst>();
    let next: Inst | undefined;
    for (let inst = maybeFirstInst(f, block); inst !== undefined; inst = next) {
      next = maybeNextInst(f, inst);
      const opcode = opcodeOf(f, inst);
      const { effect } = rowOf(opcode);
      if (opcode === op.call || opcode === op.call_indirect || opcode === op.libcall) known.clear();
      if (effect !== 'load' || (memoryFlagsOf(f, inst).region !== 'memory' && memoryFlagsOf(f, inst).region !== 'global')) continue;
      const key = `${opcode} ${typeOf(f, resultOf(f, inst))} ${firstOperand(f, inst)} ${immediateOf(f, inst)} ${memoryFlagsOf(f, inst).region}`;
      const earlier = known.get(key);
      if (earlier === undefined) known.set(key, inst);
      else {
        replaceValue(f, resultOf(f, inst), resultOf(f, earlier));
        removeInst(f, inst);
      }
    }
  }
  return level;
}

export const loadForgetsStore: PlantedFault = {
  name: 'load-forgets-store',
  summary: 'a second load gives what the first gave, whatever was stored between',
  history: 'Cranelift, 2026 (1f0294d34f): one memory carried two alias regions, so a load after a store of the other region was taken for a repeated one',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{ kind: 'transformer', name: 'load-forgets-store', stage: 'number-values', transform: forget }],
  level: 'number-values',
  witness: `(module (memory 1) (func (export "f") (param i32) (result i32) (local i32)
    (local.set 1 (i32.load (i32.and (local.get 0) (i32.const 0xff0))))
    (i32.store8 offset=1 (i32.and (local.get 0) (i32.const 0xff0)) (i32.const 77))
    (i32.add (i32.mul (local.get 1) (i32.const 3)) (i32.load (i32.and (local.get 0) (i32.const 0xff0))))))`,
};
