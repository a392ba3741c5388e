// Writes instructions by hand: for prologues, trampolines and the signal handler. Operands are physical registers and placed addresses.

import type { Label } from '../../base/entity.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import { fixups } from './branches.ts';
import { Encoder } from './encoding/encode.ts';
import { instructionSet, x64 } from './instructions/table.ts';

const encoder = new Encoder(instructionSet);

export class Assembler {
  readonly buffer: CodeBuffer;
  constructor(buffer: CodeBuffer) {
    this.buffer = buffer;
  }
  /** Appends an instruction, given its cells: a modified register twice, a memory operand as base, index (-1), scale, displacement. */
  op(row: number, ...cells: readonly number[]): void {
    encoder.encode(this.buffer, row, cells, 0);
  }
  /** dst = [base + displacement], 8 bytes. */
  load(dst: number, base: number, displacement: number): void {
    this.op(x64.mov64_rm, dst, base, -1, 0, displacement);
  }
  /** [base + displacement] = src, 8 bytes. */
  store(base: number, displacement: number, src: number): void {
    this.op(x64.mov64_mr, base, -1, 0, displacement, src);
  }
  move(dst: number, src: number): void {
    this.op(x64.mov64_rr, dst, src);
  }
  /** dst = base + displacement. */
  lea(dst: number, base: number, displacement: number): void {
    this.op(x64.lea64, dst, base, -1, 0, displacement);
  }
  jump(label: Label): void {
    this.op(x64.jmp, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.near);
  }
  jumpIf(condition: number, label: Label): void {
    this.op(x64.jcc, condition, 0, 0);
    this.buffer.useLabel(label, this.buffer.length - 4, fixups.near);
  }
  /** Calls the code whose address is at [base + displacement]. */
  callAt(base: number, displacement: number): void {
    this.op(x64.call_m, base, -1, 0, displacement, 0, 0);
  }
}
