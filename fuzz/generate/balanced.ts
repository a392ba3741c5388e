// Random numbers that miss less: where a draw has some dozens to thousands of alternatives (rules, instructions, constants), of a few candidates the one that was
// taken least often so far. Each alternative stays as likely as any other, but all of them come in little more draws than there are, where plain random numbers
// take a multiple of that.

import type { ChoiceSource, RandomSource } from './choices.ts';

const fewest = 8;
const most = 4096;
const candidates = 4;

export class BalancedSource implements ChoiceSource {
  private readonly random: RandomSource;
  /** How often each value was taken, by bound. */
  private readonly taken: (Uint32Array | undefined)[] = [];

  constructor(random: RandomSource) {
    this.random = random;
  }

  next(n: number): number {
    const { random, taken } = this;
    if (n < fewest || n > most) return random.next(n);
    const counts = (taken[n] ??= new Uint32Array(n));
    let best = random.next(n);
    for (let i = 1; i < candidates; i++) {
      const other = random.next(n);
      if ((counts[other] ?? 0) < (counts[best] ?? 0)) best = other;
    }
    counts[best] = (counts[best] ?? 0) + 1;
    return best;
  }
}
