// The whole official suite on the reference interpreter.

import { test } from 'vitest';
import { expectations, expectSuite, whySkipped } from './suite-expectations.ts';

test('interp', async ({ skip }) => {
  const reason = await whySkipped('interp');
  if (reason !== undefined) skip(reason);
  await expectSuite('interp', expectations.interp);
});
