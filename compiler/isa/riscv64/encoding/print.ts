// Prints instructions as assembly text in the manual's syntax, from the row; no pseudo-instructions, so each word has one text.
// A branch shows the offset it leads to, counted like the instruction's own.

import { bug } from '../../../base/errors.ts';
import { type OperandShape, isRegisterKind, memoryCells } from '../../../machine/instruction.ts';
import { conditionNames } from '../instructions/table.ts';
import { registerName } from '../registers.ts';
import type { Decoded } from './decode.ts';
import { immediateFields, isDisplacement } from './fields.ts';
import type { RvRow } from './row.ts';

const place = (offset: number): string => (offset < 0 ? `-0x${(-offset).toString(16)}` : `0x${offset.toString(16)}`);

function operandText(o: OperandShape, cells: readonly number[], offset: number): string {
  const cell = cells[o.cell] ?? 0;
  if (isRegisterKind(o.kind)) return registerName(o.fixed >= 0 ? o.fixed : cell);
  if (o.kind === 'memory') return `${cells[o.cell + memoryCells.displacement] ?? 0}(${registerName(cell)})`;
  if (o.kind === 'condition') return conditionNames[cell] ?? String(cell);
  const field = immediateFields[o.field] ?? bug(`no field '${o.field}'`);
  return isDisplacement(field) ? place(offset + cell) : (field.text?.(cell) ?? '');
}

/** The row's text with every operand that is shown as `{name}`. */
export function templateOf(row: RvRow, operands: readonly OperandShape[]): string {
  if (row.asm.includes('{')) return row.asm;
  const shown = operands.filter((o) => o.field !== '').map((o) => `{${o.name}}`);
  return shown.length === 0 ? row.asm : `${row.asm} ${shown.join(', ')}`;
}

/** The text of an instruction that stands at `offset`. */
export function plainText(decoded: Decoded, offset: number): string {
  const { shape, cells } = decoded;
  return templateOf(shape.row, shape.operands).replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const o = shape.operands.find((operand) => operand.name === name) ?? bug(`no operand '${name}'`, shape.name);
    return operandText(o, cells, offset);
  });
}
