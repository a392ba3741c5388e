// Replaces whole bodies by constants.

import { maybeInstead } from '../../edit/apply.ts';
import { countInstructions } from '../../edit/instructions.ts';
import { signatureOf } from '../../edit/module.ts';
import { largestFirst, type ModulePass, ownFunctions } from './pass.ts';

export const dropBodies: ModulePass = {
  name: 'drop-bodies',
  propose: ({ m }) => largestFirst(ownFunctions(m).flatMap(({ type, body }) => {
    const by = maybeInstead([], signatureOf(m, type).results) ?? undefined;
    return by === undefined || body.length === 0 ? [] : [{ size: countInstructions(body), change: { kind: 'code', list: body, from: 0, to: body.length - 1, by } }];
  })),
};
