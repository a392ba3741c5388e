// Damages a valid module: one of the ways in which bytes go wrong on their way, or in which somebody makes them go wrong.
// Total, deterministic, and mostly small changes, so that the damage is met deep inside the module and not at its first byte.

import type { Choices } from '../generate/choices.ts';

/** Bytes that mean much in a module: ends, prefixes, type codes, borders of LEB128. */
const telling: readonly [number, ...number[]] = [0x00, 0x01, 0x0b, 0x40, 0x60, 0x6f, 0x70, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const header = 8;

/** The first `length` bytes. */
export function truncate(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.slice(0, length);
}

/** One change, or up to four, behind the header; now and then in the header itself. */
export function damage(bytes: Uint8Array, choices: Choices): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let changes = choices.chance(1, 2) ? choices.between(2, 4) : 1; changes > 0 && result.length > 0; changes--) {
    const first = result.length > header && !choices.chance(1, 64) ? header : 0;
    result = change(result, first + choices.draw(result.length - first), choices);
  }
  return result;
}

function change(bytes: Uint8Array, at: number, choices: Choices): Uint8Array {
  const here = bytes[at] ?? 0;
  switch (choices.draw(8)) {
    case 0:
    case 1:
      bytes[at] = here ^ (1 << choices.draw(8));
      return bytes;
    case 2:
      bytes[at] = choices.draw(256);
      return bytes;
    case 3:
      bytes[at] = choices.pick(telling);
      return bytes;
    case 4:
      bytes[at] = here + (choices.chance(1, 2) ? 1 : 255);
      return bytes;
    case 5: {
      // Swap with the next byte.
      if (at + 1 < bytes.length) {
        bytes[at] = bytes[at + 1] ?? 0;
        bytes[at + 1] = here;
      }
      return bytes;
    }
    case 6:
      // Lose some bytes.
      return splice(bytes, at, Math.min(bytes.length - at, choices.between(1, 3)), []);
    default:
      // Put some bytes in, of which some pad an integer.
      return splice(bytes, at, 0, Array.from({ length: choices.between(1, 3) }, () => choices.pick(telling)));
  }
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: readonly number[]): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(at + removed), at + inserted.length);
  return result;
}
