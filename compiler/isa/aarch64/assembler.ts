// Writes instructions by hand: for prologues, trampolines and the signal handler. Operands are physical registers and placed addresses.

import type { Label } from '../../base/entity.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import { fixups } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { a64, instructionSet } from './instructions/table.ts';
import { stackPointer } from './registers.ts';

const encoder = new Encoder(instructionSet);
const none = -1;

/** Reads operand cells from an array; what is not given is 0. */
class CellList {
  list: readonly number[] = [];
  at(index: number): number {
    return this.list[index] ?? 0;
  }
}

export class Assembler {
  readonly buffer: CodeBuffer;
  private readonly cells = new CellList();
  constructor(buffer: CodeBuffer) {
    this.buffer = buffer;
  }
  /** Appends an instruction, given its cells: a modified register twice, a memory operand as base, index (-1), scale, displacement. */
  op(row: number, ...cells: readonly number[]): void {
    this.cells.list = cells;
    encoder.encode(this.buffer, row, this.cells, 0);
  }
  /** dst = [base + displacement], 8 bytes. */
  load(dst: number, base: number, displacement: number): void {
    this.op(a64.ldr64, dst, base, none, 0, displacement);
  }
  /** [base + displacement] = src, 8 bytes. */
  store(base: number, displacement: number, src: number): void {
    this.op(a64.str64, src, base, none, 0, displacement);
  }
  /** dst = src; either may be the stack pointer. */
  move(dst: number, src: number): void {
    if (dst === stackPointer || src === stackPointer) this.op(a64.add64_ri, dst, src, 0);
    else this.op(a64.mov64_rr, dst, src);
  }
  /** dst = an unsigned 32-bit number. */
  constant32(dst: number, value: number): void {
    this.op(a64.movz32, dst, value & 0xffff, 0);
    if (value >>> 16 !== 0) this.op(a64.movk32, dst, dst, value >>> 16, 16);
  }
  /** dst = a 64-bit number given in halves. */
  constant64(dst: number, low: number, high: number): void {
    const quarters = [low & 0xffff, low >>> 16, high & 0xffff, high >>> 16];
    const inverted = quarters.filter((q) => q === 0xffff).length > quarters.filter((q) => q === 0).length;
    const filler = inverted ? 0xffff : 0;
    let started = false;
    for (const [i, quarter] of quarters.entries()) {
      if (quarter === filler && (started || i < 3)) continue;
      if (started) this.op(a64.movk64, dst, dst, quarter, 16 * i);
      else this.op(inverted ? a64.movn64 : a64.movz64, dst, inverted ? quarter ^ 0xffff : quarter, 16 * i);
      started = true;
    }
  }
  /**
   * dst = src + value, a number of at most 32 bits with sign; either register may be the stack pointer.
   * Such a value goes through `scratch`, which must not be `src`.
   */
  add(dst: number, src: number, value: number, scratch: number): void {
    const magnitude = Math.abs(value);
    if (magnitude > 0xffffff) {
      this.constant32(scratch, magnitude);
      // Zero-extended, the magnitude fits any 32-bit number.
      this.op(value < 0 ? a64.sub64_uxtw : a64.add64_uxtw, dst, src, scratch, 0);
      return;
    }
    const [plain, shifted] = value < 0 ? [a64.sub64_ri, a64.sub64_ri12] : [a64.add64_ri, a64.add64_ri12];
    if (magnitude > 0xfff) this.op(shifted, dst, src, magnitude >>> 12);
    if (magnitude <= 0xfff || (magnitude & 0xfff) !== 0) this.op(plain, dst, magnitude > 0xfff ? dst : src, magnitude & 0xfff);
  }
  jump(label: Label): void {
    this.op(a64.b, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.rel26);
  }
  jumpIf(condition: number, label: Label): void {
    this.op(a64.b_cond, condition, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.rel19);
  }
  /** Calls the code whose address is at [base + displacement], by way of `scratch`. */
  callAt(base: number, displacement: number, scratch: number): void {
    this.load(scratch, base, displacement);
    this.op(a64.blr, scratch, 0, 0);
  }
}
