// Whole modules from choices: total, deterministic, continuous. Any source of choices gives a valid module that ends by itself.
//
// Order of drawing: swarm, declarations, bodies (each a section of its own), segments and initial values. A module exports everything it has:
// functions `f0…` with their position among the defined ones, `m0…`, `t0…`, `g0…` by index, and `refuel`, which sets the fuel the next call may spend.
// Imports come from the module `host`; what they do is oracles/host.ts. In linked modules (linked.ts) they come from other modules too.

import { Body, type Writers } from './body.ts';
import type { Choices } from './choices.ts';
import { writeConstant } from './constants.ts';
import { writeExpression } from './expressions.ts';
import { drawFeatures } from './features.ts';
import { codes } from './instructions.ts';
import { writePlainest } from './plainest.ts';
import { drawShape, functionName, initialFuel, type Shape } from './shape.ts';
import { writeStatements } from './statements.ts';
import { drawModernSwarm, drawSwarm, type Swarm } from './swarm.ts';
import { type DefinedType, isConcrete, isReference, nonNull, type ReferenceType, type ValueType, writeDefined, writeHeapType, writeType } from './types.ts';
import { ByteWriter, moduleHeader, sectionIds, vectorSection, writeOpcode } from './writer.ts';

const writers: Writers = { expression: writeExpression, statements: writeStatements };

/** A body with its locals, before it is copied to its place. */
const bodyScratch = new ByteWriter();

