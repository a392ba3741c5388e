// What a campaign says of itself while it runs and afterwards: one record, for the screen, for `status.json`, and for whoever asks.

import type { Ledger } from './ledger.ts';
import type { CampaignPlan } from './plan.ts';
import type { EngineTally, Tally } from './tally.ts';

export interface CampaignStatus {
  readonly folder: string;
  /** `stopped`: its time is not up, and nobody is running it. */
  readonly state: 'running' | 'finished' | 'stopped';
  /** When this was said; milliseconds since the epoch, as all times here. */
  readonly at: number;
  readonly plan: { readonly targets: readonly string[]; readonly engines: readonly string[]; readonly occasional: readonly string[]; readonly seed: number; readonly fault: string | undefined };
  readonly sessions: number;
  /** Of all sessions. */
  readonly seconds: number;
  /** Seconds that they are to take in all. */
  readonly budget: number;
  readonly workers: { readonly alive: number; readonly planned: number };
  readonly modules: number;
  readonly executions: number;
  readonly modulesPerSecond: number;
  readonly executionsPerSecond: number;
  /** Over the last seconds; 0 when nobody is running it. */
  readonly now: { readonly modulesPerSecond: number; readonly executionsPerSecond: number };
  readonly corpus: { readonly entries: number; readonly bytes: number; readonly features: number; readonly lastNew: number | undefined };
  readonly rules: { readonly fired: number; readonly total: number };
  readonly findings: { readonly count: number; readonly lastNew: number | undefined; readonly list: readonly { readonly signature: string; readonly path: string; readonly met: number }[] };
  readonly engines: Readonly<Record<string, EngineTally>>;
  readonly proofs: { readonly checked: number; readonly failed: number };
  /** Cases run a second time, and those of them that did the same again. */
  readonly stability: { readonly checked: number; readonly stable: number };
  /** Of the reference's calls. */
  readonly exhaustionShare: number;
  readonly deaths: Readonly<Record<string, number>>;
}

/** What only a running session knows. */
export interface Live {
  readonly alive: number;
  readonly modulesPerSecond: number;
  readonly executionsPerSecond: number;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Puts the record together; `live` where a session is running. */
export function statusOf(folder: string, ledger: Ledger, plan: CampaignPlan, tally: Tally, seconds: number, live: Live | undefined): CampaignStatus {
  const counts = ledger.counts();
  const sessions = ledger.sessions();
  const last = sessions.at(-1);
  const deaths: Record<string, number> = {};
  for (const { how } of ledger.deaths()) deaths[how] = (deaths[how] ?? 0) + 1;
  const exhausted = tally.outcomes['exhaustion'] ?? 0;
  return {
    folder,
    state: live !== undefined ? 'running' : last?.how === 'time is up' || last?.how === 'all numbers done' ? 'finished' : 'stopped',
    at: Date.now(),
    plan: { targets: plan.targets, engines: plan.engines, occasional: plan.occasional, seed: plan.seed, fault: plan.fault },
    sessions: sessions.length,
    seconds: round(seconds, 2),
    budget: round(ledger.budget(), 2),
    workers: { alive: live?.alive ?? 0, planned: plan.workers },
    modules: tally.modules,
    executions: tally.executions,
    modulesPerSecond: round(tally.modules / Math.max(seconds, 0.001), 1),
    executionsPerSecond: round(tally.executions / Math.max(seconds, 0.001), 1),
    now: { modulesPerSecond: round(live?.modulesPerSecond ?? 0, 1), executionsPerSecond: round(live?.executionsPerSecond ?? 0, 1) },
    corpus: { entries: counts.entries, bytes: counts.bytes, features: counts.features, lastNew: counts.lastEntry },
    rules: { fired: tally.rules.filter((rule) => tally.fired[rule] !== undefined).length, total: tally.rules.length },
    findings: { count: counts.findings, lastNew: counts.lastFinding, list: ledger.findings().map(({ signature, path, met }) => ({ signature, path, met: tally.findings[signature] ?? met })) },
    engines: tally.engines,
    proofs: tally.proofs,
    stability: tally.stability,
    exhaustionShare: tally.calls === 0 ? 0 : round(exhausted / tally.calls, 5),
    deaths,
  };
}
