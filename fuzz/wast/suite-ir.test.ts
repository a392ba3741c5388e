// The whole official suite on the evaluator of the SSA IR, as translated and after the mid-end.

import { test } from 'vitest';
import { expectations, expectSuite, whySkipped } from './suite-expectations.ts';

test.for(['ir', 'ir-opt'])('%s', async (engine, { skip }) => {
  const reason = await whySkipped(engine);
  if (reason !== undefined) skip(reason);
  await expectSuite(engine, expectations.compiled);
});
