// Draws operand cells for a row: any register, memory operands of every addressing form, immediates at the borders of their fields.
// `choose(n)` answers a number in [0, n); the same choices give the same instruction.

import { bug } from '../../base/errors.ts';
import { type RowShape, isRegisterKind } from '../../machine/instruction.ts';
import { type Choose, immediateFields } from './encoding/fields.ts';
import { randomBase, randomMemory, randomPair } from './encoding/memory-operand.ts';
import { type A64Row, isStackPointerField } from './encoding/row.ts';
import { v0 } from './registers.ts';

/** Random cells for a row that has an encoding; lists are empty. */
export function randomCells(shape: RowShape<A64Row>, choose: Choose): number[] {
  const cells: number[] = [];
  for (const o of shape.operands) {
    if (o.role === 'pin') continue;
    if (o.field === '') {
      cells.push(0);
      continue;
    }
    if (isRegisterKind(o.kind)) {
      const drawn = o.kind === 'float' ? v0 + choose(32) : choose(isStackPointerField(o.field) ? 32 : 31);
      // Loading a pair into one register is unpredictable.
      const register = o.role === 'def' && o.field === 'a' && drawn === cells[0] ? (drawn % 32 === 0 ? drawn + 1 : drawn - 1) : drawn;
      cells.push(register);
      if (o.role === 'mod') cells.push(register);
    } else if (o.kind === 'memory') {
      if (o.field === 'mem') cells.push(...randomMemory(choose, o.bytes, shape.row.literal !== undefined));
      else cells.push(...(o.field === 'base' ? randomBase(choose) : randomPair(choose, o.field, o.bytes)));
    } else if (o.kind === 'condition') cells.push(choose(o.field === 'ncc' ? 14 : 16));
    else cells.push(...(immediateFields[o.field] ?? bug(`no field '${o.field}'`, shape.name)).sample(choose));
  }
  return cells;
}
