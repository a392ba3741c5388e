// Cases worth varying, and which of them next: for every cell of the counters the cheapest case that hit it, and how often any case did.
//
// A feature is a cell together with how often one case hit it, coarsely. A case stays as long as it is the cheapest for some feature. The next parent is found from
// the feature's side: of a few features drawn at random the rarest one's case. So what is seldom reached is varied most, as with entropic scheduling,
// and a case that became common costs nothing.

import type { RandomSource } from '../generate/choices.ts';
import type { Counters } from './counters.ts';

/** Once, a few times, often. */
const levels = 3;
const levelOf = (times: number): number => (times === 1 ? 0 : times < 16 ? 1 : 2);
/** Of so many features the rarest is chosen. */
const contestants = 6;
/** A case takes a feature over when its cost is below this share of the owner's. */
const muchCheaper = 0.7;

interface Entry<T> {
  readonly value: T;
  readonly cost: number;
  owned: number;
}

export class Pool<T> {
  private readonly owners: (Entry<T> | undefined)[] = [];
  private readonly hits: Uint32Array;
  private readonly features: number[] = [];
  private alive = 0;

  constructor(counters: Counters) {
    this.hits = new Uint32Array(counters.bytes.length * levels);
  }

  /** Cases in it. */
  get size(): number {
    return this.alive;
  }

  /**
   * Takes in what one case hit: cells and times. `make` gives the value of a case that is worth keeping; `cost` is what it took to run. Answers whether it was kept.
   */
  offer(cells: Uint32Array, count: number, times: (cell: number) => number, cost: number, make: () => T): boolean {
    const { owners, hits, features } = this;
    let entry: Entry<T> | undefined;
    for (let i = 0; i < count; i++) {
      const cell = cells[i] ?? 0;
      const feature = cell * levels + levelOf(times(cell));
      const before = hits[feature] ?? 0;
      hits[feature] = before + 1;
      const owner = owners[feature];
      if (owner !== undefined && cost > owner.cost * muchCheaper) continue;
      if (owner === undefined) features.push(feature);
      entry ??= { value: make(), cost, owned: 0 };
      if (owner !== undefined && --owner.owned === 0) this.alive--;
      if (entry.owned++ === 0) this.alive++;
      owners[feature] = entry;
    }
    return entry !== undefined;
  }

  /** A case to vary; undefined while there is none. */
  maybeParent(random: RandomSource): T | undefined {
    const { features, hits, owners } = this;
    if (features.length === 0) return undefined;
    let best = features[random.next(features.length)] ?? 0;
    for (let i = 1; i < contestants; i++) {
      const other = features[random.next(features.length)] ?? 0;
      if ((hits[other] ?? 0) < (hits[best] ?? 0)) best = other;
    }
    return owners[best]?.value;
  }
}
