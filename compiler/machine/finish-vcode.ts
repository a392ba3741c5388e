// Puts what the selector staged into its final order: blocks forward, the groups of a block reversed, virtual registers numbered by first
// appearance like constants, aliases resolved, successors read off the branches.

import { type VReg, asBlock, asVReg } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import type { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import { type IrFunction, maybeFirstParameter, maybeNextParameter } from '../ir/function.ts';
import type { BlockOrder } from './block-order.ts';
import { type InstructionRow, type InstructionSet, bases, memoryCells } from './instruction.ts';
import { Vcode, vregClasses, beginBlock, beginInst, bytesOfVReg, classOfVReg, constantBytes, constantOf, constantWord, createVReg, endCellOf, firstCellOf, rowOfInst, widenVReg } from './vcode.ts';

export interface Staged {
  readonly order: BlockOrder;
  readonly f: IrFunction;
  /** First instruction of each group, in the order of visiting. */
  readonly groupStart: Int32Column;
  /** First group of each block; the groups of block n end where those of block n - 1 begin. */
  readonly blockFirstGroup: Int32Array;
  readonly aliasOf: Int32Column;
  /** Per block, position in `argumentCells` of a count and that many virtual registers, or -1. */
  readonly argumentsOf: Int32Array;
  readonly argumentCells: Int32Column;
  readonly valueVReg: Int32Array;
  readonly instructions: InstructionSet<InstructionRow>;
  readonly narrowCopy: number;
}

export function finishVcode(stage: Vcode, staged: Staged): Vcode {
  const { order, groupStart, blockFirstGroup, f } = staged;
  const v = new Vcode(f.index, f.signature, stage.rows.length, stage.cells.length, stage.vregs.length, order.count);
  const renamed = newInt32s(staged.aliasOf.length).fill(-1);
  const lastSource = newInt32s(order.count).fill(-1);
  const rootOf = (vreg: number): VReg => {
    let root = vreg;
    for (let next = staged.aliasOf.at(root); next >= 0; next = staged.aliasOf.at(root)) root = next;
    return asVReg(root);
  };
  const rename = (vreg: number): VReg => {
    const root = rootOf(vreg);
    let number = renamed[root] as number;
    if (number < 0) {
      number = createVReg(v, classOfVReg(stage, root), bytesOfVReg(stage, root));
      renamed[root] = number;
    }
    return asVReg(number);
  };
  // An alias may have been asked for more bytes than the register it stands for.
  for (let r = 0; r < staged.aliasOf.length; r++) {
    if (staged.aliasOf.at(r) < 0) continue;
    const root = rootOf(r);
    const bytes = bytesOfVReg(stage, asVReg(r));
    if (bytes > bytesOfVReg(stage, root)) widenVReg(stage, root, bytes);
  }
  for (let block = 0; block < order.count; block++) {
    beginBlock(v, order.loopDepth[block] as number);
    const irBlock = order.irBlock[block] as number;
    if (irBlock >= 0 && block !== 0) {
      for (let p = maybeFirstParameter(staged.f, asBlock(irBlock)); p !== undefined; p = maybeNextParameter(staged.f, p)) {
        v.parameters.push(rename(staged.valueVReg[p] as number));
      }
    }
    const endGroup = block === 0 ? groupStart.length : (blockFirstGroup[block - 1] as number);
    for (let group = endGroup - 1; group >= (blockFirstGroup[block] as number); group--) {
      const end = group + 1 < groupStart.length ? groupStart.at(group + 1) : stage.rows.length;
      for (let inst = groupStart.at(group); inst < end; inst++) {
        // The branch that passes arguments is the block's last instruction.
        if (group === blockFirstGroup[block] && inst === end - 1) passArguments(v, stage, inst, block, staged, rename, rootOf);
        copyInst(v, stage, inst, block, staged.instructions, rename, lastSource);
      }
    }
  }
  v.stackCheck = stage.stackCheck;
  v.outgoingBytes = stage.outgoingBytes;
  v.keepsVmctx = stage.keepsVmctx;
  return v;
}

/** Notes the arguments of a block in front of its branch. An argument with more meaningful bytes than its parameter is copied first. */
function passArguments(
  v: Vcode,
  stage: Vcode,
  branch: number,
  block: number,
  staged: Staged,
  rename: (vreg: number) => VReg,
  rootOf: (vreg: number) => VReg,
): void {
  const args = staged.argumentsOf[block] as number;
  if (args < 0) return;
  const n = staged.argumentCells.at(args);
  const target = staged.order.irBlock[stage.cells.at(firstCellOf(stage, branch))] as number;
  let parameter = maybeFirstParameter(staged.f, asBlock(target));
  for (let i = 1; i <= n; i++) {
    if (parameter === undefined) bug('more arguments than parameters', `block${block}`);
    const bytes = bytesOfVReg(stage, rootOf(staged.valueVReg[parameter] as number));
    let vreg = rename(staged.argumentCells.at(args + i));
    if (bytes < bytesOfVReg(v, vreg)) {
      const copy = createVReg(v, vregClasses.integer, bytes);
      beginInst(v, staged.narrowCopy, stage.origins.at(branch), 0, -1);
      v.cells.push(copy);
      v.cells.push(vreg);
      vreg = copy;
    }
    v.arguments.push(vreg);
    parameter = maybeNextParameter(staged.f, parameter);
  }
}

function copyInst(
  v: Vcode,
  stage: Vcode,
  inst: number,
  block: number,
  instructions: InstructionSet<InstructionRow>,
  rename: (vreg: number) => VReg,
  lastSource: Int32Array,
): void {
  const row = rowOfInst(stage, inst);
  const shape = instructions.shape(row);
  const from = firstCellOf(stage, inst);
  const end = endCellOf(stage, inst);
  beginInst(v, row, stage.origins.at(inst), stage.traps.at(inst), stage.rules.at(inst));
  const to = v.cells.length;
  for (let cell = from; cell < end; cell++) v.cells.push(stage.cells.at(cell));
  const program = shape.program;
  for (let i = 0; i < program.length; i += 2) {
    const at = to + (program[i] as number);
    const vreg = v.cells.at(at);
    if (vreg >= 0) v.cells.set(at, rename(vreg));
  }
  if (shape.memoryCell >= 0 && v.cells.at(to + shape.memoryCell) === bases.constant) {
    const displacement = to + shape.memoryCell + memoryCells.displacement;
    v.cells.set(displacement, copyConstant(v, stage, v.cells.at(displacement)));
  }
  if (!shape.variable && shape.row.ends === undefined) return;
  let cell = to;
  for (const operand of shape.operands) {
    switch (operand.kind) {
      case 'list': {
        const n = v.cells.at(cell);
        for (let i = 0; i < n; i++) v.cells.set(cell + 1 + 2 * i, rename(v.cells.at(cell + 1 + 2 * i)));
        cell += 1 + 2 * n;
        break;
      }
      case 'block':
        addSuccessor(v, block, v.cells.at(cell++), lastSource);
        break;
      case 'blocks': {
        const n = v.cells.at(cell++);
        for (let i = 0; i < n; i++) addSuccessor(v, block, v.cells.at(cell++), lastSource);
        break;
      }
      default:
        cell += operand.cells;
    }
  }
}

/** Constants are numbered by first appearance, too. */
function copyConstant(v: Vcode, stage: Vcode, constant: number): number {
  const word = (number: number): number => constantWord(stage, constant, number);
  return constantOf(v, constantBytes(stage, constant), word(0), word(1), word(2), word(3));
}

function addSuccessor(v: Vcode, block: number, target: number, lastSource: Int32Array): void {
  if (lastSource[target] === block) return;
  lastSource[target] = block;
  v.successors.push(target);
}
