// Emits allocated vcode as RISC-V code.
//
//   frame     [s0 + 16 …] stack arguments and results of the caller · [s0 + 8] return address · [s0] caller's s0
//             [s0 - 8] own vmctx, if the function calls with another · spill area · outgoing area · sp
//   Everything below s0 is addressed from sp, upwards.
//
// A displacement beyond 12 bits is summed in t5 directly in front of the access. Moves use t6 alone, because t5 may carry a value between two of them.
// The stack is checked before anything is stored in the frame; a frame of a page or more is checked before sp moves, so that no signal handler
// running on this stack ever finds sp below the limit.
// Every explicit trap site branches to code behind the function that calls the trap exit: the return address names the trap. Where that may be farther
// than a branch reaches, a trap site jumps over a jump there instead, and in a function beyond that jump's reach over a call of its own.

import { type Label, asBlock } from '../../base/entity.ts';
import { bug } from '../../base/errors.ts';
import { Int32Column } from '../../base/growable.ts';
import { trapCodes } from '../../contract/traps.ts';
import { vmctxHeader } from '../../contract/vmctx.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import { bases, memoryCells } from '../../machine/instruction.ts';
import type { AllocatedCode } from '../../machine/problem.ts';
import type { Frame, FunctionEmitter } from '../../machine/target.ts';
import { type Vcode, blockCountOf, constantBytes, constantCount, constantWord, firstCellOf, instCountOf, rowOfInst } from '../../machine/vcode.ts';
import { Assembler } from './assembler.ts';
import { type Reach, fixups, fullReach, lowerPart, oppositeBranch, patch, upperPart } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { fits12 } from './encoding/fields.ts';
import { conditions, instructionSet, rv } from './instructions/table.ts';
import { f0, framePointer, linkRegister, scratchInteger, secondScratch, stackPointer, vmctxRegister, zero } from './registers.ts';

/** Frames from this size on are checked before the stack pointer moves. */
const largeFrame = 4096;
const firstSlot = 64;
const none = -1;

const shapes = instructionSet.shapes;
const memoryAt = Int32Array.from(shapes, (shape) => shape.operands.find((o) => o.kind === 'memory')?.cell ?? none);
const isCopy = Uint8Array.from(shapes, (shape) => (shape.row.copy === true ? 1 : 0));
/** By row: what a trap or select compares, as the row of the branch that does; -1 for all others. */
const comparisonOf = Int32Array.from(shapes, ({ name }) => {
  const suffix = /^(?:trap_if|select_\w\d\d)_(wz?|dz?)$/.exec(name)?.[1];
  return suffix === undefined ? none : instructionSet.numberOf(`branch_${suffix}`);
});
const isSelect = Uint8Array.from(shapes, ({ name }) => (name.startsWith('select_') ? 1 : 0));
/** Upper bounds of the bytes of each row, out-of-line parts included; a jump table's entries are added. */
const bounds = Int32Array.from(shapes, (shape) => {
  const { row, number } = shape;
  if (number === rv.args) return 0;
  if (number === rv.jump_table) return 7 * 4;
  // An opposite branch, a jump of two words, and another to the other successor.
  if (row.ends === 'branch') return 5 * 4;
  if (number === rv.j) return 2 * 4;
  // Four words take the frame down.
  if (number === rv.ret) return 5 * 4;
  // A trap's opposite branch and a jump, and the call out of line; a branch over a move; a call.
  if (row.pseudo === true) return comparisonOf[number] !== none && isSelect[number] === 0 ? 4 * 4 : 2 * 4;
  // Two words for a displacement, an addition, the access.
  return memoryAt[number] === none ? 4 : 4 * 4;
});
/** An upper part of a displacement, an addition, the access. */
const boundOfFarMove = 3 * 4;
const boundOfPrologue = 64;
const boundOfTrap = 2 * 4;

/** An upper bound of an instruction's bytes. */
function boundOf(v: Vcode, inst: number): number {
  const row = rowOfInst(v, inst);
  const bound = bounds[row] as number;
  const first = firstCellOf(v, inst);
  if (row === rv.jump_table) return bound + 4 * v.cells.at(first + 1);
  const memory = memoryAt[row] as number;
  if (memory === none) return bound;
  // A displacement from a register stays what it is; one in the frame depends on where things lie there.
  const base = v.cells.at(first + memory);
  return (base >= 0 || base === bases.vmctx) && fits12(v.cells.at(first + memory + memoryCells.displacement)) ? 4 : bound;
}

