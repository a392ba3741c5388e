// Puts bodies in the place of calls; a function that nothing mentions any more goes.

import { type EditModule, functionOf } from '../../edit/module.ts';
import { isMentioned, maybeInlined } from '../../edit/functions.ts';
import { opcode } from '../../edit/instructions.ts';
import { sitesOf } from '../../edit/typing.ts';
import { type ModulePass, ownFunctions } from './pass.ts';

export const inlineCalls: ModulePass = {
  name: 'inline-calls',
  propose: ({ m }) => ownFunctions(m).flatMap((owner) => sitesOf(m, owner).filter(({ one }) => one.row.opcode === opcode.call).map(({ one }) => ({
    kind: 'module' as const,
    apply: (now: EditModule) => {
      const holder = now.functions.find(({ id }) => id === owner.id);
      const after = holder === undefined ? undefined : maybeInlined(now, holder, one, false);
      const callee = Number(one.args[0]);
      if (after === undefined || isMentioned(after, callee)) return after;
      return { ...after, functions: after.functions.filter((each) => each !== functionOf(after, callee)) };
    },
  }))),
};
