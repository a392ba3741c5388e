// The whole official suite on code in runners, a target each that does not run in this process; the other configurations are in the room's README.

import { test } from 'vitest';
import { targetNames, targetOf } from '../../compiler/inside.ts';
import { expectations, expectSuite, whySkipped } from './suite-expectations.ts';

test.for(targetNames.filter((target) => targetOf(target).inProcess === undefined))('%s', async (engine, { skip }) => {
  const reason = await whySkipped(engine);
  if (reason !== undefined) skip(reason);
  await expectSuite(engine, expectations.compiled);
});
