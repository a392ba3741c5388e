// Trampolines as bytes, made once: those of a target are the same in every module, for equal signatures.
// Needs:  code that stands at a multiple of the target's alignment, refers to nothing outside itself, and has its labels resolved when it is made.
// Leaves: the bytes and trap places in the buffer that making it there would have left. What a stencil cannot hold (relocations, origins) is refused.

import { bug } from '../base/errors.ts';
import type { CodeBuffer } from '../machine/code-buffer.ts';
import type { Target } from '../machine/target.ts';

interface Stencil {
  readonly bytes: Uint8Array;
  /** Place, code and origin of each trap, over and over; places from the stencil's start. */
  readonly traps: readonly number[];
}

/** By the target's record, so that one with a planted fault has its own, and then by what is made. */
const stencils = new WeakMap<Target, Map<string, Stencil>>();

/** Puts the code called `key` at the end of the buffer, aligned, and answers where it begins; `make` writes it at the first time and answers the same. */
export function placeStencil(buffer: CodeBuffer, target: Target, key: string, make: () => number): number {
  buffer.align(target.functionAlignment, target.paddingByte);
  let known = stencils.get(target);
  if (known === undefined) stencils.set(target, (known = new Map()));
  const start = buffer.length;
  const stencil = known.get(key);
  if (stencil === undefined) {
    known.set(key, recorded(buffer, make, key));
    return start;
  }
  buffer.append(stencil.bytes);
  const { traps } = stencil;
  for (let i = 0; i < traps.length; i += 3) buffer.recordTrap(start + (traps[i] as number), traps[i + 1] as number, traps[i + 2] as number);
  return start;
}

function recorded(buffer: CodeBuffer, make: () => number, key: string): Stencil {
  const start = buffer.length;
  const firstTrap = buffer.trapPc.length;
  const relocations = buffer.relocationOffset.length;
  const origins = buffer.originPc.length;
  if (make() !== start || buffer.relocationOffset.length !== relocations || buffer.originPc.length !== origins) bug('this code is no stencil', key);
  const traps: number[] = [];
  for (let i = firstTrap; i < buffer.trapPc.length; i++) traps.push(buffer.trapPc.at(i) - start, buffer.trapCode.at(i), buffer.trapOrigin.at(i));
  return { bytes: buffer.toBytes(start), traps };
}
