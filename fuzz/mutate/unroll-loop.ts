// Peels the first round off a loop: its code once before the loop, out of which it falls, or into which it goes on.

import { applyChanges } from '../edit/apply.ts';
import { blockTypeFor } from '../edit/functions.ts';
import { blockOf, instruction, moveLabels, opcode } from '../edit/instructions.ts';
import { blockSignature } from '../edit/typing.ts';
import { maybePlace, type Mutation } from './mutation.ts';

export const unrollLoop: Mutation = {
  name: 'unroll-loop',
  summary: '(loop x) becomes x, then (loop x)',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, ({ one }) => one.row.opcode === opcode.loop && blockSignature(m, String(one.args[0])).params.length === 0);
    const body = place?.site.one.body;
    if (place === undefined || body === undefined) return undefined;
    const { list, at, one } = place.site;
    // Inside, label 0 was the loop: now the inner block, behind which the loop stands. One block more lies around both.
    const moved = moveLabels(body, (label) => (label === 0 ? 0 : label + 1));
    if (moved === undefined) return undefined;
    const block = blockTypeFor(m, blockSignature(m, String(one.args[0])).results);
    const first = blockOf('block', '', [...moved, instruction('br', 1)]);
    return applyChanges(block.m, [{ kind: 'code', list, from: at, to: at, by: [blockOf('block', block.type, [first, blockOf('loop', block.type, moved)])] }]);
  },
};
