// Changes a constant to an edge value, or by a little.

import { applyChanges } from '../edit/apply.ts';
import { constantOf } from '../edit/functions.ts';
import { opcode } from '../edit/instructions.ts';
import { f32Edges, f64Edges, i32Edges } from '../generate/constants.ts';
import { maybePlace, type Mutation, replaceRange } from './mutation.ts';

export const changeConstant: Mutation = {
  name: 'change-constant',
  summary: 'a constant becomes an edge value, or its neighbour',
  preservesMeaning: false,
  apply: (c, m) => {
    const place = maybePlace(c, m, ({ one }) => one.row.opcode >= opcode.i32Const && one.row.opcode <= opcode.f64Const);
    if (place === undefined) return undefined;
    const { row, args } = place.site.one;
    const old = BigInt(args[0] ?? 0);
    const edge = BigInt(c.pick([0, ...i32Edges]));
    const near = old + BigInt(c.draw(5) - 2);
    switch (row.opcode) {
      case opcode.i32Const: return applyChanges(m, [replaceRange(place.site, [constantOf('i32', c.draw(2) === 0 ? edge : near)])]);
      case opcode.i64Const: return applyChanges(m, [replaceRange(place.site, [constantOf('i64', c.pick([edge, near, edge << 32n, BigInt.asUintN(32, edge)]))])]);
      case opcode.f32Const: return applyChanges(m, [replaceRange(place.site, [constantOf('f32', c.pick([0, ...f32Edges]))])]);
      default: {
        const [low, high] = c.pick([[0, 0], ...f64Edges]);
        return applyChanges(m, [replaceRange(place.site, [constantOf('f64', (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0))])]);
      }
    }
  },
};