/** An upper bound of a function's bytes, constants and tables included. */
function sizeBoundOf({ vcode, allocation }: AllocatedCode): number {
  let size = boundOfPrologue + boundOfFarMove * allocation.moves.before.length + 16 * (constantCount(vcode) + 1);
  for (let inst = instCountOf(vcode) - 1; inst >= 0; inst--) size += boundOf(vcode, inst);
  return size;
}

/** Its recipes are worked out once: there are as many as the ISA has rows. */
const encoder = new Encoder(instructionSet);

export class RvEmitter implements FunctionEmitter {
  private readonly buffer: CodeBuffer;
  private readonly assembler: Assembler;
  private readonly encoder = encoder;
  private readonly reach: Reach;
  private readonly column = new Int32Array(32);
  private readonly cells = { at: (index: number): number => this.column[index] as number };
  private code: AllocatedCode | undefined = undefined;
  private vcode: Vcode | undefined = undefined;
  private frame: Frame = { bytes: 0, spillOffset: 0 };
  private firstBlockLabel = 0;
  private firstConstantLabel = 0;
  private forward: Int32Array = new Int32Array(0);
  private blockBound: Int32Array = new Int32Array(0);
  private block_ = 0;
  /** Upper bound of the function's bytes. */
  private size = 0;
  /** Out-of-line traps: label, trap code, origin. Jump tables: label, first cell of the list of targets. */
  private readonly traps = new Int32Column();
  private readonly tables = new Int32Column();

  /** `reach` is smaller than the real one in tests, so that small functions have far branches. */
  constructor(buffer: CodeBuffer, reach: Reach = fullReach) {
    this.buffer = buffer;
    this.reach = reach;
    this.assembler = new Assembler(buffer);
  }

  private get v(): Vcode {
    return this.vcode ?? bug('no function begun');
  }
  private location(cell: number): number {
    return (this.code ?? bug('no function begun')).locations[cell] as number;
  }

  // ---- frame

  begin(code: AllocatedCode, frame: Frame): void {
    const { buffer, assembler: a } = this;
    this.code = code;
    this.vcode = code.vcode;
    this.frame = frame;
    this.traps.clear();
    this.tables.clear();
    const blocks = blockCountOf(code.vcode);
    this.firstBlockLabel = buffer.createLabel();
    for (let b = 1; b < blocks; b++) buffer.createLabel();
    this.firstConstantLabel = this.firstBlockLabel + blocks;
    for (let i = constantCount(code.vcode); i > 0; i--) buffer.createLabel();
    this.size = sizeBoundOf(code);
    // Nothing is known of the blocks while the prologue is emitted.
    this.block_ = 0;
    this.blockBound = Int32Array.of(0, this.size);
    a.op(rv.addi, stackPointer, stackPointer, -16);
    a.store(stackPointer, 8, linkRegister);
    a.store(stackPointer, 0, framePointer);
    a.move(framePointer, stackPointer);
    const check = code.vcode.stackCheck;
    if (check !== undefined && frame.bytes >= largeFrame) {
      a.add(secondScratch, stackPointer, -frame.bytes, secondScratch);
      this.checkStack(secondScratch, check);
    }
    if (frame.bytes !== 0) a.add(stackPointer, stackPointer, -frame.bytes, secondScratch);
    if (check !== undefined && frame.bytes < largeFrame) this.checkStack(stackPointer, check);
    if (code.vcode.keepsVmctx) a.store(framePointer, -8, vmctxRegister);
  }
  private checkStack(pointer: number, origin: number): void {
    this.assembler.load(scratchInteger, vmctxRegister, vmctxHeader.stackLimit);
    this.trapOn(this.branchWord(rv.branch_d, pointer, scratchInteger, conditions.ltu), trapCodes.stackOverflow, origin);
  }
  private epilogue(): void {
    const a = this.assembler;
    if (this.frame.bytes !== 0) a.move(stackPointer, framePointer);
    a.load(linkRegister, stackPointer, 8);
    a.load(framePointer, stackPointer, 0);
    a.op(rv.addi, stackPointer, stackPointer, 16);
    a.ret(linkRegister);
  }

  // ---- blocks and branches

