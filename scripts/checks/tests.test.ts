// How events of a test run add up, above all where a run does not end well.

import { describe, expect, test } from 'vitest';
import type { TestEvent } from './reporter.ts';
import { newTally } from './tests.ts';

const begin: TestEvent = { kind: 'begin', file: 'a.test.ts' };
const end: TestEvent = { kind: 'end', file: 'a.test.ts', errors: [] };
const ran = (state: 'passed' | 'failed' | 'skipped', note = ''): TestEvent => ({ kind: 'test', file: 'a.test.ts', name: 'adds', state, note });

function tallied(exit: number, ...events: readonly TestEvent[]): ReturnType<ReturnType<typeof newTally>['result']> {
  const tally = newTally();
  for (const event of events) tally.add(event);
  return tally.result(exit);
}

describe('a test run', () => {
  test('counts what ran, and gives each reason for skipping once', () => {
    expect(tallied(0, begin, ran('passed'), ran('skipped', 'no qemu'), ran('skipped', 'no qemu'), end)).toMatchObject({
      passed: 1, failed: 0, skipped: 2, scope: '1 files', details: ['skipped 2: a.test.ts: no qemu'],
    });
  });

  test('a skip that tells no reason has failed', () => {
    expect(tallied(0, begin, ran('skipped'), end)).toMatchObject({ failed: 1, skipped: 1, details: ['skipped without a reason: a.test.ts > adds', 'skipped 1: a.test.ts: no reason given'] });
  });

  test('names a failed test', () => {
    expect(tallied(1, begin, ran('failed'), end)).toMatchObject({ passed: 0, failed: 1, details: ['failed: a.test.ts > adds'] });
  });

  test('a file that cannot be loaded has failed', () => {
    expect(tallied(1, { ...end, errors: ['no such module'] })).toMatchObject({ failed: 1, details: ['failed outside its tests: a.test.ts: no such module'] });
  });

  test('a file whose process died or hung has failed, whatever vitest says', () => {
    expect(tallied(0, begin, ran('passed'))).toMatchObject({ passed: 1, failed: 1, details: ['did not end: a.test.ts'] });
  });

  test('an error outside every test is a failure', () => {
    expect(tallied(1, begin, ran('passed'), end, { kind: 'loose', error: 'unhandled' })).toMatchObject({ failed: 1 });
  });

  test('a bad exit code alone is a failure', () => {
    expect(tallied(1, begin, ran('passed'), end)).toMatchObject({ failed: 1, details: ['vitest ended with exit code 1 and no failed test'] });
  });
});
