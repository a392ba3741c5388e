// Emits allocated vcode as x86-64 code.
//
//   frame     [rbp + 16 …] stack arguments and results of the caller · [rbp + 8] return address · [rbp] caller's rbp
//             [rbp - 8] own vmctx, if the function calls with another · spill area · outgoing area · rsp
//
// The stack is checked before anything is stored in the frame; a frame of a page or more is checked before rsp moves, so that no signal handler
// running on this stack ever finds rsp below the limit.
// Every explicit trap site jumps to code behind the function that calls the trap exit: the return address names the trap.

import { type Label, asBlock } from '../../base/entity.ts';
import { bug } from '../../base/errors.ts';
import { Int32Column } from '../../base/growable.ts';
import { trapCodes } from '../../contract/traps.ts';
import { vmctxHeader } from '../../contract/vmctx.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import { bases, memoryCells } from '../../machine/instruction.ts';
import type { AllocatedCode } from '../../machine/problem.ts';
import type { Frame, FunctionEmitter } from '../../machine/target.ts';
import { type Vcode, blockCountOf, constantBytes, constantCount, constantWord, firstCellOf, rowOfInst } from '../../machine/vcode.ts';
import { Assembler } from './assembler.ts';
import { fixups, patch, reachesAhead, reachesBack } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { conditions, instructionSet, x64 } from './instructions/table.ts';
import { r11, r15, rbp, rsp, vmctxRegister } from './registers.ts';

/** Frames from this size on are checked before the stack pointer moves. */
const largeFrame = 4096;
const firstSlot = 64;
const none = -1;

const shapes = instructionSet.shapes;
const immediateAt = Int32Array.from(shapes, (shape) => shape.operands.find((o) => o.field === 'imm')?.cell ?? none);
const shortTwin = Int32Array.from(shapes, (shape) => shape.short);
const isCopy = Uint8Array.from(shapes, (shape) => (shape.row.copy === true ? 1 : 0));
/** Upper bounds of the bytes of each row, see `sizeBound`. */
const bounds = Int32Array.from(shapes, (shape) => {
  switch (shape.number) {
    case x64.args:
      return 0;
    case x64.jump_table:
      return 24;
    case x64.jcc2:
      return 17;
    default:
      return 15;
  }
});

/** Its recipes are worked out once: there are as many as the ISA has rows. */
const encoder = new Encoder(instructionSet);

export class X64Emitter implements FunctionEmitter {
  readonly moveBound = 10;
  private readonly buffer: CodeBuffer;
  private readonly assembler: Assembler;
  private readonly encoder = encoder;
  private readonly cells = new Int32Array(32);
  private code: AllocatedCode | undefined = undefined;
  private vcode: Vcode | undefined = undefined;
  private frame: Frame = { bytes: 0, spillOffset: 0 };
  private firstBlockLabel = 0;
  private firstConstantLabel = 0;
  private forward: Int32Array = new Int32Array(0);
  private blockBound: Int32Array = new Int32Array(0);
  private block_ = 0;
  /** Out-of-line traps: label, trap code, origin. Jump tables: label, instruction. */
  private readonly traps = new Int32Column();
  private readonly tables = new Int32Column();

  constructor(buffer: CodeBuffer) {
    this.buffer = buffer;
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
    a.op(x64.push, rbp);
    a.move(rbp, rsp);
    const check = code.vcode.stackCheck;
    if (check !== undefined && frame.bytes >= largeFrame) {
      a.lea(r11, rsp, -frame.bytes);
      this.checkStack(r11, check);
    }
    if (frame.bytes !== 0) this.encode(x64.sub64_ri, rsp, rsp, frame.bytes);
    if (check !== undefined && frame.bytes < largeFrame) this.checkStack(rsp, check);
    if (code.vcode.keepsVmctx) a.store(rbp, -8, r15);
  }
  private checkStack(register: number, origin: number): void {
    this.assembler.op(x64.cmp64_rm, register, vmctxRegister, none, 0, vmctxHeader.stackLimit);
    this.jumpIf(conditions.b, this.trapLabel(trapCodes.stackOverflow, origin), largeFrame);
  }
  private epilogue(): void {
    if (this.frame.bytes === 0) this.assembler.op(x64.pop, rbp);
    else this.assembler.op(x64.leave);
    this.assembler.op(x64.ret_near);
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
    return bounds[rowOfInst(this.v, inst)] as number;
  }
  /** Most bytes between the end of the current block and the start of `target`. */
  private boundTo(target: number): number {
    const bound = this.blockBound;
    return (bound[target] as number) - (bound[this.block_ + 1] as number);
  }

