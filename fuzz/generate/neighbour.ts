// Choices near others: what a campaign runs beside fresh modules once it has a corpus.
//
// On the bytes a `ByteSource` reads, as libFuzzer would: a few of byte, bit, small step, block removed, doubled or copied from elsewhere. Any bytes make a valid
// module, and sections keep what is behind a change in its place.

import type { RandomSource } from './choices.ts';

const mostChanges = 4;
const longestBlock = 64;

/** A neighbour of `bytes`; `other` is where foreign blocks come from. */
export function neighbourOf(bytes: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let changes = 1 + random.next(mostChanges); changes > 0; changes--) result = changed(result, other, random);
  return result;
}

function changed(bytes: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array {
  const { length } = bytes;
  if (length === 0) return Uint8Array.of(random.next(256));
  const at = random.next(length);
  const block = Math.min(1 + random.next(longestBlock), length - at);
  const old = bytes[at] ?? 0;
  switch (random.next(6)) {
    case 0: return bytes.with(at, random.next(256));
    case 1: return bytes.with(at, old ^ (1 << random.next(8)));
    case 2: return bytes.with(at, old + random.next(9) - 4);
    case 3: return joined(bytes.subarray(0, at), bytes.subarray(at + block));
    case 4: return joined(bytes.subarray(0, at), bytes.subarray(at, at + block), bytes.subarray(at));
    default: {
      const from = random.next(Math.max(1, other.length));
      const piece = other.subarray(from, from + block);
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at + (random.next(2) === 0 ? piece.length : 0)));
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
