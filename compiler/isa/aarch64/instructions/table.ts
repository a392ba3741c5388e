// All rows of AArch64 as one table, with their numbers by name.

import { InstructionSet, rowNumbers } from '../../../machine/instruction.ts';
import type { A64Row } from '../encoding/row.ts';
import { registerNumber } from '../registers.ts';
import { control } from './control.ts';
import { convert } from './convert.ts';
import { float } from './float.ts';
import { integer } from './integer.ts';
import { memory } from './memory.ts';

export const rows = { ...integer, ...memory, ...control, ...float, ...convert };
export type RowName = keyof typeof rows;

/** Row numbers by name: `a64.add32_rr`. */
export const a64 = rowNumbers<RowName>(rows);
export const instructionSet = new InstructionSet<A64Row>(rows, registerNumber);

/** Condition codes by the vendor's names; `code ^ 1` negates, except for the last two, which both mean always. */
export const conditions = { eq: 0, ne: 1, hs: 2, lo: 3, mi: 4, pl: 5, vs: 6, vc: 7, hi: 8, ls: 9, ge: 10, lt: 11, gt: 12, le: 13, al: 14, nv: 15 } as const;
export const conditionNames: readonly string[] = Object.keys(conditions);
