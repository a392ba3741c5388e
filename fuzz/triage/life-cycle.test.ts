// The life of a finding: what showing and not showing make of each state, and that the file keeps what people wrote.

import { expect, test } from 'vitest';
import { nextState, parseLifeCycle, withStates } from './life-cycle.ts';

test.for([
  [undefined, true, 'new'],
  [undefined, false, 'new'],
  ['new', true, 'new'],
  ['new', false, 'fixed'],
  ['known', true, 'known'],
  ['known', false, 'fixed'],
  ['fixed', true, 'regressed'],
  ['fixed', false, 'fixed'],
  ['regressed', true, 'regressed'],
  ['regressed', false, 'fixed'],
  ['known', undefined, 'known'],
] as const)('%s, shows: %s, becomes %s', ([before, isShown, after]) => {
  expect(nextState(before, isShown)).toBe(after);
});

test('lines that change keep their notes; comments and order stay', () => {
  const before = parseLifeCycle('# what waits\n\nknown      a.b    told upstream\nfixed      c.d\n');
  expect([...before.states]).toEqual([['a.b', 'known'], ['c.d', 'fixed']]);
  const text = withStates(before, new Map([['a.b', 'fixed'], ['c.d', 'regressed'], ['e.f', 'new']]));
  expect(text).toBe('# what waits\n\nfixed      a.b    told upstream\nregressed  c.d\nnew        e.f\n');
  expect(withStates(before, before.states)).toBe('# what waits\n\nknown      a.b    told upstream\nfixed      c.d\n');
});

test('a line that says nothing intelligible is refused, with its number', () => {
  expect(() => parseLifeCycle('# fine\nknwon a.b\n')).toThrow("line 2: 'knwon a.b'");
  expect(() => parseLifeCycle('known a\nfixed a\n')).toThrow('line 2: a has a line already');
});
