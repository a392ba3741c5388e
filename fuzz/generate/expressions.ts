// Expressions: code that leaves one value of a wanted type. Written from the wanted type down, so that nothing has to be thrown away.
//
// A production is one way to make a value; its weight is 0 where the module lacks what it needs. Weights and shapes follow the
// statistics of past miscompilations: equal operands, special shift counts, constants at immediate borders, comparisons with two users,
// many values live at once, values carried through multi-value blocks and loops.

import { maybeMemory, writeAddress, writeMemarg } from './addresses.ts';
import { atomicProductions } from './atomics.ts';
import type { Body, Production } from './body.ts';
import { writeCarryingLoop } from './carrying-loops.ts';
import { exceptionProductions } from './exceptions.ts';
import { functionReferenceProductions, writeNonNull } from './function-references.ts';
import { writeFused } from './fused.ts';
import { heapProductions } from './heap.ts';
import { codes, loads, type MemoryInstruction, type PlainInstruction } from './instructions.ts';
import { isFunctionTable, writeTableIndex } from './table-index.ts';
import { isNonNull, isNumeric, isReference, type NumericType, type ValueType, writeType } from './types.ts';
import { vectorProductions } from './vectors.ts';

function isFloat(type: ValueType): type is 'f32' | 'f64' {
  return type === 'f32' || type === 'f64';
}

const loadsOf: Readonly<Record<NumericType, readonly MemoryInstruction[]>> = {
  i32: loads.filter((row) => row.type === 'i32'),
  i64: loads.filter((row) => row.type === 'i64'),
  f32: loads.filter((row) => row.type === 'f32'),
  f64: loads.filter((row) => row.type === 'f64'),
};

const shiftCounts: Readonly<Record<'i32' | 'i64', readonly number[]>> = { i32: [0, 1, 31, 32, 33, 8, 16, 24, -1], i64: [0, 1, 63, 64, 65, 32, 8, 56, -1] };

function constantOf(b: Body, type: 'i32' | 'i64', value: number): void {
  if (type === 'i32') b.i32Const(value);
  else {
    b.op(codes.i64Const);
    b.out.s64(value, value >> 31);
  }
}

/** A divisor that is never 0, and where it matters never −1. */
function guardedDivisor(b: Body, type: 'i32' | 'i64', signed: boolean, depth: number): void {
  b.expression(type, depth);
  if (signed) {
    if (type === 'i32') b.i32Const(0x7fffffff);
    else {
      b.op(codes.i64Const);
      b.out.s64(-1, 0x7fffffff);
    }
    b.op(type === 'i32' ? codes.i32And : codes.i64And);
  }
  constantOf(b, type, 1);
  b.op(type === 'i32' ? codes.i32Or : codes.i64Or);
}

/** A float that every truncation to any integer type takes: from 0 to 2^30 in quarters. */
function guardedFloat(b: Body, type: 'f32' | 'f64', depth: number): void {
  b.expression('i32', depth);
  b.i32Const(0x7ffffff);
  b.op(codes.i32And);
  b.op(type === 'f32' ? codes.f32ConvertI32U : codes.f64ConvertI32U);
  if (type === 'f32') {
    b.op(codes.f32Const);
    b.out.fixed32(0x3e800000);
    b.op(codes.f32Mul);
  } else {
    b.op(codes.f64Const);
    b.out.fixed32(0);
    b.out.fixed32(0x3fd00000);
    b.op(codes.f64Mul);
  }
}

function divisorEdge(b: Body, type: 'i32' | 'i64'): void {
  constantOf(b, type, [-1, 1, 2, -2, 3, 7, 10, 0][b.c.draw(b.swarm.trapping === 2 ? 8 : 7)] ?? 1);
}

