// Kinds of label uses, how they are patched, and how far branches reach.
//
//   conditional branch   ± 4 KiB     beyond it the opposite condition jumps over an unconditional jump
//   jal                  ± 1 MiB     beyond it auipc and jalr go on by way of a scratch register
//   auipc and another    ± 2 GiB     addresses of constants and tables, calls
//
// A backward branch knows its distance. A forward branch trusts an upper bound of the code between. All displacements count from the instruction itself.
// Of a pair, auipc adds the upper 20 bits of the distance, rounded so that the lower 12 bits, which are signed, make up the rest.

import { Unsupported, bug } from '../../base/errors.ts';
import type { CodeBuffer, FixupPatcher } from '../../machine/code-buffer.ts';
import { immediateFields } from './encoding/fields.ts';

/** `pair` is an auipc and an instruction of the I format behind it; `word` is a signed 32-bit distance from the word itself. */
export const fixups = { branch: 0, jal: 1, pair: 2, word: 3 } as const;

/** Bytes that each form reaches forward, at most; backward it is four more. */
export interface Reach {
  readonly branch: number;
  readonly jal: number;
}
export const fullReach: Reach = { branch: 0xffc, jal: 0xffffc };

/** Most code that an auipc and its partner span. */
const reachOfPair = 0x7ffff000;

function wordAt(buffer: CodeBuffer, offset: number): number {
  return buffer.byteAt(offset) | (buffer.byteAt(offset + 1) << 8) | (buffer.byteAt(offset + 2) << 16) | (buffer.byteAt(offset + 3) << 24);
}

function insert(buffer: CodeBuffer, offset: number, field: 'rel13' | 'rel21', distance: number): void {
  const bits = immediateFields[field]?.encode(distance) ?? bug('branch out of reach', `offset ${offset}`);
  buffer.patch4(offset, wordAt(buffer, offset) | bits);
}

/** The upper 20 bits of a number of 32 bits, rounded for a signed lower part, in place. */
export const upperPart = (value: number): number => (value + 0x800) & ~0xfff;
/** The lower 12 bits, signed. */
export const lowerPart = (value: number): number => (value << 20) >> 20;

function insertPair(buffer: CodeBuffer, offset: number, distance: number): void {
  buffer.patch4(offset, wordAt(buffer, offset) | upperPart(distance));
  buffer.patch4(offset + 4, wordAt(buffer, offset + 4) | (lowerPart(distance) << 20));
}

export const patch: FixupPatcher = (buffer, kind, offset, target) => {
  const distance = target - offset;
  switch (kind) {
    case fixups.branch:
      insert(buffer, offset, 'rel13', distance);
      break;
    case fixups.jal:
      insert(buffer, offset, 'rel21', distance);
      break;
    case fixups.pair:
      insertPair(buffer, offset, distance);
      break;
    default:
      buffer.patch4(offset, distance);
  }
};

/** Patches the displacement of a call, an auipc and a jalr. */
export function relocate(buffer: CodeBuffer, offset: number, target: number): void {
  const distance = target - offset;
  if (Math.abs(distance) > reachOfPair) throw new Unsupported('more than 2 GiB of code in a module on riscv64', 0);
  // Both by way of ra: the upper part is added to the pc there, and the return address overwrites it.
  buffer.patch4(offset, 0x00000097 | upperPart(distance));
  buffer.patch4(offset + 4, 0x000080e7 | (lowerPart(distance) << 20));
}

/** A conditional branch's word with the opposite condition. */
export const oppositeBranch = (word: number): number => word ^ (1 << 12);
