// Typed arrays for the time of a compilation. V8 keeps a typed array of more than 64 bytes outside its heap: an allocation, a registration with the
// garbage collector and a release, together half a microsecond. Functions are small and need a hundred such arrays; here many small ones share one
// buffer, and each is a view of it.
//
// A view keeps the whole buffer alive: what outlives its compilation, such as an artifact's tables, is copied into an array of its own.

const slabBytes = 128 * 1024;
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
  if (count <= 16 || 4 * count > mostShared) return new Int32Array(count);
  const start = take(4 * count);
  return new Int32Array(slab, start, count);
}

/** `count` bytes of zero. */
export function newBytes(count: number): Uint8Array {
  if (count <= 64 || count > mostShared) return new Uint8Array(count);
  const start = take(count);
  return new Uint8Array(slab, start, count);
}
