// The abstract syntax of a module, as the decoder leaves it and the validator reads it.
// Chapter: "Structure", section "Modules". Every entity remembers the byte offset it came from.
// Instruction sequences stay bytes: an expression is the extent [start, end) of its instructions, `end` opcode included.
// Types in this record name the module's type indices.
import type { GlobalType, Limits, SubType, TableType, ValueType } from './types.ts';

export interface Expression { readonly start: number; readonly end: number }

/** A recursion group: consecutive entries of `types`. */
export interface RecGroup { readonly first: number; readonly count: number }

export type ExternType =
  | { readonly kind: 'func'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly limits: Limits }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly typeIndex: number };

export type ExternKind = ExternType['kind'];

export interface Import { readonly module: string; readonly name: string; readonly type: ExternType; readonly offset: number }
export interface Export { readonly name: string; readonly kind: ExternKind; readonly index: number; readonly offset: number }

export interface LocalGroup { readonly count: number; readonly type: ValueType }
export interface FunctionBody { readonly typeIndex: number; readonly locals: readonly LocalGroup[]; readonly code: Expression; readonly offset: number }

export interface Table { readonly type: TableType; readonly initial: Expression | undefined; readonly offset: number }
export interface Memory { readonly limits: Limits; readonly offset: number }
export interface Global { readonly type: GlobalType; readonly initial: Expression | undefined; readonly offset: number }
export interface Tag { readonly typeIndex: number; readonly offset: number }

export type SegmentMode = 'active' | 'passive' | 'declarative';

export interface ElementSegment {
  readonly mode: SegmentMode;
  readonly table: number;
  readonly at: Expression | undefined;
  readonly type: ValueType;
  /** Either function indices or expressions, as the binary wrote them. */
  readonly functions: readonly number[] | undefined;
  readonly expressions: readonly Expression[] | undefined;
  readonly offset: number;
}

export interface DataSegment {
  readonly mode: SegmentMode;
  readonly memory: number;
  readonly at: Expression | undefined;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

export interface CustomSection { readonly name: string; readonly start: number; readonly end: number }

/** Index spaces are complete: imports first, then the module's own. `bodies[i]` belongs to function `importedFunctions + i`. */
export interface Module {
  readonly kind: 'module';
  readonly bytes: Uint8Array;
  readonly types: readonly SubType[];
  readonly groups: readonly RecGroup[];
  readonly imports: readonly Import[];
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  readonly importedGlobals: number;
  readonly tables: readonly Table[];
  readonly memories: readonly Memory[];
  readonly tags: readonly Tag[];
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start: { readonly func: number; readonly offset: number } | undefined;
  readonly elements: readonly ElementSegment[];
  readonly dataCount: number | undefined;
  readonly datas: readonly DataSegment[];
  readonly bodies: readonly FunctionBody[];
  readonly customs: readonly CustomSection[];
}
