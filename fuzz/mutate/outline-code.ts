// Makes a function of some code, and a call of it in its place.

import { applyChanges } from '../edit/apply.ts';
import { localsIn, renumberLocals } from '../edit/functions.ts';
import { type Code, eachInstruction, instruction, isTerminator, moveLabels, opcode } from '../edit/instructions.ts';
import { signatureOf, withSignature } from '../edit/module.ts';
import { isClosed, maybePlace, type Mutation, rangeOf, replaceRange } from './mutation.ts';

/** Whether code may stand in another function: it sets no local, and leaves only by falling through. */
function isMovable(code: Code): boolean {
  let isFine = moveLabels(code, () => undefined) !== undefined;
  eachInstruction(code, (one) => {
    if (one.row.opcode === opcode.localSet || one.row.opcode === opcode.localTee || (isTerminator(one) && one.row.opcode !== opcode.br && one.row.opcode !== opcode.brTable && one.row.opcode !== opcode.unreachable)) isFine = false;
  });
  return isFine;
}

export const outlineCode: Mutation = {
  name: 'outline-code',
  summary: 'x becomes a call of a new function that does x',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, (site) => isClosed(site) && site.one.row.opcode !== opcode.localGet && isMovable(rangeOf(site)));
    if (place === undefined) return undefined;
    const { owner, site } = place;
    const locals = [...signatureOf(m, owner.type).params, ...owner.locals];
    const read = [...localsIn(rangeOf(site))].sort((a, b) => a - b);
    const numbers = new Map(read.map((local, param) => [local, param]));
    const { m: extended, type } = withSignature(m, read.map((local) => locals[local] ?? 'i32'), site.net);
    const id = extended.nextId;
    const changed = applyChanges(extended, [replaceRange(site, [...read.map((local) => instruction('local.get', local)), instruction('call', id)])]);
    const body = renumberLocals(rangeOf(site), (local) => numbers.get(local) ?? local);
    return { ...changed, functions: [...changed.functions, { id, from: undefined, type, locals: [], body }], nextId: id + 1 };
  },
};
