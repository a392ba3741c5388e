// One process of a hunt: takes every n-th number until the deadline, and sends its counts to the process that started it, which it does not outlive.

import { endWithSupervisor } from '../campaign/watchdog.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { emptyCounts, examineNumber, type Hunt, type HuntCounts } from './hunt.ts';

export interface HuntOrder {
  readonly subject: string;
  readonly folder: string;
  readonly seed: number;
  readonly reduceSeconds: number;
  readonly first: number;
  readonly step: number;
  readonly maxModules: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface HuntMessage {
  readonly counts: HuntCounts;
  readonly isDone: boolean;
}

const reportEvery = 500;

async function work(order: HuntOrder): Promise<void> {
  endWithSupervisor();
  const hunt: Hunt = {
    referees: { interp: await openEngine('interp'), v8: await openEngine('v8'), subject: await openEngine(order.subject) },
    folder: order.folder, seed: order.seed, reduceSeconds: order.reduceSeconds,
  };
  const counts = emptyCounts();
  let reportedAt = 0;
  for (let number = order.first; number < order.maxModules && Date.now() < order.deadline; number += order.step) {
    await examineNumber(hunt, number, counts);
    if (Date.now() - reportedAt > reportEvery) {
      reportedAt = Date.now();
      process.send?.({ counts, isDone: false } satisfies HuntMessage);
    }
  }
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else process.send({ counts, isDone: true } satisfies HuntMessage, undefined, undefined, () => resolve());
  });
  // A foreign interpreter's thread may still be busy with what it was given up for.
  process.exit(0);
}

await work(JSON.parse(process.argv[2] ?? '{}') as HuntOrder);
