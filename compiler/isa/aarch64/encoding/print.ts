// Prints instructions as assembly text in Arm's syntax, from the row.
// A branch, a literal or an address shows the offset it leads to, counted like the instruction's own.
// In a template, {name.8b} is a register with its arrangement, {name.b} its lowest byte.

import { bug } from '../../../base/errors.ts';
import { type OperandShape, bases, isRegisterKind, memoryCells } from '../../../machine/instruction.ts';
import { conditionNames } from '../instructions/table.ts';
import { registerName, registerOrZeroName, v0 } from '../registers.ts';
import type { Decoded } from './decode.ts';
import { immediateFields, isDisplacement } from './fields.ts';
import { type A64Row, isStackPointerField } from './row.ts';

const place = (offset: number): string => (offset < 0 ? `-0x${(-offset).toString(16)}` : `0x${offset.toString(16)}`);

/** Where a displacement cell leads to from `offset`. */
export const targetOf = (field: string, cell: number, offset: number): number => (field === 'page' ? (Math.floor(offset / 4096) + cell) * 4096 : offset + cell);

function memoryText(o: OperandShape, cells: readonly number[], offset: number): string {
  const base = cells[o.cell + memoryCells.base] ?? 0;
  const index = cells[o.cell + memoryCells.index] ?? -1;
  const scale = cells[o.cell + memoryCells.scale] ?? 0;
  const displacement = cells[o.cell + memoryCells.displacement] ?? 0;
  if (base === bases.pc) return place(offset + displacement);
  const name = registerName(base, 8);
  if (o.field === 'base') return name;
  if (o.field === 'postpair') return `[${name}], #${displacement}`;
  if (o.field === 'prepair') return `[${name}, #${displacement}]!`;
  if (index < 0) return displacement === 0 ? `[${name}]` : `[${name}, #${displacement}]`;
  return `[${name}, ${registerName(index, 8)}${scale === 0 ? '' : `, lsl #${scale}`}]`;
}

function operandText(o: OperandShape, arrangement: string, cells: readonly number[], offset: number): string {
  const cell = cells[o.cell] ?? 0;
  if (isRegisterKind(o.kind)) {
    const register = o.fixed >= 0 ? o.fixed : cell;
    if (arrangement === '') return isStackPointerField(o.field) ? registerName(register, o.bytes) : registerOrZeroName(register, o.bytes);
    return /^\d/.test(arrangement) ? `v${register - v0}.${arrangement}` : `${arrangement}${register - v0}`;
  }
  if (o.kind === 'memory') return memoryText(o, cells, offset);
  if (o.kind === 'condition') return conditionNames[cell] ?? String(cell);
  const field = immediateFields[o.field] ?? bug(`no field '${o.field}'`);
  return isDisplacement(field) ? place(targetOf(o.field, cell, offset)) : (field.text?.(cell, cells[o.cell + 1] ?? 0) ?? '');
}

/** The row's text with every operand that is shown as `{name}`. */
export function templateOf(row: A64Row, operands: readonly OperandShape[]): string {
  if (row.asm.includes('{')) return row.asm;
  const shown = operands
    .filter((o) => o.field !== '')
    .map((o) => {
      const field = immediateFields[o.field];
      return field === undefined || isDisplacement(field) ? `{${o.name}}` : `#{${o.name}}`;
    });
  return shown.length === 0 ? row.asm : `${row.asm} ${shown.join(', ')}`;
}

/** The text of an instruction that stands at `offset`. */
export function plainText(decoded: Decoded, offset: number): string {
  const { shape, cells } = decoded;
  return templateOf(shape.row, shape.operands).replaceAll(/\{(\w+)(?:\.(\w+))?\}/g, (_all, name: string, arrangement: string | undefined) => {
    const o = shape.operands.find((operand) => operand.name === name) ?? bug(`no operand '${name}'`, shape.name);
    return operandText(o, arrangement ?? '', cells, offset);
  });
}
