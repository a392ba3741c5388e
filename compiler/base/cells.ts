// Reads of typed arrays at an index the caller knows to be in range: the casts that strict indexing would otherwise scatter.
// One function per array type, so that each call site stays monomorphic and is inlined to a bounds-checked load.

export const i32At = (cells: Int32Array, index: number): number => cells[index] as number;
export const u8At = (cells: Uint8Array, index: number): number => cells[index] as number;
