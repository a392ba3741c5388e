// What a case shows that no case of the campaign has shown before: what earns it a place in the corpus. Cheap enough to ask of every case.
//
// Features, by name: `rule NAME`, a rule or event that fired; `end KIND`, a way in which calls ended; `pair A B`, one instruction behind another.

import type { EngineStatistics } from '../oracles/engine.ts';
import { opcodeNumbers, visitOpcodePairs } from './opcode-pairs.ts';
import type { Tally } from './tally.ts';

/** So many new pairs are worth an entry by themselves. */
const worthwhilePairs = 6;

/** Something that counts firings by name into one map that it keeps. */
interface Watched {
  readonly fired: ReadonlyMap<string, number>;
  /** Names it had when it was last looked at; maps list new names last. */
  known: number;
}

export class Novelties {
  private readonly seen: Set<string>;
  private readonly pairs = new Uint32Array((opcodeNumbers * opcodeNumbers + 31) >> 5);
  private readonly watched: Watched[];
  private ends = 0;

  /** `seen` is what earlier sessions saw; `counters` are what counts while cases run. */
  constructor(seen: readonly string[], counters: readonly { statistics?(): EngineStatistics }[]) {
    this.seen = new Set();
    this.learn(seen);
    this.watched = counters.flatMap((counter) => {
      const statistics = counter.statistics?.();
      return statistics === undefined ? [] : [{ fired: statistics.fired, known: 0 }];
    });
  }

  /** Takes over what others have seen. */
  learn(names: readonly string[]): void {
    for (const name of names) {
      const pair = /^pair (\d+) (\d+)$/.exec(name);
      if (pair === null) this.seen.add(name);
      else this.markPair(Number(pair[1]) * opcodeNumbers + Number(pair[2]));
    }
  }

  private isMarked(index: number): boolean {
    return ((this.pairs[index >> 5] ?? 0) & (1 << (index & 31))) !== 0;
  }

  private markPair(index: number): void {
    this.pairs[index >> 5] = (this.pairs[index >> 5] ?? 0) | (1 << (index & 31));
  }

  private add(name: string, found: string[]): void {
    if (this.seen.has(name)) return;
    this.seen.add(name);
    found.push(name);
  }

  /** What the case that has just run showed first, if that is worth keeping it. `module` where it is one; `tally` is the one it was counted in. */
  of(module: Uint8Array | undefined, tally: Tally): string[] {
    const found: string[] = [];
    for (const watched of this.watched) {
      if (watched.fired.size === watched.known) continue;
      let index = 0;
      for (const name of watched.fired.keys()) if (index++ >= watched.known) this.add(`rule ${name}`, found);
      watched.known = watched.fired.size;
    }
    const ends = Object.keys(tally.outcomes);
    for (; this.ends < ends.length; this.ends++) this.add(`end ${ends[this.ends] ?? ''}`, found);
    if (module === undefined) return found;
    const pairs = new Set<number>();
    visitOpcodePairs(module, (first, second) => {
      const index = first * opcodeNumbers + second;
      if (!this.isMarked(index)) pairs.add(index);
    });
    // A few pairs alone are left for a case that shows more of them, or the corpus would be most of what was generated.
    if (found.length === 0 && pairs.size < worthwhilePairs) return found;
    for (const index of pairs) {
      this.markPair(index);
      found.push(`pair ${Math.floor(index / opcodeNumbers)} ${index % opcodeNumbers}`);
    }
    return found;
  }
}
