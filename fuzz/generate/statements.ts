// Statements: code that leaves nothing on the stack, but state behind: locals, globals, memories, tables, calls, and control flow around them.

import { atomicForms } from './atomics.ts';
import { maybeMemory, writeAddress, writeMemarg } from './addresses.ts';
import type { Body, Form } from './body.ts';
import { writeBranchTable } from './expressions.ts';
import { writeTableIndex } from './table-index.ts';
import { exceptionForms } from './exceptions.ts';
import { functionReferenceForms } from './function-references.ts';
import { heapForms } from './heap.ts';
import { codes, stores } from './instructions.ts';
import { tailCallForms } from './tail-calls.ts';
import { vectorForms } from './vectors.ts';

const always = (): boolean => true;

function writeSet(b: Body, depth: number): void {
  const type = b.swarm.declared[b.c.draw(b.swarm.declared.length)] ?? 'i32';
  b.expression(type, depth);
  b.opIndex(codes.localSet, b.local(type));
}

function writeGlobalSet(b: Body, depth: number): void {
  const { globals, fuel } = b.shape;
  const list = globals.flatMap((global, index) => (global.mutable && index !== fuel ? [index] : []));
  const index = list[b.c.draw(list.length)] ?? b.shape.hash;
  const type = globals[index]?.type ?? 'i32';
  b.expression(type, depth);
  b.opIndex(codes.globalSet, index);
}

function writeStore(b: Body, depth: number): void {
  const rows = stores.filter((row) => b.swarm.numeric.includes(row.type));
  const row = rows[b.c.draw(rows.length)];
  const memory = maybeMemory(b);
  if (row === undefined || memory === undefined) return;
  const offset = writeAddress(b, memory, row.width, depth);
  b.expression(row.type, depth, true);
  b.op(row.code);
  writeMemarg(b, memory.index, row.width, offset);
}

function writeCall(b: Body, depth: number): void {
  const index = b.c.draw(b.shape.functions.length);
  const target = b.shape.functions[index];
  if (target === undefined) return;
  b.expressions(target.params, depth - 1);
  b.opIndex(codes.call, index);
  b.consume(target.results);
}

function writeIf(b: Body, depth: number): void {
  b.expression('i32', depth - 1);
  b.open(codes.if, [], []);
  b.statements(1 + b.c.draw(2), depth - 1);
  if (b.c.draw(2) === 1) {
    b.op(codes.else);
    b.statements(1 + b.c.draw(2), depth - 1);
  }
  b.close();
}

function writeBlock(b: Body, depth: number): void {
  b.open(codes.block, [], []);
  b.statements(1 + b.c.draw(3), depth - 1);
  b.close();
}

function writeLoop(b: Body, depth: number): void {
  b.open(codes.loop, [], []);
  b.spendFuel();
  b.statements(1 + b.c.draw(3), depth - 1);
  if (b.c.draw(8) < 7) {
    b.expression('i32', depth - 1);
    b.opIndex(codes.brIf, 0);
  }
  b.close();
}

function writeBranchIf(b: Body, depth: number): void {
  const targets = b.labelsWith((label) => label.types.length === 0);
  const target = targets[b.c.draw(targets.length)];
  if (target === undefined) {
    b.op(codes.nop);
    return;
  }
  b.expression('i32', depth - 1);
  b.opIndex(codes.brIf, b.depthOf(target));
}

/** Nested blocks with a table of branches inside the innermost: a switch, fall-through included. */
function writeSwitch(b: Body, depth: number): void {
  const cases = 1 + b.c.draw(4);
  for (let i = 0; i < cases; i++) b.open(codes.block, [], []);
  writeBranchTable(b, depth);
  for (let i = 0; i < cases; i++) {
    b.close();
    b.statements(b.c.draw(2), depth - 1);
  }
}

/** A length for a bulk operation: mostly short. */
function writeLength(b: Body, size: number, depth: number): void {
  if (b.swarm.trapping > 0 && b.c.draw(12) === 11) b.expression('i32', depth - 1);
  else b.i32Const(b.c.draw(b.c.draw(4) === 3 ? size : Math.min(size, 20)));
}

function writeBulkMemory(b: Body, depth: number): void {
  const memory = maybeMemory(b);
  if (memory === undefined) return;
  const reach = 300;
  const address = ({ size, wide }: { size: number; wide: boolean }): void => {
    const offset = writeAddress(b, { size: Math.max(0, size - reach), wide: false }, 1, depth - 1);
    b.i32Const(offset);
    b.op(codes.i32Add);
    b.widen(wide);
  };
  const { dataSegments } = b.shape;
  switch (b.c.draw(dataSegments > 0 ? 4 : 2)) {
    case 0:
      address(memory);
      b.expression('i32', depth - 1);
      writeLength(b, reach, depth);
      b.widen(memory.wide);
      b.opIndex(codes.memoryFill, memory.index);
      return;
    case 1: {
      const from = maybeMemory(b) ?? memory;
      address(memory);
      address(from);
      writeLength(b, reach, depth);
      b.widen(memory.wide && from.wide);
      b.opIndex(codes.memoryCopy, memory.index);
      b.out.u32(from.index);
      return;
    }
    case 2: {
      address(memory);
      b.i32Const(b.c.draw(4));
      b.i32Const(b.c.draw(b.swarm.trapping > 0 ? 12 : 1));
      b.opIndex(codes.memoryInit, b.c.draw(dataSegments));
      b.out.u32(memory.index);
      return;
    }
    default:
      b.opIndex(codes.dataDrop, b.c.draw(dataSegments));
  }
}

