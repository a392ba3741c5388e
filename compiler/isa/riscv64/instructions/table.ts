// All rows of RISC-V as one table, with their numbers by name.

import { InstructionSet, rowNumbers } from '../../../machine/instruction.ts';
import type { RvRow } from '../encoding/row.ts';
import { registerNumber } from '../registers.ts';
import { control } from './control.ts';
import { float } from './float.ts';
import { integer } from './integer.ts';
import { memory } from './memory.ts';

export const rows = { ...integer, ...memory, ...control, ...float };
export type RowName = keyof typeof rows;

/** Row numbers by name: `rv.addw`. */
export const rv = rowNumbers<RowName>(rows);
export const instructionSet = new InstructionSet<RvRow>(rows, registerNumber);

/** What a branch compares, by the vendor's names; `code ^ 1` negates. */
export const conditions = { eq: 0, ne: 1, lt: 2, ge: 3, ltu: 4, geu: 5 } as const;
export const conditionNames: readonly string[] = Object.keys(conditions);
