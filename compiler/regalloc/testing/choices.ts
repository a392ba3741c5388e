// Choice sources for tests: the same generator runs on bytes (which fast-check shrinks) and on a seed (which is cheap and long).

import type { Choose } from './random-problem.ts';

/** Reads choices from `bytes`; answers 0 when they run out, so that fewer bytes mean a smaller result. */
export function choicesOfBytes(bytes: Uint8Array): Choose {
  let at = 0;
  const next = (): number => bytes[at++] ?? 0;
  return (n) => (n <= 1 ? 0 : n <= 256 ? next() % n : (next() * 256 + next()) % n);
}

/** A reproducible stream of choices (a counter put through a mixing function). */
export function choicesOfSeed(seed: number): Choose {
  let counter = seed | 0;
  return (n) => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) % n;
  };
}
