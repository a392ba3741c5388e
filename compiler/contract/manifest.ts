// What a loader must know of a module besides its code: types, imports, exports, definitions, initial contents.
// The same facts as the decoded module (`wasm/module.ts`), without bodies and names of the front end,
// so that an artifact can be instantiated without the wasm bytes at hand.

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'funcref' | 'externref';
export type ReferenceType = 'funcref' | 'externref';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Limits of a memory in pages of 64 KiB, or of a table in elements; both inclusive. */
export interface Limits {
  readonly min: number;
  readonly max: number | undefined;
}

export interface TableType extends Limits {
  readonly element: ReferenceType;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

export type ExternType =
  | { readonly kind: 'function'; readonly type: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: Limits }
  | { readonly kind: 'global'; readonly type: GlobalType };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly type: ExternType;
}

export interface Export {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  /** Index in the index space of its kind. */
  readonly index: number;
}

/** A constant expression in postfix order (standard, 3.3 "Constant Expressions", with extended constants). */
export type ConstantStep =
  | { readonly op: 'i32.const'; readonly bits: number }
  | { readonly op: 'i64.const'; readonly bits: bigint }
  | { readonly op: 'f32.const'; readonly bits: number }
  | { readonly op: 'f64.const'; readonly bits: bigint }
  | { readonly op: 'ref.null'; readonly type: ReferenceType }
  | { readonly op: 'ref.func'; readonly index: number }
  | { readonly op: 'global.get'; readonly index: number }
  | { readonly op: 'i32.add' | 'i32.sub' | 'i32.mul' | 'i64.add' | 'i64.sub' | 'i64.mul' };
export type ConstantExpression = readonly ConstantStep[];

export type SegmentMode =
  | { readonly mode: 'passive' }
  | { readonly mode: 'declarative' }
  /** `target` is a table or memory index. */
  | { readonly mode: 'active'; readonly target: number; readonly offset: ConstantExpression };

export interface ElementSegment {
  readonly type: ReferenceType;
  readonly items: readonly ConstantExpression[];
  readonly mode: SegmentMode;
}

export interface DataSegment {
  readonly bytes: Uint8Array;
  readonly mode: SegmentMode;
}

/** Index spaces begin with the imports, in order, and go on with the definitions. */
export interface Manifest {
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Type index of each function, imports first. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  /** Initial element of each defined table; `undefined` is null. Indexed like the definitions, imports left out. */
  readonly tableInits: readonly (ConstantExpression | undefined)[];
  readonly memories: readonly Limits[];
  readonly globals: readonly GlobalType[];
  /** Initial value of each defined global, imports left out. */
  readonly globalInits: readonly ConstantExpression[];
  readonly exports: readonly Export[];
  readonly start: number | undefined;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  readonly importedFunctions: number;
  readonly importedTables: number;
  readonly importedMemories: number;
  readonly importedGlobals: number;
}
