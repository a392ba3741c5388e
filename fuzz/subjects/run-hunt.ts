// A hunt in several processes, added up. A process that dies is not replaced: what it found is on disk, and its death is told.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { emptyCounts, type HuntCounts } from './hunt.ts';
import type { HuntMessage, HuntOrder } from './worker.ts';

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

export interface HuntPlan extends Omit<HuntOrder, 'first' | 'step' | 'deadline'> {
  readonly seconds: number;
  readonly workers: number;
}

export interface HuntResult {
  readonly counts: HuntCounts;
  readonly seconds: number;
  /** How processes ended that did not end by themselves. */
  readonly deaths: readonly string[];
}

function sum(all: readonly HuntCounts[]): HuntCounts {
  const total = emptyCounts();
  for (const counts of all) {
    for (const key of ['modules', 'agree', 'disagree', 'incomparable', 'undecided', 'dependent'] as const) total[key] += counts[key];
    for (const key of ['reasons', 'met'] as const) for (const [name, number] of Object.entries(counts[key])) total[key][name] = (total[key][name] ?? 0) + number;
  }
  return total;
}

/** Runs a hunt to its end. `onProgress` hears the sums so far. */
export async function runHunt(plan: HuntPlan, onProgress: (counts: HuntCounts, seconds: number) => void): Promise<HuntResult> {
  const started = performance.now();
  const deadline = Date.now() + plan.seconds * 1000;
  const latest: HuntCounts[] = Array.from({ length: plan.workers }, emptyCounts);
  const deaths: string[] = [];
  const { subject, folder, seed, reduceSeconds, maxModules } = plan;
  await Promise.all(latest.map((_, index) => new Promise<void>((resolve) => {
    const order: HuntOrder = { subject, folder, seed, reduceSeconds, maxModules, first: index, step: plan.workers, deadline };
    const child = fork(workerFile, [JSON.stringify(order)], { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    let isDone = false;
    child.on('message', ({ counts, isDone: isLast }: HuntMessage) => {
      latest[index] = counts;
      isDone = isLast;
      onProgress(sum(latest), (performance.now() - started) / 1000);
    });
    child.on('exit', (code, signal) => {
      if (!isDone) deaths.push(signal ?? `exit code ${code ?? '?'}`);
      resolve();
    });
  })));
  return { counts: sum(latest), seconds: (performance.now() - started) / 1000, deaths };
}
