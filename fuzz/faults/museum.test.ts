// The museum itself: a hunt for a frequent fault tells all that the table says of it, and a hunt with nothing planted finds nothing.

import { expect, test } from 'vitest';
import { openEngine } from '../oracles/engines/index.ts';
import { isAttributed, runMuseum } from './museum.ts';
import { xorIsOr } from './xor-is-or.ts';

test('hunts tell what was found, how, and what is to blame', { timeout: 240_000 }, async ({ skip }) => {
  const native = (await openEngine('x86-64')).availability();
  if (!native.available) skip(native.reason);
  const heard: string[] = [];
  const exhibits = await runMuseum({ faults: [xorIsOr, undefined], seeds: [1], seconds: 3, workers: 2, shrinkSeconds: 2 }, ({ fault, outcome }) => heard.push(`${fault?.name ?? 'control'} ${outcome}`));
  expect(heard.sort()).toEqual(['control missed', 'xor-is-or found']);
  const [found, control] = exhibits;
  expect(found?.effort.modules).toBeLessThan(100);
  expect(found?.effort.executions).toBeGreaterThan(found?.effort.modules ?? Infinity);
  expect(found?.effort.cpuSeconds).toBeGreaterThan(0);
  expect(found?.reduced?.bytes).toBeGreaterThan(20);
  expect(found === undefined ? undefined : isAttributed(found)).toEqual({ stage: true, rule: true });
  expect(control?.found).toBeUndefined();
  expect(control?.effort.modules).toBeGreaterThan(10);
});
