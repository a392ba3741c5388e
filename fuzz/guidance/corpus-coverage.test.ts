// Merging and coverage reports: nothing covered is lost, the least is kept, and what kills a replay is left out.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RandomSource } from '../generate/choices.ts';
import { moduleSeed, maybeTarget } from '../targets/index.ts';
import { withBreed } from './breed.ts';
import { allEdges, coverageText, lcovText, reportOf } from './coverage.ts';
import { commandWithoutLibFuzzer } from './machine.ts';
import { enough } from './merge.ts';
import type { ReplayLine } from './replay.ts';
import { inputsIn, replayCorpus } from './replay-corpus.ts';
import type { GuidedPlan } from './supervise.ts';

const line = (input: string, bytes: number, edges: readonly number[], events: readonly string[] = []): ReplayLine => ({ input, bytes, edges: { 'compiler/x.ts': edges }, events });

test('as few inputs as cover everything are kept, smaller ones first', () => {
  expect(enough([line('all', 9, [1, 2, 3, 4]), line('left', 2, [1, 2]), line('right', 2, [3, 4])])).toEqual(['all']);
  expect(enough([line('large', 9, [1, 2]), line('small', 2, [1, 2])])).toEqual(['small']);
  expect(enough([line('edges', 1, [1, 2]), line('event', 5, [1], ['rule'])])).toEqual(['edges', 'event']);
  expect(enough([{ begins: 'deadly' }])).toEqual([]);
});

test('a report counts edges and functions, and names what was never entered', () => {
  const edges = new Map([['compiler/x.ts', [{ kind: 'function', line: 3, within: 'walk' }, { kind: 'then', line: 4, within: 'walk' }, { kind: 'function', line: 9, within: 'run' }] as const], ['compiler/y.ts', [{ kind: 'function', line: 1, within: 'y' }] as const]]);
  const log = [line('a', 1, [0, 1], ['rule']), line('b', 1, [0])];
  const report = reportOf(edges, log);
  expect(report).toMatchObject({ inputs: 2, edges: 4, hit: 2, functions: 3, functionsHit: 1, events: ['rule'] });
  expect(coverageText(report).split('\n')).toEqual([
    '2 inputs: 2 of 4 edges (50.0 %), 1 of 3 functions, 1 events', '', 'compiler/y.ts        0/1    0.0 %', 'compiler/x.ts        2/3   66.7 %', '',
    'never entered:', '  compiler/y.ts: y 1', '  compiler/x.ts: run 9',
  ]);
  expect(lcovText(edges, log).split('\n').slice(0, 11)).toEqual(['TN:', 'SF:compiler/x.ts', 'FN:3,walk:3.0', 'FN:9,run:9.2', 'FNDA:2,walk:3.0', 'FNDA:0,run:9.2', 'FNF:2', 'FNH:1', 'BRDA:4,0,1,1', 'BRF:1', 'BRH:1']);
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-merge-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a corpus is replayed in a process of its own, and what is enough of it covers as much', async () => {
  const opened = await maybeTarget('encode')?.open({ engines: [], occasional: [], askWabt: undefined }, []);
  if (opened === undefined) throw new Error('no such target');
  withBreed(opened, (breed) => {
    for (let seed = 0; seed < 80; seed++) writeFileSync(join(folder, `input-${seed}`), breed.write(breed.fresh(new RandomSource(moduleSeed(seed, 0))).value));
  });
  const plan: GuidedPlan = {
    target: 'encode', mode: 'replay', libFuzzer: false, corpus: folder, seed: 1, seconds: 60, workers: 1, engines: [], crashes: join(folder, '..', 'unused'), hangSeconds: 60, shrinkSeconds: 1,
  };
  const inputs = inputsIn([folder]);
  expect(inputs).toHaveLength(readdirSync(folder).length);
  const { log, deadly, result } = await replayCorpus(plan, inputs, commandWithoutLibFuzzer, () => undefined);
  expect({ deadly, findings: result.findings, blind: result.blind }).toEqual({ deadly: [], findings: [], blind: undefined });
  const all = reportOf(allEdges(), log);
  expect(all.inputs).toBe(80);
  expect(all.hit).toBeGreaterThan(300);
  const kept = new Set(enough(log));
  const few = reportOf(allEdges(), log.filter((it) => 'input' in it && kept.has(it.input)));
  expect(few.inputs).toBeLessThan(80);
  expect([few.hit, few.events]).toEqual([all.hit, all.events]);
});