  /** `ahead` bounds the distance to a label that is not bound yet. */
  private jumpIf(condition: number, label: Label, ahead: number): void {
    const { buffer } = this;
    const target = buffer.offsetOf(label);
    if (target >= 0 ? reachesBack(buffer.length, target) : reachesAhead(ahead)) {
      this.cells[0] = condition;
      this.encoder.encode(buffer, x64.jcc_short, this.cells, 0);
      buffer.useLabel(label, buffer.length - 1, fixups.short);
    } else {
      this.cells[0] = condition;
      this.encoder.encode(buffer, x64.jcc, this.cells, 0);
      buffer.useLabel(label, buffer.length - 4, fixups.near);
    }
  }
  private jumpIfTo(condition: number, block: number, slack: number): void {
    this.jumpIf(condition, this.labelOf(block), this.boundTo(block) + slack);
  }
  private jumpTo(block: number, next: number): void {
    if (block === next) return;
    const { buffer } = this;
    const label = this.labelOf(block);
    const target = buffer.offsetOf(label);
    if (target >= 0 ? reachesBack(buffer.length, target) : reachesAhead(this.boundTo(block))) {
      this.encoder.encode(buffer, x64.jmp_short, this.cells, 0);
      buffer.useLabel(label, buffer.length - 1, fixups.short);
    } else {
      this.encoder.encode(buffer, x64.jmp, this.cells, 0);
      buffer.useLabel(label, buffer.length - 4, fixups.near);
    }
  }

  terminator(inst: number, next: number): void {
    const v = this.v;
    const cell = firstCellOf(v, inst);
    this.buffer.recordOrigin(v.origins.at(inst));
    const at = (number: number): number => this.forward[v.cells.at(cell + number)] as number;
    switch (rowOfInst(v, inst)) {
      case x64.jmp:
        this.jumpTo(at(0), next);
        break;
      case x64.jcc: {
        const condition = v.cells.at(cell);
        const [then, otherwise] = [at(1), at(2)];
        if (then === otherwise) this.jumpTo(then, next);
        else if (then === next) this.jumpIfTo(condition ^ 1, otherwise, 0);
        else {
          this.jumpIfTo(condition, then, 5);
          this.jumpTo(otherwise, next);
        }
        break;
      }
      case x64.jcc2: {
        const [then, otherwise] = [at(2), at(3)];
        if (then !== otherwise) {
          this.jumpIfTo(v.cells.at(cell), then, 11);
          this.jumpIfTo(v.cells.at(cell + 1), then, 5);
        }
        this.jumpTo(otherwise, next);
        break;
      }
      default:
        this.instruction(inst);
    }
  }

  // ---- moves and instructions

  move(from: number, to: number, bytes: number): void {
    const code = this.code ?? bug('no function begun');
    const slotAddress = (location: number): number => this.frame.spillOffset + (code.allocation.slotOffset[location - firstSlot] as number);
    const float = (from < firstSlot ? from : to) >= 32;
    if (from >= firstSlot) {
      const row = float ? (bytes === 4 ? x64.movss_rm : bytes === 8 ? x64.movsd_rm : x64.movups_rm) : bytes === 4 ? x64.mov32_rm : x64.mov64_rm;
      this.assembler.op(row, to, rbp, none, 0, slotAddress(from));
    } else if (to >= firstSlot) {
      const row = float ? (bytes === 4 ? x64.movss_mr : bytes === 8 ? x64.movsd_mr : x64.movups_mr) : bytes === 4 ? x64.mov32_mr : x64.mov64_mr;
      this.assembler.op(row, rbp, none, 0, slotAddress(to), from);
    } else this.assembler.op(float ? x64.movaps_rr : bytes === 4 ? x64.mov32_rr : x64.mov64_rr, to, from);
  }

  instruction(inst: number): void {
    const v = this.v;
    const row = rowOfInst(v, inst);
    const shape = shapes[row] ?? bug(`no instruction row ${row}`);
    const first = firstCellOf(v, inst);
    const cells = this.cells;
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
    let constant = none;
    const memory = shape.memoryCell;
    if (memory >= 0 && (cells[memory] as number) < none) constant = this.place(memory);
    const trap = v.traps.at(inst);
    if (trap !== 0) this.buffer.recordTrap(this.buffer.length, trap, v.origins.at(inst));
    const used = this.encodeCells(row);
    if (constant >= 0) {
      const tail = this.encoder.immediateBytes(used);
      this.buffer.useLabel((this.firstConstantLabel + constant) as Label, this.buffer.length - 4 - tail, tail);
    } else if (row === x64.call) this.buffer.recordRelocation(this.buffer.length - 4, v.cells.at(first));
  }

