// Draws operand cells for a row: any register, memory operands with any displacement, immediates at the borders of their fields.
// `choose(n)` answers a number in [0, n); the same choices give the same instruction.

import { bug } from '../../base/errors.ts';
import { type RowShape, isRegisterKind } from '../../machine/instruction.ts';
import { type Choose, immediateFields, loadDisplacement } from './encoding/fields.ts';
import type { RvRow } from './encoding/row.ts';
import { conditionNames } from './instructions/table.ts';
import { f0 } from './registers.ts';

/** Random cells for a row that has an encoding; lists are empty. */
export function randomCells(shape: RowShape<RvRow>, choose: Choose): number[] {
  const cells: number[] = [];
  for (const o of shape.operands) {
    if (o.role === 'pin') continue;
    if (o.field === '') cells.push(0);
    else if (o.fixed >= 0) cells.push(o.fixed);
    else if (isRegisterKind(o.kind)) cells.push((o.kind === 'float' ? f0 : 0) + choose(32));
    else if (o.kind === 'memory') cells.push(choose(32), -1, 0, loadDisplacement.sample(choose));
    else if (o.kind === 'condition') cells.push(choose(conditionNames.length));
    else cells.push((immediateFields[o.field] ?? bug(`no field '${o.field}'`, shape.name)).sample(choose));
  }
  return cells;
}
