// The inputs of a corpus that are enough: as few as a greedy choice finds, which together cover every edge and event that all cover.
//
// Each time the input that adds most is taken; of equals the smaller. What nobody else covers is certain, and greedy choices are close to the least there is
// (by a factor of ln n at worst). The same log gives the same choice.

import type { ReplayLine } from './replay.ts';

type Covered = Extract<ReplayLine, { readonly input: string }>;

/** Names of the inputs to keep, in the order in which they were taken. */
export function enough(log: readonly ReplayLine[]): readonly string[] {
  const inputs = log.filter((line): line is Covered => 'input' in line).toSorted((a, b) => a.bytes - b.bytes || (a.input < b.input ? -1 : 1));
  const numbers = new Map<string, number>();
  const numberOf = (feature: string): number => {
    const known = numbers.get(feature);
    if (known !== undefined) return known;
    numbers.set(feature, numbers.size);
    return numbers.size - 1;
  };
  const features = inputs.map(({ edges, events }) => [
    ...Object.entries(edges).flatMap(([file, list]) => list.map((edge) => numberOf(`${file}\n${edge}`))), ...events.map((event) => numberOf(event)),
  ]);
  const covered = new Uint8Array(numbers.size);
  // What an input adds only becomes less: a bound from before need not be looked at again while another is above it.
  const gains = features.map((list) => list.length);
  const kept: string[] = [];
  for (;;) {
    let best = -1;
    let most = 0;
    for (let i = 0; i < inputs.length; i++) {
      if ((gains[i] ?? 0) <= most) continue;
      gains[i] = (features[i] ?? []).reduce((sum, feature) => sum + (covered[feature] === 1 ? 0 : 1), 0);
      if ((gains[i] ?? 0) <= most) continue;
      best = i;
      most = gains[i] ?? 0;
    }
    const input = inputs[best];
    if (input === undefined) return kept;
    for (const feature of features[best] ?? []) covered[feature] = 1;
    gains[best] = 0;
    kept.push(input.input);
  }
}
