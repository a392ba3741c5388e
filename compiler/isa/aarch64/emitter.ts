// Emits allocated vcode as AArch64 code.
//
//   frame     [x29 + 16 …] stack arguments and results of the caller · [x29 + 8] return address · [x29] caller's x29
//             [x29 - 8] own vmctx, if the function calls with another · spill area · outgoing area · sp
//   Everything below x29 is addressed from sp, upwards, where displacements reach furthest.
//
// Memory operands may ask for more than an instruction can add (lowering/addresses.ts): what is beyond it is summed in x16, a large displacement in x17,
// directly in front of the access. Moves use x17 alone, because x16 may carry a value between two of them.
// The stack is checked before anything is stored in the frame; a frame of a page or more is checked before sp moves, so that no signal handler
// running on this stack ever finds sp below the limit.
// Every explicit trap site branches to code behind the function that calls the trap exit: the return address names the trap. In a function so large
// that this code may be out of reach a trap site jumps over a call of its own instead; such a function's float constants are put together from
// immediates, and its jump tables stand behind their jumps.

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
import { type Reach, fixups, fullReach, oppositeBranch, patch } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { fitsDisplacement } from './encoding/memory-operand.ts';
import { a64, conditions, instructionSet } from './instructions/table.ts';
import { framePointer, linkRegister, scratchInteger, secondScratch, stackPointer, vmctxRegister } from './registers.ts';

/** Frames from this size on are checked before the stack pointer moves. */
const largeFrame = 4096;
const firstSlot = 64;
const none = -1;

const shapes = instructionSet.shapes;
const memoryAt = Int32Array.from(shapes, (shape) => shape.operands.find((o) => o.kind === 'memory')?.cell ?? none);
const memoryBytes = Int32Array.from(shapes, (shape) => shape.operands.find((o) => o.kind === 'memory')?.bytes ?? 0);
/** Rows with an index of 32 bits, which follows the memory operand: the row without; -1 for all others. */
const withoutWordIndex = Int32Array.from(shapes, ({ name, operands }) =>
  operands.some((o) => o.field === 'base') ? instructionSet.numberOf(name.replace(/_uxtw$/, '')) : none,
);
const isCopy = Uint8Array.from(shapes, (shape) => (shape.row.copy === true ? 1 : 0));
/** Upper bounds of the bytes of each row, out-of-line parts included; a jump table's entries are added. */
const bounds = Int32Array.from(shapes, (shape) => {
  const { row, number } = shape;
  if (number === a64.args) return 0;
  if (number === a64.jump_table) return 5 * 4;
  // An opposite branch, an unconditional one, and one to the other successor.
  if (row.ends === 'branch') return 3 * 4;
  // A branch and two words out of line, or three in line. A return takes the frame down in three.
  if (row.pseudo === true) return 3 * 4;
  // Two words for a displacement, two additions, the access; or a constant put together from four words and moved.
  return memoryAt[number] === none ? 4 : 5 * 4;
});
/** Two words for a displacement, an addition, the access. */
const boundOfMove = 4 * 4;
const boundOfInstruction = bounds.reduce((most, bound) => Math.max(most, bound), 0);
const boundOfPrologue = 64;

/** An upper bound of a function's bytes, known before its blocks are: every cell may be an entry of a jump table. */
function sizeBoundOf({ vcode, allocation }: AllocatedCode): number {
  return boundOfPrologue + boundOfInstruction * instCountOf(vcode) + boundOfMove * allocation.moves.before.length + 4 * vcode.cells.length + 16 * (constantCount(vcode) + 1);
}

/** Rows that can read from a literal, and what moves an integer register to their destination when they cannot. */
const literalRows = new Map<number, readonly [bytes: 4 | 8, move: number]>([
  [a64.ldrf32, [4, a64.fmov_w_s]],
  [a64.ldrf64, [8, a64.fmov_x_d]],
]);

/** Its recipes are worked out once: there are as many as the ISA has rows. */
const encoder = new Encoder(instructionSet);

