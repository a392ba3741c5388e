// Address modes: base + index * scale + displacement. Roots are i64 values, the offset of the access is already in the displacement.
// No instruction can do all of this at once: what is beyond an access's own forms, the emitter adds up in a scratch register in front of it
// (emitter.ts), which costs what the additions would have cost by themselves.
// An index of 32 bits that is zero-extended has instructions of its own, see memory.ts.
//
// All arithmetic of an address mode is done in 64 bits, so only 64-bit operations may be folded into it.

import { resultOf } from '../../../ir/function.ts';
import { iadd, iconst, ishl, vmctx } from '../../../ir/pattern-terms.ts';
import { type Bindings, k, l, simm32, typed, where, x, y } from '../../../ir/pattern.ts';
import { i64 } from '../../../ir/types.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { rule } from './rule.ts';

/** Shifts that some access can do by itself. */
const scale = where(l, (low, high) => high === 0 && low >= 0 && low <= 3);

/** Whether the displacement stays within 32 signed bits when `k` is added. */
const fits = ({ k: added }: { readonly k: number }, c: Selector): boolean => {
  const sum = c.displacement + added;
  return sum >= -0x80000000 && sum <= 0x7fffffff;
};

/** An index beside a displacement costs an addition at each access: the sum is rather computed once if it is used again. */
const usedOnce = ({ f, inst }: Bindings<never>, c: Selector): boolean => c.displacement === 0 || !c.isShared(resultOf(f, inst));

export const addressRules = [
  rule('address.constant', iadd(x, iconst(simm32(k))), fits, ({ x, k }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement + k, 0)),
  rule('address.index_scale', iadd(x, ishl(y, iconst(scale))), usedOnce, ({ x, y, l }, c) => c.setAddress(c.base(x), c.use(y), l, c.displacement, 0)),
  rule('address.vmctx_index', iadd(vmctx(), y), ({ y }, c) => c.setAddress(bases.vmctx, c.use(y), 0, c.displacement, 0)),
  rule('address.index', iadd(x, y), usedOnce, ({ x, y }, c) => c.setAddress(c.base(x), c.use(y), 0, c.displacement, 0)),
  rule('address.base', typed(i64, x), ({ x }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement, 0)),
];
