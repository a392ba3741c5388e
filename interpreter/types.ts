// Types as small integers, so that a stack of types is an array of numbers and equality is `===`.
// Chapter: "Structure", section "Types"; names of heap types as in "Heap Types".
//
//   value type     0 bottom (only inside the validator) · 1..5 number and vector types · 6,7 packed storage types
//                  16 + 2·heap + nullable   a reference type
//   heap type      0..12 abstract, see `Heap`           16 + n   the defined type n
//
// What n counts depends on the stage: type indices of the module as decoded, identities of a `TypeSpace` once validated.

/** A value type (or, for fields, a storage type). */
export type ValueType = number;
export type HeapType = number;

export const BOTTOM = 0;
export const I32 = 1;
export const I64 = 2;
export const F32 = 3;
export const F64 = 4;
export const V128 = 5;
export const I8 = 6;
export const I16 = 7;

export const Heap = {
  any: 0, eq: 1, i31: 2, struct: 3, array: 4, none: 5,
  func: 6, nofunc: 7,
  extern: 8, noextern: 9,
  exn: 10, noexn: 11,
  bottom: 12,
} as const;

const heapNames = ['any', 'eq', 'i31', 'struct', 'array', 'none', 'func', 'nofunc', 'extern', 'noextern', 'exn', 'noexn', 'bot'];
const FIRST_REFERENCE = 16;
const FIRST_DEFINED = 16;

export function refType(nullable: boolean, heap: HeapType): ValueType {
  return FIRST_REFERENCE + heap * 2 + (nullable ? 1 : 0);
}
export function definedHeap(typeIndex: number): HeapType { return FIRST_DEFINED + typeIndex; }
export function isDefinedHeap(heap: HeapType): boolean { return heap >= FIRST_DEFINED; }
export function indexOfHeap(heap: HeapType): number { return heap - FIRST_DEFINED; }

export function isRef(type: ValueType): boolean { return type >= FIRST_REFERENCE; }
export function isNullable(type: ValueType): boolean { return (type & 1) === 1; }
export function heapOf(type: ValueType): HeapType { return (type - FIRST_REFERENCE) >> 1; }
export function withNull(type: ValueType): ValueType { return type | 1; }
export function withoutNull(type: ValueType): ValueType { return type & ~1; }
export function isNumeric(type: ValueType): boolean { return type >= I32 && type <= F64; }
export function isPacked(type: ValueType): boolean { return type === I8 || type === I16; }
/** The value type a storage type is read as. */
export function unpacked(type: ValueType): ValueType { return isPacked(type) ? I32 : type; }
/** Whether locals of this type have a default value. */
export function isDefaultable(type: ValueType): boolean { return !isRef(type) || isNullable(type); }

export const FUNCREF = refType(true, Heap.func);
export const EXTERNREF = refType(true, Heap.extern);
export const ANYREF = refType(true, Heap.any);
export const EQREF = refType(true, Heap.eq);
export const EXNREF = refType(true, Heap.exn);
export const ARRAYREF = refType(true, Heap.array);
export const I31_NULL = refType(true, Heap.i31);

/** Stack slots (of 64 bits) a value of the type occupies. */
export function slotsOf(type: ValueType): number { return type === V128 ? 2 : 1; }

/** Replaces the defined type inside a reference type, if there is one. */
export function mapDefined(type: ValueType, map: (typeIndex: number) => number): ValueType {
  if (!isRef(type)) return type;
  const heap = heapOf(type);
  return isDefinedHeap(heap) ? refType(isNullable(type), definedHeap(map(indexOfHeap(heap)))) : type;
}

export interface FieldType { readonly storage: ValueType; readonly mutable: boolean }
export interface FunctionType { readonly kind: 'func'; readonly params: readonly ValueType[]; readonly results: readonly ValueType[] }
export interface StructType { readonly kind: 'struct'; readonly fields: readonly FieldType[] }
export interface ArrayType { readonly kind: 'array'; readonly element: FieldType }
export type CompositeType = FunctionType | StructType | ArrayType;
export interface SubType { readonly final: boolean; readonly supertypes: readonly number[]; readonly composite: CompositeType; readonly offset: number }

/** Sizes count pages for memories and elements for tables; `maximum` absent means unbounded. */
export interface Limits { readonly minimum: bigint; readonly maximum: bigint | undefined; readonly wide: boolean; readonly shared: boolean }
export interface TableType { readonly limits: Limits; readonly element: ValueType }
export interface GlobalType { readonly type: ValueType; readonly mutable: boolean }

/** A heap type in the text format's spelling. */
export function showHeap(heap: HeapType): string {
  return isDefinedHeap(heap) ? `$${indexOfHeap(heap)}` : heapNames[heap] ?? 'unknown';
}

/** Abstract nullable references have short names; `none` and its like are spelt `nullref`, `nullfuncref`, … */
function showRef(nullable: boolean, heap: HeapType): string {
  if (!nullable || isDefinedHeap(heap)) return `(ref ${nullable ? 'null ' : ''}${showHeap(heap)})`;
  const name = showHeap(heap);
  return name.startsWith('no') ? `null${name === 'none' ? '' : name.slice(2)}ref` : `${name}ref`;
}

/** A value type in the text format's spelling. */
export function showType(type: ValueType): string {
  switch (type) {
    case BOTTOM: return 'bot';
    case I32: return 'i32';
    case I64: return 'i64';
    case F32: return 'f32';
    case F64: return 'f64';
    case V128: return 'v128';
    case I8: return 'i8';
    case I16: return 'i16';
    default: return showRef(isNullable(type), heapOf(type));
  }
}

export function showTypes(types: readonly ValueType[]): string {
  return `[${types.map(showType).join(' ')}]`;
}

const abstractByName: ReadonlyMap<string, HeapType> = new Map(heapNames.slice(0, Heap.bottom).map((name, heap) => [name, heap]));

/** Reads `i32`, `funcref`, `(ref null any)`: the abstract types a host can name; undefined otherwise. */
export function parseType(text: string): ValueType | undefined {
  switch (text) {
    case 'i32': return I32;
    case 'i64': return I64;
    case 'f32': return F32;
    case 'f64': return F64;
    case 'v128': return V128;
    case 'nullref': return refType(true, Heap.none);
    case 'nullfuncref': return refType(true, Heap.nofunc);
    case 'nullexternref': return refType(true, Heap.noextern);
    case 'nullexnref': return refType(true, Heap.noexn);
  }
  const short = abstractByName.get(text.endsWith('ref') ? text.slice(0, -3) : '');
  if (short !== undefined) return refType(true, short);
  const long = /^\(ref (null )?([a-z0-9]+)\)$/.exec(text);
  const heap = abstractByName.get(long?.[2] ?? '');
  return heap === undefined ? undefined : refType(long?.[1] !== undefined, heap);
}
