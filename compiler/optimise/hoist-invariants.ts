// Moves operations out of loops that give the same in every round.
// Needs:  loops; runs best after number-values, which makes equal operations one.
// Leaves: same CFG; instructions moved to the end of the block before their loop.
// Method: loops from the inside out. A loop is left alone unless it has one entry edge, from a block that does nothing but go there: then what is
//         moved there runs exactly when the loop is entered. An operation moves if it is pure and all its operands come from outside; blocks of
//         a loop are visited in reverse postorder, so that operands move before their users. Readonly loads without a trap code from the
//         vmctx move too, for those bytes are always there. Nothing else does: a guarded operation or a load may stand behind a check.
//         Constants move only along with an operation that uses them: by themselves they are cheap where they are used, and a value held through a
//         loop is not.
// Cost:   linear in instructions times nesting depth.
// Source: Muchnick, ch. 13.2 (loop-invariant code motion).

import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { type Block, type Inst, asBlock } from '../base/entity.ts';
import { isReadonly, regionOfFlags, trapOfFlags } from '../analysis/aliases.ts';
import { type Cfg, computeCfg, predecessorAt, predecessorCount, reachableCount, reversePostorderAt } from '../analysis/cfg.ts';
import { computeDominators, dominates } from '../analysis/dominators.ts';
import { type Loops, computeLoops, loopContains } from '../analysis/loops.ts';
import {
  type IrFunction,
  definingBlockOf,
  detailOf,
  insertInstBefore,
  maybeBlockOf,
  maybeDefinitionOf,
  maybeFirstInst,
  maybeNextInst,
  opcodeOf,
  operandAt,
  operandCount,
  regions,
  removeInst,
  terminatorOf,
} from '../ir/function.ts';
import { type Opcode, op, rowOf } from '../ir/opcodes.ts';
import { isConstant } from '../ir/typing.ts';

export function hoistInvariants(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const tree = computeDominators(cfg);
  const loops = computeLoops(cfg, tree);
  if (loops.header.length === 0) return;
  const blocks = blocksOfLoops(cfg, loops);
  for (let loop = 0; loop < loops.header.length; loop++) {
    const before = maybePreheader(f, cfg, loops, loop, (a, b) => dominates(tree, a, b));
    if (before !== undefined) hoistFrom(f, loops, loop, blocks[loop] ?? [], before, control);
  }
}

/** Blocks of each loop, those of inner loops included, in reverse postorder. */
function blocksOfLoops(cfg: Cfg, loops: Loops): readonly (readonly Block[])[] {
  const blocks: Block[][] = loops.header.map(() => []);
  for (let n = 0; n < reachableCount(cfg); n++) {
    const block = reversePostorderAt(cfg, n);
    for (let loop = loops.loopOf[block] as number; loop !== -1; loop = loops.parent[loop] as number) blocks[loop]?.push(block);
  }
  return blocks;
}

/** The only block outside the loop that branches to its header, if it goes nowhere else. */
function maybePreheader(f: IrFunction, cfg: Cfg, loops: Loops, loop: number, above: (a: Block, b: Block) => boolean): Block | undefined {
  const header = asBlock(loops.header[loop] as number);
  let before: Block | undefined;
  for (let e = 0; e < predecessorCount(cfg, header); e++) {
    const source = predecessorAt(cfg, header, e);
    if (above(header, source)) continue;
    if (before !== undefined) return undefined;
    before = source;
  }
  return before !== undefined && opcodeOf(f, terminatorOf(f, before)) === op.jump ? before : undefined;
}

function hoistFrom(f: IrFunction, loops: Loops, loop: number, blocks: readonly Block[], before: Block, control: Control): void {
  const last = terminatorOf(f, before);
  for (const block of blocks) {
    let next: Inst | undefined;
    for (let i = maybeFirstInst(f, block); i !== undefined; i = next) {
      next = maybeNextInst(f, i);
      if (!mayMove(f, i) || !comesFromOutside(f, loops, loop, i) || !control.may('hoist-invariants')) continue;
      control.fired('hoist-invariants');
      for (let n = 0; n < operandCount(f, i); n++) {
        const operand = maybeDefinitionOf(f, operandAt(f, i, n));
        if (operand !== undefined && isRooted(opcodeOf(f, operand)) && loopContains(loops, loop, blockOf(f, operand))) move(f, operand, last);
      }
      move(f, i, last);
    }
  }
}

function move(f: IrFunction, inst: Inst, before: Inst): void {
  removeInst(f, inst);
  insertInstBefore(f, inst, before);
}

function blockOf(f: IrFunction, inst: Inst): Block {
  return maybeBlockOf(f, inst) ?? bug('an operand without a place', `inst${inst}`);
}

/** True for operations that depend on nothing: constants, the vmctx. */
function isRooted(opcode: Opcode): boolean {
  return isConstant(opcode) || opcode === op.vmctx;
}

function mayMove(f: IrFunction, inst: Inst): boolean {
  const opcode = opcodeOf(f, inst);
  switch (rowOf(opcode).effect) {
    case 'none':
      // select_guard belongs to the access it guards.
      return !isRooted(opcode) && opcode !== op.select_guard;
    case 'load': {
      const flags = detailOf(f, inst);
      return isReadonly(flags) && trapOfFlags(flags) === 0 && regionOfFlags(flags) === regions.vmctx;
    }
    default:
      return false;
  }
}

/** True if every operand is defined outside the loop, or is a constant or the vmctx. */
function comesFromOutside(f: IrFunction, loops: Loops, loop: number, inst: Inst): boolean {
  for (let n = 0; n < operandCount(f, inst); n++) {
    const value = operandAt(f, inst, n);
    const definition = maybeDefinitionOf(f, value);
    if (definition !== undefined && isRooted(opcodeOf(f, definition))) continue;
    if (loopContains(loops, loop, definition === undefined ? definingBlockOf(f, value) : blockOf(f, definition))) return false;
  }
  return true;
}
