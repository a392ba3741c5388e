// First inputs of a corpus: libFuzzer grows its inputs slowly from nothing, and random bytes show little, since the lengths of sections among them are noise.
// So seeds are cases by random numbers, written down as the bytes that make them again: as rich as what unguided fuzzing runs. The same seed gives the same inputs.

import { RandomSource } from '../generate/choices.ts';
import { moduleSeed } from '../targets/index.ts';
import type { OpenTarget } from '../targets/target.ts';
import { withBreed } from './breed.ts';

const count = 16;
/** Larger inputs are made anew all the time; as seeds they only slow down what is made of them. */
const largest = 6000;
const longest = 1 << 16;

/** No input is longer: twice the longest there is. */
export function longestInput(inputs: readonly Uint8Array[]): number {
  return Math.min(longest, 2 * inputs.reduce((most, { length }) => Math.max(most, length), 2048));
}

export function seedInputs(open: OpenTarget, seed: number): readonly Uint8Array[] {
  return withBreed(open, (breed) => {
    const inputs: Uint8Array[] = [];
    for (let number = 0; inputs.length < count && number < 20 * count; number++) {
      const input = breed.write(breed.fresh(new RandomSource(moduleSeed(seed, number))).value);
      if (input.length <= largest) inputs.push(input);
    }
    return inputs;
  });
}