function writeBody(c: Choices, swarm: Swarm, shape: Shape, params: readonly ValueType[], results: readonly ValueType[], budget: number): Uint8Array {
  const b = new Body(c, swarm, shape, params, results, budget, writers);
  b.labels.push({ types: results, isLoop: false });
  b.spendFuel();
  const depth = 3 + c.draw(4);
  for (const local of b.unset) {
    b.expression(b.locals[local] ?? 'i32', 2);
    b.opIndex(codes.localSet, local);
  }
  b.unset.length = 0;
  while (b.budget > 0 && c.draw(12) > 0) b.statements(1 + c.draw(4), depth);
  b.expressions(results, depth);
  // What the locals hold at the end becomes visible.
  for (let count = c.draw(4); count > 0; count--) b.foldIntoHash(c.draw(b.locals.length));
  b.out.u8(codes.end);
  const code = bodyScratch;
  code.clear();
  const declared = b.locals.slice(params.length);
  const runs: { count: number; type: ValueType }[] = [];
  for (const type of declared) {
    const last = runs.at(-1);
    if (last !== undefined && last.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  code.u32(runs.length);
  for (const { count, type } of runs) {
    code.u32(count);
    writeType(code, type);
  }
  code.bytes(b.out.view());
  return code.copy();
}

function writeLimits(out: ByteWriter, { min, max, wide, shared = false }: { min: number; max: number | undefined; wide: boolean; shared?: boolean }): void {
  out.u8((max === undefined ? 0 : 1) | (shared ? 2 : 0) | (wide ? 4 : 0));
  out.u32(min);
  if (max !== undefined) out.u32(max);
}

function writeInitialReference(c: Choices, swarm: Swarm, shape: Shape, type: ReferenceType, out: ByteWriter): void {
  if (isConcrete(type) && c.draw(2) === 1) writePlainest(out, swarm.defined, shape.functions, nonNull(type));
  else if (type === 'funcref' && c.draw(2) === 1) {
    out.u8(codes.refFunc);
    out.u32(c.draw(shape.functions.length));
  } else if ((type === 'i31ref' || type === 'eqref' || type === 'anyref') && c.draw(2) === 1) {
    writeConstant(c, 'i32', out);
    writeOpcode(out, codes.refI31);
  } else {
    out.u8(codes.refNull);
    writeHeapType(out, type);
  }
}

/** A constant expression of a type, without its end. Only imported immutable globals may be read. */
function writeInitial(c: Choices, swarm: Swarm, shape: Shape, type: ValueType, out: ByteWriter): void {
  const readable = shape.globals.flatMap((global, index) => (global.imported && !global.mutable && global.type === type ? [index] : []));
  if (readable.length > 0 && c.draw(3) === 2) {
    out.u8(codes.globalGet);
    out.u32(readable[c.draw(readable.length)] ?? 0);
    return;
  }
  if (isReference(type)) {
    writeInitialReference(c, swarm, shape, type, out);
    return;
  }
  switch (type) {
    case 'i32':
    case 'i64': {
      writeConstant(c, type, out);
      if (swarm.extendedConst) {
        const operations = type === 'i32' ? [codes.i32Add, codes.i32Sub, codes.i32Mul] : [codes.i64Add, codes.i64Sub, codes.i64Mul];
        for (let count = c.draw(6) - 3; count > 0; count--) {
          writeConstant(c, type, out);
          out.u8(operations[c.draw(3)] ?? codes.i32Add);
        }
      }
      return;
    }
    case 'f32':
    case 'f64':
    case 'v128':
      writeConstant(c, type, out);
  }
}

/** An offset for an active segment: inside, but now and then one element too far where trapping is welcome. */
function writeOffset(c: Choices, swarm: Swarm, room: number, wide: boolean, out: ByteWriter): void {
  const isOutside = swarm.trapping === 2 && c.draw(32) === 31;
  const value = isOutside ? room + 1 : c.draw(Math.max(1, room + 1));
  if (wide) {
    out.u8(codes.i64Const);
    out.s64(value, 0);
    out.u8(codes.end);
    return;
  }
  if (swarm.extendedConst && c.draw(4) === 3) {
    out.u8(codes.i32Const);
    out.s32(value - 1);
    out.u8(codes.i32Const);
    out.s32(1);
    out.u8(codes.i32Add);
  } else {
    out.u8(codes.i32Const);
    out.s32(value);
  }
  out.u8(codes.end);
}

function writeData(c: Choices, swarm: Swarm, shape: Shape, section: ByteWriter): void {
  const bytes = Uint8Array.from({ length: c.draw(24) }, () => c.draw(256));
  const memory = shape.memories.length === 0 ? -1 : c.draw(shape.memories.length);
  const isActive = memory >= 0 && (shape.memories[memory]?.min ?? 0) > 0 && (c.draw(2) === 0 || !swarm.bulk);
  if (isActive) {
    if (memory === 0) section.u32(0);
    else {
      section.u32(2);
      section.u32(memory);
    }
    writeOffset(c, swarm, (shape.memories[memory]?.min ?? 0) * 0x10000 - bytes.length, shape.memories[memory]?.wide ?? false, section);
  } else section.u32(1);
  section.u32(bytes.length);
  section.bytes(bytes);
}

function writeElementKind(section: ByteWriter, type: ReferenceType, useExpressions: boolean): void {
  if (useExpressions) writeType(section, type);
  else section.u8(0);
}

/** One element segment, in one of the eight encodings. */
function writeElements(c: Choices, swarm: Swarm, shape: Shape, type: ReferenceType, section: ByteWriter): void {
  const tables = shape.tables.flatMap((table, index) => (table.element === type ? [index] : []));
  const table = tables[c.draw(tables.length)];
  const room = table === undefined ? 0 : (shape.tables[table]?.min ?? 0);
  const count = c.draw(Math.max(1, room) + 1);
  const useExpressions = type !== 'funcref' || c.draw(3) === 2;
  const isActive = table !== undefined && (c.draw(3) < 2 || !swarm.bulk);
  if (isActive) {
    const isPlain = table === 0 && type === 'funcref' && c.draw(2) === 0;
    section.u32((isPlain ? 0 : 2) + (useExpressions ? 4 : 0));
    if (!isPlain) section.u32(table);
    writeOffset(c, swarm, room - count, table === undefined ? false : (shape.tables[table]?.wide ?? false), section);
    if (!isPlain) writeElementKind(section, type, useExpressions);
  } else {
    const isDeclarative = c.draw(4) === 3;
    section.u32((isDeclarative ? 3 : 1) + (useExpressions ? 4 : 0));
    writeElementKind(section, type, useExpressions);
  }
  section.u32(count);
  for (let i = 0; i < count; i++) {
    if (!useExpressions) section.u32(c.draw(shape.functions.length));
    else {
      writeInitial(c, swarm, shape, type, section);
      section.u8(codes.end);
    }
  }
}

interface ExportShape {
  readonly name: string;
  readonly kind: 0 | 1 | 2 | 3 | 4;
  readonly index: number;
}

/** Draws and writes one module. */
export function generateModule(c: Choices): Uint8Array {
  const swarm = drawSwarm(c);
  return writeModule(c, swarm, drawShape(c, swarm));
}

/** The same of Wasm 3.0 with threads, with at least one feature that `generateModule` does not use. */
export function generateModernModule(c: Choices): Uint8Array {
  const swarm = drawModernSwarm(c, drawFeatures(c));
  return writeModule(c, swarm, drawShape(c, swarm));
}

/** Writes a module of what it declares. */
export function writeModule(c: Choices, swarm: Swarm, shape: Shape): Uint8Array {
  const { types, functions, importedFunctions, memories, tables, globals } = shape;
  const defined = functions.slice(importedFunctions);
  const budget = swarm.size / defined.length;
  const bodies = defined.map(({ params, results }) => c.section(() => writeBody(c, swarm, shape, params, results, budget)));
  const refuelType = types.index(['i32'], []);
  const refuel = bodyScratch;
  refuel.clear();
  for (const byte of [0, codes.localGet, 0, codes.globalSet]) refuel.u8(byte);
  refuel.u32(shape.fuel);
  refuel.u8(codes.end);
  bodies.push(refuel.copy());
  const starts = swarm.start ? functions.flatMap((f, index) => (f.params.length === 0 && f.results.length === 0 && index >= importedFunctions ? [index] : [])) : [];

  const out = new ByteWriter();
  moduleHeader(out);
  writeTypes(out, swarm, types.list);
  writeImports(out, shape);
  vectorSection(out, sectionIds.function, [...defined.map((f) => f.type), refuelType], (type, section) => section.u32(type));
  vectorSection(out, sectionIds.table, tables.filter((table) => !table.imported), (table, section) => {
    writeType(section, table.element);
    writeLimits(section, table);
  });
  vectorSection(out, sectionIds.memory, memories.filter((memory) => !memory.imported), (memory, section) => writeLimits(section, memory));
  vectorSection(out, sectionIds.tag, shape.tags.slice(shape.importedTags), (tag, section) => {
    section.u8(0);
    section.u32(tag.type);
  });
  writeGlobals(c, swarm, shape, out);
  const exports: ExportShape[] = [
    ...functions.map((_, index): ExportShape => ({ name: functionName(index, importedFunctions), kind: 0, index })),
    { name: 'refuel', kind: 0, index: functions.length },
    ...tables.map((_, index): ExportShape => ({ name: `t${index}`, kind: 1, index })),
    ...memories.map((_, index): ExportShape => ({ name: `m${index}`, kind: 2, index })),
    ...globals.map((_, index): ExportShape => ({ name: `g${index}`, kind: 3, index })),
    ...shape.tags.map((_, index): ExportShape => ({ name: `e${index}`, kind: 4, index })),
  ];
  vectorSection(out, sectionIds.export, exports, ({ name, kind, index }, section) => {
    section.name(name);
    section.u8(kind);
    section.u32(index);
  });
  const start = starts[c.draw(starts.length)];
  if (start !== undefined) {
    const section = new ByteWriter();
    section.u32(start);
    out.u8(sectionIds.start);
    out.sized(section.view());
  }
  vectorSection(out, sectionIds.element, shape.elementSegments, ({ type }, section) => writeElements(c, swarm, shape, type, section));
  if (shape.dataSegments > 0) {
    out.u8(sectionIds.dataCount);
    out.u8(1);
    out.u8(shape.dataSegments);
  }
  vectorSection(out, sectionIds.code, bodies, (body, section) => section.sized(body));
  vectorSection(out, sectionIds.data, Array.from({ length: shape.dataSegments }, (_, index) => index), (_, section) => writeData(c, swarm, shape, section));
  return out.copy();
}

/** The type section: a vector of recursion groups. */
function writeTypes(out: ByteWriter, swarm: Swarm, list: readonly DefinedType[]): void {
  const { signatures, defined, grouping } = swarm;
  const first = grouping === 'all' ? 0 : signatures;
  const isGrouped = grouping !== 'alone' && defined.length > first;
  const groups: (readonly DefinedType[])[] = isGrouped
    ? [...list.slice(0, first).map((type) => [type]), defined.slice(first), ...list.slice(defined.length).map((type) => [type])]
    : list.map((type) => [type]);
  vectorSection(out, sectionIds.type, groups, (group, section) => {
    if (group.length !== 1) {
      section.u8(0x4e);
      section.u32(group.length);
    }
    for (const type of group) writeDefined(section, type);
  });
}

function writeImports(out: ByteWriter, shape: Shape): void {
  const { functions, importedFunctions, memories, tables, globals } = shape;
  const imports = [
    ...functions.slice(0, importedFunctions).map((f, index) => ({ from: f.from, name: `f${index}`, kind: 0, write: (section: ByteWriter) => section.u32(f.type) })),
    ...tables.flatMap((table, index) => (table.imported ? [{ from: table.from, name: `t${index}`, kind: 1, write: (section: ByteWriter) => {
      writeType(section, table.element);
      writeLimits(section, table);
    } }] : [])),
    ...memories.flatMap((memory, index) => (memory.imported ? [{ from: memory.from, name: `m${index}`, kind: 2, write: (section: ByteWriter) => writeLimits(section, memory) }] : [])),
    ...globals.flatMap((global, index) => (global.imported ? [{ from: global.from, name: `g${index}`, kind: 3, write: (section: ByteWriter) => {
      writeType(section, global.type);
      section.u8(global.mutable ? 1 : 0);
    } }] : [])),
    ...shape.tags.slice(0, shape.importedTags).map((tag, index) => ({ from: tag.from, name: `e${index}`, kind: 4, write: (section: ByteWriter) => {
      section.u8(0);
      section.u32(tag.type);
    } })),
  ];
  vectorSection(out, sectionIds.import, imports, ({ from, name, kind, write }, section) => {
    section.name(from?.module ?? 'host');
    section.name(from?.name ?? name);
    section.u8(kind);
    write(section);
  });
}

function writeGlobals(c: Choices, swarm: Swarm, shape: Shape, out: ByteWriter): void {
  const defined = shape.globals.map((global, index) => ({ ...global, index })).filter((global) => !global.imported);
  vectorSection(out, sectionIds.global, defined, ({ type, mutable, index }, section) => {
    writeType(section, type);
    section.u8(mutable ? 1 : 0);
    if (index === shape.fuel) {
      section.u8(codes.i32Const);
      section.s32(initialFuel);
    } else writeInitial(c, swarm, shape, type, section);
    section.u8(codes.end);
  });
}
