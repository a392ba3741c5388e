// Lets two operands of one type change places.

import { applyChanges } from '../edit/apply.ts';
import { isClosed, maybePlace, type Mutation, replaceRange } from './mutation.ts';

export const swapOperands: Mutation = {
  name: 'swap-operands',
  summary: 'a - b becomes b - a',
  preservesMeaning: false,
  apply: (c, m) => {
    // Where an operation shows the sign of its second operand, that one's NaNs are canonical, and the first one's are not.
    const place = maybePlace(c, m, (site) => !site.one.row.name.endsWith('copysign') && isClosed(site) && site.operands.length === 2 && site.operands.every((operand) => operand !== undefined) && site.pops[0] === site.pops[1]);
    const [left, right] = place?.site.operands ?? [];
    if (place === undefined || left === undefined || right === undefined) return undefined;
    const { list, one } = place.site;
    return applyChanges(m, [replaceRange(place.site, [...list.slice(right.from, right.to + 1), ...list.slice(left.from, left.to + 1), one])]);
  },
};
