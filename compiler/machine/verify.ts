// Judges vcode: reports every broken rule of vcode.ts, instruction.ts and regalloc/problem.ts, by entity.
// Needs:  nothing but storage that can be walked. Shares no facts with the selector: flow, definitions and widths are found anew.
// Rules beyond shape: each virtual register has one def, which dominates its uses; a use never asks for more bytes than its def made
//         meaningful (the upper half of a 32-bit value is garbage unless the register is declared 8 bytes and a 32-bit def cleared it);
//         flags are read only behind what wrote them, with nothing between that writes them; a constant in memory has exactly the bytes
//         that are read.
// Cost:   linear but for dominance (../base/dominance.ts), which is O(n log n) in blocks and edges.

import { type Dominance, dominanceOf } from '../base/dominance.ts';
import { asVReg } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { newInt32s } from '../base/storage.ts';
import { type InstructionRow, type InstructionSet, type OperandShape, type RowShape, bases, isRegisterKind, memoryCells } from './instruction.ts';
import {
  type Vcode,
  argumentCountOf,
  blockArgumentAt,
  blockCountOf,
  blockParameterAt,
  bytesOfVReg,
  classOfVReg,
  constantBytes,
  constantCount,
  endCellOf,
  endInstOf,
  firstCellOf,
  firstInstOf,
  parameterCountOf,
  rowOfInst,
  successorCountOf,
  successorOf,
  vregCountOf,
} from './vcode.ts';

export interface VcodeFault {
  /** `block2`, or `block2 inst 9 (add32_rr)`. */
  readonly where: string;
  readonly message: string;
}

export interface VerifyOptions {
  /** CPU features that rows may need; all are allowed when absent. */
  readonly features?: ReadonlySet<string>;
}

/** Every fault of the vcode, in layout order. */
export function verifyVcode(v: Vcode, instructions: InstructionSet<InstructionRow>, options: VerifyOptions = {}): readonly VcodeFault[] {
  const verifier = new Verifier(v, instructions, options);
  verifier.run();
  return verifier.faults;
}

/** Throws a Bug with all faults, if there are any. */
export function expectVerifiedVcode(v: Vcode, instructions: InstructionSet<InstructionRow>, options: VerifyOptions = {}): void {
  const faults = verifyVcode(v, instructions, options);
  if (faults.length > 0) bug(`vcode is not well-formed:\n${faults.map((fault) => `  ${fault.where}: ${fault.message}`).join('\n')}`, `function ${v.index}`);
}

const undefinedBlock = -1;
const maxTrapCode = 31;

class Verifier {
  readonly faults: VcodeFault[] = [];
  private readonly v: Vcode;
  private readonly set: InstructionSet<InstructionRow>;
  private readonly options: VerifyOptions;
  private readonly blocks: number;
  /** Block and instruction of each register's def; -1 none. A parameter is defined before its block's first instruction. */
  private readonly defBlock: Int32Array;
  private readonly defInst: Int32Array;
  /** Edges into each block. */
  private readonly entries: Int32Array;
  private dominance: Dominance | undefined;
  private block = 0;
  private inst = -1;

  constructor(v: Vcode, set: InstructionSet<InstructionRow>, options: VerifyOptions) {
    this.v = v;
    this.set = set;
    this.options = options;
    this.blocks = blockCountOf(v);
    this.defBlock = newInt32s(vregCountOf(v)).fill(undefinedBlock);
    this.defInst = newInt32s(vregCountOf(v)).fill(-1);
    this.entries = newInt32s(this.blocks);
  }

  private fault(message: string): void {
    const row = this.inst < 0 ? '' : ` inst ${this.inst} (${this.set.shape(rowOfInst(this.v, this.inst)).name})`;
    this.faults.push({ where: `block${this.block}${row}`, message });
  }