function writePlain(b: Body, row: PlainInstruction, depth: number): void {
  const { c } = b;
  const [first, second] = row.params;
  if (first === undefined) return;
  const isFirstExact = row.exact.includes(0);
  if (row.guard === 'truncation' && isFloat(first) && b.isGuarded()) guardedFloat(b, first, depth - 1);
  else if (second !== undefined && first === second && row.exact.length === 0 && row.guard === undefined && c.draw(10) === 9) {
    // The same value as both operands.
    const local = b.local(first);
    b.expression(first, depth - 1);
    b.opIndex(codes.localTee, local);
    b.opIndex(codes.localGet, local);
    b.op(row.code);
    return;
  } else if (row.guard === 'signed-divisor' && b.swarm.trapping > 0 && c.draw(16) === 15 && (first === 'i32' || first === 'i64')) {
    // The smallest integer, for the one quotient that does not fit.
    if (first === 'i32') b.i32Const(-0x80000000);
    else {
      b.op(codes.i64Const);
      b.out.s64(0, -0x80000000);
    }
  } else b.expression(first, depth - 1, isFirstExact);
  if (second !== undefined) {
    const isInteger = second === 'i32' || second === 'i64';
    if (row.group === 'shift' && isInteger && c.draw(2) === 0) constantOf(b, second, shiftCounts[second][c.draw(9)] ?? 0);
    else if (row.guard !== undefined && isInteger) {
      if (b.isGuarded()) guardedDivisor(b, second, row.guard === 'signed-divisor', depth - 1);
      else if (c.draw(2) === 0) divisorEdge(b, second);
      else b.expression(second, depth - 1);
    } else if (c.draw(4) === 3 && !row.exact.includes(1)) b.constant(second);
    else b.expression(second, depth - 1, row.exact.includes(1));
  }
  b.op(row.code);
}

function writeLoad(b: Body, row: MemoryInstruction, depth: number): void {
  const memory = maybeMemory(b);
  if (memory === undefined) {
    b.constant(row.type);
    return;
  }
  const offset = writeAddress(b, memory, row.width, depth);
  b.op(row.code);
  writeMemarg(b, memory.index, row.width, offset);
}

/** A float whose NaN bits are the same everywhere: moved, never computed, or canonicalised. */
function exactFloat(b: Body, type: 'f32' | 'f64', depth: number): void {
  const { c } = b;
  const leaf = depth <= 0 || b.budget <= 0;
  switch (leaf ? 0 : c.draw(6)) {
    case 0:
      b.constant(type);
      return;
    case 1: {
      const row = loadsOf[type][0];
      if (b.shape.memories.length > 0 && row !== undefined) writeLoad(b, row, depth);
      else b.constant(type);
      return;
    }
    case 2:
      if (type === 'f32') {
        b.expression('i32', depth - 1);
        b.op(codes.f32ReinterpretI32);
      } else if (b.swarm.numeric.includes('i64')) {
        b.expression('i64', depth - 1);
        b.op(codes.f64ReinterpretI64);
      } else b.constant(type);
      return;
    default:
      b.expression(type, depth - 1);
      b.canonicalise(type);
  }
}

function leaf(b: Body, type: ValueType): void {
  if (b.c.draw(3) === 0 || !b.hasLocal(type)) b.constant(type);
  else b.opIndex(codes.localGet, b.local(type));
}

/** Results beyond the first go to locals. */
function keepFirst(b: Body, results: readonly ValueType[]): void {
  b.consume(results.slice(1));
}

/** Up to three types for a block to take. */
function drawParams(b: Body): ValueType[] {
  const { types, multiValue } = b.swarm;
  const params: ValueType[] = [];
  if (multiValue) while (params.length < 3 && b.c.draw(2) === 1) params.push(params.length > 0 && b.c.draw(2) === 1 ? (params[0] ?? 'i32') : (types[b.c.draw(types.length)] ?? 'i32'));
  return params;
}

function drawExtras(b: Body, type: ValueType): ValueType[] {
  const { types, multiValue } = b.swarm;
  const results = [type];
  if (multiValue) while (results.length < 3 && b.c.draw(5) === 4) results.push(types[b.c.draw(types.length)] ?? 'i32');
  return results;
}

