// Prints instructions as assembly text in Intel syntax, from the row.
// A branch shows the offset it goes to, counted like the instruction's own; an address relative to the pc is shown relative to the
// instruction's end. Where the text alone would be read back as another row (a long form for a small number), the row stands before it in braces.

import { type OperandShape, bases } from '../../../machine/instruction.ts';
import { conditionNames } from '../instructions/table.ts';
import { registerName } from '../registers.ts';
import type { Decoded } from './decode.ts';

const pointers: Record<number, string> = { 0: '', 1: 'byte ptr ', 2: 'word ptr ', 4: 'dword ptr ', 8: 'qword ptr ', 16: 'xmmword ptr ' };

const signed = (n: number): string => (n < 0 ? ` - ${-n}` : ` + ${n}`);

function memoryText(bytes: number, base: number, index: number, scale: number, displacement: number): string {
  const terms: string[] = [];
  if (base === bases.pc) terms.push('rip');
  else if (base >= 0) terms.push(registerName(base, 8));
  if (index >= 0) terms.push(`${registerName(index, 8)}*${1 << scale}`);
  const sum = terms.join(' + ');
  const offset = sum === '' ? String(displacement) : displacement === 0 ? '' : signed(displacement);
  return `${pointers[bytes] ?? ''}[${sum}${offset}]`;
}

function operandText(o: OperandShape, cells: readonly number[], end: number): string {
  const cell = cells[o.cell] ?? 0;
  switch (o.kind) {
    case 'integer':
    case 'float':
      return registerName(o.fixed >= 0 ? o.fixed : cell, o.bytes);
    case 'memory':
      return memoryText(o.bytes, cell, cells[o.cell + 1] ?? -1, cells[o.cell + 2] ?? 0, cells[o.cell + 3] ?? 0);
    case 'condition':
      return conditionNames[cell] ?? String(cell);
    case 'immediate':
      if (o.word === 'i64') return `0x${BigInt.asUintN(64, (BigInt(cells[o.cell + 1] ?? 0) << 32n) | BigInt(cell >>> 0)).toString(16)}`;
      return String(cell);
    default:
      return end + cell < 0 ? `-0x${(-end - cell).toString(16)}` : `0x${(end + cell).toString(16)}`;
  }
}

/** The text without the row's name. `offset` is where the instruction stands. */
export function plainText(decoded: Decoded, offset: number): string {
  const { shape, cells, length } = decoded;
  const { asm } = shape.row;
  const end = offset + length;
  const text = (o: OperandShape): string => operandText(o, cells, end);
  if (asm.includes('{')) {
    return asm.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const o = shape.operands.find((operand) => operand.name === name);
      return o === undefined ? name : text(o);
    });
  }
  const shown = shape.operands.filter((o) => o.field !== '' || o.role === 'pin').map(text);
  return shown.length === 0 ? asm : `${asm} ${shown.join(', ')}`;
}
