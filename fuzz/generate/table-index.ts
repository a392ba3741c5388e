// The index operand of an access to a table.

import type { Body } from './body.ts';
import { codes } from './instructions.ts';
import type { TableShape } from './shape.ts';
import { indexOf, isConcrete } from './types.ts';

/** Leaves an index into a table that is mostly inside it. */
export function writeTableIndex(b: Body, table: TableShape | undefined, depth: number): void {
  narrowIndex(b, table?.min ?? 1, depth);
  b.widen(table?.wide ?? false);
}

function narrowIndex(b: Body, size: number, depth: number): void {
  const isInside = b.swarm.trapping === 0 || b.c.draw(16) < 15;
  if (isInside && b.c.draw(2) === 0) b.i32Const(b.c.draw(size));
  else {
    b.expression('i32', depth);
    if (!isInside) return;
    // The largest mask that stays inside.
    b.i32Const(2 ** Math.floor(Math.log2(size)) - 1);
    b.op(codes.i32And);
  }
}

/** Whether a function of the type with this index can be called through the table. */
export function isFunctionTable(b: Body, { element }: TableShape, type: number): boolean {
  if (element === 'funcref') return true;
  return isConcrete(element) && b.swarm.defined[indexOf(element)]?.kind === 'function' && indexOf(element) === type;
}
