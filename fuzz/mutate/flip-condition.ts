// Turns conditions round: the arms of an if change places under the opposite condition; a conditional branch becomes a branch in an if.

import { applyChanges } from '../edit/apply.ts';
import { blockOf, instruction, opcode } from '../edit/instructions.ts';
import { maybePlace, type Mutation } from './mutation.ts';

export const flipCondition: Mutation = {
  name: 'flip-condition',
  summary: '(if c a else b) becomes (if (i32.eqz c) b else a); (br_if l c) becomes (if c (br l))',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, ({ one, pushes }) => (one.row.opcode === opcode.if && (one.otherwise !== undefined || one.args[0] === '')) || (one.row.opcode === opcode.brIf && pushes.length === 0));
    if (place === undefined) return undefined;
    const { list, at, one: { row, args, body = [], otherwise = [] } } = place.site;
    const by = row.opcode === opcode.if ? [instruction('i32.eqz'), { row, args, body: otherwise, otherwise: body }] : [blockOf('if', '', [instruction('br', Number(args[0]) + 1)])];
    return applyChanges(m, [{ kind: 'code', list, from: at, to: at, by }]);
  },
};