  run(): void {
    if (this.blocks === 0) {
      this.fault('a function has blocks');
      return;
    }
    if (!this.checkFlow()) return;
    const { v } = this;
    this.dominance = dominanceOf({ blocks: this.blocks, entry: 0, successorCount: (block) => successorCountOf(v, block), successorAt: (block, number) => successorOf(v, block, number) });
    this.collectDefs();
    for (let block = 0; block < this.blocks; block++) {
      this.block = block;
      this.checkBlock(block);
    }
  }

  // ---- flow

  /** Checks edges; false if they cannot be walked. */
  private checkFlow(): boolean {
    const { v, blocks } = this;
    let sound = true;
    for (let block = 0; block < blocks; block++) {
      this.block = block;
      this.inst = -1;
      if (firstInstOf(v, block) >= endInstOf(v, block)) {
        this.fault('a block has instructions');
        sound = false;
        continue;
      }
      for (let i = 0, n = successorCountOf(v, block); i < n; i++) {
        const target = successorOf(v, block, i);
        if (target < 0 || target >= blocks) {
          this.fault(`no block${target}`);
          sound = false;
        } else this.entries[target] = (this.entries[target] as number) + 1;
      }
    }
    if (!sound) return false;
    for (let block = 0; block < blocks; block++) {
      this.block = block;
      const n = successorCountOf(v, block);
      for (let i = 0; n > 1 && i < n; i++) {
        const target = successorOf(v, block, i);
        if ((this.entries[target] as number) > 1) this.fault(`critical edge to block${target}`);
      }
      if (n !== 1 && argumentCountOf(v, block) > 0) this.fault('only a block with one successor passes arguments');
      if (n === 1) this.checkArguments(block, successorOf(v, block, 0));
    }
    this.block = 0;
    if ((this.entries[0] as number) > 0) this.fault('the entry has predecessors');
    if (parameterCountOf(v, 0) > 0) this.fault('the entry has parameters');
    return true;
  }

  private checkArguments(block: number, target: number): void {
    const { v } = this;
    const n = argumentCountOf(v, block);
    if (n !== parameterCountOf(v, target)) {
      this.fault(`passes ${n} arguments, block${target} has ${parameterCountOf(v, target)} parameters`);
      return;
    }
    for (let i = 0; i < n; i++) {
      const [argument, parameter] = [blockArgumentAt(v, block, i), blockParameterAt(v, target, i)];
      if (!this.exists(argument) || !this.exists(parameter)) continue;
      if (classOfVReg(v, argument) !== classOfVReg(v, parameter)) this.fault(`r${argument} and r${parameter} have different classes`);
      if (bytesOfVReg(v, argument) !== bytesOfVReg(v, parameter)) this.fault(`r${argument} and r${parameter} have different widths`);
    }
  }

  private exists(vreg: number): boolean {
    if (vreg >= 0 && vreg < vregCountOf(this.v)) return true;
    this.fault(`no register r${vreg}`);
    return false;
  }

  // ---- definitions

  private define(vreg: number, block: number, inst: number): void {
    if (!this.exists(vreg)) return;
    if (this.defBlock[vreg] !== undefinedBlock) this.fault(`r${vreg} has two defs`);
    this.defBlock[vreg] = block;
    this.defInst[vreg] = inst;
  }

  private collectDefs(): void {
    const { v } = this;
    for (let block = 0; block < this.blocks; block++) {
      this.block = block;
      this.inst = -1;
      for (let i = 0, n = parameterCountOf(v, block); i < n; i++) this.define(blockParameterAt(v, block, i), block, -1);
      for (let inst = firstInstOf(v, block); inst < endInstOf(v, block); inst++) {
        this.inst = inst;
        this.eachRegister(inst, (_, vreg, isDef) => {
          if (isDef) this.define(vreg, block, inst);
        });
      }
    }
  }

