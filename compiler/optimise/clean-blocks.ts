// Tidies control flow: decides branches on constants, ends blocks at checks that must fail, forgets unreachable blocks, leads branches past
// empty blocks, and joins a block with its only predecessor.
// Needs:  nothing.
// Leaves: the same traps, calls and stores in the same order on every path; fewer blocks; parameters of joined blocks replaced by aliases.
//         The entry block stays the entry, and nothing branches to it.
// Method: one round of each step, in the order above: decisions make blocks unreachable, forgetting those makes predecessors single.
// Cost:   linear in instructions and edges; a chain of empty blocks is followed at most `maxHops` far, so that a circle of them ends.

import { type Block, type Inst, type Value } from '../base/entity.ts';
import type { Control } from '../base/control.ts';
import { newBytes } from '../base/storage.ts';
import { computeCfg, isReachable, predecessorCount, reachableCount, reversePostorderAt } from '../analysis/cfg.ts';
import {
  type BlockCall,
  type IrFunction,
  appendInst,
  argumentAt,
  argumentCount,
  blockCount,
  blockOfCall,
  constantHighOf,
  constantLowOf,
  createBlockCall,
  createInst,
  entryBlock,
  firstOperand,
  immediateOf,
  maybeDefinitionOf,
  maybeFirstBlock,
  maybeFirstInst,
  maybeFirstParameter,
  maybeNextBlock,
  maybeNextInst,
  maybeNextParameter,
  opcodeOf,
  originOf,
  parameterCount,
  removeBlock,
  removeInst,
  replaceValue,
  setSuccessor,
  successorAt,
  successorCount,
  terminatorOf,
} from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { isConstant } from '../ir/typing.ts';

const maxHops = 8;

export function cleanBlocks(f: IrFunction, control: Control): void {
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    endAtCertainTrap(f, b, control);
    decideBranch(f, b, control);
  }
  threadJumps(f, control);
  removeUnreachable(f, control);
  joinBlocks(f, control);
}

/** The instruction that makes `value` constant, if one does. */
function maybeConstant(f: IrFunction, value: Value): Inst | undefined {
  const definition = maybeDefinitionOf(f, value);
  return definition !== undefined && isConstant(opcodeOf(f, definition)) ? definition : undefined;
}

/** A check on a constant that must fail becomes the end of its block. */
function endAtCertainTrap(f: IrFunction, block: Block, control: Control): void {
  for (let i = maybeFirstInst(f, block); i !== undefined; i = maybeNextInst(f, i)) {
    const opcode = opcodeOf(f, i);
    if (opcode !== op.trapz && opcode !== op.trapnz) continue;
    const constant = maybeConstant(f, firstOperand(f, i));
    if (constant === undefined) continue;
    const isZero = constantLowOf(f, constant) === 0 && constantHighOf(f, constant) === 0;
    if (isZero !== (opcode === op.trapz) || !control.may('clean-blocks/certain-trap')) continue;
    control.fired('clean-blocks/certain-trap');
    const trap = createInst(f, op.trap, 0, 0, -1, -1, -1, immediateOf(f, i), originOf(f, i));
    let next: Inst | undefined = i;
    while (next !== undefined) {
      const dead: Inst = next;
      next = maybeNextInst(f, dead);
      removeInst(f, dead);
    }
    appendInst(f, block, trap);
    return;
  }
}

function decideBranch(f: IrFunction, block: Block, control: Control): void {
  const last = terminatorOf(f, block);
  const opcode = opcodeOf(f, last);
  if (opcode !== op.brif && opcode !== op.br_table) return;
  const constant = maybeConstant(f, firstOperand(f, last));
  let taken: BlockCall;
  if (constant !== undefined) {
    const value = constantLowOf(f, constant);
    if (opcode === op.brif) taken = successorAt(f, last, value !== 0 ? 0 : 1);
    else taken = successorAt(f, last, Math.min(value >>> 0, successorCount(f, last) - 1));
  } else {
    taken = successorAt(f, last, 0);
    for (let s = 1; s < successorCount(f, last); s++) if (!sameCall(f, taken, successorAt(f, last, s))) return;
  }
  if (!control.may('clean-blocks/decide-branch')) return;
  control.fired('clean-blocks/decide-branch');
  const jump = createInst(f, op.jump, 0, 0, taken, -1, -1, 0, originOf(f, last));
  removeInst(f, last);
  appendInst(f, block, jump);
}