function writeBlock(b: Body, type: ValueType, depth: number): void {
  const params = drawParams(b);
  const results = drawExtras(b, type);
  b.expressions(params, depth - 2);
  b.open(codes.block, params, results);
  b.consume(params);
  b.statements(b.c.draw(3), depth - 1);
  b.expressions(results, depth - 1);
  b.close();
  keepFirst(b, results);
}

function writeIf(b: Body, type: ValueType, depth: number): void {
  const params = drawParams(b);
  const results = drawExtras(b, type);
  b.expressions(params, depth - 2);
  b.expression('i32', depth - 1);
  b.open(codes.if, params, results);
  b.consume(params);
  b.statements(b.c.draw(2), depth - 1);
  b.expressions(results, depth - 1);
  b.op(codes.else);
  b.consume(params);
  b.statements(b.c.draw(2), depth - 1);
  b.expressions(results, depth - 1);
  b.close();
  keepFirst(b, results);
}

/** A loop whose variables travel as its parameters. */
function writeLoop(b: Body, type: ValueType, depth: number): void {
  const params = drawParams(b);
  const results = drawExtras(b, type);
  b.expressions(params, depth - 2);
  b.open(codes.loop, params, results);
  b.spendFuel();
  b.consume(params);
  b.statements(1 + b.c.draw(3), depth - 1);
  const way = b.c.draw(4);
  if (way < 3) {
    b.expressions(params, depth - 2);
    b.expression('i32', depth - 1);
    if (way < 2) b.opIndex(codes.brIf, 0);
    else writeTableRound(b, params, depth);
    b.consume(params);
  }
  b.expressions(results, depth - 1);
  b.close();
  keepFirst(b, results);
}

/** On a condition round the loop again by a table of branches, whose default is the loop; the parameters stay where it does not hold. */
function writeTableRound(b: Body, params: readonly ValueType[], depth: number): void {
  b.open(codes.if, params, params);
  b.expression('i32', depth - 2);
  b.op(codes.brTable);
  const entries = Array.from({ length: b.c.draw(4) }, () => b.c.draw(2));
  b.out.u32(entries.length);
  for (const entry of entries) b.out.u32(entry);
  b.out.u32(1);
  b.op(codes.else);
  b.close();
}

function writeCall(b: Body, type: ValueType, depth: number): void {
  const { callable, functions } = b.shape;
  const candidates = callable.get(type) ?? [];
  const index = candidates[b.c.draw(candidates.length)] ?? 0;
  const target = functions[index];
  if (target === undefined) return;
  b.expressions(target.params, depth - 2);
  b.opIndex(codes.call, index);
  keepFirst(b, target.results);
}

function writeCallIndirect(b: Body, type: ValueType, depth: number): void {
  const { shape, c } = b;
  const candidates = shape.callable.get(type) ?? [];
  const target = shape.functions[candidates[c.draw(candidates.length)] ?? 0];
  const tables = shape.tables.flatMap((table, index) => (isFunctionTable(b, table, target?.type ?? -1) ? [index] : []));
  const table = tables[c.draw(tables.length)];
  if (target === undefined || table === undefined) {
    b.constant(type);
    return;
  }
  b.expressions(target.params, depth - 2);
  writeTableIndex(b, shape.tables[table], depth - 2);
  b.opIndex(codes.callIndirect, target.type);
  b.out.u32(table);
  keepFirst(b, target.results);
}

/** Many values at once, then a chain of operations over them: what makes an allocator spill. */
function writeWideFold(b: Body, type: ValueType, depth: number): void {
  if (!isNumeric(type)) {
    leaf(b, type);
    return;
  }
  const rows = b.swarm.folding[type];
  const count = rows.length === 0 ? 1 : 4 + b.c.draw(18);
  for (let i = 0; i < count; i++) b.expression(type, Math.min(2, depth - 1));
  for (let i = 1; i < count; i++) {
    const row = rows[b.c.draw(rows.length)];
    if (row !== undefined) b.op(row.code);
  }
}

