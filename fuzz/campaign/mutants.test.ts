// Mutants of a campaign's own modules: the same for the same session, of the corpus, of raw modules and of regressions, kept as they are where they show something new.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { maybeOpenEnvelope } from '../generate/envelope.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { maybeTarget } from '../targets/index.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import { parseText } from '../wast/text.ts';
import { corpusFolder, entryNames } from './corpus.ts';
import { mutantCase } from './mutants.ts';
import type { CampaignPlan, WorkerOrder } from './plan.ts';
import { openSnapshot } from './seeds.ts';
import { runCampaign } from './supervise.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-mutants-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan: CampaignPlan = {
  targets: ['modules', 'mutants'], engines: ['interp', 'v8'], occasional: [], fault: undefined, seed: 3, seconds: 600, workers: 1, maxModules: 40, crashes: join(folder, 'crashes'), hangSeconds: 60, shrinkSeconds: 0,
  wabtEvery: 0, folder: join(folder, 'campaign'),
};

/** The wasm of a text. */
async function bytesOf(text: string): Promise<Uint8Array> {
  const read = await parseText(text);
  if (read.kind !== 'bytes') throw new Error(read.message);
  return read.bytes;
}

const endless = '(module (func (export "f") (loop (br 0))))';

test('a second session runs mutants of the first one\u2019s corpus, of raw modules and of regressions, and keeps what is new of them', async () => {
  const first = await runCampaign(plan, () => undefined);
  expect(first.findings).toEqual([]);
  const campaign = plan.folder ?? '';
  mkdirSync(join(campaign, 'modules'), { recursive: true });
  writeFileSync(join(campaign, 'modules', 'endless.wasm'), await bytesOf(endless));
  writeFileSync(join(campaign, 'modules', 'invalid.wasm'), await bytesOf('(module (func (result i32) nop))'));

  const targets: Target[] = plan.targets.flatMap((name) => maybeTarget(name) ?? []);
  const reference = await openEngine('interp');
  const opened: OpenTarget[] = [];
  for (const target of targets) opened.push(await target.open({ engines: [reference], occasional: [], askWabt: undefined }, []));
  const order: WorkerOrder = { plan, folder: campaign, session: 2, build: '', lane: 0, first: 0, deadly: [], deadline: 0, slot: '' };
  const sources = new Map<string, number>();
  const seen: string[] = [];
  for (const isAgain of [false, true]) {
    const snapshot = openSnapshot(order, targets);
    for (let number = 0; number < 40; number++) {
      const made = await mutantCase(order, snapshot, targets, opened, reference, number);
      const bytes = made === undefined ? 'none' : Buffer.from(made.trial.content()).toString('base64');
      if (isAgain) expect(bytes).toBe(seen[number]);
      else seen.push(bytes);
      if (made === undefined) continue;
      expect(made.origin).toMatchObject({ target: 'mutants', seed: 3, number });
      expect(WebAssembly.validate(new Uint8Array(made.trial.content()))).toBe(true);
      const source = made.origin?.mutantOf ?? '';
      sources.set(source, (sources.get(source) ?? 0) + 1);
    }
  }
  const names = [...sources.keys()];
  expect(names.filter((name) => /^[0-9a-f]{40}$/.test(name)).length).toBeGreaterThan(5);
  expect(names).toContain('trap-before-faulting-load.wat');
  // One is refused before it is mutated. The other is run only where a mutation has made it end.
  expect(names).not.toContain('invalid.wasm');
  expect(new Set(seen).size).toBeGreaterThan(20);
  // Another session has other mutants, and a campaign without a corpus none.
  const snapshot = openSnapshot(order, targets);
  const other = await mutantCase({ ...order, session: 3 }, snapshot, targets, opened, reference, 1);
  expect(Buffer.from(other?.trial.content() ?? []).toString('base64')).not.toBe(seen[1]);
  expect(await mutantCase(order, { ...snapshot, entries: [] }, targets, opened, reference, 1)).toBeUndefined();

  rmSync(join(campaign, 'modules'), { recursive: true });
  const second = await runCampaign({ ...plan, maxModules: 80, neighbourEvery: 1 }, () => undefined);
  expect(second.findings).toEqual([]);
  const kept = entryNames(corpusFolder(campaign, 'mutants')).flatMap((name) => maybeOpenEnvelope(new Uint8Array(readFileSync(join(corpusFolder(campaign, 'mutants'), name)))) ?? []);
  const asTheyAre = kept.filter(({ choices }) => choices.length === 0);
  expect(asTheyAre.length).toBeGreaterThan(0);
  for (const { module, label } of asTheyAre) {
    expect(WebAssembly.validate(new Uint8Array(module))).toBe(true);
    expect(label.novelties.length).toBeGreaterThan(0);
  }
});
