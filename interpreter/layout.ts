// How fields and elements of aggregates are stored.
// Chapter: "Execution", section "Runtime Structure", "Aggregate Instances" (values only; the layout is ours).
//
// A structure is one array of cells: 32-bit numbers take one cell, 64-bit ones two (low, high), v128 four, a reference one.
// Fields shared with a supertype come first and have the same width in both, so an offset found from the static type holds for every subtype.
import type { CompositeType, StructType, ValueType } from './types.ts';
import { F64, I16, I64, I8, V128, isRef } from './types.ts';

export const Cell = { word: 0, long: 1, vector: 2, reference: 3, byte: 4, half: 5 } as const;

/** How a storage type is kept. */
export function cellKind(storage: ValueType): number {
  if (isRef(storage)) return Cell.reference;
  switch (storage) {
    case I64: case F64: return Cell.long;
    case V128: return Cell.vector;
    case I8: return Cell.byte;
    case I16: return Cell.half;
    default: return Cell.word;
  }
}

/** Cells (32-bit words, or one reference) of a kind. */
export function cellsOf(kind: number): number {
  return kind === Cell.long ? 2 : kind === Cell.vector ? 4 : 1;
}

/** Bytes of an array element of a kind, as `array.new_data` counts them. */
export function bytesOf(kind: number): number {
  return kind === Cell.byte ? 1 : kind === Cell.half ? 2 : cellsOf(kind) * 4;
}

/** First cell of a field. */
export function fieldOffset(type: StructType, index: number): number {
  let offset = 0;
  for (let i = 0; i < index; i++) offset += cellsOf(cellKind(type.fields[i]?.storage ?? 0));
  return offset;
}

/** The kinds of a structure's fields in order, or of an array's one element. */
export function kindsOf(type: CompositeType): number[] {
  switch (type.kind) {
    case 'struct': return type.fields.map((field) => cellKind(field.storage));
    case 'array': return [cellKind(type.element.storage)];
    case 'func': return [];
  }
}
