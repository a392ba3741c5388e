// Vcode as a register allocation problem, and an allocation read back as locations of cells.
// Operand numbers of an instruction: register operands in the order of the row's program (uses, then defs), absent bases and indices left out,
// then lists. Both functions here walk the same way; nothing else depends on the numbering.

import { asVReg } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import { packOperand } from '../regalloc/operand.ts';
import type { Allocation, Problem, RegisterFile } from '../regalloc/problem.ts';
import type { InstructionRow, InstructionSet } from './instruction.ts';
import {
  type Vcode,
  argumentCountOf,
  blockArgumentAt,
  blockCountOf,
  bytesOfVReg,
  classOfVReg,
  firstCellOf,
  instCountOf,
  parameterCountOf,
  blockParameterAt,
  rowOfInst,
  successorCountOf,
  successorOf,
  vregCountOf,
} from './vcode.ts';

const fixedUse = packOperand(asVReg(0), 'use', 'early', 'fixed');
const fixedDef = packOperand(asVReg(0), 'def', 'late', 'fixed');

export interface ProblemWithCells {
  readonly problem: Problem;
  /** Cell of each operand, parallel to `Problem.operands`. */
  readonly operandCell: Int32Array;
}

/** States the problem of finding registers for `v`. */
export function toProblem(v: Vcode, instructions: InstructionSet<InstructionRow>, registers: RegisterFile): ProblemWithCells {
  const n = instCountOf(v);
  const operandStart = newInt32s(n + 1);
  const operands = new Int32Column(v.cells.length);
  const operandCell = new Int32Column(v.cells.length);
  const clobberInt = newInt32s(n);
  const clobberFloat = newInt32s(n);
  const isCopy = newBytes(n);
  const allInt = maskOf(registers.allocatable[0], 0);
  const allFloat = maskOf(registers.allocatable[1], 32);
  for (let inst = 0; inst < n; inst++) {
    operandStart[inst] = operands.length;
    const shape = instructions.shape(rowOfInst(v, inst));
    const first = firstCellOf(v, inst);
    const program = shape.program;
    for (let i = 0; i < program.length; i += 2) {
      const cell = first + (program[i] as number);
      const vreg = v.cells.at(cell);
      if (vreg < 0) continue;
      operands.push((program[i + 1] as number) | vreg);
      operandCell.push(cell);
    }
    let definedInt = 0;
    let definedFloat = 0;
    if (shape.variable) {
      // Lists come last.
      let cell = first + shape.cells;
      for (const operand of shape.operands) {
        if (operand.kind !== 'list') continue;
        const count = v.cells.at(cell++);
        const isDef = operand.role === 'def';
        const packed = isDef ? fixedDef : fixedUse;
        for (let i = 0; i < count; i++, cell += 2) {
          const register = v.cells.at(cell + 1);
          operands.push(packed | v.cells.at(cell) | (register << 25));
          operandCell.push(cell);
          if (!isDef) continue;
          if (register < 32) definedInt |= 1 << register;
          else definedFloat |= 1 << (register - 32);
        }
      }
    }
    if (shape.row.call === true) {
      clobberInt[inst] = allInt & ~definedInt;
      clobberFloat[inst] = allFloat & ~definedFloat;
    }
    if (shape.row.copy === true) isCopy[inst] = 1;
  }
  operandStart[n] = operands.length;

  const vregs = vregCountOf(v);
  const vregClass = newBytes(vregs);
  const vregBytes = newBytes(vregs);
  for (let r = 0; r < vregs; r++) {
    vregClass[r] = classOfVReg(v, asVReg(r));
    vregBytes[r] = Math.max(4, bytesOfVReg(v, asVReg(r)));
  }
  return { problem: { registers, vregClass, vregBytes, operandStart, operands: operands.inPlace(), clobberInt, clobberFloat, isCopy, ...flowOf(v) }, operandCell: operandCell.inPlace() };
}

function maskOf(registers: readonly number[], first: number): number {
  let mask = 0;
  for (const register of registers) mask |= 1 << (register - first);
  return mask;
}

function int32sOf(numbers: readonly number[]): Int32Array {
  const cells = newInt32s(numbers.length);
  for (let i = 0; i < numbers.length; i++) cells[i] = numbers[i] as number;
  return cells;
}

type Flow = Pick<
  Problem,
  | 'blockStart' | 'successorStart' | 'successors' | 'predecessorStart' | 'predecessors' | 'parameterStart' | 'parameters' | 'argumentStart' | 'arguments'
  | 'loopDepth'
>;

function flowOf(v: Vcode): Flow {
  const blocks = blockCountOf(v);
  const blockStart = newInt32s(blocks + 1);
  const successorStart = newInt32s(blocks + 1);
  const parameterStart = newInt32s(blocks + 1);
  const argumentStart = newInt32s(blocks + 1);
  const predecessorStart = newInt32s(blocks + 1);
  const loopDepth = newBytes(blocks);
  const successors: number[] = [];
  const parameters: number[] = [];
  const args: number[] = [];
  for (let block = 0; block < blocks; block++) {
    blockStart[block] = v.blockStart.at(block);
    loopDepth[block] = v.loopDepth.at(block);
    for (let i = 0, n = successorCountOf(v, block); i < n; i++) {
      const target = successorOf(v, block, i);
      successors.push(target);
      predecessorStart[target + 1] = (predecessorStart[target + 1] as number) + 1;
    }
    for (let i = 0, n = parameterCountOf(v, block); i < n; i++) parameters.push(blockParameterAt(v, block, i));
    for (let i = 0, n = argumentCountOf(v, block); i < n; i++) args.push(blockArgumentAt(v, block, i));
    successorStart[block + 1] = successors.length;
    parameterStart[block + 1] = parameters.length;
    argumentStart[block + 1] = args.length;
  }
  blockStart[blocks] = instCountOf(v);
  for (let block = 0; block < blocks; block++) predecessorStart[block + 1] = (predecessorStart[block + 1] as number) + (predecessorStart[block] as number);
  const predecessors = newInt32s(successors.length);
  const next = predecessorStart.slice(0, blocks);
  for (let block = 0; block < blocks; block++) {
    for (let i = successorStart[block] as number; i < (successorStart[block + 1] as number); i++) {
      const target = successors[i] as number;
      predecessors[next[target] as number] = block;
      next[target] = (next[target] as number) + 1;
    }
  }
  return {
    blockStart,
    successorStart,
    successors: int32sOf(successors),
    predecessorStart,
    predecessors,
    parameterStart,
    parameters: int32sOf(parameters),
    argumentStart,
    arguments: int32sOf(args),
    loopDepth,
  };
}

/** An allocated function: location per cell that holds a virtual register, and the moves to insert. */
export interface AllocatedCode {
  readonly vcode: Vcode;
  /** Parallel to the cells; meaningful where a cell holds a virtual register. */
  readonly locations: Int32Array;
  readonly allocation: Allocation;
}

/** Reads an allocation back. The vcode is not changed. */
export function applyAllocation(v: Vcode, stated: ProblemWithCells, allocation: Allocation): AllocatedCode {
  const { operandCell } = stated;
  if (allocation.locations.length !== operandCell.length) bug('allocation of another problem', `function ${v.index}`);
  const locations = newInt32s(v.cells.length).fill(-1);
  for (let i = 0; i < operandCell.length; i++) locations[operandCell[i] as number] = allocation.locations[i] as number;
  return { vcode: v, locations, allocation };
}
