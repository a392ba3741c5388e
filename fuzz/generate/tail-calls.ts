// Calls in tail position, under a condition so that what follows is not dead: direct, through a table, through a typed reference.

import type { Body, Form } from './body.ts';
import { codes } from './instructions.ts';
import { isFunctionTable, writeTableIndex } from './table-index.ts';
import type { ValueType } from './types.ts';

function sameTypes(left: readonly ValueType[], right: readonly ValueType[]): boolean {
  return left.length === right.length && left.every((type, index) => type === right[index]);
}

function writeTailCall(b: Body, depth: number): void {
  const { c, shape, swarm } = b;
  const candidates = shape.functions.flatMap((f, index) => (sameTypes(f.results, b.results) ? [index] : []));
  const index = candidates[c.draw(candidates.length)];
  const target = shape.functions[index ?? -1];
  if (index === undefined || target === undefined) return;
  const signatures = swarm.defined.flatMap((type, at) => (type.kind === 'function' && sameTypes(type.results, b.results) ? [at] : []));
  const tables = shape.tables.flatMap((table, at) => (isFunctionTable(b, table, target.type) ? [at] : []));
  b.expression('i32', depth - 1);
  b.open(codes.if, [], []);
  const signature = signatures[c.draw(signatures.length)];
  const type = swarm.defined[signature ?? -1];
  const table = tables[c.draw(tables.length)];
  const kind = c.draw(3);
  if (kind === 2 && signature !== undefined && type?.kind === 'function') {
    b.expressions(type.params, depth - 1);
    b.expression(b.isGuarded() ? `ref ${signature}` : `null ${signature}`, depth - 1);
    b.opIndex(codes.returnCallRef, signature);
  } else {
    b.expressions(target.params, depth - 1);
    if (kind === 1 && table !== undefined) {
      writeTableIndex(b, shape.tables[table], depth - 1);
      b.opIndex(codes.returnCallIndirect, target.type);
      b.out.u32(table);
    } else b.opIndex(codes.returnCall, index);
  }
  b.close();
}

export const tailCallForms: readonly Form[] = [{ weight: 6, isUsable: (b) => b.swarm.features.tailCalls, write: writeTailCall }];
