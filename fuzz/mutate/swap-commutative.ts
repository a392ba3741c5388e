// Lets the operands of a commutative operation change places, where both are made without effects and without traps.

import { applyChanges } from '../edit/apply.ts';
import { type Code, opcode } from '../edit/instructions.ts';
import { isClosed, maybePlace, type Mutation, replaceRange } from './mutation.ts';

const isCommutative = (name: string): boolean => /^(?:i32|i64)\.(?:add|mul|and|or|xor|eq|ne)$/.test(name);

/** Arithmetic without traps, constants and reads: code whose order nobody can tell. */
function isPure(code: Code): boolean {
  return code.every(({ row, body }) => body === undefined && (
    row.opcode === opcode.localGet || row.opcode === opcode.globalGet || row.name.endsWith('.const')
    || (row.immediate === 'none' && row.operands !== undefined && /^[if](?:32|64)\./.test(row.name) && !/\.(?:div|rem)_|\.trunc_f/.test(row.name))));
}

export const swapCommutative: Mutation = {
  name: 'swap-commutative',
  summary: 'a + b becomes b + a',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site) => isClosed(site) && isCommutative(site.one.row.name) && site.operands.every((operand) => operand !== undefined && isPure(site.list.slice(operand.from, operand.to + 1))));
    const [left, right] = place?.site.operands ?? [];
    if (place === undefined || left === undefined || right === undefined) return undefined;
    const { list, one } = place.site;
    return applyChanges(m, [replaceRange(place.site, [...list.slice(right.from, right.to + 1), ...list.slice(left.from, left.to + 1), one])]);
  },
};
