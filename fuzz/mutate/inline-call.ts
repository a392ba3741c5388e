// Puts a function's body in the place of one of its calls.

import { maybeInlined } from '../edit/functions.ts';
import { opcode } from '../edit/instructions.ts';
import { maybePlace, type Mutation } from './mutation.ts';

export const inlineCall: Mutation = {
  name: 'inline-call',
  summary: '(call f) becomes the body of f',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, ({ one }) => one.row.opcode === opcode.call && m.functions.some(({ id, from }) => id === one.args[0] && from === undefined));
    return place === undefined ? undefined : maybeInlined(m, place.owner, place.site.one, true);
  },
};
