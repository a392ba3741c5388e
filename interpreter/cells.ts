// The storage under every stack and vector: one buffer, looked at as ints, floats, doubles, 64-bit integers and bytes.
// Chapter: none. All views share the host's byte order, which must be little-endian like memory in the standard.
//
// `at` is the one place that reads a typed array by an index known to be in bounds. V8 inlines it; measured, it costs nothing
// beside a bare index.
export type Cells = Int32Array;
export type LongCells = BigInt64Array;

/** Reads an element whose index the caller knows to be in bounds. */
export function at<T>(cells: { readonly [index: number]: T }, index: number): T {
  return cells[index] as T;
}

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
