// Suspicion falls on what takes part where it goes wrong, and only there.

import { expect, test } from 'vitest';
import { leaders, type Observation, rankSuspects } from './suspicion.ts';

const run = (features: string, disagrees: boolean): Observation => ({ features: new Set(features.split(' ')), disagrees, what: features });

test('what is in all failing runs and in no other comes first, what is everywhere comes later', () => {
  const suspects = rankSuspects([run('ret shl', true), run('ret shl add', true), run('ret add', false), run('ret mul', false)]);
  expect(suspects.map(({ feature, failing, passing }) => [feature, failing, passing])).toEqual([['shl', 2, 0], ['ret', 2, 2], ['add', 1, 1]]);
  expect(suspects[0]?.score).toBe(1);
  expect(suspects[1]?.score).toBeCloseTo(2 / Math.sqrt(2 * 4));
});

test('features that always go together are not told apart', () => {
  expect(leaders(rankSuspects([run('a b c', true), run('a b', true), run('c', false)])).map(({ feature }) => feature)).toEqual(['a', 'b']);
});

test('without a failing run there is no suspect', () => {
  expect(rankSuspects([run('a', false)])).toEqual([]);
  expect(leaders([])).toEqual([]);
});
