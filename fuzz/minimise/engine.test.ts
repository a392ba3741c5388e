// The search itself, over lists of numbers: what it keeps, how often it asks, and that it ends.

import { expect, test } from 'vitest';
import { type Candidate, search, type Subject } from './engine.ts';
import { guarded, steadinessOf } from './flaky.ts';

interface List extends Candidate {
  readonly list: readonly number[];
}

const listOf = (list: readonly number[]): List => ({ list, cost: list.length, key: list.join() });

const lists: Subject<List, number> = {
  passes: [{ name: 'drop', propose: ({ list }) => list }],
  apply: ({ list }, dropped) => listOf(list.filter((one) => !dropped.includes(one))),
};

const hundred = listOf(Array.from({ length: 100 }, (_, index) => index));
const never = (): boolean => false;

for (const width of [1, 3]) {
  test(`what is needed stays, all else goes, ${width} at a time`, async () => {
    const judged: string[] = [];
    const { best, tries, isFinished, accepted } = await search(lists, hundred, ({ list, key }) => {
      judged.push(key);
      return Promise.resolve(list.includes(17) && list.includes(80));
    }, { isLate: never, width });
    expect(best.list).toEqual([17, 80]);
    expect(isFinished).toBe(true);
    expect(accepted['drop']).toBeGreaterThan(0);
    expect(tries).toBe(judged.length);
    // Delta debugging, not one after the other.
    expect(tries).toBeLessThan(60 * width);
  });
}

test('no candidate is judged twice', async () => {
  const judged: string[] = [];
  await search(lists, hundred, ({ list, key }) => {
    judged.push(key);
    return Promise.resolve(list.length >= 90);
  }, { isLate: never });
  expect(new Set(judged).size).toBe(judged.length);
});

test('it ends when it is late, with the best so far', async () => {
  let asked = 0;
  const { best, isFinished } = await search(lists, hundred, () => Promise.resolve(true), { isLate: () => asked++ > 2 });
  expect(isFinished).toBe(false);
  expect(best.list.length).toBeLessThanOrEqual(100);
});

test('what is invalid is never judged', async () => {
  const onlyEven: Subject<List, number> = { ...lists, apply: (from, dropped) => {
    const after = lists.apply(from, dropped);
    return after === undefined || after.list.length % 2 === 1 ? undefined : after;
  } };
  const { best, discarded } = await search(onlyEven, hundred, ({ list }) => {
    expect(list.length % 2).toBe(0);
    return Promise.resolve(list.includes(5));
  }, { isLate: never });
  expect(best.list).toContain(5);
  expect(best.list.length % 2).toBe(0);
  expect(discarded).toBeGreaterThan(0);
});

test('a flaky predicate is asked as often as its rate demands, and keeps what is needed', async () => {
  // Shows itself in two of three runs, in a fixed order.
  let run = 0;
  const flaky = (list: readonly number[]): Promise<boolean> => Promise.resolve(list.includes(42) && run++ % 3 !== 0);
  const steadiness = await steadinessOf(() => flaky(hundred.list));
  expect(steadiness.yes).toBeLessThan(steadiness.of);
  expect(steadiness.needed).toBeGreaterThan(1);
  const { best } = await search(lists, hundred, guarded(({ list }: List) => flaky(list), steadiness), { isLate: never });
  expect(best.list).toEqual([42]);
});

test('one lucky run is not enough for a flaky predicate', async () => {
  // The start shows it in every other run, a smaller list in one of ten.
  let run = 0;
  const flaky = (list: readonly number[]): Promise<boolean> => Promise.resolve(run++ % (list.length === 100 ? 2 : 10) === 1);
  const { best } = await search(lists, hundred, guarded(({ list }: List) => flaky(list), await steadinessOf(() => flaky(hundred.list))), { isLate: never });
  expect(best.list.length).toBe(100);
});

test('a steady predicate is asked once', async () => {
  expect(await steadinessOf(() => Promise.resolve(true))).toEqual({ yes: 3, of: 3, needed: 1, runs: 1 });
  expect((await steadinessOf(() => Promise.resolve(false))).yes).toBe(0);
});
