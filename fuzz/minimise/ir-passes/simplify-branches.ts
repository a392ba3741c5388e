// Makes control simpler: a branch with several ways takes one of them always; a table of many becomes one of fewer.

import { type EditFunction, mapInstructions, printTarget, targetsOf, withoutUnreachable } from '../ir-text.ts';
import { inEach, type IrPass, placesOf } from './pass.ts';

export const simplifyBranches: IrPass = {
  name: 'simplify-branches',
  propose: inEach((f) => placesOf(f).flatMap(({ one: { id, name, words }, one }) => {
    if (name !== 'brif' && name !== 'br_table') return [];
    const targets = targetsOf(one);
    const distinct = [...new Set(targets.map(printTarget))];
    const replaced = (other: string, text: string) => (now: EditFunction): EditFunction => withoutUnreachable(mapInstructions(now, (each) => [each.id === id ? { ...each, name: other, words: text } : each]));
    const [condition = ''] = words.split(',', 1);
    const last = distinct.at(-1) ?? '';
    const fewer = name === 'br_table' && targets.length > 2 ? [replaced('brif', `${condition}, ${distinct[0] ?? ''}, ${last}`), replaced('br_table', `${condition}, [${distinct[0] ?? ''}], ${last}`)] : [];
    return [...distinct.map((target) => replaced('jump', target)), ...fewer];
  })),
};
