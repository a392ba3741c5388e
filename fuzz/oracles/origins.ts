// Where each part of compiled code stems from, read from an artifact's table by those who judge it.

import type { Artifact } from '../../compiler/index.ts';

/** Answers the wasm offset of the instruction at `pc`, or -1. */
export function originsOf({ origins }: Pick<Artifact, 'origins'>): (pc: number) => number {
  return (pc) => {
    let low = 0;
    let high = origins.pc.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((origins.pc[middle] ?? 0) <= pc) low = middle + 1;
      else high = middle;
    }
    return origins.origin[low - 1] ?? -1;
  };
}
