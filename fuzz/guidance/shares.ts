// How time is divided among several ways of making cases: each has a share that is never less than its floor, and the rest goes to whichever finds most in the
// time it takes. What was found and spent counts less and less as time goes on, since what is easy is found first, by all of them.

const halfLifeSeconds = 30;

/** What a way did in all. */
export interface WayTotals {
  readonly cases: number;
  readonly seconds: number;
  readonly found: number;
}

interface Way {
  readonly floor: number;
  totals: WayTotals;
  spent: number;
  /** The same two, fading. */
  recentSpent: number;
  recentFound: number;
}

export class Shares<Name extends string> {
  private readonly ways = new Map<Name, Way>();
  private readonly free: number;

  /** Floors are parts of the whole, one in all at most. */
  constructor(floors: Readonly<Record<Name, number>>) {
    let sum = 0;
    for (const name in floors) {
      this.ways.set(name, { floor: floors[name], totals: { cases: 0, seconds: 0, found: 0 }, spent: 0, recentSpent: 0, recentFound: 0 });
      sum += floors[name];
    }
    this.free = Math.max(0, 1 - sum);
  }

  /** The way that is furthest behind its share. */
  next(): Name {
    let total = 0;
    for (const way of this.ways.values()) total += yieldOf(way);
    let best: Name | undefined;
    let least = Infinity;
    for (const [name, way] of this.ways) {
      const share = way.floor + (this.free * yieldOf(way)) / total;
      const used = way.spent / share;
      if (used >= least) continue;
      least = used;
      best = name;
    }
    if (best === undefined) throw new Error('time can only be divided among at least one way');
    return best;
  }

  /** Records what so many cases took, and how much new they found. */
  record(name: Name, cases: number, seconds: number, found: number): void {
    const fade = 0.5 ** (seconds / halfLifeSeconds);
    for (const way of this.ways.values()) {
      way.recentSpent *= fade;
      way.recentFound *= fade;
      // A share that grows is for what comes: nobody is owed for the past.
      way.spent *= fade;
    }
    const way = this.ways.get(name);
    if (way === undefined) return;
    const { totals } = way;
    way.totals = { cases: totals.cases + cases, seconds: totals.seconds + seconds, found: totals.found + found };
    way.spent += seconds;
    way.recentSpent += seconds;
    way.recentFound += found;
  }

  get totals(): Readonly<Record<string, WayTotals>> {
    return Object.fromEntries([...this.ways].map(([name, { totals }]) => [name, totals]));
  }
}

/** Found per second, as if one had been found in a first second: nothing is known at the start. */
function yieldOf({ recentFound, recentSpent }: Way): number {
  return (recentFound + 1) / (recentSpent + 1);
}
