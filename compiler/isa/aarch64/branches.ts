// Kinds of label uses, how they are patched, and how far branches reach.
// A backward branch knows its distance. A forward branch trusts an upper bound of the code between; where that is beyond its reach, the opposite
// condition jumps over an unconditional branch, whose 128 MiB are enough for any function. All displacements count from the instruction itself.

import { Unsupported, bug } from '../../base/errors.ts';
import type { CodeBuffer, FixupPatcher } from '../../machine/code-buffer.ts';

/** `word` is a signed 32-bit distance from the word itself. */
export const fixups = { rel26: 0, rel19: 1, rel14: 2, adr: 3, word: 4 } as const;

/** Bytes that each form reaches forward, at most; backward it is four more. */
export interface Reach {
  /** b.cond, cbz, cbnz, literal loads, adr. */
  readonly rel19: number;
  /** tbz, tbnz. */
  readonly rel14: number;
}
export const fullReach: Reach = { rel19: 0xffffc, rel14: 0x7ffc };

const reach26 = 0x7fffffc;

function wordAt(buffer: CodeBuffer, offset: number): number {
  return buffer.byteAt(offset) | (buffer.byteAt(offset + 1) << 8) | (buffer.byteAt(offset + 2) << 16) | (buffer.byteAt(offset + 3) << 24);
}

function insert(buffer: CodeBuffer, offset: number, bits: number, reach: number, distance: number, field: number): void {
  if (distance > reach || distance < -reach - 4) bug('branch out of reach', `offset ${offset}`);
  buffer.patch4(offset, wordAt(buffer, offset) | bits << field);
}

export const patch: FixupPatcher = (buffer, kind, offset, target) => {
  const distance = target - offset;
  switch (kind) {
    case fixups.rel26:
      insert(buffer, offset, (distance >> 2) & 0x3ffffff, reach26, distance, 0);
      break;
    case fixups.rel19:
      insert(buffer, offset, (distance >> 2) & 0x7ffff, fullReach.rel19, distance, 5);
      break;
    case fixups.rel14:
      insert(buffer, offset, (distance >> 2) & 0x3fff, fullReach.rel14, distance, 5);
      break;
    case fixups.adr:
      insert(buffer, offset, ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5), fullReach.rel19, distance, 0);
      break;
    default:
      buffer.patch4(offset, distance);
  }
};

/** Patches the displacement of a call. */
export function relocate(buffer: CodeBuffer, offset: number, target: number): void {
  const distance = target - offset;
  if (distance > reach26 || distance < -reach26 - 4) throw new Unsupported('more than 128 MiB of code in a module on aarch64', 0);
  buffer.patch4(offset, 0x94000000 | ((distance >> 2) & 0x3ffffff));
}

/** A conditional branch's word with the opposite condition. */
export const oppositeBranch = (word: number): number => word ^ ((word & 0x7f000000) === 0x54000000 ? 1 : 1 << 24);
