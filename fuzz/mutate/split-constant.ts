// Splits a constant in two that make it again.

import { applyChanges } from '../edit/apply.ts';
import { constantOf } from '../edit/functions.ts';
import { instruction, opcode } from '../edit/instructions.ts';
import { i32Edges } from '../generate/constants.ts';
import { maybePlace, type Mutation, replaceRange } from './mutation.ts';

export const splitConstant: Mutation = {
  name: 'split-constant',
  summary: 'k becomes a + (k - a), or a xor (k xor a)',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, ({ one }) => one.row.opcode === opcode.i32Const || one.row.opcode === opcode.i64Const);
    if (place === undefined) return undefined;
    const { one } = place.site;
    const type = one.row.opcode === opcode.i32Const ? 'i32' : 'i64';
    const whole = BigInt(one.args[0] ?? 0);
    const part = BigInt(c.pick([1, ...i32Edges]));
    const [rest, name] = c.draw(2) === 0 ? [whole - part, 'add'] : [whole ^ part, 'xor'];
    return applyChanges(m, [replaceRange(place.site, [constantOf(type, part), constantOf(type, rest), instruction(`${type}.${name}`)])]);
  },
};
