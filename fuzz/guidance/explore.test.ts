// Guided fuzzing's own decisions: nobody's share falls below its floor, what is rare is varied, and a run that fails is a row and not the end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RandomSource } from '../generate/choices.ts';
import { type ComparedRun, compareRuns, expectedMinutes } from './compare.ts';
import { Counters } from './counters.ts';
import { commandWithoutLibFuzzer } from './machine.ts';
import { Pool } from './pool.ts';
import { Shares } from './shares.ts';
import type { GuidedPlan } from './supervise.ts';

test('time goes to the way that finds most, and none falls below its floor', () => {
  const shares = new Shares({ fresh: 0.2, varied: 0.2 });
  for (let step = 0; step < 5000; step++) {
    const way = shares.next();
    shares.record(way, 1, 0.05, way === 'varied' ? 1 : 0);
  }
  const { fresh, varied } = shares.totals;
  const total = (fresh?.seconds ?? 0) + (varied?.seconds ?? 0);
  expect(total).toBeCloseTo(250);
  expect((fresh?.seconds ?? 0) / total).toBeGreaterThan(0.19);
  expect((varied?.seconds ?? 0) / total).toBeGreaterThan(0.6);
});

test('what is rare is varied most, and a much cheaper case takes over', () => {
  const pool = new Pool<string>(new Counters());
  const offer = (value: string, cost: number, ...cells: number[]): boolean => pool.offer(Uint32Array.from(cells), cells.length, () => 1, cost, () => value);
  expect(offer('common', 10, 1, 2, 3)).toBe(true);
  for (let i = 0; i < 50; i++) expect(offer('again', 10, 1, 2, 3)).toBe(false);
  expect(offer('rare', 10, 1, 4)).toBe(true);
  const random = new RandomSource(1);
  const chosen = Array.from({ length: 200 }, () => pool.maybeParent(random));
  expect(chosen.filter((value) => value === 'rare').length).toBeGreaterThan(120);
  expect(offer('cheap', 5, 1, 2, 3)).toBe(true);
  expect(pool.size).toBe(2);
  expect(offer('cheaper', 1, 4)).toBe(true);
  expect(Array.from({ length: 200 }, () => pool.maybeParent(random))).not.toContain('rare');
});

test('a comparison goes on past a run that fails, and ends with what it has when it is interrupted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-compare-'));
  const plan = (target: string): GuidedPlan => ({
    target, mode: 'random', libFuzzer: false, corpus: join(folder, 'corpus'), seed: 1, seconds: 30, cpuSeconds: 1, workers: 1, engines: [], crashes: join(folder, 'crashes'), hangSeconds: 60, shrinkSeconds: 1,
  });
  const interrupted = new AbortController();
  const runs: ComparedRun[] = [];
  try {
    await compareRuns([plan('nonesuch'), plan('encode'), plan('regalloc')], 1, commandWithoutLibFuzzer, interrupted.signal, (run) => {
      runs.push(run);
      if (runs.length === 2) interrupted.abort();
    }, () => undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  expect(runs.map((run) => ('failure' in run ? run.failure : run.result.figures.executions > 0))).toEqual([expect.stringMatching(/^no case was run; processes died by exit code 1/), true]);
  expect(expectedMinutes(12, 2, 600)).toEqual({ quiet: 62, most: 182 });
});
