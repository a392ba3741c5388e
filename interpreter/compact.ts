// The interpreter's own code: what the validator writes while it checks a body, and what `execute.ts` runs.
// Chapter: none; this is how "Execution", section "Instructions" is made quick: labels become addresses, types become copy widths.
//
// Compact code is one Int32Array per function: an operator, then its operands, each one int. Where nothing depends on context the operator
// is the binary format's opcode. `block`, `loop`, `end`, `nop` leave nothing behind. Positions are indices into the array.
// Frames: locals first, then operands; a slot is 64 bits, that is two ints; v128 takes two slots. Local operands are int offsets from the frame.
//
//   if         [elseTarget]                     then-arm's end: jump [target]
//   br, br_if  [target]                         when nothing between the kept values and the label's height must be dropped
//   br.move, br_if.move [target, to, keep, refs]  `keep` slots slide down to int offset `to` of the frame; `refs` 1 when references are among them
//   br_table   [count, (target, to, keep, refs) × (count + 1)]   to = -1: nothing slides
//   return     [keep, refs]
//   call       [function]     call_indirect [type, table, wide]
//   try_table  [past, count, (kind, tag, target, to) × count]    read by the unwinder; running it jumps to `past`
//   escapes    [sub-opcode, n, n operands…]     rare groups, executed out of line
import type { ValueType } from './types.ts';

export const Op = {
  jump: 0x05,
  brMove: 0xe1,
  brIfMove: 0xe2,
  localGet64: 0xe3,
  localGet128: 0xe4,
  localGetRef: 0xe5,
  localSet64: 0xe6,
  localSet128: 0xe7,
  localSetRef: 0xe8,
  localTee64: 0xe9,
  localTee128: 0xea,
  localTeeRef: 0xeb,
  globalGet64: 0xec,
  globalGetWide: 0xed,
  drop128: 0xee,
  selectRef: 0xef,
  select128: 0xf0,
  wideAccess: 0xf1,
  globalSet64: 0xf3,
  globalSetWide: 0xf4,
  brOnCast: 0xf6,
  arrayFixed: 0xf7,
} as const;

/** A region guarded by a `try_table`; `clauses` is the position of its operands. */
export interface Handler { readonly start: number; readonly end: number; readonly clauses: number }

/** A function body ready to run. */
export interface CompactCode {
  readonly code: Int32Array;
  readonly handlers: readonly Handler[];
  /** Ints of locals, parameters included, and the most a frame ever needs. */
  readonly localInts: number;
  readonly frameInts: number;
  readonly paramInts: number;
  /** Whether non-parameter locals include references, which must be nulled on entry. */
  readonly hasRefLocals: boolean;
  /** Operator position → byte offset in the module, as two parallel lists; empty unless asked for. */
  readonly positions: readonly number[];
  readonly offsets: readonly number[];
  /** Parallel to them: types of what the instruction takes from the stack. */
  readonly operandTypes: readonly (readonly ValueType[])[];
}

export class Emitter {
  readonly code: number[] = [];
  readonly handlers: Handler[] = [];
  readonly positions: number[] = [];
  readonly offsets: number[] = [];
  readonly operandTypes: (readonly ValueType[])[] = [];
  readonly mapping: boolean;
  /** Whether somebody listens to accesses: then all scalar ones are `wideAccess`. */
  readonly listening: boolean;

  constructor(mapping: boolean, listening = false) {
    this.mapping = mapping;
    this.listening = listening;
  }

  get here(): number { return this.code.length; }

  /** Begins an instruction that stands at a byte offset of the module. */
  op(operator: number, offset: number): void {
    if (this.mapping) {
      this.positions.push(this.code.length);
      this.offsets.push(offset);
    }
    this.code.push(operator);
  }

  operand(value: number): void { this.code.push(value | 0); }

  /** Tells what the operators written since the last call take. */
  describe(operands: readonly ValueType[]): void {
    while (this.operandTypes.length < this.positions.length) this.operandTypes.push(operands);
  }

  /** Emits an operand to be known later; returns its position. */
  hole(): number {
    this.code.push(-1);
    return this.code.length - 1;
  }

  fill(position: number, value: number): void { this.code[position] = value; }

  fillAll(positions: readonly number[], value: number): void {
    for (const position of positions) this.code[position] = value;
  }

  /** An instruction of a rare group. */
  escape(prefix: number, second: number, operands: readonly number[], offset: number): void {
    this.op(prefix, offset);
    this.code.push(second, operands.length);
    for (const operand of operands) this.code.push(operand | 0);
  }
}
