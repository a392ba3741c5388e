// Many threads, one signal handler.

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from 'vitest';
import { whyNoCpu } from './cpu.ts';

/** Megabytes of addresses that this process has mapped. */
function mapped(): number {
  return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN) / 1024;
}

async function rightRounds(rounds: number): Promise<number> {
  const worker = new Worker(new URL('./trapping-worker.ts', import.meta.url), { workerData: rounds, execArgv: [] });
  const right = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  return right;
}

const reason = whyNoCpu();

describe('worker threads', () => {
  beforeEach(({ skip }) => skip(reason !== undefined, reason));

  it('trap side by side, each on its own stack, with one handler for all', async () => {
    const rounds = [3001, 3002, 3003, 3004];
    expect(await Promise.all(rounds.map(rightRounds))).toEqual(rounds);
  });

  it('come and go', async () => {
    for (let i = 0; i < 6; i++) expect(await rightRounds(50 + i)).toBe(50 + i);
  });

  it('leave no addresses behind for good', async () => {
    expect(await rightRounds(20)).toBe(20);
    const before = mapped();
    await rightRounds(20);
    // One of them holds 8 GiB for a memory and 1 GiB for code, until the next comes.
    for (let i = 0; i < 5; i++) await rightRounds(20);
    expect(mapped() - before).toBeLessThan(9 * 1024);
  });
});