  /** Calls `visit` for each register operand: operand, register, def or not, and its fixed register in a list or -1. */
  private eachRegister(inst: number, visit: (operand: OperandShape, vreg: number, isDef: boolean, fixed: number) => void): void {
    const { v } = this;
    let cell = firstCellOf(v, inst);
    for (const operand of this.set.shape(rowOfInst(v, inst)).operands) {
      if (operand.role === 'pin') continue;
      if (isRegisterKind(operand.kind)) {
        if (operand.role === 'mod') {
          visit(operand, v.cells.at(cell), false, -1);
          visit(operand, v.cells.at(cell + 1), true, -1);
        } else visit(operand, v.cells.at(cell), operand.role !== 'use' && operand.role !== 'lateuse', -1);
      } else if (operand.kind === 'memory') {
        for (const part of [memoryCells.base, memoryCells.index]) if (v.cells.at(cell + part) >= 0) visit(operand, v.cells.at(cell + part), false, -1);
      } else if (operand.kind === 'list') {
        const n = v.cells.at(cell);
        for (let i = 0; i < n; i++) visit(operand, v.cells.at(cell + 1 + 2 * i), operand.role === 'def', v.cells.at(cell + 2 + 2 * i));
        cell += 1 + 2 * n;
      } else if (operand.kind === 'blocks') cell += 1 + v.cells.at(cell);
      cell += operand.cells;
    }
  }

  // ---- blocks and instructions

  private checkBlock(block: number): void {
    const { v } = this;
    const last = endInstOf(v, block) - 1;
    let flagsKnown = false;
    for (let inst = firstInstOf(v, block); inst <= last; inst++) {
      this.inst = inst;
      const shape = this.set.shape(rowOfInst(v, inst));
      if ((shape.row.ends !== undefined) !== (inst === last)) this.fault(inst === last ? 'does not end a block' : 'ends a block in its middle');
      if (shape.readsFlags && !flagsKnown) this.fault('reads flags that nothing in the block has written');
      if (shape.writesFlags) flagsKnown = shape.row.call !== true;
      const { feature } = shape.row;
      if (feature !== undefined && this.options.features?.has(feature) === false) this.fault(`needs CPU feature ${feature}`);
      this.checkCells(shape, inst);
      this.checkRegisters(shape, inst);
    }
    this.inst = -1;
    for (let i = 0, n = argumentCountOf(v, block); i < n; i++) this.checkUse(blockArgumentAt(v, block, i), last);
    if (successorCountOf(v, block) === 1) {
      this.inst = last;
      this.eachRegister(last, () => this.fault('an edge with moves must leave by a branch without registers'));
    }
  }

  private checkUse(vreg: number, inst: number): void {
    if (!this.exists(vreg)) return;
    const defBlock = this.defBlock[vreg] as number;
    if (defBlock === undefinedBlock) this.fault(`r${vreg} has no def`);
    else if (defBlock === this.block ? (this.defInst[vreg] as number) >= inst : this.isReachable(this.block) && !this.isDominatedBy(defBlock)) {
      this.fault(`the def of r${vreg} does not dominate this use`);
    }
  }
  private isReachable(block: number): boolean {
    return this.dominance?.isReachable(block) === true;
  }

  /** Whether every path to the block at hand passes another. */
  private isDominatedBy(block: number): boolean {
    return this.isReachable(block) && this.dominance?.dominates(block, this.block) === true;
  }

