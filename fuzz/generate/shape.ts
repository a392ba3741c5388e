// What a module declares, drawn before any code: signatures, imports, memories, tables, globals, segments.
//
// Everything is exported, so that every engine can show all of its state. Memories and tables are small, and grow only where they have a maximum:
// whether an unbounded one may grow is an engine's own affair. Two globals are the generator's own: `fuel`, which bounds execution,
// and `hash`, into which otherwise unused values are folded.

import type { Choices } from './choices.ts';
import type { ValueType } from './instructions.ts';
import type { Swarm } from './swarm.ts';

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface MemoryShape {
  readonly imported: boolean;
  /** Pages. */
  readonly min: number;
  readonly max: number | undefined;
}

export interface TableShape {
  readonly imported: boolean;
  readonly element: 'funcref' | 'externref';
  readonly min: number;
  readonly max: number | undefined;
}

export interface GlobalShape {
  readonly imported: boolean;
  readonly type: ValueType;
  readonly mutable: boolean;
}

export interface FunctionShape extends Signature {
  readonly type: number;
}

/** Signatures, interned; bodies may add more while they are written. */
export class TypeSection {
  readonly list: Signature[] = [];
  private readonly indices = new Map<string, number>();

  index(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.list.length);
    this.list.push({ params, results });
    return this.list.length - 1;
  }
}

export interface Shape {
  readonly types: TypeSection;
  /** Index space of functions; the first `importedFunctions` are imported. */
  readonly functions: readonly FunctionShape[];
  readonly importedFunctions: number;
  readonly memories: readonly MemoryShape[];
  readonly tables: readonly TableShape[];
  readonly globals: readonly GlobalShape[];
  /** Indices of the generator's own globals. */
  readonly fuel: number;
  readonly hash: number;
  readonly dataSegments: number;
  readonly elementSegments: readonly { readonly type: 'funcref' | 'externref' }[];
  /** Functions by the type of their first result; `none` for those without results. */
  readonly callable: Readonly<Record<ValueType | 'none', readonly number[]>>;
}

export const initialFuel = 300;

function typeList(c: Choices, swarm: Swarm, most: number): ValueType[] {
  const list: ValueType[] = [];
  while (list.length < most && c.draw(3) > 0) list.push(swarm.types[c.draw(swarm.types.length)] ?? 'i32');
  return list;
}

function signature(c: Choices, swarm: Swarm): Signature {
  const params = typeList(c, swarm, c.draw(16) === 15 ? 14 : 5);
  const results = typeList(c, swarm, swarm.multiValue ? (c.draw(16) === 15 ? 9 : 3) : 1);
  return { params, results };
}

function drawFunctions(c: Choices, swarm: Swarm, types: TypeSection): { functions: FunctionShape[]; imported: number } {
  const functions: FunctionShape[] = [];
  const add = (): void => {
    const { params, results } = signature(c, swarm);
    functions.push({ type: types.index(params, results), params, results });
  };
  if (swarm.hostCalls) while (functions.length < 3 && c.draw(3) > 0) add();
  const imported = functions.length;
  add();
  while (functions.length - imported < 8 && c.draw(3) > 0) add();
  return { functions, imported };
}

function memoryShape(c: Choices, imported: boolean): MemoryShape {
  const min = [1, 1, 2, 0, 3][c.draw(5)] ?? 1;
  const max = c.draw(2) === 0 ? min + c.draw(4) : undefined;
  return { imported, min, max };
}

function drawMemories(c: Choices, swarm: Swarm): MemoryShape[] {
  if (!swarm.memory) return [];
  const list: MemoryShape[] = [];
  const most = swarm.multiMemory ? 3 : 1;
  if (swarm.importedState) while (list.length < most && c.draw(4) === 3) list.push(memoryShape(c, true));
  if (list.length === 0) list.push(memoryShape(c, false));
  while (list.length < most && c.draw(2) > 0) list.push(memoryShape(c, false));
  return list;
}

function tableShape(c: Choices, swarm: Swarm, imported: boolean): TableShape {
  const element = swarm.references && c.draw(4) === 3 ? 'externref' : 'funcref';
  const min = 1 + c.draw(12);
  return { imported, element, min, max: c.draw(2) === 0 ? min + c.draw(8) : undefined };
}

function drawTables(c: Choices, swarm: Swarm): TableShape[] {
  if (!swarm.tables) return [];
  const list: TableShape[] = [];
  const most = swarm.references ? 3 : 1;
  if (swarm.importedState && c.draw(4) === 3) list.push(tableShape(c, swarm, true));
  if (list.length === 0) list.push(tableShape(c, swarm, false));
  while (list.length < most && c.draw(2) > 0) list.push(tableShape(c, swarm, false));
  return list;
}

function drawGlobals(c: Choices, swarm: Swarm): { globals: GlobalShape[]; fuel: number; hash: number } {
  const globals: GlobalShape[] = [];
  const draw = (imported: boolean): GlobalShape => ({ imported, type: swarm.types[c.draw(swarm.types.length)] ?? 'i32', mutable: c.draw(3) > 0 });
  if (swarm.importedState) while (globals.length < 3 && c.draw(3) === 2) globals.push(draw(true));
  const fuel = globals.length;
  globals.push({ imported: false, type: 'i32', mutable: true });
  globals.push({ imported: false, type: swarm.numeric.includes('i64') ? 'i64' : 'i32', mutable: true });
  if (swarm.globals) while (globals.length < 10 && c.draw(4) > 0) globals.push(draw(false));
  return { globals, fuel, hash: fuel + 1 };
}

/** Draws a module's declarations. */
export function drawShape(c: Choices, swarm: Swarm): Shape {
  const types = new TypeSection();
  const { functions, imported: importedFunctions } = drawFunctions(c, swarm, types);
  const memories = drawMemories(c, swarm);
  const tables = drawTables(c, swarm);
  const { globals, fuel, hash } = drawGlobals(c, swarm);
  const dataSegments = memories.length > 0 || swarm.bulk ? c.draw(4) : 0;
  const elementSegments: { type: 'funcref' | 'externref' }[] = [];
  if (tables.length > 0) while (elementSegments.length < 5 && c.draw(4) > 0) elementSegments.push({ type: swarm.references && c.draw(5) === 4 ? 'externref' : 'funcref' });
  const callable = { i32: [] as number[], i64: [] as number[], f32: [] as number[], f64: [] as number[], funcref: [] as number[], externref: [] as number[], none: [] as number[] };
  functions.forEach((f, index) => callable[f.results[0] ?? 'none'].push(index));
  return { types, functions, importedFunctions, memories, tables, globals, fuel, hash, dataSegments, elementSegments, callable };
}
