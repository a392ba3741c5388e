// Exceptions: thrown, caught by clauses of all four kinds, carried as references and thrown again, or leaving the function.

import type { Body, Form, Production } from './body.ts';
import { codes } from './instructions.ts';
import type { ValueType } from './types.ts';

interface Clause {
  /** As in the binary format: catch, catch_ref, catch_all, catch_all_ref. */
  readonly kind: number;
  readonly tag: number;
  /** What the handler finds on the stack. */
  readonly types: readonly ValueType[];
}

function drawClause(b: Body): Clause {
  const { tags } = b.shape;
  const kind = b.c.draw(4);
  const tag = b.c.draw(tags.length);
  const types: ValueType[] = kind < 2 ? [...(tags[tag]?.params ?? [])] : [];
  if (kind % 2 === 1) types.push('exnref');
  return { kind, tag, types };
}

/** Handlers around a body that leaves `results`; a handler leaves others of those types. */
function writeTry(b: Body, results: readonly ValueType[], depth: number): void {
  const { c } = b;
  const clauses = [drawClause(b)];
  while (clauses.length < 4 && c.draw(3) === 2) clauses.push(drawClause(b));
  // Outermost the way out, then the blocks of the handlers, the first clause's innermost.
  b.open(codes.block, [], results);
  for (let i = clauses.length - 1; i >= 0; i--) b.open(codes.block, [], clauses[i]?.types ?? []);
  const positions = clauses.map((clause, i) => {
    const own = b.labels.length - 1 - i;
    // Any other label of the same types will do as well.
    if (c.draw(8) < 7) return own;
    const key = clause.types.join();
    const others = b.labelsWith((label) => label.types.join() === key);
    return others[c.draw(others.length)] ?? own;
  });
  const encoded = positions.map((position) => b.depthOf(position));
  b.open(codes.tryTable, [], results);
  b.out.u32(clauses.length);
  clauses.forEach(({ kind, tag }, i) => {
    b.out.u8(kind);
    if (kind < 2) b.out.u32(tag);
    b.out.u32(encoded[i] ?? 0);
  });
  b.statements(1 + c.draw(2), depth - 1);
  if (c.draw(4) > 0) writeThrow(b, depth - 1);
  b.expressions(results, depth - 1);
  b.close();
  b.opIndex(codes.br, clauses.length);
  clauses.forEach((clause, i) => {
    b.close();
    b.consume(clause.types);
    b.statements(c.draw(2), depth - 1);
    b.expressions(results, depth - 2);
    // Past the handlers that are still open.
    b.opIndex(codes.br, clauses.length - 1 - i);
  });
  b.close();
}

function throwTag(b: Body, depth: number): void {
  const tag = b.c.draw(b.shape.tags.length);
  b.expressions(b.shape.tags[tag]?.params ?? [], depth - 1);
  b.opIndex(codes.throw, tag);
}

/** Under a condition, so that what follows is not dead. */
function writeThrow(b: Body, depth: number): void {
  b.expression('i32', depth - 1);
  b.open(codes.if, [], []);
  // A null traps, which hides what else would have happened.
  if (b.hasLocal('exnref') && b.c.draw(3) === 2) {
    if (b.swarm.trapping === 2 || b.c.draw(8) === 7) b.expression('exnref', depth - 1);
    else {
      const local = b.local('exnref');
      b.opIndex(codes.localGet, local);
      b.op(codes.refIsNull);
      b.opIndex(codes.brIf, 0);
      b.opIndex(codes.localGet, local);
    }
    b.op(codes.throwRef);
  } else throwTag(b, depth);
  b.close();
}

/** An exception that was just thrown, as a reference. */
function writeCaught(b: Body, depth: number): void {
  b.open(codes.block, [], ['exnref']);
  b.open(codes.tryTable, [], []);
  b.out.u32(1);
  b.out.u8(3);
  b.out.u32(0);
  throwTag(b, depth);
  b.close();
  b.null('exnref');
  b.close();
}

export const exceptionProductions: readonly Production[] = [
  { weight: (b) => (b.swarm.features.exceptions ? 3 : 0), write: (b, type, depth) => writeTry(b, [type], depth) },
  { weight: (b, type) => (b.swarm.features.exceptions && type === 'exnref' ? 6 : 0), write: (b, _type, depth) => writeCaught(b, depth) },
];

export const exceptionForms: readonly Form[] = [
  { weight: 3, isUsable: (b) => b.swarm.features.exceptions, write: (b, depth) => writeTry(b, [], depth) },
  { weight: 3, isUsable: (b) => b.swarm.features.exceptions, write: writeThrow },
];
