// Drops locals that their function does not name.

import { withFunction } from '../../edit/module.ts';
import { withoutUnusedLocals } from '../../edit/functions.ts';
import { type ModulePass, ownFunctions } from './pass.ts';

export const dropLocals: ModulePass = {
  name: 'drop-locals',
  propose: ({ m }) => ownFunctions(m).filter((one) => withoutUnusedLocals(m, one) !== one).map(({ id }) => ({ kind: 'module', apply: (now) => {
    const one = now.functions.find((each) => each.id === id);
    return one === undefined ? undefined : withFunction(now, withoutUnusedLocals(now, one));
  } })),
};
