// Drops results: calls go on with constants.

import { maybeWithoutResults } from '../../edit/functions.ts';
import { signatureOf } from '../../edit/module.ts';
import { type ModulePass, ownFunctions } from './pass.ts';

export const dropResults: ModulePass = {
  name: 'drop-results',
  propose: ({ m }) => ownFunctions(m).filter(({ type }) => signatureOf(m, type).results.length > 0).map(({ id }) => ({ kind: 'module', apply: (now) => maybeWithoutResults(now, id) })),
};