  private checkRegisters(shape: RowShape, inst: number): void {
    const { v } = this;
    const fixedUses = new Set<number>();
    this.eachRegister(inst, (operand, vreg, isDef, fixed) => {
      if (!this.exists(vreg)) return;
      if (!isDef) this.checkUse(vreg, inst);
      const bytes = bytesOfVReg(v, asVReg(vreg));
      const vregClass = classOfVReg(v, asVReg(vreg));
      if (operand.kind === 'memory') {
        // An address of 32 bits is computed from 32-bit registers.
        const needed = operand.bytes === 0 && shape.operands[0]?.bytes === 4 ? 4 : 8;
        if (vregClass !== 0 || bytes < needed) this.fault(`r${vreg} of ${bytes} bytes in an address`);
        return;
      }
      if (operand.kind === 'list') {
        if ((fixed < 32 ? 0 : 1) !== vregClass) this.fault(`r${vreg} has not the class of its register`);
        if (!isDef && fixedUses.has(fixed)) this.fault('two values in one register');
        if (!isDef) fixedUses.add(fixed);
        return;
      }
      if (vregClass !== (operand.kind === 'float' ? 1 : 0)) this.fault(`r${vreg} has the wrong class`);
      if (!isDef) {
        if (bytes < operand.bytes) this.fault(`r${vreg} has ${bytes} meaningful bytes, ${operand.bytes} are read`);
      } else if (bytes > operand.bytes && !(operand.kind === 'integer' && operand.bytes === 4 && bytes === 8 && shape.row.copy !== true)) {
        this.fault(`r${vreg} has ${bytes} meaningful bytes, ${operand.bytes} are written`);
      }
    });
  }

  private checkCells(shape: RowShape, inst: number): void {
    const { v } = this;
    if (endCellOf(v, inst) - firstCellOf(v, inst) < shape.cells) {
      this.fault('has too few cells');
      return;
    }
    const successors = new Set<number>();
    let cell = firstCellOf(v, inst);
    for (const operand of shape.operands) {
      const value = operand.cells === 0 && operand.kind !== 'blocks' ? 0 : v.cells.at(cell);
      switch (operand.kind) {
        case 'memory':
          this.checkMemory(operand, cell);
          break;
        case 'immediate':
          if (operand.word !== 'i64' && (value < operand.min || value > operand.max)) this.fault(`immediate ${value} does not fit`);
          break;
        case 'condition':
          if (value < operand.min || value > operand.max) this.fault(`no condition ${value}`);
          break;
        case 'trap':
          if (value <= 0 || value > maxTrapCode) this.fault(`no trap ${value}`);
          break;
        case 'block':
          successors.add(value);
          break;
        case 'blocks':
          for (let i = 1; i <= value; i++) successors.add(v.cells.at(cell + i));
          cell += 1 + value;
          break;
        case 'list':
          cell += 1 + 2 * v.cells.at(cell);
          break;
        default:
      }
      cell += operand.cells;
    }
    if (cell !== endCellOf(v, inst)) this.fault('has cells that no operand explains');
    if (shape.row.ends === undefined) return;
    const listed = new Set(Array.from({ length: successorCountOf(v, this.block) }, (_, i) => successorOf(v, this.block, i) as number));
    if (listed.size !== successors.size || [...successors].some((target) => !listed.has(target))) this.fault('branches elsewhere than the block says');
  }

  private checkMemory(operand: OperandShape, cell: number): void {
    const { v } = this;
    const base = v.cells.at(cell + memoryCells.base);
    const index = v.cells.at(cell + memoryCells.index);
    const scale = v.cells.at(cell + memoryCells.scale);
    if (base < bases.constant) this.fault(`no base ${base}`);
    if (index < bases.none) this.fault(`no index ${index}`);
    if (scale < 0 || scale > 3) this.fault(`no scale ${scale}`);
    if (base !== bases.constant) {
      // Instructions that read 16 bytes at once fault on an address that is no multiple of 16; only the constant pool is sure to be one.
      if (operand.bytes === 16 && !this.isUnaligned()) this.fault('reads 16 aligned bytes outside the constant pool');
      return;
    }
    const constant = v.cells.at(cell + memoryCells.displacement);
    if (constant < 0 || constant >= constantCount(v)) this.fault(`no constant ${constant}`);
    else if (constantBytes(v, constant) !== operand.bytes) this.fault(`constant of ${constantBytes(v, constant)} bytes, ${operand.bytes} are read`);
    if (index >= 0) this.fault('constant with an index');
  }
  private isUnaligned(): boolean {
    return this.set.shape(rowOfInst(this.v, this.inst)).row.unaligned === true;
  }
}
