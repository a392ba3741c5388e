// What a module declares, drawn before any code: signatures, imports, memories, tables, globals, segments.
//
// Everything is exported, so that every engine can show all of its state. Memories and tables are small, and grow only where they have a maximum:
// whether an unbounded one may grow is an engine's own affair. Two globals are the generator's own: `fuel`, which bounds execution,
// and `hash`, into which otherwise unused values are folded.

import type { Choices } from './choices.ts';
import { noFeatures } from './features.ts';
import type { Swarm } from './swarm.ts';
import { type DefinedType, isNonNull, isReference, type ReferenceType, type ValueType } from './types.ts';

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Where something imported comes from, when not from the host. */
export interface Origin {
  readonly module: string;
  readonly name: string;
}

export interface MemoryShape {
  readonly from?: Origin;
  readonly imported: boolean;
  /** Pages. */
  readonly min: number;
  readonly max: number | undefined;
  /** Addresses are i64. */
  readonly wide: boolean;
  readonly shared: boolean;
}

export interface TableShape {
  readonly from?: Origin;
  readonly imported: boolean;
  readonly element: ReferenceType;
  readonly min: number;
  readonly max: number | undefined;
  /** Addresses are i64. */
  readonly wide: boolean;
}

export interface GlobalShape {
  readonly from?: Origin;
  readonly imported: boolean;
  readonly type: ValueType;
  readonly mutable: boolean;
}

export interface FunctionShape extends Signature {
  readonly from?: Origin;
  readonly type: number;
}

/** Signatures, interned behind the types that the swarm defined; bodies may add more while they are written. */
export class TypeSection {
  readonly list: DefinedType[];
  private readonly indices = new Map<string, number>();

  constructor(defined: readonly DefinedType[]) {
    this.list = [...defined];
    this.list.forEach((type, index) => {
      if (type.kind === 'function') this.indices.set(`${type.params.join()}>${type.results.join()}`, index);
    });
  }

  index(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.list.length);
    this.list.push({ kind: 'function', params, results });
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
  readonly elementSegments: readonly { readonly type: ReferenceType }[];
  /** What exceptions carry, by tag; the first `importedTags` are imported. */
  readonly tags: readonly FunctionShape[];
  readonly importedTags: number;
  /** Functions by the type of their first result; `none` for those without results. */
  readonly callable: ReadonlyMap<ValueType | 'none', readonly number[]>;
}

/** Another module, all of whose exports may be imported. It must have been drawn of the same swarm: then types with an index mean the same in both. */
export interface Offer {
  readonly module: string;
  readonly shape: Shape;
}

/** The name under which a module exports one of its functions. */
export function functionName(index: number, importedFunctions: number): string {
  return index < importedFunctions ? `i${index}` : `f${index - importedFunctions}`;
}

export const initialFuel = 300;

function typeList(c: Choices, types: readonly ValueType[], most: number): ValueType[] {
  const list: ValueType[] = [];
  while (list.length < most && c.draw(3) > 0) list.push(types[c.draw(types.length)] ?? 'i32');
  return list;
}

function signature(c: Choices, swarm: Swarm, types: readonly ValueType[]): Signature {
  const params = typeList(c, types, c.draw(16) === 15 ? 14 : 5);
  const results = typeList(c, types, swarm.multiValue ? (c.draw(16) === 15 ? 9 : 3) : 1);
  return { params, results };
}

/** One of what another module offers, now and then; `most` in all. */
function adopt<T, U>(c: Choices, list: U[], most: number, offers: readonly Offer[], of: (shape: Shape) => readonly T[], take: (offered: T, index: number, offer: Offer) => U | undefined): void {
  for (const offer of offers) {
    const offered = of(offer.shape);
    while (offered.length > 0 && list.length < most && c.draw(4) > 0) {
      const index = c.draw(offered.length);
      const one = offered[index];
      const taken = one === undefined ? undefined : take(one, index, offer);
      if (taken !== undefined) list.push(taken);
    }
  }
}