const identities: readonly number[] = [0, 1, -1, 2, 8, 31, 32, 63, 255, 0xffff, -0x80000000];

/** A small tree over two variables and constants that algebra has opinions on: what simplification rules look for. */
function writeIdiom(b: Body, type: NumericType, levels: number): void {
  const rows = b.swarm.harmless[type];
  const row = rows[b.c.draw(rows.length)];
  if (levels === 0 || row === undefined || b.budget <= 0) {
    if ((type === 'i32' || type === 'i64') && b.c.draw(3) === 2) constantOf(b, type, identities[b.c.draw(identities.length)] ?? 0);
    else b.opIndex(codes.localGet, b.oneOfTwo(type));
    return;
  }
  if (row.group === 'shift' && (type === 'i32' || type === 'i64')) {
    // There and back: what spells an extension, or clears one end.
    const count = [8, 16, 24, 32, 48, 56, 1, 31][b.c.draw(8)] ?? 8;
    const [there, signed, unsigned] = type === 'i32' ? [codes.i32Shl, codes.i32ShrS, codes.i32ShrU] : [codes.i64Shl, codes.i64ShrS, codes.i64ShrU];
    const isBackwards = b.c.draw(4) === 3;
    const back = b.c.draw(2) === 0 ? signed : unsigned;
    writeIdiom(b, type, levels - 1);
    constantOf(b, type, count);
    b.op(isBackwards ? back : there);
    constantOf(b, type, b.c.draw(4) === 3 ? identities[b.c.draw(identities.length)] ?? 0 : count);
    b.op(isBackwards ? there : back);
    return;
  }
  for (const param of row.params) writeIdiom(b, param, b.c.draw(3) === 0 ? 0 : levels - 1);
  b.op(row.code);
}

function writeCompare(b: Body, depth: number): void {
  const rows = b.swarm.comparing;
  const row = rows[b.c.draw(rows.length)];
  if (row === undefined) b.expression('i32', depth - 1);
  else writePlain(b, row, depth);
}

/** A comparison that both selects and lives on. */
function writeSelect(b: Body, type: ValueType, depth: number): void {
  b.expression(type, depth - 1);
  b.expression(type, depth - 1);
  if (b.c.draw(2) === 0) b.expression('i32', depth - 1);
  else {
    writeCompare(b, depth - 1);
    if (b.c.draw(2) === 1) b.opIndex(codes.localTee, b.local('i32'));
  }
  if (isNumeric(type) && b.c.draw(4) < 3) b.op(codes.select);
  else {
    b.op(codes.selectTyped);
    b.out.u32(1);
    writeType(b.out, type);
  }
}

function writeBranchWithValue(b: Body, type: ValueType, depth: number): void {
  const targets = b.labelsWith((label) => label.types.length === 1 && label.types[0] === type);
  b.expression(type, depth - 1);
  const target = targets[b.c.draw(targets.length)];
  if (target === undefined) return;
  b.expression('i32', depth - 1);
  b.opIndex(codes.brIf, b.depthOf(target));
}

/** Leaves by a branch, a table of branches, a return or a trap; what follows is unreachable and of any type. */
function writeDeparture(b: Body, type: ValueType, depth: number): void {
  const { c } = b;
  switch (c.draw(4)) {
    case 0: {
      b.expressions(b.results, depth - 2);
      b.op(codes.return);
      break;
    }
    case 1: {
      const position = c.draw(b.labels.length);
      b.expressions(b.labels[position]?.types ?? [], depth - 2);
      b.opIndex(codes.br, b.depthOf(position));
      break;
    }
    case 2: {
      writeBranchTable(b, depth);
      break;
    }
    default:
      if (b.swarm.trapping === 2) b.op(codes.unreachable);
      else {
        b.expressions(b.results, depth - 2);
        b.op(codes.return);
      }
  }
  if (c.draw(4) === 3) leaf(b, type);
}

