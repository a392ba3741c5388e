// The decoded module: the standard's abstract syntax (chapter 2.5 "Modules") with bodies left as byte ranges.
// Made by `decode.ts`, checked by `validate.ts`, read by `translate/`. Index spaces begin with the imports.

import type { BitSet } from '../base/bit-set.ts';

/** Value types by name, as the small numbers that stacks and signatures hold. 0 is none: the bottom type of unreachable code. */
export const valueTypes = { i32: 1, i64: 2, f32: 3, f64: 4, funcref: 5, externref: 6 } as const;
export type ValueTypeName = keyof typeof valueTypes;
export type ValueType = (typeof valueTypes)[ValueTypeName];
export type ReferenceType = (typeof valueTypes)['funcref' | 'externref'];

const typeNames = Object.keys(valueTypes) as ValueTypeName[];

/** The name of a value type; `bottom` for 0. */
export function valueTypeName(type: number): ValueTypeName | 'bottom' {
  return typeNames[type - 1] ?? 'bottom';
}
export function isReference(type: number): type is ReferenceType {
  return type >= valueTypes.funcref;
}

/** Parameters and results as numbers of value types. */
export class FunctionType {
  readonly params: Uint8Array;
  readonly results: Uint8Array;
  constructor(params: Uint8Array, results: Uint8Array) {
    this.params = params;
    this.results = results;
  }
  paramAt(index: number): ValueType {
    return this.params[index] as ValueType;
  }
  resultAt(index: number): ValueType {
    return this.results[index] as ValueType;
  }
}

/** In pages of 64 KiB for a memory, in elements for a table. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
  /** Byte offset in the module, for messages. */
  readonly offset: number;
}
export interface TableType extends Limits {
  readonly element: ReferenceType;
}
export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

export type ImportType =
  /** `type` is a type index. */
  | { readonly kind: 'function'; readonly type: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: Limits }
  | { readonly kind: 'global'; readonly type: GlobalType };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly type: ImportType;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
  readonly offset: number;
}

/** One step of a constant expression, in postfix order; floats and integers as bits. */
export type ConstantStep = { readonly offset: number } & (
  | { readonly op: 'i32.const'; readonly bits: number }
  | { readonly op: 'i64.const'; readonly bits: bigint }
  | { readonly op: 'f32.const'; readonly bits: number }
  | { readonly op: 'f64.const'; readonly bits: bigint }
  | { readonly op: 'ref.null'; readonly type: ReferenceType }
  | { readonly op: 'ref.func'; readonly index: number }
  | { readonly op: 'global.get'; readonly index: number }
  | { readonly op: 'i32.add' | 'i32.sub' | 'i32.mul' | 'i64.add' | 'i64.sub' | 'i64.mul' }
);
export interface ConstantExpression {
  readonly steps: readonly ConstantStep[];
  /** Byte offset of its `end`. */
  readonly end: number;
}

export interface Global extends GlobalType {
  readonly init: ConstantExpression;
}

export type SegmentMode =
  | { readonly mode: 'passive' }
  | { readonly mode: 'declarative' }
  /** `target` is a table or memory index. */
  | { readonly mode: 'active'; readonly target: number; readonly offset: ConstantExpression };

export interface ElementSegment {
  readonly type: ReferenceType;
  /** Function indices, or one constant expression for each element. */
  readonly items: { readonly functions: Uint32Array } | { readonly expressions: readonly ConstantExpression[] };
  readonly mode: SegmentMode;
  readonly offset: number;
}

export interface DataSegment {
  /** Range of the initial bytes in the module. */
  readonly start: number;
  readonly end: number;
  readonly mode: SegmentMode;
  readonly offset: number;
}

/** A function body: local declarations and instructions, as a byte range of the module. */
export interface Body {
  readonly start: number;
  readonly end: number;
}

export interface CustomSection {
  readonly name: string;
  /** Range of the contents behind the name. */
  readonly start: number;
  readonly end: number;
}

export interface Module {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Type index of each function. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly Limits[];
  /** Types of all globals. */
  readonly globals: readonly GlobalType[];
  /** The globals the module defines, imports left out. */
  readonly definedGlobals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start: { readonly index: number; readonly offset: number } | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  /** From the data count section. */
  readonly dataCount: number | undefined;
  /** Bodies of the defined functions, imports left out. */
  readonly bodies: readonly Body[];
  readonly customSections: readonly CustomSection[];
  readonly importedFunctions: number;
  readonly importedTables: number;
  readonly importedMemories: number;
  readonly importedGlobals: number;
  /** Functions that occur outside bodies; only these may `ref.func` name (standard, 3.4.10 "Functions", `C.refs`). */
  readonly declaredFunctions: BitSet;
}
