// One cause has one name, whatever its symptom and whichever engine showed it; two causes have two.

import { expect, test } from 'vitest';
import { bucketOf } from './bucket.ts';
import { severityOf } from './severity.ts';

const select = { level: 'select', rule: 'bxor.i64', engine: 'x86-64:none:explicit' } as const;

test('the symptom and the options of the engine do not matter', () => {
  const key = bucketOf({ kind: 'global', odd: 'x86-64', fingerprint: '' }, select);
  expect(key).toBe('behaviour.x86-64.select.bxor-i64');
  expect(bucketOf({ kind: 'result', odd: undefined, fingerprint: '' }, { ...select, engine: 'x86-64' })).toBe(key);
  expect(bucketOf({ kind: 'result', odd: undefined, fingerprint: '' }, { ...select, engine: 'riscv64' })).not.toBe(key);
});

test('stages that targets share belong to the compiler', () => {
  expect(bucketOf({ kind: 'memory', odd: 'riscv64', fingerprint: '' }, { level: 'simplify', rule: 'simplify/ishl.count' })).toBe('behaviour.compiler.simplify.ishl-count');
  expect(bucketOf({ kind: 'result', odd: 'ir', fingerprint: '' }, { level: 'translate', rule: 'i64.rotl' })).toBe('behaviour.compiler.translate.i64-rotl');
});

test('where no part is named, the message tells faults apart; where nothing is located, there is no key', () => {
  const crash = (fingerprint: string): string | undefined => bucketOf({ kind: 'crash', odd: 'x86-64', fingerprint }, { level: 'select', rule: undefined, engine: 'x86-64' });
  expect(crash('no rule for N')).toMatch(/^crash\.x86-64\.select\.[0-9a-f]{8}$/);
  expect(crash('no rule for N')).not.toBe(crash('something else'));
  expect(bucketOf({ kind: 'result', odd: 'v8', fingerprint: '' }, undefined)).toBeUndefined();
});

test('an escape is worse than a wrong value, and a wrong value worse than one that comes and goes', () => {
  expect(severityOf('crash', 'unknown fault: a signal where no trap can be', true)).toBe('sandbox escape');
  expect(severityOf('result', '', false)).toBe('wrong value');
  expect(severityOf('result', '', true)).toBe('nondeterminism');
  expect(severityOf('trap-kind', '', false)).toBe('wrong trap');
  expect(severityOf('hang', '', false)).toBe('hang');
});
