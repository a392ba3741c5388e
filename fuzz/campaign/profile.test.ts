// A profile accounts for the thread's whole time, by engine, phase and stage, and adds up over workers.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { examine } from './examine.ts';
import { addFigures, emptyFigures, Profile, profileAnswer, profileLines, totalOf } from './profile.ts';
import { emptyTally } from './tally.ts';

test('what examining modules costs is found under engines, phases and stages', async () => {
  const engines = [await openEngine('interp'), await openEngine('x86-64'), await openEngine('ir')];
  if (engines[1]?.availability().available !== true) engines.splice(1, 1);
  const profile = new Profile();
  const before = process.threadCpuUsage();
  for (let seed = 0; seed < 10; seed++) {
    profile.lab('generate');
    examine({ engines, occasional: [], askWabt: undefined, profile }, generateModule(randomChoices(seed)), 3, emptyTally(), undefined);
  }
  profile.lab('report');
  const { user, system } = process.threadCpuUsage(before);
  const figures = profile.read();
  const onThread = totalOf({ ...figures, helpers: 0, runners: 0 });
  expect(onThread).toBeGreaterThan(0.9 * (user + system) / 1000);
  expect(onThread).toBeLessThan((user + system) / 1000 + 1);
  for (const { name } of engines) {
    expect(Object.keys(figures.phases[name] ?? {}).sort()).toEqual(['compile', 'dispose', 'execute', 'instantiate', 'snapshot']);
    expect(figures.phases[name]?.['compile']).toBeGreaterThan(0);
  }
  expect(Object.keys(figures.phases['lab'] ?? {}).sort()).toEqual(['compare', 'generate', 'plan']);
  for (const [engine, stages] of Object.entries(figures.stages)) {
    const sum = Object.values(stages).reduce((total, time) => total + time, 0);
    expect(sum).toBeCloseTo(figures.phases[engine]?.['compile'] ?? 0, 6);
    expect(stages['translate']).toBeGreaterThan(0);
  }
  const twice = emptyFigures();
  addFigures(twice, figures);
  addFigures(twice, figures);
  expect(totalOf(twice)).toBeCloseTo(2 * totalOf(figures), 6);
  expect(profileAnswer(twice, 20)).toEqual(profileAnswer(figures, 10));
  expect(profileLines(figures, 10).join('\n')).toMatch(/modules per CPU second[^]*interp +\d[^]*of compile, by stage/);
});
