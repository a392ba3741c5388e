// Typed arrays for the time of a compilation. V8 keeps a typed array of more than 64 bytes outside its heap: an allocation, a registration with the
// garbage collector and a release, together half a microsecond. Functions are small and need a hundred such arrays; here many small ones share one
// buffer, and each is a view of it.
//
// A view keeps the whole buffer alive: what outlives its compilation, such as an artifact's tables, is copied into an array of its own.

const slabBytes = 128 * 1024;
/** So many int32 cells V8 keeps inside its heap; for a view of them it moves them out. */
const mostInHeap = 16;
/** Larger arrays have a buffer of their own. */
const mostShared = 8 * 1024;

let slab = new ArrayBuffer(slabBytes);
let used = 0;

/** Where `bytes` of zeros begin in `slab`. */
function take(bytes: number): number {
  if (used + bytes > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const start = used;
  used = (start + bytes + 7) & ~7;
  return start;
}

/** `count` int32 cells of zero. */
export function newInt32s(count: number): Int32Array {
  if (count <= mostInHeap || 4 * count > mostShared) return new Int32Array(count);
  const start = take(4 * count);
  return new Int32Array(slab, start, count);
}

/** `count` bytes of zero. */
export function newBytes(count: number): Uint8Array {
  if (count <= 64 || count > mostShared) return new Uint8Array(count);
  const start = take(count);
  return new Uint8Array(slab, start, count);
}

/** The first `count` of `cells`: in place where that is all of them or a view costs no allocation. The caller owns `cells` and changes them no more. */
export function firstInt32s(cells: Int32Array, count: number): Int32Array {
  if (count === cells.length) return cells;
  return count <= mostInHeap ? cells.slice(0, count) : cells.subarray(0, count);
}

/** `count` 64-bit cells of zero, and the same storage as int32 halves. */
export function newInt64s(count: number): { readonly cells: BigInt64Array; readonly halves: Int32Array } {
  const bytes = 8 * count;
  if (bytes > mostShared) {
    const buffer = new ArrayBuffer(bytes);
    return { cells: new BigInt64Array(buffer), halves: new Int32Array(buffer) };
  }
  const start = take(bytes);
  return { cells: new BigInt64Array(slab, start, count), halves: new Int32Array(slab, start, 2 * count) };
}
