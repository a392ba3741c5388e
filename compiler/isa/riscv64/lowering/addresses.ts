// Address modes: base + displacement. Roots are i64 values, the offset of the access is already in the displacement.
// An access adds 12 signed bits by itself; for what is beyond them the emitter makes the upper part in a scratch register in front of it
// (emitter.ts), which costs what the addition would have cost by itself. An index is always added by instructions of its own, with Zba one.

import { iadd, iconst } from '../../../ir/pattern-terms.ts';
import { k, simm32, typed, x } from '../../../ir/pattern.ts';
import { i64 } from '../../../ir/types.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { rule } from './rule.ts';

/** Whether the displacement stays within 32 signed bits when `k` is added. */
const fits = ({ k: added }: { readonly k: number }, c: Selector): boolean => {
  const sum = c.displacement + added;
  return sum >= -0x80000000 && sum <= 0x7fffffff;
};

export const addressRules = [
  rule('address.constant', iadd(x, iconst(simm32(k))), fits, ({ x, k }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement + k, 0)),
  rule('address.base', typed(i64, x), ({ x }, c) => c.setAddress(c.base(x), bases.none, 0, c.displacement, 0)),
];
