// Machine code of one function over virtual registers: columns per instruction, cells for operands.
//
//   instruction   row · first cell · origin · trap code of its memory access (0: cannot fault) · rule that made it (-1 unknown)
//   cells         as many as the row's operands take, see instruction.ts; block operands hold block numbers
//   block         first instruction · parameters · arguments (for its only successor) · successors · loop depth
//   virtual register  meaningful bytes (1, 2, 4, 8, 16) | class << 8
//   constant      bytes, then four int32
//
// Shape: SSA; no critical edges; arguments only on blocks with one successor; the entry block begins with `args` and has no parameters.
// A virtual register of n bytes has undefined bits above. An integer def of 4 bytes clears the rest of the physical register, so a virtual register
// of 8 bytes may have a def of 4: its upper half is then zero.
// Blocks are numbered in layout order. Lists per block are columns of starts with one more entry than blocks.

import { type Block, type VReg, asBlock, asVReg } from '../base/entity.ts';
import { Unsupported } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import type { Signature } from '../contract/artifact.ts';
import { maxVRegs } from '../regalloc/operand.ts';

export const vregClasses = { integer: 0, float: 1 } as const;
export type VRegClass = (typeof vregClasses)[keyof typeof vregClasses];

const constantStride = 5;

export class Vcode {
  /** Index of the function in the module. */
  readonly index: number;
  readonly signature: Signature;
  readonly rows: Int32Column;
  readonly firstCell: Int32Column;
  readonly cells: Int32Column;
  readonly origins: Int32Column;
  readonly traps: Int32Column;
  readonly rules: Int32Column;
  readonly vregs: Int32Column;
  readonly blockStart: Int32Column;
  readonly parameterStart: Int32Column;
  readonly parameters: Int32Column;
  readonly argumentStart: Int32Column;
  readonly arguments: Int32Column;
  readonly successorStart: Int32Column;
  readonly successors: Int32Column;
  readonly loopDepth: Int32Column;
  readonly constants: Int32Column;
  /** Origin of the stack check made by the prologue; undefined when there is none. */
  stackCheck: number | undefined = undefined;
  /** Bytes of the largest area for stack arguments and results of its callees. */
  outgoingBytes = 0;
  /** The function calls with another vmctx and keeps its own in the frame. */
  keepsVmctx = false;

  /** The numbers of instructions, cells, registers and blocks are what room is made for at first. */
  constructor(index: number, signature: Signature, instructions = 256, cells = 1024, vregs = 256, blocks = 32) {
    this.index = index;
    this.signature = signature;
    this.rows = new Int32Column(instructions);
    this.firstCell = new Int32Column(instructions);
    this.cells = new Int32Column(cells);
    this.origins = new Int32Column(instructions);
    this.traps = new Int32Column(instructions);
    this.rules = new Int32Column(instructions);
    this.vregs = new Int32Column(vregs);
    this.blockStart = new Int32Column(blocks);
    this.parameterStart = new Int32Column(blocks);
    this.parameters = new Int32Column(blocks);
    this.argumentStart = new Int32Column(blocks);
    this.arguments = new Int32Column(blocks);
    this.successorStart = new Int32Column(blocks);
    this.successors = new Int32Column(2 * blocks);
    this.loopDepth = new Int32Column(blocks);
    this.constants = new Int32Column(constantStride);
  }

  /** Empties the columns that selection stages instructions in, and keeps their storage. */
  clearStage(): void {
    for (const column of [this.rows, this.firstCell, this.cells, this.origins, this.traps, this.rules, this.vregs, this.constants]) column.clear();
    this.stackCheck = undefined;
    this.outgoingBytes = 0;
    this.keepsVmctx = false;
  }
}

export const instCountOf = (v: Vcode): number => v.rows.length;
export const blockCountOf = (v: Vcode): number => v.blockStart.length;
export const vregCountOf = (v: Vcode): number => v.vregs.length;

// ---- virtual registers

