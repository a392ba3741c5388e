// Address modes: base + index * scale + displacement of 32 bits, sign-extended. Roots are i64 values, the offset of the access is already in
// the displacement.
//
// All arithmetic of an address mode is done in 64 bits, so only 64-bit operations may be folded into it. An i32 addition or shift below a
// `uextend` wraps at 2^32 and the address mode would not: such an index is computed by its own instruction and extended.

import { k, l, simm32, typed, where, x, y } from '../../../ir/pattern.ts';
import { iadd, iconst, ishl, vmctx } from '../../../ir/pattern-terms.ts';
import { i64 } from '../../../ir/types.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { rule } from './rule.ts';

const scale = where(l, (low, high) => high === 0 && low >= 0 && low <= 3);

/** Whether the displacement stays within 32 signed bits when `k` is added. */
const fits = ({ k: added }: { readonly k: number }, c: Selector): boolean => {
  const sum = c.displacement + added;
  return sum >= -0x80000000 && sum <= 0x7fffffff;
};

export const addressRules = [
  rule('address.index_scale_constant', iadd(iadd(x, ishl(y, iconst(scale))), iconst(simm32(k))), fits, ({ x, y, k, l }, c) => {
    c.setAddress(c.base(x), c.use(y), l, c.displacement + k, 0);
  }),
  rule('address.index_constant', iadd(iadd(x, y), iconst(simm32(k))), fits, ({ x, y, k }, c) => c.setAddress(c.base(x), c.use(y), 0, c.displacement + k, 0)),
  rule('address.constant', iadd(x, iconst(simm32(k))), fits, ({ x, k }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement + k, 0)),
  rule('address.index_scale', iadd(x, ishl(y, iconst(scale))), ({ x, y, l }, c) => c.setAddress(c.base(x), c.use(y), l, c.displacement, 0)),
  rule('address.vmctx_index', iadd(vmctx(), y), ({ y }, c) => c.setAddress(bases.vmctx, c.use(y), 0, c.displacement, 0)),
  rule('address.index', iadd(x, y), ({ x, y }, c) => c.setAddress(c.base(x), c.use(y), 0, c.displacement, 0)),
  rule('address.base', typed(i64, x), ({ x }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement, 0)),
];
