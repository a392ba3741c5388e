// Events of the tested code by name, counted: what rules count about themselves, for parts that have no rules.
// A quantity becomes an event by its size in powers of two, so that "many spills" is another event than "one spill".

import type { EngineStatistics } from '../oracles/engine.ts';

const sizes = 8;

/** Sizes by name: `1`, `2-3`, `4-7`, … `128-`. */
export const magnitudes: readonly string[] = Array.from({ length: sizes }, (_, i) => (i === 0 ? '1' : i === sizes - 1 ? `${2 ** i}-` : `${2 ** i}-${2 ** (i + 1) - 1}`));

export class EventCounts {
  private readonly names: readonly string[];
  private readonly fired = new Map<string, number>();

  /** `names` are all events there can be. */
  constructor(names: readonly string[]) {
    this.names = names;
  }

  add(name: string): void {
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }

  /** Counts `who what` at the size of `quantity`; nothing for none. */
  count(who: string, what: string, quantity: number): void {
    if (quantity > 0) this.add(`${who} ${what} ${magnitudes[Math.min(31 - Math.clz32(quantity), sizes - 1)]}`);
  }

  statistics(): EngineStatistics {
    return { fired: this.fired, rules: this.names, proofs: { checked: 0, failed: 0 } };
  }
}