function writeTable(b: Body, depth: number): void {
  const { tables, elementSegments } = b.shape;
  const index = b.c.draw(tables.length);
  const table = tables[index];
  if (table === undefined) return;
  const operation = b.c.draw(5);
  switch (operation) {
    case 0:
      if (!b.swarm.references) break;
      writeTableIndex(b, table, depth - 1);
      b.expression(table.element, depth - 1);
      b.opIndex(codes.tableSet, index);
      return;
    case 1: {
      const others = tables.flatMap((other, at) => (other.element === table.element ? [at] : []));
      const from = others[b.c.draw(others.length)] ?? index;
      const length = b.c.draw(Math.min(table.min, tables[from]?.min ?? 0) + 1);
      const isFromWide = tables[from]?.wide ?? false;
      b.i32Const(b.c.draw(table.min - length + 1));
      b.widen(table.wide);
      b.i32Const(b.c.draw((tables[from]?.min ?? 0) - length + 1));
      b.widen(isFromWide);
      writeTableLength(b, length, depth);
      b.widen(table.wide && isFromWide);
      b.opIndex(codes.tableCopy, index);
      b.out.u32(from);
      return;
    }
    case 2: {
      if (!b.swarm.references) break;
      const length = b.c.draw(table.min + 1);
      b.i32Const(b.c.draw(table.min - length + 1));
      b.widen(table.wide);
      b.expression(table.element, depth - 1);
      writeTableLength(b, length, depth);
      b.widen(table.wide);
      b.opIndex(codes.tableFill, index);
      return;
    }
    case 3: {
      const segments = elementSegments.flatMap((segment, at) => (segment.type === table.element ? [at] : []));
      const segment = segments[b.c.draw(segments.length)];
      if (segment === undefined) break;
      b.i32Const(b.c.draw(table.min));
      b.widen(table.wide);
      b.i32Const(b.c.draw(2));
      b.i32Const(b.c.draw(b.swarm.trapping > 0 ? 3 : 1));
      b.opIndex(codes.tableInit, segment);
      b.out.u32(index);
      return;
    }
    default:
      if (elementSegments.length === 0) break;
      b.opIndex(codes.elemDrop, b.c.draw(elementSegments.length));
      return;
  }
  b.op(codes.nop);
}

function writeTableLength(b: Body, length: number, depth: number): void {
  if (b.swarm.trapping > 0 && b.c.draw(12) === 11) b.expression('i32', depth - 1);
  else b.i32Const(length);
}

// The first is what an exhausted source of choices gives.
const forms: readonly Form[] = [
  { weight: 10, isUsable: always, write: writeSet },
  { weight: 4, isUsable: always, write: (b) => b.foldIntoHash(b.c.draw(b.locals.length)) },
  { weight: 8, isUsable: (b) => b.shape.memories.length > 0, write: writeStore },
  { weight: 4, isUsable: (b) => b.swarm.globals, write: writeGlobalSet },
  { weight: 3, isUsable: (b) => b.swarm.calls || b.swarm.hostCalls, write: writeCall },
  { weight: 3, isUsable: (b) => b.swarm.control, write: writeIf },
  { weight: 1, isUsable: (b) => b.swarm.control, write: writeBlock },
  { weight: 3, isUsable: (b) => b.swarm.loops, write: writeLoop },
  { weight: 2, isUsable: (b) => b.swarm.control, write: writeBranchIf },
  { weight: 1, isUsable: (b) => b.swarm.control, write: writeSwitch },
  { weight: 2, isUsable: (b) => b.swarm.bulk && b.shape.memories.length > 0, write: writeBulkMemory },
  { weight: 2, isUsable: (b) => b.swarm.bulk && b.shape.tables.length > 0, write: writeTable },
  ...vectorForms,
  ...atomicForms,
  ...exceptionForms,
  ...tailCallForms,
  ...heapForms,
  ...functionReferenceForms,
];

/** Leaves nothing: up to `count` statements, fewer when the budget is spent. */
export function writeStatements(b: Body, count: number, depth: number): void {
  for (let i = 0; i < count && b.budget > 0; i++) {
    if (depth <= 0) {
      writeSet(b, 1);
      continue;
    }
    let { statementWeights } = b;
    if (statementWeights === undefined) {
      const list = forms.map((form) => (form.isUsable(b) ? form.weight : 0));
      statementWeights = { list, total: list.reduce((sum, weight) => sum + weight, 0) };
      b.statementWeights = statementWeights;
    }
    const form = forms[b.c.weighted(statementWeights.list, statementWeights.total)];
    b.c.section(() => form?.write(b, depth));
  }
}