  setBounds(blockBound: Int32Array): void {
    this.blockBound = blockBound;
  }
  setForwarding(forward: Int32Array): void {
    this.forward = forward;
  }
  block(block: number): void {
    this.block_ = block;
    this.buffer.bind(this.labelOf(block));
  }
  private labelOf(block: number): Label {
    return (this.firstBlockLabel + block) as Label;
  }
  sizeBound(inst: number): number {
    return boundOf(this.v, inst);
  }
  get moveBound(): number {
    return fits12(this.frame.bytes) ? 4 : boundOfFarMove;
  }
  /** Most bytes between a branch that ends the current block and `block`, in either direction. */
  private distanceTo(block: number): number {
    const target = this.buffer.offsetOf(this.labelOf(block));
    if (target >= 0) return this.buffer.length + 4 - target;
    const bound = this.blockBound;
    return (bound[block] as number) - (bound[this.block_ + 1] as number) + (bounds[rv.branch_d] as number);
  }

  /** The word of a branch without its displacement. */
  private branchWord(row: number, a: number, b: number, condition: number): number {
    const { column } = this;
    column[0] = a;
    column[1] = row === rv.branch_wz || row === rv.branch_dz ? condition : b;
    column[2] = row === rv.branch_wz || row === rv.branch_dz ? 0 : condition;
    column[3] = 0;
    return this.encoder.word(row, this.cells, 0);
  }
  /** Emits a branch that skips what `words` instructions behind it do. */
  private skip(word: number, words: number): void {
    // The displacement's bits 1–4 are bits 8–11.
    this.buffer.put4(word | ((4 * words + 4) << 7));
  }

  /** Emits the conditional branch `word`, whose displacement is 0 yet. */
  private branchTo(word: number, block: number): void {
    const { buffer } = this;
    const distance = this.distanceTo(block);
    if (distance <= this.reach.branch) {
      buffer.put4(word);
      buffer.useLabel(this.labelOf(block), buffer.length - 4, fixups.branch);
    } else {
      this.skip(oppositeBranch(word), distance <= this.reach.jal ? 1 : 2);
      this.jump(this.labelOf(block), distance);
    }
  }
  /** Jumps to a label that is at most `distance` bytes away. */
  private jump(label: Label, distance: number): void {
    if (distance <= this.reach.jal) this.assembler.jump(label);
    else this.assembler.pair(secondScratch, rv.jalr, label, zero, secondScratch, 0);
  }
  private jumpTo(block: number, next: number): void {
    if (block !== next) this.jump(this.labelOf(block), this.distanceTo(block));
  }

  terminator(inst: number, next: number): void {
    const v = this.v;
    const row = rowOfInst(v, inst);
    const shape = shapes[row] ?? bug(`no instruction row ${row}`);
    const first = firstCellOf(v, inst);
    this.buffer.recordOrigin(v.origins.at(inst));
    if (row === rv.j) this.jumpTo(this.forward[v.cells.at(first)] as number, next);
    else if (shape.row.ends !== 'branch') this.instruction(inst);
    else {
      // The last three cells are the condition and the successors.
      const then = this.forward[v.cells.at(first + shape.cells - 2)] as number;
      const otherwise = this.forward[v.cells.at(first + shape.cells - 1)] as number;
      if (then === otherwise) {
        this.jumpTo(then, next);
        return;
      }
      const second = shape.cells === 5 ? this.location(first + 1) : zero;
      const word = this.branchWord(row, this.location(first), second, v.cells.at(first + shape.cells - 3));
      if (then === next) this.branchTo(oppositeBranch(word), otherwise);
      else {
        this.branchTo(word, then);
        this.jumpTo(otherwise, next);
      }
    }
  }

  // ---- moves and instructions

  move(from: number, to: number, bytes: number): void {
    const code = this.code ?? bug('no function begun');
    const a = this.assembler;
    const float = (from < firstSlot ? from : to) >= f0;
    if (from < firstSlot && to < firstSlot) {
      if (float) a.op(rv.fsgnj64, to, from, from);
      else a.move(to, from);
      return;
    }
    const isLoad = from >= firstSlot;
    const register = isLoad ? to : from;
    let offset = this.frame.bytes + this.frame.spillOffset + (code.allocation.slotOffset[(isLoad ? from : to) - firstSlot] as number);
    let base = stackPointer;
    if (!fits12(offset)) {
      a.op(rv.lui, secondScratch, upperPart(offset) >>> 12);
      a.op(rv.add, secondScratch, secondScratch, stackPointer);
      base = secondScratch;
      offset = lowerPart(offset);
    }
    if (isLoad) a.load(register, base, offset, float ? (bytes === 4 ? rv.flw : rv.fld) : bytes === 4 ? rv.lw : rv.ld);
    else a.store(base, offset, register, float ? (bytes === 4 ? rv.fsw : rv.fsd) : bytes === 4 ? rv.sw : rv.sd);
  }

