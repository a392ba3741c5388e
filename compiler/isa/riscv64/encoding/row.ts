// What a RISC-V row says about its bytes: the instruction word with all operand fields zero. The fields of its operands say where the rest goes.
//
//   registers   rd rs1 rs2     bits 7–11, 15–19, 20–24; x0 reads as zero and may stand anywhere
//   conditions  cc             funct3 of a branch, bits 12–14
//   memory      load store     base in rs1 and a signed 12-bit displacement in the place of the I or the S format
//   immediates  see fields.ts
// Source: The RISC-V Instruction Set Manual, volume I, "Base Instruction Formats" and "Immediate Encoding Variants".

import type { InstructionRow } from '../../../machine/instruction.ts';

export interface RvRow extends InstructionRow {
  /** Absent for pseudo-instructions. */
  readonly bits?: number;
}

/** First bit of each register field. */
export const registerFields: Readonly<Record<string, number>> = { rd: 7, rs1: 15, rs2: 20 };

/** First bit of a branch's condition. */
export const conditionField = 12;