/** A table of branches to labels of equal types. */
export function writeBranchTable(b: Body, depth: number): void {
  const { c } = b;
  const types = b.labels[c.draw(b.labels.length)]?.types ?? [];
  const key = types.join();
  const targets = b.labelsWith((label) => label.types.join() === key);
  b.expressions(types, depth - 2);
  b.expression('i32', depth - 1);
  const entries: number[] = [];
  while (entries.length < 8 && c.draw(4) > 0) entries.push(targets[c.draw(targets.length)] ?? 0);
  b.op(codes.brTable);
  b.out.u32(entries.length);
  for (const entry of entries) b.out.u32(b.depthOf(entry));
  b.out.u32(b.depthOf(targets[c.draw(targets.length)] ?? 0));
}

function writeSize(b: Body, depth: number): void {
  const { shape, c } = b;
  const growableMemories = shape.memories.flatMap((memory, index) => (memory.max === undefined ? [] : [index]));
  const growableTables = shape.tables.flatMap((table, index) => (table.max === undefined || !b.swarm.references ? [] : [index]));
  switch (c.draw(4)) {
    case 0: {
      if (shape.memories.length === 0) break;
      const memory = c.draw(shape.memories.length);
      b.opIndex(codes.memorySize, memory);
      b.narrow(shape.memories[memory]?.wide ?? false);
      return;
    }
    case 1: {
      if (shape.tables.length === 0 || !b.swarm.references) break;
      const table = c.draw(shape.tables.length);
      b.opIndex(codes.tableSize, table);
      b.narrow(shape.tables[table]?.wide ?? false);
      return;
    }
    case 2: {
      const memory = growableMemories[c.draw(growableMemories.length)];
      if (memory === undefined) break;
      if (c.draw(3) > 0) b.i32Const(c.draw(3));
      else b.expression('i32', depth - 1);
      const wide = shape.memories[memory]?.wide ?? false;
      b.widen(wide);
      b.opIndex(codes.memoryGrow, memory);
      b.narrow(wide);
      return;
    }
    default: {
      const table = growableTables[c.draw(growableTables.length)];
      if (table === undefined) break;
      b.expression(shape.tables[table]?.element ?? 'funcref', depth - 1);
      if (c.draw(3) > 0) b.i32Const(c.draw(4));
      else b.expression('i32', depth - 1);
      const wide = shape.tables[table]?.wide ?? false;
      b.widen(wide);
      b.opIndex(codes.tableGrow, table);
      b.narrow(wide);
      return;
    }
  }
  leaf(b, 'i32');
}

function writeReference(b: Body, type: ValueType, depth: number): void {
  const { shape, c } = b;
  const tables = shape.tables.flatMap((table, index) => (table.element === type ? [index] : []));
  if (type === 'funcref' && c.draw(2) === 0) {
    b.opIndex(codes.refFunc, c.draw(shape.functions.length));
    return;
  }
  const table = tables[c.draw(tables.length)];
  if (table === undefined) {
    b.constant(type);
    return;
  }
  writeTableIndex(b, shape.tables[table], depth - 1);
  b.opIndex(codes.tableGet, table);
}

