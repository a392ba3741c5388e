// Adds code that never runs, or does nothing: behind a condition that is never true, behind a branch, a value made and dropped.

import { applyChanges } from '../edit/apply.ts';
import { blockOf, type Code, instruction, moveLabels } from '../edit/instructions.ts';
import { signatureOf } from '../edit/module.ts';
import { sitesOf } from '../edit/typing.ts';
import { initialisesLocal, isClosed, maybePlace, type Mutation, rangeOf } from './mutation.ts';

export const addDeadCode: Mutation = {
  name: 'add-dead-code',
  summary: 'adds code that never runs: another statement of the function behind (if (i32.const 0)) or behind a branch; nop; a dropped constant',
  preservesMeaning: true,
  apply: (c, m) => {
    const place = maybePlace(c, m, () => true);
    if (place === undefined) return undefined;
    const { owner, site: { list, at } } = place;
    const { params } = signatureOf(m, owner.type);
    // A statement of the same function that leaves no label and initialises nothing.
    const statements = sitesOf(m, owner).filter((site) => isClosed(site) && site.net.length === 0 && !initialisesLocal(owner, params, rangeOf(site)) && moveLabels(rangeOf(site), () => undefined) !== undefined && !readsUninitialised(owner.locals, rangeOf(site)));
    const chosen = c.maybePick(statements);
    const junk: Code = chosen === undefined ? [instruction('nop')] : rangeOf(chosen);
    const codes: readonly [Code, ...Code[]] = [
      [instruction('nop')],
      [instruction('i32.const', 7), instruction('drop')],
      [instruction('i32.const', 0), blockOf('if', '', junk)],
      [blockOf('block', '', [instruction('br', 0), ...junk])],
      [instruction('i32.const', 1), blockOf('if', '', [], junk)],
    ];
    return applyChanges(m, [{ kind: 'code', list, from: at, to: at - 1, by: c.pick(codes) }]);
  },
};

/** Whether code may read a local without default, which must have been set before. */
function readsUninitialised(locals: readonly string[], code: Code): boolean {
  return locals.some((type) => type.startsWith('(ref ') && !type.startsWith('(ref null ')) && code.length > 0;
}
