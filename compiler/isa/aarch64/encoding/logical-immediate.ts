// The immediates of `and`, `orr`, `eor` and `tst`: a run of ones, rotated, within an element of 2, 4, 8, 16, 32 or 64 bits that repeats to fill the register.
//
//   N | immr (6) | imms (6)      elements of 64 bits: N = 1, imms = ones - 1
//                                smaller elements of e bits: N = 0, imms = ~(2e - 1) and 6 bits | ones - 1
//                                immr = how far the run of ones, starting at bit 0, is rotated to the right
// All ones and all zeros have no encoding.
// Source: DDI 0487, C6 pseudocode `DecodeBitMasks`.

/** The number of zeros below the lowest one; 32 for zero. */
const trailingZeros = (n: number): number => (n === 0 ? 32 : 31 - Math.clz32(n & -n));

/** Length of the run of ones that begins at bit 0 of a 64-bit number given in halves. */
function trailingOnes(low: number, high: number): number {
  return low === -1 ? 32 + trailingZeros(~high) : trailingZeros(~low);
}

/** Encodes a 64-bit value given as int32 halves as N:immr:imms (13 bits), or answers -1 when no encoding exists. */
export function encodeLogical64(low: number, high: number): number {
  if ((low === 0 && high === 0) || (low === -1 && high === -1)) return -1;
  // The smallest element that repeats.
  let size = 64;
  if (low === high) {
    size = 32;
    while (size > 2) {
      const half = size / 2;
      const mask = 2 ** half - 1;
      if ((low & mask) !== ((low >>> half) & mask)) break;
      size = half;
    }
  }
  // Rotate right until the run of ones starts at bit 0, below a zero at the element's top.
  let first = low;
  let second = high;
  let rotation = 0;
  if ((low & 1) !== 0) {
    // The run may wrap round: skip the ones at the bottom and the zeros above them.
    const ones = trailingOnes(low, high);
    const above = rotateRight(low, high, ones);
    const zeros = above.low === 0 ? 32 + trailingZeros(above.high) : trailingZeros(above.low);
    rotation = (ones + zeros) % size;
  } else rotation = (low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)) % size;
  ({ low: first, high: second } = rotateRight(low, high, rotation));
  const ones = Math.min(trailingOnes(first, second), size);
  if (ones === size) return -1;
  const expected = elementOfOnes(ones, size);
  if (expected.low !== first || expected.high !== second) return -1;
  const immr = (size - rotation) % size;
  const imms = size === 64 ? ones - 1 : (~(2 * size - 1) & 0x3f) | (ones - 1);
  return ((size === 64 ? 1 : 0) << 12) | (immr << 6) | imms;
}

/** The same for a 32-bit value: N is 0 in the answer. */
export function encodeLogical32(value: number): number {
  return encodeLogical64(value, value);
}

interface Halves {
  readonly low: number;
  readonly high: number;
}

function rotateRight(low: number, high: number, count: number): Halves {
  const n = count & 63;
  const [a, b] = n >= 32 ? [high, low] : [low, high];
  const bits = n & 31;
  if (bits === 0) return { low: a, high: b };
  return { low: (a >>> bits) | (b << (32 - bits)), high: (b >>> bits) | (a << (32 - bits)) };
}

/** `ones` ones at the bottom of each element of `size` bits; `ones` is below `size`. */
function elementOfOnes(ones: number, size: number): Halves {
  if (size === 64) return ones > 32 ? { low: -1, high: (-1 >>> (64 - ones)) | 0 } : { low: (-1 >>> (32 - ones)) | 0, high: 0 };
  let element = (-1 >>> (32 - ones)) | 0;
  for (let width = size; width < 32; width *= 2) element |= element << width;
  return { low: element, high: element };
}

/** The value of N:immr:imms in a register of 64 bits, as [low, high], or undefined for a reserved encoding. */
export function decodeLogical(encoded: number): readonly [low: number, high: number] | undefined {
  const n = encoded >> 12;
  const immr = (encoded >> 6) & 0x3f;
  const imms = encoded & 0x3f;
  // Bit by bit, as the manual defines it: a road of its own beside the encoder's arithmetic.
  const length = 31 - Math.clz32((n << 6) | (~imms & 0x3f));
  if (length < 1) return undefined;
  const size = 1 << length;
  const ones = (imms & (size - 1)) + 1;
  const rotation = immr & (size - 1);
  if (ones === size || immr !== rotation) return undefined;
  let low = 0;
  let high = 0;
  for (let bit = 0; bit < 64; bit++) {
    const inElement = (bit + rotation) % size;
    if (inElement >= ones) continue;
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return [low, high];
}
