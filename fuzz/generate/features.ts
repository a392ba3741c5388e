// The features beyond Wasm 2.0 without vectors. Our compiler refuses them by name, the interpreter and V8 have them all.

import type { Choices } from './choices.ts';

export interface Features {
  readonly vectors: boolean;
  readonly tailCalls: boolean;
  readonly exceptions: boolean;
  /** Memories and tables with 64-bit addresses. */
  readonly wide: boolean;
  readonly functionReferences: boolean;
  /** Structs, arrays, i31 and casts: "garbage collection". */
  readonly collected: boolean;
  readonly atomics: boolean;
}

export const featureNames = ['vectors', 'tailCalls', 'exceptions', 'wide', 'functionReferences', 'collected', 'atomics'] as const satisfies readonly (keyof Features)[];

export const noFeatures: Features = { vectors: false, tailCalls: false, exceptions: false, wide: false, functionReferences: false, collected: false, atomics: false };

/** Mostly one to three features, each drawn by itself; one is always on. */
export function drawFeatures(c: Choices): Features {
  const first = featureNames[c.draw(featureNames.length)] ?? 'vectors';
  const features: Record<keyof Features, boolean> = { ...noFeatures, [first]: true };
  for (const name of featureNames) if (c.draw(4) === 3) features[name] = true;
  return features;
}
