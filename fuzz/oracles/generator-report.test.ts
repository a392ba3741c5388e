// The report of the generators says what is so: everything valid, most calls end in values, values of every class that matters.

import { expect, test } from 'vitest';
import { moduleTargets } from '../targets/index.ts';
import { openEngine } from './engines/index.ts';
import { reportGenerators } from './generator-report.ts';

test('a small report counts what was made', async () => {
  const { modules, parts } = await reportGenerators(await openEngine('interp'), 1, 24);
  expect(modules.map(({ target }) => target)).toEqual(moduleTargets.map(({ name }) => name));
  for (const report of modules) {
    expect({ target: report.target, valid: report.valid, validForV8: report.validForV8 }).toEqual({ target: report.target, valid: 1, validForV8: 1 });
    expect(Object.values(report.outcomes).reduce((sum, number) => sum + number, 0)).toBe(report.calls);
    expect(report.ignoredRate).toBeLessThan(0.5);
  }
  const [whole] = modules;
  expect(whole?.opcodes['local.get']).toBeGreaterThan(100);
  expect(Object.keys(whole?.values['i32'] ?? {})).toEqual(expect.arrayContaining(['zero', 'one', 'all ones', 'extreme', 'power of two', 'large negative']));
  expect(Object.keys(whole?.values['f64'] ?? {})).toEqual(expect.arrayContaining(['zero', 'NaN']));
  for (const { target, cases, disagree, events } of parts) {
    expect({ target, cases, disagree }).toEqual({ target, cases: 24, disagree: 0 });
    expect(events.happened + events.never.length).toBe(events.known);
  }
});
