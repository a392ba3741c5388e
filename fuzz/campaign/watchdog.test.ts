// A worker that hangs does not outlive its supervisor by more than the time it has for a case.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readSlot } from './in-flight.ts';
import type { CampaignPlan, WorkerOrder } from './plan.ts';
import { maybeArguments, processesWith } from './processes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'assay-watchdog-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const hangSeconds = 2;

/** What the worker processes of a campaign were told, by process id. */
function workersOf(folder: string): Map<number, WorkerOrder> {
  const found = new Map<number, WorkerOrder>();
  for (const id of processesWith(folder)) {
    const [, file, order = ''] = (maybeArguments(id) ?? '').split('\0').filter((word) => !word.startsWith('--'));
    if (file?.endsWith('campaign/worker.ts') === true) found.set(id, JSON.parse(order) as WorkerOrder);
  }
  return found;
}

async function until<T>(seconds: number, look: () => T | undefined): Promise<T> {
  for (let polls = 0; polls < seconds * 20; polls++) {
    const seen = look();
    if (seen !== undefined) return seen;
    await sleep(50);
  }
  throw new Error(`nothing came of it in ${seconds} s: ${look.toString()}`);
}

test('a worker in an endless loop ends after its supervisor was killed', async ({ skip }) => {
  if (!existsSync('/proc/self/cmdline')) skip('processes are looked for in /proc');
  const folder = join(scratch, 'campaign');
  const plan: CampaignPlan = {
    targets: ['modules'], engines: ['interp', 'ir'], occasional: [], fault: 'compiler-hangs', seed: 7, seconds: 600, workers: 1, maxModules: 24,
    crashes: join(scratch, 'crashes'), hangSeconds, shrinkSeconds: 0, wabtEvery: 0, folder,
  };
  const supervisor = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('torture-session.ts', import.meta.url)), JSON.stringify(plan)], { stdio: ['pipe', 'ignore', 'ignore'] });
  const { slot } = await until(60, () => workersOf(folder).values().next().value);
  // It hangs when its case stays the same for a while.
  let last = { beats: -1, at: 0 };
  await until(60, () => {
    const beats = readSlot(slot)?.beats ?? -1;
    if (beats !== last.beats) last = { beats, at: performance.now() };
    return beats >= 0 && performance.now() - last.at > 500 ? beats : undefined;
  });
  supervisor.kill('SIGKILL');
  expect(workersOf(folder).size).toBe(1);
  await until(30, () => (workersOf(folder).size === 0 ? true : undefined));
  rmSync(dirname(slot), { recursive: true, force: true });
});