function sameCall(f: IrFunction, a: BlockCall, b: BlockCall): boolean {
  if (blockOfCall(f, a) !== blockOfCall(f, b)) return false;
  for (let i = 0; i < argumentCount(f, a); i++) if (argumentAt(f, a, i) !== argumentAt(f, b, i)) return false;
  return true;
}

/**
 * Leads every branch past blocks that hold nothing but a jump. The block between must have no parameters; the values it passes on are defined
 * outside it, so they dominate it and therefore each of its predecessors.
 */
function threadJumps(f: IrFunction, control: Control): void {
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    const last = terminatorOf(f, b);
    for (let s = 0; s < successorCount(f, last); s++) {
      const call = successorAt(f, last, s);
      let final = call;
      for (let hops = 0; hops < maxHops; hops++) {
        const onward = maybeOnward(f, blockOfCall(f, final));
        if (onward === undefined || blockOfCall(f, onward) === blockOfCall(f, final)) break;
        final = onward;
      }
      if (final === call || !control.may('clean-blocks/thread-jump')) continue;
      control.fired('clean-blocks/thread-jump');
      const args: Value[] = [];
      for (let i = 0; i < argumentCount(f, final); i++) args.push(argumentAt(f, final, i));
      setSuccessor(f, last, s, createBlockCall(f, blockOfCall(f, final), args));
    }
  }
}

/** Where an empty block without parameters jumps to. */
function maybeOnward(f: IrFunction, block: Block): BlockCall | undefined {
  const first = maybeFirstInst(f, block);
  if (first === undefined || opcodeOf(f, first) !== op.jump || parameterCount(f, block) !== 0) return undefined;
  return successorAt(f, first, 0);
}

/** Not an optional change: what deciding branches and ending blocks left behind may use values that are gone. */
function removeUnreachable(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  let next: Block | undefined;
  for (let b = maybeFirstBlock(f); b !== undefined; b = next) {
    next = maybeNextBlock(f, b);
    if (isReachable(cfg, b)) continue;
    control.fired('clean-blocks/unreachable');
    removeBlock(f, b);
  }
}

/** Joins blocks in reverse postorder, so that each instruction moves at most once: a block takes in its whole chain before the chain's members are met. */
function joinBlocks(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const joined = newBytes(blockCount(f));
  for (let n = 0; n < reachableCount(cfg); n++) {
    const block = reversePostorderAt(cfg, n);
    if (joined[block] === 1) continue;
    for (let last = terminatorOf(f, block); opcodeOf(f, last) === op.jump; last = terminatorOf(f, block)) {
      const call = successorAt(f, last, 0);
      const target = blockOfCall(f, call);
      if (target === block || target === entryBlock(f) || predecessorCount(cfg, target) !== 1 || !control.may('clean-blocks/join')) break;
      control.fired('clean-blocks/join');
      join(f, block, last, call, target);
      joined[target] = 1;
    }
  }
}

/** Moves what `target` holds to the end of `block`, in place of the jump there. */
function join(f: IrFunction, block: Block, jump: Inst, call: BlockCall, target: Block): void {
  let number = 0;
  for (let v = maybeFirstParameter(f, target); v !== undefined; v = maybeNextParameter(f, v)) replaceValue(f, v, argumentAt(f, call, number++));
  removeInst(f, jump);
  let next: Inst | undefined;
  for (let i = maybeFirstInst(f, target); i !== undefined; i = next) {
    next = maybeNextInst(f, i);
    removeInst(f, i);
    appendInst(f, block, i);
  }
  removeBlock(f, target);
}
