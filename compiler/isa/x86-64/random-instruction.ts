// Draws operand cells for a row: registers at the edges of encodings, memory operands of every addressing form, immediates at the borders of
// their ranges. `choose(n)` answers a number in [0, n); the same choices give the same instruction.

import { bug } from '../../base/errors.ts';
import { type OperandShape, type RowShape, bases } from '../../machine/instruction.ts';
import { rsp, xmm0 } from './registers.ts';
import type { X64Row } from './encoding/row.ts';

export type Choose = (n: number) => number;

const displacements = [0, 1, -1, 0x7f, -0x80, 0x80, -0x81, 0x1234, 0x7fffffff, -0x80000000];

/** Cells of a memory operand. */
function randomMemory(choose: Choose): number[] {
  const form = choose(8);
  if (form === 0) return [bases.pc, -1, 0, displacements[choose(displacements.length)] ?? 0];
  const index = choose(2) === 0 ? -1 : choose(16);
  const usable = index === rsp ? -1 : index;
  const base = form === 1 ? bases.none : choose(16);
  return [base, usable, usable < 0 ? 0 : choose(4), displacements[choose(displacements.length)] ?? 0];
}

function randomImmediate(o: OperandShape, choose: Choose): number {
  const span = o.max - o.min;
  const edges = [0, 1, -1, o.min, o.max, o.min + 1, o.max - 1, 0x7f, 0x80, -0x80, -0x81].filter((n) => n >= o.min && n <= o.max);
  const pick = choose(edges.length + 2);
  return edges[pick] ?? o.min + Math.floor((span * choose(0x10000)) / 0x10000);
}

/** Random cells for a row that has an encoding; lists are empty. */
export function randomCells(shape: RowShape<X64Row>, choose: Choose): number[] {
  const cells: number[] = [];
  for (const o of shape.operands) {
    if (o.role === 'pin') continue;
    if (o.field === '' && o.fixed < 0) {
      cells.push(0);
      continue;
    }
    switch (o.kind) {
      case 'integer':
      case 'float': {
        const register = o.fixed >= 0 ? o.fixed : (o.kind === 'float' ? xmm0 : 0) + choose(16);
        cells.push(register);
        if (o.role === 'mod') cells.push(register);
        break;
      }
      case 'memory':
        cells.push(...randomMemory(choose));
        break;
      case 'immediate':
        cells.push(randomImmediate(o, choose));
        if (o.word === 'i64') cells.push(randomImmediate(o, choose));
        break;
      case 'condition':
        cells.push(choose(16));
        break;
      case 'block':
      case 'function':
        cells.push(o.field === 'rel8' ? choose(0x100) - 0x80 : (displacements[choose(displacements.length)] ?? 0));
        break;
      default:
        bug(`no random ${o.kind}`, shape.name);
    }
  }
  return cells;
}
