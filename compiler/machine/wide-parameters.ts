// Finds block parameters of type i32 that are better kept zero-extended to 64 bits, so that a `uextend` of one costs nothing.
// That pays where the extension would stand in a loop: an index that goes round. A parameter is chosen if it is extended somewhere (or passed to a
// chosen one) and every argument for it is cleared above for free: a constant, a result of an instruction that clears the upper half, or
// another chosen parameter. An argument that enters the loop from outside may cost an extension on its edge.
// Not choosing is always right; choosing is too, since whoever passes an argument extends it where that is not free.
// Cost: linear in instructions, and a few rounds over the arguments of branches if anything is extended at all.

import { type Value, asBlock } from '../base/entity.ts';
import { newBytes } from '../base/storage.ts';
import {
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  entryBlock,
  firstOperand,
  maybeDefinitionOf,
  maybeFirstInst,
  maybeFirstParameter,
  maybeNextInst,
  maybeNextParameter,
  maybeParameterBlockOf,
  opcodeOf,
  successorAt,
  successorCount,
  terminatorOf,
  typeOf,
  valueCount,
} from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcodes.ts';
import { i32 } from '../ir/types.ts';
import type { BlockOrder } from './block-order.ts';

const maxRounds = 4;

/** By value, 1 for a parameter to keep at 8 bytes; undefined when there is none. `clears` tells opcodes whose i32 result clears the upper half. */
export function findWideParameters(f: IrFunction, order: BlockOrder, clears: (opcode: Opcode) => boolean): Uint8Array | undefined {
  const chosen = newBytes(valueCount(f));
  const entry = entryBlock(f);
  const isCandidate = (value: Value): boolean => {
    const block = maybeParameterBlockOf(f, value);
    return block !== undefined && block !== entry && typeOf(f, value) === i32;
  };
  let some = false;
  for (let i = 0; i < order.irBlock.length; i++) {
    const block = order.irBlock[i] as number;
    if (block < 0) continue;
    for (let inst = maybeFirstInst(f, asBlock(block)); inst !== undefined; inst = maybeNextInst(f, inst)) {
      if (opcodeOf(f, inst) !== op.uextend || !isCandidate(firstOperand(f, inst))) continue;
      chosen[firstOperand(f, inst)] = 1;
      some = true;
    }
  }
  if (!some) return undefined;

  const isFree = (argument: Value): boolean => {
    const definition = maybeDefinitionOf(f, argument);
    if (definition === undefined) return chosen[argument] === 1;
    const opcode = opcodeOf(f, definition);
    return opcode === op.iconst || clears(opcode);
  };
  // Chosen parameters choose the parameters passed to them, then those with an argument that is not free go, and so on.
  for (let round = 0; round < maxRounds; round++) {
    let changed = false;
    eachArgument(f, order, (parameter, argument) => {
      if (chosen[parameter] === 1 && round === 0 && chosen[argument] === 0 && isCandidate(argument)) {
        chosen[argument] = 1;
        changed = true;
      }
    });
    eachArgument(f, order, (parameter, argument, enters) => {
      if (chosen[parameter] === 1 && !enters && !isFree(argument)) {
        chosen[parameter] = 0;
        changed = true;
      }
    });
    if (!changed) break;
  }
  return chosen;
}

/** Visits every argument of every branch with the parameter it is for; `enters` says whether the edge leads into a deeper loop. */
function eachArgument(f: IrFunction, order: BlockOrder, visit: (parameter: Value, argument: Value, enters: boolean) => void): void {
  const { irBlock, blockOf, loopDepth } = order;
  for (let i = 0; i < irBlock.length; i++) {
    const block = irBlock[i] as number;
    if (block < 0) continue;
    const end = terminatorOf(f, asBlock(block));
    for (let s = 0, n = successorCount(f, end); s < n; s++) {
      const call = successorAt(f, end, s);
      const target = blockOfCall(f, call);
      const enters = (loopDepth[i] as number) < (loopDepth[blockOf[target] as number] as number);
      let parameter = maybeFirstParameter(f, target);
      for (let a = 0, count = argumentCount(f, call); a < count && parameter !== undefined; a++) {
        visit(parameter, argumentAt(f, call, a), enters);
        parameter = maybeNextParameter(f, parameter);
      }
    }
  }
}
