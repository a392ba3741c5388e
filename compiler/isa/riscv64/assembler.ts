// Writes instructions by hand: for prologues, trampolines and the signal handler. Operands are physical registers and placed addresses.

import type { Label } from '../../base/entity.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import { fixups, lowerPart, upperPart } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { fits12 } from './encoding/fields.ts';
import { rv, instructionSet } from './instructions/table.ts';
import { zero } from './registers.ts';

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
  /** Appends an instruction, given its cells; a memory operand is base, index (-1), scale, displacement. */
  op(row: number, ...cells: readonly number[]): void {
    this.cells.list = cells;
    encoder.encode(this.buffer, row, this.cells, 0);
  }
  /** dst = [base + displacement], 8 bytes or as the row says. */
  load(dst: number, base: number, displacement: number, row: number = rv.ld): void {
    this.op(row, dst, base, none, 0, displacement);
  }
  /** [base + displacement] = src, 8 bytes or as the row says. */
  store(base: number, displacement: number, src: number, row: number = rv.sd): void {
    this.op(row, src, base, none, 0, displacement);
  }
  move(dst: number, src: number): void {
    this.op(rv.addi, dst, src, 0);
  }
  /** dst = a signed 32-bit number, sign-extended. */
  constant32(dst: number, value: number): void {
    if (fits12(value)) {
      this.op(rv.addi, dst, zero, value);
      return;
    }
    // The sum wraps around in 32 bits, where the rounded upper part has become negative.
    this.op(rv.lui, dst, upperPart(value) >>> 12);
    if (lowerPart(value) !== 0) this.op(rv.addiw, dst, dst, lowerPart(value));
  }
  /** dst = an unsigned number below 2^53: pieces of 11 bits after the first, so that none is negative. */
  constant53(dst: number, value: number): void {
    if (value <= 0x7fffffff) {
      this.constant32(dst, value);
      return;
    }
    this.constant53(dst, Math.floor(value / 0x800));
    this.op(rv.slli, dst, dst, 11);
    if (value % 0x800 !== 0) this.op(rv.addi, dst, dst, value % 0x800);
  }
  /** dst = src + value, a signed 32-bit number; a large one goes through `scratch`, which must not be `src`. */
  add(dst: number, src: number, value: number, scratch: number): void {
    if (fits12(value)) this.op(rv.addi, dst, src, value);
    else {
      this.constant32(scratch, value);
      this.op(rv.add, dst, src, scratch);
    }
  }
  jump(label: Label): void {
    this.op(rv.jal, zero, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.jal);
  }
  /** Goes to a label within reach of a branch if the condition holds between two registers. */
  jumpIf(condition: number, a: number, b: number, label: Label): void {
    this.op(rv.branch_d, a, b, condition, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.branch);
  }
  /** An auipc and an instruction that adds the rest: both displacements are those of `label`. */
  pair(scratch: number, row: number, label: Label, ...cells: readonly number[]): void {
    const offset = this.buffer.length;
    this.op(rv.auipc, scratch, 0);
    this.op(row, ...cells);
    this.buffer.useLabel(label, offset, fixups.pair);
  }
  /** Calls the code whose address is at [base + displacement], by way of `scratch`. */
  callAt(base: number, displacement: number, scratch: number, link: number): void {
    this.load(scratch, base, displacement);
    this.op(rv.jalr, link, scratch, 0);
  }
  ret(link: number): void {
    this.op(rv.jalr, zero, link, 0);
  }
}
