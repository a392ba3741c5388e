// Counts of a campaign: what workers send, and how it adds up.

import { addFigures, emptyFigures, type ProfileFigures } from './profile.ts';

/** In modules: what is said of linked ones counts for each. */
export interface EngineTally {
  executions: number;
  agree: number;
  disagree: number;
  incomparable: number;
}

export interface Tally {
  /** Each of several that are linked counts. */
  modules: number;
  /** Runs of a module on an engine. */
  executions: number;
  /** Calls of exports, on the reference. */
  calls: number;
  bytes: number;
  readonly engines: Record<string, EngineTally>;
  /** Why comparisons said nothing, by reason. */
  readonly incomparable: Record<string, number>;
  /** How calls ended on the reference. */
  readonly outcomes: Record<string, number>;
  /** Firings by rule, over all engines that count them. */
  readonly fired: Record<string, number>;
  /** Names of all rules. */
  rules: readonly string[];
  proofs: { checked: number; failed: number };
  /** Cases run a second time, and those of them that did the same again. */
  stability: { checked: number; stable: number };
  /** Where CPU time went, if that was asked for. */
  profile: ProfileFigures | undefined;
  /** Findings by signature, with how often each was met. */
  readonly findings: Record<string, number>;
}

export function emptyTally(): Tally {
  return { modules: 0, executions: 0, calls: 0, bytes: 0, engines: {}, incomparable: {}, outcomes: {}, fired: {}, rules: [], proofs: { checked: 0, failed: 0 }, stability: { checked: 0, stable: 0 }, profile: undefined, findings: {} };
}

export function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

export function engineTally(tally: Tally, engine: string): EngineTally {
  return (tally.engines[engine] ??= { executions: 0, agree: 0, disagree: 0, incomparable: 0 });
}

/** Adds all of `from` to `into`. */
export function addTally(into: Tally, from: Tally): void {
  into.modules += from.modules;
  into.executions += from.executions;
  into.calls += from.calls;
  into.bytes += from.bytes;
  for (const [name, counts] of Object.entries(from.engines)) {
    const sum = engineTally(into, name);
    sum.executions += counts.executions;
    sum.agree += counts.agree;
    sum.disagree += counts.disagree;
    sum.incomparable += counts.incomparable;
  }
  for (const key of ['incomparable', 'outcomes', 'fired', 'findings'] as const) {
    for (const [name, number] of Object.entries(from[key])) count(into[key], name, number);
  }
  if (from.rules.length > into.rules.length) into.rules = from.rules;
  into.stability.checked += from.stability.checked;
  into.stability.stable += from.stability.stable;
  into.proofs.checked += from.proofs.checked;
  into.proofs.failed += from.proofs.failed;
  if (from.profile !== undefined) addFigures((into.profile ??= emptyFigures()), from.profile);
}
