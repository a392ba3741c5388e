// Kinds of label uses, how they are patched, and which branches are short.
// A backward branch knows its distance. A forward branch is short if an upper bound of the code between says so: instructions are bounded by their
// rows, so no branch ever has to grow. All displacements count from the end of the instruction.

import { bug } from '../../base/errors.ts';
import type { CodeBuffer, FixupPatcher } from '../../machine/code-buffer.ts';

/** Kinds below `short` are 32-bit displacements with that many bytes of the instruction behind them. */
export const fixups = { near: 0, short: 16 } as const;

export const patch: FixupPatcher = (buffer, kind, offset, target) => {
  if (kind === fixups.short) {
    const distance = target - (offset + 1);
    if (distance < -0x80 || distance > 0x7f) bug('short branch out of range', `offset ${offset}`);
    buffer.patch1(offset, distance);
  } else buffer.patch4(offset, target - (offset + 4 + kind));
};

/** Patches the displacement of a call. */
export function relocate(buffer: CodeBuffer, offset: number, target: number): void {
  buffer.patch4(offset, target - (offset + 4));
}

/** Whether a branch of `bytes` bytes at `from` to a bound label at `to` can have a one-byte displacement. */
export const reachesBack = (from: number, to: number): boolean => to - (from + 2) >= -0x80;
/** The same for a label at most `bound` bytes ahead of the branch's end. */
export const reachesAhead = (bound: number): boolean => bound <= 0x7f;
