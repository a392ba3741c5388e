// The whole official suite on x86-64 code, in every configuration of optimisation and bounds checks.

import { test } from 'vitest';
import { expectations, expectSuite, whySkipped } from './suite-expectations.ts';

test.for(['x86-64', 'x86-64:none', 'x86-64:explicit', 'x86-64:none:explicit'])('%s', async (engine, { skip }) => {
  const reason = await whySkipped(engine);
  if (reason !== undefined) skip(reason);
  await expectSuite(engine, expectations.compiled);
});
