// The named events of a session: what engines and target count about themselves, moved to cells of the counters after each case.

import type { EngineStatistics } from '../oracles/engine.ts';
import type { Counters } from './counters.ts';

export interface Counted {
  statistics?(): EngineStatistics;
}

export class Events {
  private readonly before = new Map<string, number>();
  private readonly sources: readonly Counted[];

  /** The events of these since they were last moved. */
  constructor(sources: readonly Counted[]) {
    this.sources = sources;
  }

  private statistics(): EngineStatistics[] {
    return this.sources.flatMap((source) => source.statistics?.() ?? []);
  }

  /** All that have names before they happen, and those that happened without being named. */
  get known(): number {
    return new Set(this.statistics().flatMap(({ rules, fired }) => [...rules, ...fired.keys()])).size;
  }

  get proofs(): { readonly checked: number; readonly failed: number } {
    return this.statistics().reduce((sum, { proofs }) => ({ checked: sum.checked + proofs.checked, failed: sum.failed + proofs.failed }), { checked: 0, failed: 0 });
  }

  moveTo(counters: Counters): void {
    this.forEachNew((name, times) => counters.event(name, times));
  }

  /** What happened until now belongs to no case. */
  forget(): void {
    this.forEachNew(() => undefined);
  }

  private forEachNew(use: (name: string, times: number) => void): void {
    this.statistics().forEach(({ fired }, index) => {
      for (const [name, times] of fired) {
        const key = `${index} ${name}`;
        const old = this.before.get(key) ?? 0;
        if (times === old) continue;
        use(name, times - old);
        this.before.set(key, times);
      }
    });
  }
}
