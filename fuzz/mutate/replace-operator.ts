// Replaces an operation by another of the same type.

import { applyChanges } from '../edit/apply.ts';
import { allRows, type Row } from '../edit/instructions.ts';
import { maybePlace, type Mutation } from './mutation.ts';

/** NaN bits may differ between engines; operations that show them are left out, as generators canonicalise before them. */
const isShy = ({ name }: Row): boolean => /reinterpret|copysign|\.neg$|\.abs$|relaxed|\.trunc_f|f32x4|f64x2|v128/.test(name);

const byType = new Map<string, Row[]>();
for (const row of allRows) {
  if (row.immediate !== 'none' || row.operands === undefined || row.operands === '' || isShy(row)) continue;
  const type = `${row.operands}>${row.results}`;
  const known = byType.get(type);
  if (known === undefined) byType.set(type, [row]);
  else known.push(row);
}

const likes = (row: Row): readonly Row[] => (isShy(row) || row.immediate !== 'none' ? [] : (byType.get(`${row.operands ?? ''}>${row.results}`) ?? []));

export const replaceOperator: Mutation = {
  name: 'replace-operator',
  summary: 'an operation becomes another of its type',
  preservesMeaning: false,
  apply: (c, m) => {
    // Features stay what they were: scalars remain scalars, saturating conversions are as old as sign extension.
    const place = maybePlace(c, m, ({ one }) => likes(one.row).filter((row) => row.opcode >> 12 === one.row.opcode >> 12).length > 1);
    if (place === undefined) return undefined;
    const { list, at, one } = place.site;
    const row = c.maybePick(likes(one.row).filter((other) => other !== one.row && other.opcode >> 12 === one.row.opcode >> 12));
    return row === undefined ? undefined : applyChanges(m, [{ kind: 'code', list, from: at, to: at, by: [{ row, args: [] }] }]);
  },
};
