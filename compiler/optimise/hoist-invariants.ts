// Moves operations out of loops that give the same in every round.
// Needs:  loops; runs best after number-values, which makes equal operations one.
// Leaves: same CFG; instructions moved to the end of the block before their loop.
// Method: instructions in reverse postorder, so that operands move before their users; each goes as far out as its operands allow. A loop has a
//         place to move to if it has one entry edge, from a block that does nothing but go there: what stands there runs exactly when the loop is
//         entered. What moves is pure, or a readonly load without a trap code from the vmctx, whose bytes are always there; a guarded operation
//         or any other load may stand behind a check. Constants move only along with an operation that uses them: by themselves they are cheap
//         where they are used, and a value held through a loop is not.
//         A definition that dominates a use in a loop lies in the loop exactly if the header dominates it.
// Cost:   linear; an instruction leaves at most `maxLevels` loops.
// Source: Muchnick, ch. 13.2 (loop-invariant code motion).

import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import type { Block, Inst } from '../base/entity.ts';
import { isReadonly, regionOfFlags, trapOfFlags } from '../analysis/aliases.ts';
import { type Cfg, computeCfg, predecessorAt, predecessorCount, reachableCount, reversePostorderAt } from '../analysis/cfg.ts';
import { type Dominators, computeDominators, dominates } from '../analysis/dominators.ts';
import { type Loops, computeLoops } from '../analysis/loops.ts';
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

const maxLevels = 8;

export function hoistInvariants(f: IrFunction, control: Control): void {
  const cfg = computeCfg(f);
  const tree = computeDominators(cfg);
  const loops = computeLoops(cfg, tree);
  if (loops.header.length === 0) return;
  const places = loops.header.map((header) => maybePlaceBefore(f, cfg, tree, header));
  for (let n = 0; n < reachableCount(cfg); n++) {
    const block = reversePostorderAt(cfg, n);
    const innermost = loops.loopOf[block] as number;
    if (innermost === -1) continue;
    let next: Inst | undefined;
    for (let i = maybeFirstInst(f, block); i !== undefined; i = next) {
      next = maybeNextInst(f, i);
      if (!mayMove(f, i)) continue;
      const place = maybePlaceFor(f, tree, loops, places, innermost, i);
      if (place === undefined || !control.may('hoist-invariants')) continue;
      control.fired('hoist-invariants');
      moveWithConstants(f, tree, i, place);
    }
  }
}

/** The end of the only block outside a loop that branches to its header, if it goes nowhere else. */
function maybePlaceBefore(f: IrFunction, cfg: Cfg, tree: Dominators, header: Block): Inst | undefined {
  let before: Block | undefined;
  for (let e = 0; e < predecessorCount(cfg, header); e++) {
    const source = predecessorAt(cfg, header, e);
    if (dominates(tree, header, source)) continue;
    if (before !== undefined) return undefined;
    before = source;
  }
  if (before === undefined) return undefined;
  const last = terminatorOf(f, before);
  return opcodeOf(f, last) === op.jump ? last : undefined;
}

/** The outermost place that an instruction may move to. */
function maybePlaceFor(f: IrFunction, tree: Dominators, loops: Loops, places: readonly (Inst | undefined)[], innermost: number, inst: Inst): Inst | undefined {
  let place: Inst | undefined;
  let loop = innermost;
  for (let level = 0; level < maxLevels && loop !== -1; level++) {
    if (!comesFromOutside(f, tree, loops.header[loop] as Block, inst)) break;
    place = places[loop] ?? place;
    loop = loops.parent[loop] as number;
  }
  return place;
}

/** Moves an instruction to just before `place`, after those constants among its operands that are not available there. */
function moveWithConstants(f: IrFunction, tree: Dominators, inst: Inst, place: Inst): void {
  const target = blockOf(f, place);
  for (let n = 0; n < operandCount(f, inst); n++) {
    const operand = maybeDefinitionOf(f, operandAt(f, inst, n));
    if (operand !== undefined && isRooted(opcodeOf(f, operand)) && !dominates(tree, blockOf(f, operand), target)) move(f, operand, place);
  }
  move(f, inst, place);
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

/** True if every operand is defined outside the loop with this header, or is a constant or the vmctx. */
function comesFromOutside(f: IrFunction, tree: Dominators, header: Block, inst: Inst): boolean {
  for (let n = 0; n < operandCount(f, inst); n++) {
    const value = operandAt(f, inst, n);
    const definition = maybeDefinitionOf(f, value);
    if (definition !== undefined && isRooted(opcodeOf(f, definition))) continue;
    if (dominates(tree, header, definition === undefined ? definingBlockOf(f, value) : blockOf(f, definition))) return false;
  }
  return true;
}