  /** Puts a physical base in place of a symbolic one; answers the constant that the operand names, or -1. */
  private place(memory: number): number {
    const cells = this.cells;
    const displacementCell = memory + memoryCells.displacement;
    const displacement = cells[displacementCell] as number;
    switch (cells[memory]) {
      case bases.vmctx:
        cells[memory] = vmctxRegister;
        return none;
      case bases.incoming:
        cells[memory] = rbp;
        cells[displacementCell] = displacement + 16;
        return none;
      case bases.outgoing:
        cells[memory] = rsp;
        return none;
      case bases.frame:
        cells[memory] = rbp;
        cells[displacementCell] = -displacement;
        return none;
      case bases.constant:
        cells[memory] = bases.pc;
        cells[displacementCell] = 0;
        return displacement;
      default:
        return bug(`memory operand with base ${cells[memory]}`);
    }
  }

  /** Encodes `row` from the scratch cells, with a one-byte immediate where it fits; answers the row used. */
  private encodeCells(row: number): number {
    const twin = shortTwin[row] as number;
    const used = twin >= 0 && fitsByte(this.cells[immediateAt[row] as number] as number) ? twin : row;
    this.encoder.encode(this.buffer, used, this.cells, 0);
    return used;
  }
  private encode(row: number, a: number, b: number, c: number): void {
    const cells = this.cells;
    cells[0] = a;
    cells[1] = b;
    cells[2] = c;
    this.encodeCells(row);
  }

  private pseudo(inst: number, row: number, first: number): void {
    const { buffer, cells, assembler: a, v } = this;
    const [c0, c1, c2] = [cells[0] as number, cells[1] as number, cells[2] as number];
    switch (row) {
      case x64.args:
        break;
      case x64.ret:
        this.epilogue();
        break;
      case x64.zero_x:
        a.op(x64.xorps_rr, c0, c0, c0);
        break;
      case x64.cmovf32:
      case x64.cmovf64: {
        // Cells: modified (twice), other, condition. Jumps over the move when the condition does not hold.
        const move = c2 > 39 || c0 > 39 ? 4 : 3;
        a.op(x64.jcc_short, (cells[3] as number) ^ 1, move);
        a.op(x64.movaps_rr, c0, c2);
        break;
      }
      case x64.trap:
        this.callTrapExit(c0, v.origins.at(inst));
        break;
      case x64.jcc_trap:
        this.jumpIf(c0, this.trapLabel(c1, v.origins.at(inst)), largeFrame);
        break;
      case x64.jump_table: {
        // lea target, table; movsxd entry, [target + index * 4]; add entry, target; jmp entry
        const label = buffer.createLabel();
        this.tables.push(label);
        this.tables.push(first + 3);
        a.op(x64.lea64, c1, bases.pc, none, 0, 0);
        buffer.useLabel(label, buffer.length - 4, fixups.near);
        a.op(x64.movsxd_rm, c2, c1, c0, 2, 0);
        a.op(x64.add64_rr, c2, c2, c1);
        a.op(x64.jmp_r, c2);
        break;
      }
      default:
        bug(`cannot emit ${shapes[row]?.name}`, `block${asBlock(this.block_)}`);
    }
  }

  // ---- traps, constants, tables

  /** How many earlier sites are looked through for the same trap. */
  private static readonly trapWindow = 16;

  private trapLabel(code: number, origin: number): Label {
    const traps = this.traps;
    for (let i = traps.length - 3; i >= 0 && i >= traps.length - 3 * X64Emitter.trapWindow; i -= 3) {
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
    this.assembler.callAt(vmctxRegister, vmctxHeader.trapExit);
    this.buffer.recordTrapCall(code, origin);
  }
  cold(): void {
    const traps = this.traps;
    for (let i = 0; i < traps.length; i += 3) {
      this.buffer.bind(traps.at(i) as Label);
      this.callTrapExit(traps.at(i + 1), traps.at(i + 2));
    }
  }

  data(): void {
    const { buffer, v, tables } = this;
    // Wide constants first: functions begin at multiples of 16, so each lies at a multiple of its size.
    for (const bytes of [16, 8, 4]) {
      for (let i = 0; i < constantCount(v); i++) {
        if (constantBytes(v, i) !== bytes) continue;
        buffer.align(bytes, 0xcc);
        buffer.bind((this.firstConstantLabel + i) as Label);
        for (let word = 0; word < bytes / 4; word++) buffer.put4(constantWord(v, i, word));
      }
    }
    for (let i = 0; i < tables.length; i += 2) {
      buffer.align(4, 0xcc);
      buffer.bind(tables.at(i) as Label);
      const start = buffer.length;
      const cell = tables.at(i + 1);
      const n = v.cells.at(cell);
      for (let entry = 1; entry <= n; entry++) {
        const target = this.forward[v.cells.at(cell + entry)] as number;
        buffer.put4(buffer.offsetOf(this.labelOf(target)) - start);
      }
    }
    buffer.resolve(patch);
  }
}

const fitsByte = (value: number): boolean => value >= -0x80 && value <= 0x7f;
