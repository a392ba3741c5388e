// Campaigns from end to end: what they count does not depend on the number of workers, what they find is on disk, and no death stops them or is lost.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { moduleSeed } from '../targets/module-seed.ts';
import { readFinding } from '../triage/finding.ts';
import type { CampaignPlan } from './plan.ts';
import { buildOf } from './build.ts';
import { writeEntry } from './corpus.ts';
import { readSlot, Slot } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import { withSupervisor } from './recover.ts';
import { selfTest } from './self-test.ts';
import { statusOf } from './status.ts';
import { runCampaign } from './supervise.ts';
import { emptyTally } from './tally.ts';

const folders: string[] = [];

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-campaign-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const native = (await openEngine('x86-64')).availability();

function planWith(changes: Partial<CampaignPlan>): CampaignPlan {
  return {
    targets: ['modules', 'instructions'], engines: ['interp', 'v8'], occasional: ['ir'], fault: undefined, seed: 7, seconds: 600, workers: 2, maxModules: 60,
    crashes: freshFolder(), hangSeconds: 20, shrinkSeconds: 1, wabtEvery: 1, ...changes,
  };
}

test('the same numbers are visited and counted with one worker and with three', async () => {
  const results = [];
  for (const workers of [1, 3]) {
    const { tally, findings, deaths } = await runCampaign(planWith({ workers }), () => undefined);
    expect(findings).toEqual([]);
    expect(deaths).toEqual({});
    expect(tally.modules).toBe(60);
    expect(tally.engines['v8']).toEqual({ executions: 60, agree: 60, disagree: 0, incomparable: 0 });
    expect(tally.engines['ir']?.executions).toBeGreaterThan(0);
    results.push({ calls: tally.calls, bytes: tally.bytes, engines: tally.engines, outcomes: Object.entries(tally.outcomes).sort() });
  }
  expect(results[0]).toEqual(results[1]);
});

test('a planted fault becomes one folder, with module, text and report, and duplicates are counted', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  const plan = planWith({ engines: ['interp', 'x86-64', 'v8'], occasional: ['ir-opt'], fault: 'xor-is-or', targets: ['modules'] });
  const { tally, findings } = await runCampaign(plan, () => undefined);
  expect(findings.length).toBeGreaterThan(0);
  expect(readdirSync(plan.crashes).sort()).toEqual(findings.map(({ signature }) => signature).sort());
  for (const { path, signature } of findings) {
    for (const file of ['repro.wasm', 'repro.wat', 'report.md', 'report.json']) expect(existsSync(join(path, file))).toBe(true);
    expect(signature).toMatch(/\.x86-64\.backend$/);
    expect(readFinding(path).odd).toBe('x86-64');
    expect(readFileSync(join(path, 'report.md'), 'utf8')).toContain('First differing stage: `select`, by the rule `bxor.i64`.');
  }
  const met = Object.values(tally.findings).reduce((sum, number) => sum + number, 0);
  expect(met).toBeGreaterThan(findings.length);
  expect(met).toBe(tally.engines['x86-64']?.disagree);
});

test('a worker that dies leaves a finding with the module it ran, and another goes on', async () => {
  const plan = planWith({ engines: ['interp', 'ir'], occasional: [], fault: 'compiler-aborts', targets: ['modules'], maxModules: 40 });
  const { findings, deaths, tally } = await runCampaign(plan, () => undefined);
  expect(deaths['SIGKILL']).toBeGreaterThan(0);
  expect(findings.map(({ signature }) => signature.replace(/\.[0-9a-f]{8}$/, ''))).toEqual(['death.ir']);
  const [finding] = findings;
  expect(readFinding(finding?.path ?? '').bytes.length).toBeGreaterThan(500);
  expect(tally.modules).toBeGreaterThan(20);
});

test('a module whose worker ended with its supervisor three times is a finding and not run again', async () => {
  const folder = freshFolder();
  const plan = planWith({ engines: ['interp', 'ir'], occasional: [], targets: ['modules'], workers: 1, maxModules: 4, neighbourEvery: 0, wabtEvery: 0, folder });
  const { name } = writeEntry(join(folder, 'suspects'), generateModule(randomChoices(moduleSeed(plan.seed, 2))));
  const ledger = Ledger.open(folder);
  for (let died = 0; died < 3; died++) {
    const session = ledger.beginSession(plan, buildOf(undefined), '');
    ledger.endSession(session, 0, 'killed');
    ledger.death(session, { at: 0, lane: 0, how: withSupervisor, engine: 'ir', target: 'modules', number: 2, suspect: name, verdict: 'tried again' });
  }
  ledger.close();
  for (const numbers of [4, 8]) {
    const { findings, tally } = await runCampaign({ ...plan, maxModules: numbers }, () => undefined);
    expect(findings.map(({ signature }) => signature.replace(/\.[0-9a-f]{8}$/, ''))).toEqual(['death.ir']);
    expect(readFinding(findings[0]?.path ?? '')).toMatchObject({ odd: 'ir', origin: { number: 2 } });
    expect([tally.modules, tally.incomparable]).toEqual([numbers - 1, { 'not run: it has killed a worker before': 1 }]);
  }
  expect(Object.values(statusOf(folder, Ledger.read(folder), plan, emptyTally(), 0, undefined).deaths)).toEqual([3]);
});

test('a worker that hangs is ended, and leaves a finding', async () => {
  const plan = planWith({ engines: ['interp', 'ir'], occasional: [], fault: 'compiler-hangs', targets: ['modules'], workers: 1, maxModules: 24, hangSeconds: 4 });
  const { findings, deaths } = await runCampaign(plan, () => undefined);
  expect(deaths['hang']).toBeGreaterThan(0);
  expect(findings.map(({ signature }) => signature.replace(/\.[0-9a-f]{8}$/, ''))).toEqual(['hang.ir']);
});

test('the self-test catches its fault', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  expect(await selfTest(1)).toMatchObject({ kind: 'caught', fault: 'xor-is-or' });
});

test('a slot holds what is in flight', () => {
  const path = join(freshFolder(), 'slot');
  const slot = new Slot(path);
  slot.begin(1, 42, Uint8Array.of(1, 2, 3));
  slot.engine(2);
  expect(readSlot(path)).toMatchObject({ running: true, number: 42, engine: 2, target: 1, bytes: Uint8Array.of(1, 2, 3) });
  slot.end();
  expect(readSlot(path)?.running).toBe(false);
  slot.close();
  expect(readSlot(`${path}-absent`)).toBeUndefined();
});
