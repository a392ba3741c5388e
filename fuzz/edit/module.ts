// A module that can be edited: sections as data, bodies as trees of instructions, all of Wasm 3.0 and threads.
//
// Everything is immutable, so that candidates share what they do not change and encoded bodies can be kept. Entities are named by identities that never
// change: an entity may go, come or move without any other being rewritten, and indices exist only in the bytes. A decoded module's identities are its
// indices; new entities take the next free number. Type names in texts, as `(ref null $3)`, are identities too. Locals are named by index, parameters first.

import type { Code, Space } from './instructions.ts';

/** A value, storage or reference type as text. */
export type TypeText = string;

export interface Limits {
  /** Pages or elements. */
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
  readonly wide: boolean;
  readonly shared: boolean;
}

export interface Field {
  readonly type: TypeText;
  readonly mutable: boolean;
}

export type Composite =
  | { readonly kind: 'function'; readonly params: readonly TypeText[]; readonly results: readonly TypeText[] }
  | { readonly kind: 'struct'; readonly fields: readonly Field[] }
  | { readonly kind: 'array'; readonly element: Field };

export interface SubType {
  readonly id: number;
  readonly final: boolean;
  readonly supertypes: readonly number[];
  readonly composite: Composite;
}

/** Types of one group; a group of one is written without `rec`. */
export type RecursionGroup = readonly SubType[];

export interface ImportedFrom {
  readonly module: string;
  readonly name: string;
}

/** `from` where it is imported: then it has no content of its own. */
export interface FunctionEntity {
  readonly id: number;
  readonly from: ImportedFrom | undefined;
  readonly type: number;
  readonly locals: readonly TypeText[];
  readonly body: Code;
}

export interface TableEntity {
  readonly id: number;
  readonly from: ImportedFrom | undefined;
  readonly element: TypeText;
  readonly limits: Limits;
  readonly initial: Code | undefined;
}

export interface MemoryEntity {
  readonly id: number;
  readonly from: ImportedFrom | undefined;
  readonly limits: Limits;
}

export interface GlobalEntity {
  readonly id: number;
  readonly from: ImportedFrom | undefined;
  readonly type: TypeText;
  readonly mutable: boolean;
  readonly initial: Code;
}

export interface TagEntity {
  readonly id: number;
  readonly from: ImportedFrom | undefined;
  readonly type: number;
}

export type ExportKind = 'function' | 'table' | 'memory' | 'global' | 'tag';

export interface Export {
  readonly name: string;
  readonly kind: ExportKind;
  readonly id: number;
}

export interface ElementEntity {
  readonly id: number;
  readonly mode: 'active' | 'passive' | 'declarative';
  readonly table: number;
  readonly at: Code | undefined;
  readonly type: TypeText;
  /** Each a constant expression; `isFunctions` says that all are `ref.func` and are written as indices. */
  readonly items: readonly Code[];
  readonly isFunctions: boolean;
}

export interface DataEntity {
  readonly id: number;
  readonly mode: 'active' | 'passive';
  readonly memory: number;
  readonly at: Code | undefined;
  readonly bytes: Uint8Array;
}

export interface CustomSection {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** In each list imports come first. Imports are written kind by kind. */
export interface EditModule {
  readonly types: readonly RecursionGroup[];
  readonly functions: readonly FunctionEntity[];
  readonly tables: readonly TableEntity[];
  readonly memories: readonly MemoryEntity[];
  readonly globals: readonly GlobalEntity[];
  readonly tags: readonly TagEntity[];
  readonly exports: readonly Export[];
  readonly start: number | undefined;
  readonly elements: readonly ElementEntity[];
  readonly datas: readonly DataEntity[];
  readonly customs: readonly CustomSection[];
  /** No identity is this large or larger. */
  readonly nextId: number;
}

/** The list of an index space other than types. */
export const listOf = { function: 'functions', table: 'tables', memory: 'memories', global: 'globals', tag: 'tags', element: 'elements', data: 'datas' } as const satisfies Record<Exclude<Space, 'type'>, keyof EditModule>;

/** The type of that identity. */
export function maybeType(m: EditModule, id: number): SubType | undefined {
  for (const group of m.types) for (const type of group) if (type.id === id) return type;
  return undefined;
}

export interface FunctionSignature {
  readonly params: readonly TypeText[];
  readonly results: readonly TypeText[];
}

/** The signature of that type; throws when it is none, which no valid module shows. */
export function signatureOf(m: EditModule, type: number): FunctionSignature {
  const found = maybeType(m, type);
  if (found?.composite.kind !== 'function') throw new Error(`edit: type $${type} is no function type`);
  return found.composite;
}

export function functionOf(m: EditModule, id: number): FunctionEntity {
  const found = m.functions.find((one) => one.id === id);
  if (found === undefined) throw new Error(`edit: no function has the identity ${id}`);
  return found;
}

/** Replaces one function by another with its identity. */
export function withFunction(m: EditModule, changed: FunctionEntity): EditModule {
  return { ...m, functions: m.functions.map((one) => (one.id === changed.id ? changed : one)) };
}

/** The module and a function type of that signature in it: one that is there, written alone and final, or a new one. */
export function withSignature(m: EditModule, params: readonly TypeText[], results: readonly TypeText[]): { readonly m: EditModule; readonly type: number } {
  const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((type, place) => type === b[place]);
  for (const group of m.types) {
    const [only] = group;
    if (group.length !== 1 || only === undefined || !only.final || only.supertypes.length > 0 || only.composite.kind !== 'function') continue;
    if (isSame(only.composite.params, params) && isSame(only.composite.results, results)) return { m, type: only.id };
  }
  const id = m.nextId;
  return { m: { ...m, types: [...m.types, [{ id, final: true, supertypes: [], composite: { kind: 'function', params, results } }]], nextId: id + 1 }, type: id };
}