function drawFunctions(c: Choices, swarm: Swarm, types: TypeSection, offers: readonly Offer[]): { functions: FunctionShape[]; imported: number } {
  const functions: FunctionShape[] = [];
  const add = (from: readonly ValueType[]): void => {
    const { params, results } = signature(c, swarm, from);
    functions.push({ type: types.index(params, results), params, results });
  };
  if (swarm.hostCalls) {
    while (functions.length < 3 && c.draw(3) > 0) {
      // Of a type that the module defines, in whatever group it stands, or of one made for it.
      const own = c.draw(3) === 2 ? c.draw(swarm.signatures) : -1;
      const type = swarm.defined[own];
      if (type?.kind === 'function') functions.push({ type: own, params: type.params, results: type.results });
      else add(swarm.boundary);
    }
  }
  adopt(c, functions, 6, offers, (shape) => shape.functions, ({ type, params, results }, index, { module, shape }) => ({
    type: type < swarm.defined.length ? type : types.index(params, results), params, results, from: { module, name: functionName(index, shape.importedFunctions) },
  }));
  const imported = functions.length;
  // Each signature that references name has a function of the module's own.
  swarm.defined.forEach((type, index) => {
    if (type.kind === 'function') functions.push({ type: index, params: type.params, results: type.results });
  });
  add(swarm.declared);
  while (functions.length - imported < 8 && c.draw(3) > 0) {
    // Where calls may be in tail position, functions of equal results make them possible.
    const like = swarm.features.tailCalls && c.draw(2) > 0 ? functions[imported + c.draw(functions.length - imported)] : undefined;
    if (like === undefined) add(swarm.declared);
    else {
      const params = typeList(c, swarm.declared, 5);
      functions.push({ type: types.index(params, like.results), params, results: like.results });
    }
  }
  return { functions, imported };
}

function memoryShape(c: Choices, swarm: Swarm, imported: boolean): MemoryShape {
  const min = [1, 1, 1, 1, 2, 0][c.draw(6)] ?? 1;
  const max = c.draw(2) === 0 ? min + c.draw(4) : undefined;
  const wide = swarm.features.wide && c.draw(3) > 0;
  const shared = max !== undefined && swarm.features.atomics && c.draw(2) > 0;
  return { imported, min, max, wide, shared };
}

function drawMemories(c: Choices, swarm: Swarm, offers: readonly Offer[]): MemoryShape[] {
  if (!swarm.memory) return [];
  const list: MemoryShape[] = [];
  const most = swarm.multiMemory ? 3 : 1;
  if (swarm.importedState) while (list.length < most && c.draw(4) === 3) list.push(memoryShape(c, swarm, true));
  adopt(c, list, most, offers, (shape) => shape.memories, (memory, index, { module }) => ({ ...memory, imported: true, from: { module, name: `m${index}` } }));
  if (list.length === 0) list.push(memoryShape(c, swarm, false));
  while (list.length < most && c.draw(2) > 0) list.push(memoryShape(c, swarm, false));
  return list;
}

/** One of the swarm's references now and then, often one that arrays hold. */
function drawElement(c: Choices, swarm: Swarm, types = swarm.types): ReferenceType | undefined {
  if (c.draw(2) === 0) return undefined;
  const held = swarm.defined.flatMap((type) => (type.kind === 'array' ? type.fields.map(({ storage }) => storage) : []));
  const references = types.filter(isReference);
  const type = c.draw(2) === 0 ? references[c.draw(references.length)] : held[c.draw(held.length)];
  return type === undefined || !isReference(type) || isNonNull(type) ? undefined : type;
}

function tableShape(c: Choices, swarm: Swarm, imported: boolean): TableShape {
  const drawn = swarm.features === noFeatures ? undefined : drawElement(c, swarm, imported ? swarm.named : swarm.types);
  const own = imported && drawn !== undefined && !swarm.named.includes(drawn) ? undefined : drawn;
  const element = own ?? (swarm.references && c.draw(4) === 3 ? 'externref' : 'funcref');
  const min = 1 + c.draw(12);
  const max = c.draw(2) === 0 ? min + c.draw(8) : undefined;
  return { imported, element, min, max, wide: swarm.features.wide && c.draw(3) > 0 };
}

