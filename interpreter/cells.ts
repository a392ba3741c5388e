// The storage under every stack and vector: one buffer, looked at as ints, floats, doubles, 64-bit integers and bytes.
// Chapter: none. All views share the host's byte order, which must be little-endian like memory in the standard.
//
// Indices here are known to be in bounds, and these functions are the one place that reads without asking. V8 inlines them, and measured
// they cost nothing beside a bare index, provided each sees one kind of array only: hence one for each view the loop uses, and `at` for the rest.
import type { Reference } from './values.ts';

export type Cells = Int32Array;
export type LongCells = BigInt64Array;

export function int(cells: Int32Array, index: number): number { return cells[index] as number; }
export function single(cells: Float32Array, index: number): number { return cells[index] as number; }
export function double(cells: Float64Array, index: number): number { return cells[index] as number; }
export function long(cells: BigInt64Array, index: number): bigint { return cells[index] as bigint; }
/** An element of a plain array of objects. */
export function item<T extends object | null>(list: readonly T[], index: number): T { return list[index] as T; }
/** An operand or element that may be a scalar reference. */
export function refAt(list: readonly Reference[], index: number): Reference { return list[index] as Reference; }
/** An element of anything else. */
export function at<T>(cells: { readonly [index: number]: T }, index: number): T { return cells[index] as T; }

/** All views of one buffer. */
export interface Views {
  readonly I8: Int8Array; readonly U8: Uint8Array;
  readonly I16: Int16Array; readonly U16: Uint16Array;
  readonly I: Int32Array; readonly U32: Uint32Array;
  readonly F: Float32Array; readonly D: Float64Array;
  readonly B: BigInt64Array; readonly U64: BigUint64Array;
}

export function viewsOf(buffer: ArrayBuffer): Views {
  return {
    I8: new Int8Array(buffer), U8: new Uint8Array(buffer),
    I16: new Int16Array(buffer), U16: new Uint16Array(buffer),
    I: new Int32Array(buffer), U32: new Uint32Array(buffer),
    F: new Float32Array(buffer), D: new Float64Array(buffer),
    B: new BigInt64Array(buffer), U64: new BigUint64Array(buffer),
  };
}
