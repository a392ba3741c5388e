// Puts what the selector staged into its final order: blocks forward, the groups of a block reversed, virtual registers numbered by first
// appearance, aliases resolved, successors read off the branches.

import { type VReg, asBlock, asVReg } from '../base/entity.ts';
import type { Int32Column } from '../base/growable.ts';
import { type IrFunction, maybeFirstParameter, maybeNextParameter } from '../ir/function.ts';
import type { BlockOrder } from './block-order.ts';
import type { InstructionRow, InstructionSet } from './instruction.ts';
import { type Vcode, beginBlock, beginInst, bytesOfVReg, classOfVReg, createVReg, endCellOf, firstCellOf, rowOfInst, widenVReg } from './vcode.ts';

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
}

export function finishVcode(v: Vcode, stage: Vcode, staged: Staged): void {
  const { order, groupStart, blockFirstGroup } = staged;
  const renamed = new Int32Array(staged.aliasOf.length).fill(-1);
  const lastSource = new Int32Array(order.count).fill(-1);
  const rename = (vreg: number): VReg => {
    let root = vreg;
    for (let next = staged.aliasOf.at(root); next >= 0; next = staged.aliasOf.at(root)) root = next;
    let number = renamed[root] as number;
    if (number < 0) {
      number = createVReg(v, classOfVReg(stage, asVReg(root)), bytesOfVReg(stage, asVReg(root)));
      renamed[root] = number;
    }
    // An alias may have been asked for more bytes than the register it stands for.
    const bytes = bytesOfVReg(stage, asVReg(vreg));
    if (bytes > bytesOfVReg(v, asVReg(number))) widenVReg(v, asVReg(number), bytes);
    return asVReg(number);
  };
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
      for (let inst = groupStart.at(group); inst < end; inst++) copyInst(v, stage, inst, block, staged.instructions, rename, lastSource);
    }
    const args = staged.argumentsOf[block] as number;
    if (args >= 0) {
      const n = staged.argumentCells.at(args);
      for (let i = 1; i <= n; i++) v.arguments.push(rename(staged.argumentCells.at(args + i)));
    }
  }
  for (let i = 0; i < stage.constants.length; i++) v.constants.push(stage.constants.at(i));
  v.stackCheck = stage.stackCheck;
  v.outgoingBytes = stage.outgoingBytes;
  v.keepsVmctx = stage.keepsVmctx;
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

function addSuccessor(v: Vcode, block: number, target: number, lastSource: Int32Array): void {
  if (lastSource[target] === block) return;
  lastSource[target] = block;
  v.successors.push(target);
}
