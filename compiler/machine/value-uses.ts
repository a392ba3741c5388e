// How often values are used and where memory may have changed: what the selector asks before it merges one instruction into another.
//
// Use state: 0 unused, 1 once, 2 several times. A value that a several-times-used pure value is computed from counts as used several times itself,
// because its user may be computed anew for each use; so a load in state 1 is executed once wherever it is merged.
// Colour: a number that grows at every instruction with an effect, traps included. Between two instructions of one block with equal colour nothing
// can change memory or trap, so a load may move from the one to the other.

import { type Value, asBlock, asValue } from '../base/entity.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import {
  type IrFunction,
  argumentAt,
  argumentCount,
  detailOf,
  instCount,
  maybeDefinitionOf,
  maybeFirstInst,
  maybeNextInst,
  opcodeOf,
  operandAt,
  operandCount,
  successorAt,
  successorCount,
  terminatorOf,
  valueCount,
} from '../ir/function.ts';
import { type Opcode, opcodeCount, rowOf } from '../ir/opcodes.ts';

const effectIsNone = Uint8Array.from({ length: opcodeCount }, (_, code) => (rowOf(code as Opcode).effect === 'none' ? 1 : 0));
const effectIsLoad = Uint8Array.from({ length: opcodeCount }, (_, code) => (rowOf(code as Opcode).effect === 'load' ? 1 : 0));
const effectIsGuarded = Uint8Array.from({ length: opcodeCount }, (_, code) => (rowOf(code as Opcode).effect === 'guarded' ? 1 : 0));

export const isPure = (opcode: Opcode): boolean => effectIsNone[opcode] === 1;
export const isLoad = (opcode: Opcode): boolean => effectIsLoad[opcode] === 1;
/** An instruction that may be left out when nobody uses its result. */
export const mayBeDropped = (opcode: Opcode): boolean => effectIsNone[opcode] === 1 || effectIsGuarded[opcode] === 1;

/** Trap code in an access's packed flags. */
export const trapOfFlags = (flags: number): number => (flags >> 5) & 31;
export const isReadonlyFlags = (flags: number): boolean => (flags & 16) !== 0;

export interface ValueUses {
  /** 0, 1 or 2 by value. */
  readonly state: Uint8Array;
  /** Colour before each instruction. */
  readonly colour: Int32Array;
}

/** Scans the blocks in `blocks` (IR block numbers; negative ones are skipped). */
export function countUses(f: IrFunction, blocks: Int32Array): ValueUses {
  const state = newBytes(valueCount(f));
  const colour = newInt32s(instCount(f));
  const several = new Int32Column();
  let current = 0;
  const use = (value: Value): void => {
    const before = state[value] as number;
    if (before === 2) return;
    state[value] = before + 1;
    if (before === 1) several.push(value);
  };
  for (let i = 0; i < blocks.length; i++) {
    const number = blocks[i] as number;
    if (number < 0) continue;
    const block = asBlock(number);
    current++;
    for (let inst = maybeFirstInst(f, block); inst !== undefined; inst = maybeNextInst(f, inst)) {
      const opcode = opcodeOf(f, inst);
      colour[inst] = current;
      if (effectIsNone[opcode] === 0 && effectIsGuarded[opcode] === 0 && (effectIsLoad[opcode] === 0 || trapOfFlags(detailOf(f, inst)) !== 0)) current++;
      const n = operandCount(f, inst);
      for (let o = 0; o < n; o++) use(operandAt(f, inst, o));
    }
    const end = terminatorOf(f, block);
    const successors = successorCount(f, end);
    for (let s = 0; s < successors; s++) {
      const call = successorAt(f, end, s);
      const count = argumentCount(f, call);
      for (let a = 0; a < count; a++) use(argumentAt(f, call, a));
    }
    while (several.length > 0) {
      const value = asValue(several.at(several.length - 1));
      several.length--;
      const definition = maybeDefinitionOf(f, value);
      if (definition === undefined || effectIsNone[opcodeOf(f, definition)] === 0) continue;
      const count = operandCount(f, definition);
      for (let o = 0; o < count; o++) {
        const operand = operandAt(f, definition, o);
        if (state[operand] === 2) continue;
        state[operand] = 2;
        several.push(operand);
      }
    }
  }
  return { state, colour };
}