  instruction(inst: number): void {
    const v = this.v;
    const row = rowOfInst(v, inst);
    const shape = shapes[row] ?? bug(`no instruction row ${row}`);
    const first = firstCellOf(v, inst);
    const cells = this.column;
    this.buffer.recordOrigin(v.origins.at(inst));
    for (let i = 0; i < shape.cells; i++) cells[i] = v.cells.at(first + i);
    const program = shape.program;
    for (let i = 0; i < program.length; i += 2) {
      const cell = program[i] as number;
      if ((cells[cell] as number) >= 0) cells[cell] = this.location(first + cell);
    }
    if (isCopy[row] === 1 && cells[0] === cells[1]) return;
    if (shape.row.pseudo === true) {
      this.pseudo(inst, row, first);
      return;
    }
    const memory = memoryAt[row] as number;
    if (memory >= 0) {
      if (cells[memory] === bases.constant) {
        const constant = (this.firstConstantLabel + (cells[memory + memoryCells.displacement] as number)) as Label;
        this.assembler.pair(secondScratch, row, constant, cells[0] as number, secondScratch, none, 0, 0);
        return;
      }
      this.place(memory);
    }
    const trap = v.traps.at(inst);
    if (trap !== 0) this.buffer.recordTrap(this.buffer.length, trap, v.origins.at(inst));
    this.encoder.encode(this.buffer, row, this.cells, 0);
  }

  /** Puts a physical base in place of a symbolic one, and sums up what the access cannot add by itself. */
  private place(memory: number): void {
    const { column: cells, assembler: a } = this;
    const displacementCell = memory + memoryCells.displacement;
    let base = cells[memory] as number;
    let displacement = cells[displacementCell] as number;
    switch (base) {
      case bases.vmctx:
        base = vmctxRegister;
        break;
      case bases.incoming:
        base = framePointer;
        displacement += 16;
        break;
      case bases.outgoing:
        base = stackPointer;
        break;
      case bases.frame:
        base = framePointer;
        displacement = -displacement;
        break;
      case bases.none:
        base = zero;
        break;
      default:
        if (base < 0) bug(`memory operand with base ${base}`);
    }
    if (!fits12(displacement)) {
      // Rounded up, the upper part of the largest numbers would be negative: those are made whole.
      const whole = displacement > 0x7ffff7ff;
      if (whole) a.constant32(scratchInteger, displacement);
      else a.op(rv.lui, scratchInteger, upperPart(displacement) >>> 12);
      a.op(rv.add, scratchInteger, scratchInteger, base);
      base = scratchInteger;
      displacement = whole ? 0 : lowerPart(displacement);
    }
    cells[memory] = base;
    cells[displacementCell] = displacement;
  }

  private pseudo(inst: number, row: number, first: number): void {
    const { column: cells, v, assembler: a } = this;
    const origin = v.origins.at(inst);
    const branch = comparisonOf[row] as number;
    if (branch >= 0) {
      const start = isSelect[row] === 1 ? 3 : 0;
      const compares = branch === rv.branch_w || branch === rv.branch_d;
      const condition = start + (compares ? 2 : 1);
      const detail = isSelect[row] === 1 ? (cells[2] as number) : (cells[condition + 1] as number);
      const target = cells[1] as number;
      const word = this.branchWord(branch, cells[start] as number, compares ? (cells[start + 1] as number) : zero, cells[condition] as number);
      if (isSelect[row] === 0) this.trapOn(word, detail, origin);
      else if (target !== detail) {
        this.skip(oppositeBranch(word), 1);
        if (target >= f0) a.op(rv.fsgnj64, target, detail, detail);
        else a.move(target, detail);
      }
      return;
    }
    switch (row) {
      case rv.args:
        break;
      case rv.ret:
        this.epilogue();
        break;
      case rv.trap:
        this.callTrapExit(cells[0] as number, origin);
        break;
      case rv.call:
        this.buffer.recordRelocation(this.buffer.length, cells[0] as number);
        a.op(rv.auipc, linkRegister, 0);
        a.op(rv.jalr, linkRegister, linkRegister, 0);
        break;
      case rv.jump_table:
        this.jumpTable(cells[0] as number, first + 1);
        break;
      default:
        bug(`cannot emit ${shapes[row]?.name}`, `block${asBlock(this.block_)}`);
    }
  }

