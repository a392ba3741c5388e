// First inputs of a corpus: libFuzzer grows its inputs slowly from nothing, and a generator shows little for a short tape.
// The same seed gives the same inputs.

import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { moduleSeed } from '../targets/index.ts';

/** How many seeds, and how long the longest. Mutations fall anywhere in an input, so where its first bytes choose among hundreds of cases, inputs are short and many. */
interface SeedShape {
  readonly count: number;
  readonly longest: number;
}
const usual: SeedShape = { count: 24, longest: 2000 };
const shapes: Readonly<Record<string, SeedShape>> = { rules: { count: 300, longest: 200 }, encode: { count: 100, longest: 64 } };
const shortest = 16;

/** No input is longer: twice the longest seed. */
export function longestInput(target: string): number {
  return 2 * (shapes[target] ?? usual).longest;
}

/** Larger modules say nothing that small ones do not, and take longer to mutate. */
const largestModule = 1500;

/** Tapes of random bytes; for the target whose inputs are modules, modules. */
export function seedInputs(target: string, seed: number): readonly Uint8Array[] {
  const { count, longest } = shapes[target] ?? usual;
  const inputs: Uint8Array[] = [];
  for (let number = 0; inputs.length < count; number++) {
    const choices = randomChoices(moduleSeed(seed, number));
    if (target === 'malformed') {
      const bytes = number % 4 === 3 ? generateModernModule(choices) : generateModule(choices);
      if (bytes.length <= largestModule) inputs.push(bytes);
      continue;
    }
    // Evenly spread over the logarithm of the length.
    const length = Math.round(shortest * (longest / shortest) ** (inputs.length / (count - 1)));
    inputs.push(Uint8Array.from({ length }, () => choices.draw(256)));
  }
  return inputs;
}
