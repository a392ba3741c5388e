// All rows of x86-64 as one table, with their numbers by name.

import { InstructionSet, rowNumbers } from '../../../machine/instruction.ts';
import type { X64Row } from '../encoding/row.ts';
import { registerNumber } from '../registers.ts';
import { control } from './control.ts';
import { convert } from './convert.ts';
import { float } from './float.ts';
import { integer } from './integer.ts';
import { memory } from './memory.ts';

export const rows = { ...integer, ...memory, ...control, ...float, ...convert };
export type RowName = keyof typeof rows;

/** Row numbers by name: `x64.add32_rr`. */
export const x64 = rowNumbers<RowName>(rows);
export const instructionSet = new InstructionSet<X64Row>(rows, registerNumber);

/** Condition codes by the vendor's names; `code ^ 1` negates. */
export const conditions = { o: 0, no: 1, b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7, s: 8, ns: 9, p: 10, np: 11, l: 12, ge: 13, le: 14, g: 15 } as const;
export const conditionNames: readonly string[] = Object.keys(conditions);