export function createVReg(v: Vcode, vregClass: VRegClass, bytes: number): VReg {
  const vreg = v.vregs.push(bytes | (vregClass << 8));
  if (vreg >= maxVRegs) throw new Unsupported(`functions with more than ${maxVRegs} values`, -1);
  return asVReg(vreg);
}
export const classOfVReg = (v: Vcode, vreg: VReg): VRegClass => (v.vregs.at(vreg) >> 8) as VRegClass;
export const bytesOfVReg = (v: Vcode, vreg: VReg): number => v.vregs.at(vreg) & 0xff;
/** Declares more bytes meaningful; the def must make them so. */
export function widenVReg(v: Vcode, vreg: VReg, bytes: number): void {
  v.vregs.set(vreg, (v.vregs.at(vreg) & ~0xff) | bytes);
}

// ---- instructions; cells of the one being built are pushed after `beginInst`

/** Opens an instruction; its cells follow by `v.cells.push`. */
export function beginInst(v: Vcode, row: number, origin: number, trap: number, rule: number): number {
  v.firstCell.push(v.cells.length);
  v.origins.push(origin);
  v.traps.push(trap);
  v.rules.push(rule);
  return v.rows.push(row);
}
export const rowOfInst = (v: Vcode, inst: number): number => v.rows.at(inst);
export const originOfInst = (v: Vcode, inst: number): number => v.origins.at(inst);
/** Trap code of its memory access; 0 where it cannot fault. */
export const trapOfInst = (v: Vcode, inst: number): number => v.traps.at(inst);
export const firstCellOf = (v: Vcode, inst: number): number => v.firstCell.at(inst);
/** One past the instruction's last cell. */
export const endCellOf = (v: Vcode, inst: number): number => (inst + 1 < v.firstCell.length ? v.firstCell.at(inst + 1) : v.cells.length);

// ---- blocks

/** Opens the next block; its instructions follow. Parameters, arguments and successors are pushed to their columns by the caller before the next block opens. */
export function beginBlock(v: Vcode, loopDepth: number): Block {
  v.parameterStart.push(v.parameters.length);
  v.argumentStart.push(v.arguments.length);
  v.successorStart.push(v.successors.length);
  v.loopDepth.push(loopDepth);
  return asBlock(v.blockStart.push(v.rows.length));
}

const endOf = (starts: Int32Column, block: number, total: number): number => (block + 1 < starts.length ? starts.at(block + 1) : total);

export const firstInstOf = (v: Vcode, block: number): number => v.blockStart.at(block);
/** One past the block's last instruction. */
export const endInstOf = (v: Vcode, block: number): number => endOf(v.blockStart, block, v.rows.length);
export const parameterCountOf = (v: Vcode, block: number): number =>
  endOf(v.parameterStart, block, v.parameters.length) - v.parameterStart.at(block);
export const blockParameterAt = (v: Vcode, block: number, number: number): VReg => asVReg(v.parameters.at(v.parameterStart.at(block) + number));
export const argumentCountOf = (v: Vcode, block: number): number =>
  endOf(v.argumentStart, block, v.arguments.length) - v.argumentStart.at(block);
export const blockArgumentAt = (v: Vcode, block: number, number: number): VReg => asVReg(v.arguments.at(v.argumentStart.at(block) + number));
export const successorCountOf = (v: Vcode, block: number): number =>
  endOf(v.successorStart, block, v.successors.length) - v.successorStart.at(block);
export const successorOf = (v: Vcode, block: number, number: number): Block => asBlock(v.successors.at(v.successorStart.at(block) + number));

// ---- constants

/** Entries looked through for an equal constant: keeps the search linear in the number of constants. */
const constantWindow = 64;

/** An entry of the constant pool with these bytes; equal constants near each other share one. */
export function constantOf(v: Vcode, bytes: number, a: number, b = 0, c = 0, d = 0): number {
  const pool = v.constants;
  for (let at = Math.max(0, pool.length - constantWindow * constantStride); at < pool.length; at += constantStride) {
    if (pool.at(at) === bytes && pool.at(at + 1) === a && pool.at(at + 2) === b && pool.at(at + 3) === c && pool.at(at + 4) === d) return at / constantStride;
  }
  const at = pool.push(bytes);
  pool.push(a);
  pool.push(b);
  pool.push(c);
  pool.push(d);
  return at / constantStride;
}
export const constantCount = (v: Vcode): number => v.constants.length / constantStride;
export const constantBytes = (v: Vcode, constant: number): number => v.constants.at(constant * constantStride);
/** Word `number` (0–3) of a constant, an int32. */
export const constantWord = (v: Vcode, constant: number, number: number): number => v.constants.at(constant * constantStride + 1 + number);