export class A64Emitter implements FunctionEmitter {
  readonly moveBound = boundOfMove;
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
  /** What lies behind the function may be out of reach. */
  private isFar = false;
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
    this.isFar = sizeBoundOf(code) > this.reach.rel19;
    a.op(a64.stp64_pre, framePointer, linkRegister, stackPointer, none, 0, -16);
    a.move(framePointer, stackPointer);
    const check = code.vcode.stackCheck;
    if (check !== undefined && frame.bytes >= largeFrame) {
      a.add(secondScratch, stackPointer, -frame.bytes, scratchInteger);
      this.checkStack(a64.cmp64_rr, check);
    }
    if (frame.bytes !== 0) a.add(stackPointer, stackPointer, -frame.bytes, scratchInteger);
    if (check !== undefined && frame.bytes < largeFrame) this.checkStack(a64.cmp_sp, check);
    if (code.vcode.keepsVmctx) a.store(framePointer, -8, vmctxRegister);
  }
  /** Compares the stack pointer, or the one to be in x17, with the limit. */
  private checkStack(compare: number, origin: number): void {
    const a = this.assembler;
    a.load(scratchInteger, vmctxRegister, vmctxHeader.stackLimit);
    if (compare === a64.cmp_sp) a.op(compare, scratchInteger);
    else a.op(compare, secondScratch, scratchInteger);
    this.trapOn(a64.b_cond, conditions.lo, trapCodes.stackOverflow, origin);
  }
  private epilogue(): void {
    if (this.frame.bytes !== 0) this.assembler.move(stackPointer, framePointer);
    this.assembler.op(a64.ldp64_post, framePointer, linkRegister, stackPointer, none, 0, 16);
    this.assembler.op(a64.ret_lr);
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
    const v = this.v;
    const row = rowOfInst(v, inst);
    const bound = bounds[row] as number;
    return row === a64.jump_table ? bound + 4 * v.cells.at(firstCellOf(v, inst) + 1) : bound;
  }
  /** Most bytes between a branch that ends the current block and the start of `target`, which lies ahead. */
  private boundTo(target: number): number {
    const bound = this.blockBound;
    return (bound[target] as number) - (bound[this.block_ + 1] as number) + 12;
  }

  /** Emits the conditional branch `word`, whose displacement is 0 yet. */
  private branchTo(word: number, kind: typeof fixups.rel19 | typeof fixups.rel14, block: number): void {
    const { buffer } = this;
    const label = this.labelOf(block);
    const target = buffer.offsetOf(label);
    const distance = target >= 0 ? buffer.length - target : this.boundTo(block);
    if (distance <= (kind === fixups.rel19 ? this.reach.rel19 : this.reach.rel14)) {
      buffer.put4(word);
      buffer.useLabel(label, buffer.length - 4, kind);
    } else {
      // Over the next instruction: two words.
      buffer.put4(oppositeBranch(word) | (2 << 5));
      this.assembler.jump(label);
    }
  }
  private jumpTo(block: number, next: number): void {
    if (block !== next) this.assembler.jump(this.labelOf(block));
  }

  terminator(inst: number, next: number): void {
    const v = this.v;
    const row = rowOfInst(v, inst);
    const shape = shapes[row] ?? bug(`no instruction row ${row}`);
    const first = firstCellOf(v, inst);
    this.buffer.recordOrigin(v.origins.at(inst));
    if (row === a64.b) this.jumpTo(this.forward[v.cells.at(first)] as number, next);
    else if (shape.row.ends !== 'branch') this.instruction(inst);
    else {
      // The last two cells are the successors.
      const then = this.forward[v.cells.at(first + shape.cells - 2)] as number;
      const otherwise = this.forward[v.cells.at(first + shape.cells - 1)] as number;
      if (then === otherwise) {
        this.jumpTo(then, next);
        return;
      }
      this.column.fill(0);
      for (let i = 0; i < shape.cells - 2; i++) this.column[i] = v.cells.at(first + i);
      if (row !== a64.b_cond) this.column[0] = this.location(first);
      const word = this.encoder.word(row, this.cells, 0);
      const kind = row === a64.tbz32 || row === a64.tbz64 || row === a64.tbnz32 || row === a64.tbnz64 ? fixups.rel14 : fixups.rel19;
      if (then === next) this.branchTo(oppositeBranch(word), kind, otherwise);
      else {
        this.branchTo(word, kind, then);
        this.jumpTo(otherwise, next);
      }
    }
  }

  // ---- moves and instructions

  move(from: number, to: number, bytes: number): void {
    const code = this.code ?? bug('no function begun');
    const a = this.assembler;
    const float = (from < firstSlot ? from : to) >= 32;
    if (from < firstSlot && to < firstSlot) {
      if (float) a.op(bytes === 16 ? a64.mov128_rr : bytes === 4 ? a64.fmov32_rr : a64.fmov64_rr, to, from);
      else a.op(bytes === 4 ? a64.mov32_rr : a64.mov64_rr, to, from);
      return;
    }
    const isLoad = from >= firstSlot;
    const offset = this.frame.bytes + this.frame.spillOffset + (code.allocation.slotOffset[(isLoad ? from : to) - firstSlot] as number);
    let row: number;
    if (float) row = isLoad ? (bytes === 4 ? a64.ldrf32 : bytes === 8 ? a64.ldrf64 : a64.ldrf128) : bytes === 4 ? a64.strf32 : bytes === 8 ? a64.strf64 : a64.strf128;
    else row = isLoad ? (bytes === 4 ? a64.ldr32 : a64.ldr64) : bytes === 4 ? a64.str32 : a64.str64;
    const register = isLoad ? to : from;
    if (fitsDisplacement(bytes, offset)) a.op(row, register, stackPointer, none, 0, offset);
    else {
      a.constant32(secondScratch, offset);
      a.op(row, register, stackPointer, secondScratch, 0, 0);
    }
  }

  instruction(inst: number): void {
    const v = this.v;
    let row = rowOfInst(v, inst);
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
        this.loadConstant(row, cells[0] as number, cells[memory + memoryCells.displacement] as number);
        return;
      }
      this.place(memory, memoryBytes[row] as number);
      row = this.addWordIndex(row, memory);
    }
    const trap = v.traps.at(inst);
    if (trap !== 0) this.buffer.recordTrap(this.buffer.length, trap, v.origins.at(inst));
    if (row === a64.bl) {
      const callee = cells[0] as number;
      cells[0] = 0;
      this.buffer.recordRelocation(this.buffer.length, callee);
    }
    this.encoder.encode(this.buffer, row, this.cells, 0);
  }

  /** Puts a physical base in place of a symbolic one, and sums up what the access cannot add by itself. */
  private place(memory: number, bytes: number): void {
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
        base = stackPointer;
        displacement = this.frame.bytes - displacement;
        break;
      default:
        if (base < 0) bug(`memory operand with base ${base}`);
    }
    const index = cells[memory + memoryCells.index] as number;
    if (index >= 0) {
      const shift = cells[memory + memoryCells.scale] as number;
      if (displacement === 0 && (shift === 0 || 1 << shift === bytes)) {
        cells[memory] = base;
        return;
      }
      if (shift === 0) a.op(a64.add64_rr, scratchInteger, base, index);
      else a.op(a64.add64_rr_lsl, scratchInteger, base, index, shift);
      base = scratchInteger;
      cells[memory + memoryCells.index] = none;
    }
    if (!fitsDisplacement(bytes, displacement)) {
      // What fits beside an access stays there; the rest is a multiple of 4096 wherever that is enough.
      const rest = displacement >= 0 && displacement <= 0xffffff && fitsDisplacement(bytes, displacement & 0xfff) ? displacement & 0xfff : 0;
      a.add(scratchInteger, base, displacement - rest, secondScratch);
      base = scratchInteger;
      displacement = rest;
    }
    cells[memory] = base;
    cells[displacementCell] = displacement;
  }

  /** For a row with an index of 32 bits beside a displacement: adds the two up and answers the row without such an index. */
  private addWordIndex(row: number, memory: number): number {
    const { column: cells, assembler: a } = this;
    const plain = withoutWordIndex[row] as number;
    if (plain < 0 || cells[memory + memoryCells.displacement] === 0) return row;
    const base = cells[memory] as number;
    // An access of one byte has no shift.
    const shift = memoryBytes[row] === 1 ? 0 : (cells[memory + memoryCells.count + 1] as number);
    a.op(a64.add64_uxtw, scratchInteger, base, cells[memory + memoryCells.count] as number, shift);
    cells[memory] = scratchInteger;
    return plain;
  }

  /** Loads an entry of the constant pool. */
  private loadConstant(row: number, register: number, constant: number): void {
    const { assembler: a, buffer, v } = this;
    if (!this.isFar) {
      a.op(row, register, bases.pc, none, 0, 0);
      buffer.useLabel((this.firstConstantLabel + constant) as Label, buffer.length - 4, fixups.rel19);
      return;
    }
    const [bytes, move] = literalRows.get(row) ?? bug('a constant that cannot be put together', shapes[row]?.name);
    if (bytes === 4) a.constant32(scratchInteger, constantWord(v, constant, 0));
    else a.constant64(scratchInteger, constantWord(v, constant, 0), constantWord(v, constant, 1));
    a.op(move, register, scratchInteger);
  }

  private pseudo(inst: number, row: number, first: number): void {
    const { column: cells, v } = this;
    const origin = v.origins.at(inst);
    switch (row) {
      case a64.args:
        break;
      case a64.ret:
        this.epilogue();
        break;
      case a64.trap:
        this.callTrapExit(cells[0] as number, origin);
        break;
      case a64.b_cond_trap:
        this.trapOn(a64.b_cond, cells[0] as number, cells[1] as number, origin);
        break;
      case a64.cbz32_trap:
        this.trapOn(a64.cbz32, cells[0] as number, cells[1] as number, origin);
        break;
      case a64.cbz64_trap:
        this.trapOn(a64.cbz64, cells[0] as number, cells[1] as number, origin);
        break;
      case a64.cbnz32_trap:
        this.trapOn(a64.cbnz32, cells[0] as number, cells[1] as number, origin);
        break;
      case a64.cbnz64_trap:
        this.trapOn(a64.cbnz64, cells[0] as number, cells[1] as number, origin);
        break;
      case a64.jump_table:
        this.jumpTable(cells[0] as number, first + 1);
        break;
      default:
        bug(`cannot emit ${shapes[row]?.name}`, `block${asBlock(this.block_)}`);
    }
  }

  // ---- traps, constants, tables

  /** How many earlier sites are looked through for the same trap. */
  private static readonly trapWindow = 16;

  /** Traps if the branch of row `branch` on `subject`, a condition or register, is taken. */
  private trapOn(branch: number, subject: number, code: number, origin: number): void {
    this.column[0] = subject;
    this.column[1] = 0;
    const word = this.encoder.word(branch, this.cells, 0);
    if (this.isFar) {
      this.buffer.put4(oppositeBranch(word) | (3 << 5));
      this.callTrapExit(code, origin);
    } else {
      const label = this.trapLabel(code, origin);
      this.buffer.put4(word);
      this.buffer.useLabel(label, this.buffer.length - 4, fixups.rel19);
    }
  }
  private trapLabel(code: number, origin: number): Label {
    const traps = this.traps;
    for (let i = traps.length - 3; i >= 0 && i >= traps.length - 3 * A64Emitter.trapWindow; i -= 3) {
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
    this.assembler.callAt(vmctxRegister, vmctxHeader.trapExit, scratchInteger);
    this.buffer.recordTrapCall(code, origin);
  }
  cold(): void {
    const traps = this.traps;
    for (let i = 0; i < traps.length; i += 3) {
      this.buffer.bind(traps.at(i) as Label);
      this.callTrapExit(traps.at(i + 1), traps.at(i + 2));
    }
  }

  // x16 = table + 4 * index, the entry's address; the entry is the distance from itself.
  private jumpTable(index: number, cell: number): void {
    const { assembler: a, buffer } = this;
    const label = buffer.createLabel();
    a.op(a64.adr, scratchInteger, 0);
    buffer.useLabel(label, buffer.length - 4, fixups.adr);
    a.op(a64.add64_uxtw, scratchInteger, scratchInteger, index, 2);
    a.op(a64.ldrsw, secondScratch, scratchInteger, none, 0, 0);
    a.op(a64.add64_rr, scratchInteger, scratchInteger, secondScratch);
    a.op(a64.br, scratchInteger);
    if (this.isFar) this.putTable(label, cell);
    else {
      this.tables.push(label);
      this.tables.push(cell);
    }
  }
  private putTable(label: Label, cell: number): void {
    const { buffer, v } = this;
    buffer.bind(label);
    const n = v.cells.at(cell);
    for (let entry = 1; entry <= n; entry++) {
      buffer.useLabel(this.labelOf(this.forward[v.cells.at(cell + entry)] as number), buffer.length, fixups.word);
      buffer.put4(0);
    }
  }

  data(): void {
    const { buffer, v, tables } = this;
    for (let i = 0; i < tables.length; i += 2) this.putTable(tables.at(i) as Label, tables.at(i + 1));
    for (const bytes of [16, 8, 4]) {
      for (let i = 0; i < constantCount(v); i++) {
        if (constantBytes(v, i) !== bytes) continue;
        if (!this.isFar) {
          // Functions begin at multiples of 16, so each constant lies at a multiple of its size.
          buffer.align(bytes, 0);
          buffer.bind((this.firstConstantLabel + i) as Label);
          for (let word = 0; word < bytes / 4; word++) buffer.put4(constantWord(v, i, word));
        }
      }
    }
    buffer.resolve(patch);
  }
}