  // ---- traps, constants, tables

  /** How many earlier sites are looked through for the same trap. */
  private static readonly trapWindow = 16;

  /** Traps if the branch `word`, without a displacement, is taken. */
  private trapOn(word: number, code: number, origin: number): void {
    const { buffer } = this;
    if (this.size > this.reach.jal) {
      this.skip(oppositeBranch(word), 2);
      this.callTrapExit(code, origin);
    } else if (this.size > this.reach.branch && this.distanceToTraps() > this.reach.branch) {
      this.skip(oppositeBranch(word), 1);
      this.assembler.jump(this.trapLabel(code, origin));
    } else {
      const label = this.trapLabel(code, origin);
      buffer.put4(word);
      buffer.useLabel(label, buffer.length - 4, fixups.branch);
    }
  }
  /** Most bytes between an instruction of the current block and the end of the out-of-line traps: those to come are in the blocks' bounds. */
  private distanceToTraps(): number {
    const bound = this.blockBound;
    return (bound[bound.length - 1] as number) - (bound[this.block_] as number) + boundOfTrap * (this.traps.length / 3 + 1);
  }
  private trapLabel(code: number, origin: number): Label {
    const traps = this.traps;
    for (let i = traps.length - 3; i >= 0 && i >= traps.length - 3 * RvEmitter.trapWindow; i -= 3) {
      if (traps.at(i + 1) === code && traps.at(i + 2) === origin) return traps.at(i) as Label;
    }
    const label = this.buffer.createLabel();
    traps.push(label);
    traps.push(code);
    traps.push(origin);
    return label;
  }
  private callTrapExit(code: number, origin: number): void {
    this.buffer.recordOrigin(origin);
    this.assembler.callAt(vmctxRegister, vmctxHeader.trapExit, scratchInteger, linkRegister);
    this.buffer.recordTrapCall(code, origin);
  }
  cold(): void {
    const traps = this.traps;
    for (let i = 0; i < traps.length; i += 3) {
      this.buffer.bind(traps.at(i) as Label);
      this.callTrapExit(traps.at(i + 1), traps.at(i + 2));
    }
  }

  // t5 = table + 4 * index, the entry's address; the entry is the distance from itself.
  private jumpTable(index: number, cell: number): void {
    const { assembler: a, buffer } = this;
    const label = buffer.createLabel();
    a.pair(scratchInteger, rv.addi, label, scratchInteger, scratchInteger, 0);
    a.op(rv.slli, secondScratch, index, 2);
    a.op(rv.add, scratchInteger, scratchInteger, secondScratch);
    a.load(secondScratch, scratchInteger, 0, rv.lw);
    a.op(rv.add, scratchInteger, scratchInteger, secondScratch);
    a.op(rv.jalr, zero, scratchInteger, 0);
    this.tables.push(label);
    this.tables.push(cell);
  }

  data(): void {
    const { buffer, v, tables } = this;
    for (let i = 0; i < tables.length; i += 2) {
      buffer.bind(tables.at(i) as Label);
      const cell = tables.at(i + 1);
      const n = v.cells.at(cell);
      for (let entry = 1; entry <= n; entry++) {
        buffer.useLabel(this.labelOf(this.forward[v.cells.at(cell + entry)] as number), buffer.length, fixups.word);
        buffer.put4(0);
      }
    }
    for (const bytes of [8, 4]) {
      for (let i = 0; i < constantCount(v); i++) {
        if (constantBytes(v, i) !== bytes) continue;
        // Functions begin at multiples of 16, so each constant lies at a multiple of its size.
        buffer.align(bytes, 0);
        buffer.bind((this.firstConstantLabel + i) as Label);
        for (let word = 0; word < bytes / 4; word++) buffer.put4(constantWord(v, i, word));
      }
    }
    buffer.resolve(patch);
  }
}
