// Is the allocator told the truth? Decides between a fault of selection and one in what was stated about the instructions selected: allocation and its
// proof believe the statement, so neither can see it.
//
// For every instruction, from the words of its row alone: each virtual register in it is an operand with the role, the moment and the fixed register that
// the row names, and nothing else is; a call destroys every register that may be handed out, but for those that it defines. A virtual register keeps at
// least the bytes that the code declares meaningful. Whether the rows themselves tell the truth about the machine is not seen here.

import { compile } from '../../compiler/index.ts';
import {
  asVReg, bytesOfVReg, type CompileOptions, firstCellOf, instCountOf, isDefOperand, isLateOperand, isRegisterKind, type Level, maybeFixedRegisterOf, memoryCells, type Operand, type OperandShape, rowOfInst,
  type RowShape, type Target, type Vcode, vregCountOf, vregOfOperand,
} from '../../compiler/inside.ts';

/** What was stated wrongly. */
export interface StatementFault {
  /** The row of the instruction, or `width`. */
  readonly name: string;
  readonly text: string;
}

type ProblemLevel = Level & { readonly level: 'problem' };

/** When a register with this role is read, and when written. */
const moments: Readonly<Record<OperandShape['role'], readonly string[]>> = {
  use: ['use early'],
  lateuse: ['use late'],
  def: ['def late'],
  earlydef: ['def early'],
  temp: ['def early'],
  mod: ['use early', 'def late'],
  pin: [],
  imm: [],
};

/** Operands that the row asks for, as sorted text; with the registers that lists define. */
function wantedOperands(v: Vcode, inst: number, shape: RowShape): { readonly operands: string[]; readonly defined: readonly number[] } {
  const first = firstCellOf(v, inst);
  const operands: string[] = [];
  const defined: number[] = [];
  const add = (moment: string, cell: number, fixed: number): void => {
    const vreg = v.cells.at(cell);
    if (vreg >= 0) operands.push(`${moment} r${vreg}${fixed >= 0 ? ` in ${fixed}` : ''}`);
  };
  for (const operand of shape.operands) {
    if (operand.kind === 'list' || operand.kind === 'blocks') continue;
    if (operand.kind === 'memory') for (const part of [memoryCells.base, memoryCells.index]) add('use early', first + operand.cell + part, -1);
    else if (isRegisterKind(operand.kind)) moments[operand.role].forEach((moment, i) => add(moment, first + operand.cell + i, operand.fixed));
  }
  let cell = first + shape.cells;
  for (const operand of shape.operands) {
    if (operand.kind !== 'list') continue;
    const count = v.cells.at(cell++);
    for (let i = 0; i < count; i++, cell += 2) {
      const register = v.cells.at(cell + 1);
      add(operand.role === 'def' ? 'def late' : 'use early', cell, register);
      if (operand.role === 'def') defined.push(register);
    }
  }
  return { operands: operands.sort(), defined };
}

/** Operands as they were stated, in the same words. */
function statedOperands({ stated: { problem } }: ProblemLevel, inst: number): string[] {
  const operands: string[] = [];
  for (let i = problem.operandStart[inst] ?? 0; i < (problem.operandStart[inst + 1] ?? 0); i++) {
    const operand = (problem.operands[i] ?? 0) as Operand;
    const fixed = maybeFixedRegisterOf(operand);
    operands.push(`${isDefOperand(operand) ? 'def' : 'use'} ${isLateOperand(operand) ? 'late' : 'early'} r${vregOfOperand(operand)}${fixed === undefined ? '' : ` in ${fixed}`}`);
  }
  return operands.sort();
}

function sparedRegister(target: Target, level: ProblemLevel, inst: number, defined: readonly number[]): number | undefined {
  const { clobberInt, clobberFloat } = level.stated.problem;
  const isDestroyed = (register: number): boolean => (((register < 32 ? clobberInt[inst] : clobberFloat[inst]) ?? 0) & (1 << (register & 31))) !== 0;
  return target.registers.allocatable.flat().find((register) => !isDestroyed(register) && !defined.includes(register));
}

/** What is wrong with one function's statement; undefined when nothing is. */
function faultOf(level: ProblemLevel): StatementFault | undefined {
  const { vcode, target, stated: { problem } } = level;
  for (let inst = 0; inst < instCountOf(vcode); inst++) {
    const shape = target.instructions.shape(rowOfInst(vcode, inst));
    const { operands, defined } = wantedOperands(vcode, inst, shape);
    const found = statedOperands(level, inst);
    if (operands.join() !== found.join()) return { name: shape.name, text: `instruction ${inst}, ${shape.name}, has the operands ${operands.join(', ')}; stated are ${found.join(', ')}` };
    const spared = shape.row.call === true ? sparedRegister(target, level, inst, defined) : undefined;
    if (spared !== undefined) return { name: shape.name, text: `instruction ${inst}, ${shape.name}, destroys ${target.registerName(spared, 8)}, which is not stated` };
  }
  for (let vreg = 0; vreg < vregCountOf(vcode); vreg++) {
    const bytes = bytesOfVReg(vcode, asVReg(vreg));
    if ((problem.vregBytes[vreg] ?? 0) < bytes) return { name: 'width', text: `r${vreg} has ${bytes} bytes that count; stated are ${problem.vregBytes[vreg]}` };
  }
  return undefined;
}

/** Compiles a module and checks what is stated about each function; answers the first fault. What the compiler throws passes through. */
export function statementFault(module: Uint8Array, options: CompileOptions): StatementFault | undefined {
  let found: StatementFault | undefined;
  compile(module, {
    ...options,
    inspect: (_stage, index, level) => {
      if (level.level !== 'problem' || found !== undefined) return;
      const fault = faultOf(level);
      if (fault !== undefined) found = { name: fault.name, text: `function ${index}: ${fault.text}` };
    },
  });
  return found;
}