function drawTables(c: Choices, swarm: Swarm, offers: readonly Offer[]): TableShape[] {
  if (!swarm.tables) return [];
  const list: TableShape[] = [];
  const most = swarm.references ? 3 : 1;
  if (swarm.importedState && c.draw(4) === 3) list.push(tableShape(c, swarm, true));
  adopt(c, list, most, offers, (shape) => shape.tables, (table, index, { module }) => ({ ...table, imported: true, from: { module, name: `t${index}` } }));
  if (list.length === 0) list.push(tableShape(c, swarm, false));
  while (list.length < most && c.draw(2) > 0) list.push(tableShape(c, swarm, false));
  return list;
}

function drawGlobals(c: Choices, swarm: Swarm, offers: readonly Offer[]): { globals: GlobalShape[]; fuel: number; hash: number } {
  const globals: GlobalShape[] = [];
  const draw = (imported: boolean): GlobalShape => {
    const types = imported ? swarm.named : swarm.declared;
    return { imported, type: types[c.draw(types.length)] ?? 'i32', mutable: c.draw(3) > 0 };
  };
  if (swarm.importedState) while (globals.length < 3 && c.draw(3) === 2) globals.push(draw(true));
  // Whoever writes to another's fuel could make it run for ever.
  adopt(c, globals, 6, offers, (shape) => shape.globals, (global, index, { module, shape }) => (index === shape.fuel ? undefined : { ...global, imported: true, from: { module, name: `g${index}` } }));
  const fuel = globals.length;
  globals.push({ imported: false, type: 'i32', mutable: true });
  globals.push({ imported: false, type: swarm.numeric.includes('i64') ? 'i64' : 'i32', mutable: true });
  if (swarm.globals) while (globals.length < 10 && c.draw(4) > 0) globals.push(draw(false));
  return { globals, fuel, hash: fuel + 1 };
}

/** Draws a module's declarations; `offers` are modules it may import from, beside the host. */
export function drawShape(c: Choices, swarm: Swarm, offers: readonly Offer[] = []): Shape {
  const types = new TypeSection(swarm.defined);
  const { functions, imported: importedFunctions } = drawFunctions(c, swarm, types, offers);
  const memories = drawMemories(c, swarm, offers);
  const tables = drawTables(c, swarm, offers);
  const { globals, fuel, hash } = drawGlobals(c, swarm, offers);
  const dataSegments = memories.length > 0 || swarm.bulk ? c.draw(4) : 0;
  const elementSegments: { type: ReferenceType }[] = [];
  if (tables.length > 0) {
    while (elementSegments.length < 5 && c.draw(4) > 0) {
      const own = swarm.features === noFeatures ? undefined : drawElement(c, swarm);
      elementSegments.push({ type: own ?? (swarm.references && c.draw(5) === 4 ? 'externref' : 'funcref') });
    }
  }
  const callable = new Map<ValueType | 'none', number[]>();
  functions.forEach((f, index) => {
    const key = f.results[0] ?? 'none';
    const list = callable.get(key);
    if (list === undefined) callable.set(key, [index]);
    else list.push(index);
  });
  const { tags, imported: importedTags } = swarm.features.exceptions ? drawTags(c, swarm, types, offers) : { tags: [], imported: 0 };
  return { types, functions, importedFunctions, memories, tables, globals, fuel, hash, dataSegments, elementSegments, tags, importedTags, callable };
}

/** At least one tag. */
function drawTags(c: Choices, swarm: Swarm, types: TypeSection, offers: readonly Offer[]): { readonly tags: FunctionShape[]; readonly imported: number } {
  const tags: FunctionShape[] = [];
  const add = (from: readonly ValueType[]): void => {
    const params = typeList(c, from, 3);
    tags.push({ type: types.index(params, []), params, results: [] });
  };
  if (swarm.importedState) while (tags.length < 2 && c.draw(3) === 2) add(swarm.named);
  adopt(c, tags, 4, offers, (shape) => shape.tags, ({ params }, index, { module }) => ({ type: types.index(params, []), params, results: [], from: { module, name: `e${index}` } }));
  const imported = tags.length;
  do add(swarm.boundary); while (tags.length < 4 && c.draw(2) > 0);
  return { tags, imported };
}
