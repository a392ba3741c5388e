// Occasional engines take turns: every one gets its share, whoever runs the campaign.

import { expect, test } from 'vitest';
import { isForWabt, turnsAt, type CampaignPlan } from './plan.ts';

test('occasional engines get equal shares of few modules', () => {
  for (const count of [1, 2, 3, 11]) {
    const turns = new Array<number>(count).fill(0);
    let shown = 0;
    let repeated = 0;
    const modules = 32_000;
    for (let number = 0; number < modules; number++) {
      const chosen = turnsAt(1, number, count);
      if (new Set(chosen).size !== chosen.length) repeated++;
      if (chosen.length > 0) shown++;
      for (const index of chosen) turns[index] = (turns[index] ?? 0) + 1;
    }
    expect(repeated).toBe(0);
    expect(shown / modules).toBeGreaterThan(1 / 20);
    expect(shown / modules).toBeLessThan(1 / 12);
    const each = (shown * Math.min(2, count)) / count;
    for (const number of turns) expect(Math.abs(number - each) / each).toBeLessThan(0.2);
  }
  expect(turnsAt(1, 0, 0)).toEqual([]);
});

test('wabt is asked about the share that the plan names', () => {
  const asked = (wabtEvery: number): number => {
    const plan: CampaignPlan = { targets: [], engines: [], occasional: [], fault: undefined, seed: 3, seconds: 1, workers: 1, maxModules: 1, crashes: '', hangSeconds: 1, shrinkSeconds: 1, wabtEvery };
    return Array.from({ length: 4000 }, (_, number) => isForWabt(plan, number)).filter(Boolean).length;
  };
  expect(asked(0)).toBe(0);
  expect(asked(1)).toBe(4000);
  expect(Math.abs(asked(4) - 1000)).toBeLessThan(100);
});
