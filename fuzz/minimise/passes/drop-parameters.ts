// Drops parameters: what they gave is 0 from now on, and calls do without.

import { maybeWithoutParameter } from '../../edit/functions.ts';
import { signatureOf } from '../../edit/module.ts';
import { type ModulePass, ownFunctions } from './pass.ts';

export const dropParameters: ModulePass = {
  name: 'drop-parameters',
  // From the last on, so that those still to go keep their numbers.
  propose: ({ m }) => ownFunctions(m).flatMap(({ id, type }) => signatureOf(m, type).params.map((_, place) => place).reverse().map((place) => (
    { kind: 'module', apply: (now) => maybeWithoutParameter(now, id, place) }))),
};