// The first is what an exhausted source of choices gives.
const productions: readonly Production[] = [
  { weight: () => 3, write: leaf },
  {
    weight: (b, type) => (isNumeric(type) && b.swarm.plain[type].length > 0 ? 24 : 0),
    write: (b, type, depth) => {
      const rows = isNumeric(type) ? b.swarm.plain[type] : [];
      const row = rows[b.c.draw(rows.length)];
      if (row !== undefined) writePlain(b, row, depth);
    },
  },
  {
    weight: (b, type) => (b.shape.globals.some((global) => global.type === type) ? 2 : 0),
    write: (b, type) => {
      const list = b.shape.globals.flatMap((global, index) => (global.type === type ? [index] : []));
      b.opIndex(codes.globalGet, list[b.c.draw(list.length)] ?? 0);
    },
  },
  {
    weight: (b, type) => (isNumeric(type) && b.shape.memories.length > 0 ? 6 : 0),
    write: (b, type, depth) => {
      const rows = isNumeric(type) ? loadsOf[type] : [];
      const row = rows[b.c.draw(rows.length)];
      if (row !== undefined) writeLoad(b, row, depth);
    },
  },
  {
    weight: (b, type) => (b.hasLocal(type) ? 2 : 0),
    write: (b, type, depth) => {
      b.expression(type, depth - 1);
      b.opIndex(codes.localTee, b.local(type));
    },
  },
  { weight: () => 3, write: writeSelect },
  { weight: (b) => (b.swarm.control ? 2 : 0), write: writeBlock },
  { weight: (b) => (b.swarm.control ? 2 : 0), write: writeIf },
  { weight: (b) => (b.swarm.loops ? 2 : 0), write: writeLoop },
  { weight: (b, type) => (b.swarm.calls && b.shape.callable.has(type) ? 2 : 0), write: writeCall },
  { weight: (b, type) => (b.shape.tables.some((table) => table.element === 'funcref') && b.shape.callable.has(type) ? 2 : 0), write: writeCallIndirect },
  { weight: (b) => (b.swarm.pressure ? 2 : 0), write: writeWideFold },
  {
    weight: (_b, type) => (isNumeric(type) ? 4 : 0),
    write: (b, type) => {
      if (isNumeric(type)) writeIdiom(b, type, 2 + b.c.draw(2));
    },
  },
  {
    weight: (_b, type) => (type === 'i32' || type === 'i64' ? 8 : 0),
    write: (b, type, depth) => {
      if (type === 'i32' || type === 'i64') writeFused(b, type, depth);
    },
  },
  {
    weight: (b, type) => ((type === 'i32' || type === 'i64') && b.swarm.loops && b.swarm.multiValue && b.hasLocal('i32') && b.hasLocal(type) ? 2 : 0),
    write: (b, type, depth) => {
      if (type === 'i32' || type === 'i64') writeCarryingLoop(b, type, depth);
    },
  },
  { weight: (b) => (b.swarm.control ? 1 : 0), write: writeBranchWithValue },
  { weight: (b, type) => (type === 'i32' && b.shape.memories.length + b.shape.tables.length > 0 ? 1 : 0), write: (b, _type, depth) => writeSize(b, depth) },
  { weight: (b, type) => (type === 'i32' && b.swarm.references ? 2 : 0), write: (b, _type, depth) => {
    b.expression(b.c.draw(2) === 0 ? 'funcref' : 'externref', depth - 1);
    b.op(codes.refIsNull);
  } },
  {
    weight: (b, type) => {
      if (type === 'funcref' || type === 'externref') return 8;
      return isReference(type) && b.shape.tables.some(({ element }) => element === type) ? 3 : 0;
    },
    write: writeReference,
  },
  { weight: (b) => (b.swarm.control ? 1 : 0), write: (b, type, depth) => {
    if (b.labels.length > 1 && b.c.draw(3) === 2) writeDeparture(b, type, depth);
    else leaf(b, type);
  } },
  ...vectorProductions,
  ...atomicProductions,
  ...exceptionProductions,
  ...functionReferenceProductions,
  ...heapProductions,
];

/** Leaves one value of `type` on the stack. */
export function writeExpression(b: Body, type: ValueType, depth: number, exact = false): void {
  if (exact && isFloat(type)) {
    exactFloat(b, type, depth);
    return;
  }
  if (depth <= 0 || b.budget <= 0) {
    leaf(b, type);
    return;
  }
  if (isNonNull(type)) {
    writeNonNull(b, type, depth);
    return;
  }
  let known = b.weights[type];
  if (known === undefined) {
    const list = productions.map((production) => production.weight(b, type));
    known = { list, total: list.reduce((sum, weight) => sum + weight, 0) };
    b.weights[type] = known;
  }
  productions[b.c.weighted(known.list, known.total)]?.write(b, type, depth);
}
