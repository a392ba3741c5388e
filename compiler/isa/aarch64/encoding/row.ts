// What an AArch64 row says about its bytes: the instruction word with all operand fields zero. The fields of its operands say where the rest goes.
//
//   registers   d n m a        bits 0–4, 5–9, 16–20, 10–14; 31 is the zero register and stands only where the row fixes it
//               dsp nsp        the same places; 31 is the stack pointer
//               nm             one register in both n and m
//   conditions  cc  bits 12–15      ncc  the same, inverted      cc0  bits 0–3
//   memory      mem            base + (scaled 12-bit | signed 9-bit offset | index register), or a literal; see memory-operand.ts
//               base           base alone, without a displacement
//               pair prepair postpair   base + scaled 7-bit offset of a register pair; the last two write back to the stack pointer
//   immediates  see fields.ts
// Source: Arm Architecture Reference Manual (DDI 0487), chapter C4 "A64 instruction set encoding".

import type { InstructionRow } from '../../../machine/instruction.ts';

export interface A64Row extends InstructionRow {
  /** Absent for pseudo-instructions. For memory operands: the form with an unsigned offset. */
  readonly bits?: number;
  /** Word of the same load from a literal, relative to the instruction. */
  readonly literal?: number;
}

/** First bit of each register field. */
export const registerFields: Readonly<Record<string, number>> = { d: 0, n: 5, m: 16, a: 10, dsp: 0, nsp: 5 };

/** Whether 31 in a field is the stack pointer. */
export const isStackPointerField = (field: string): boolean => field === 'dsp' || field === 'nsp';
