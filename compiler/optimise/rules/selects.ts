// Selects. `select_guard` has no rules: it keeps speculative execution from using an unchecked address, and must stay as it is.

import { anyCondition, anything, bind, condition, k, typed, w, where, x, y, z } from '../../ir/pattern.ts';
import { fcmp, icmp, iconst, select } from '../../ir/pattern-terms.ts';
import { i32 } from '../../ir/types.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

export const selectRules: readonly SimplificationRule[] = [
  rule('select.same',         select(anything, x, x),                 ({ x }) => x),
  rule('select.never',        select(iconst(0), anything, y),         ({ y }) => y),
  rule('select.always',       select(iconst(where(k, (low) => low !== 0)), x, anything), ({ x }) => x),
  rule('select.not-zero',     select(icmp('ne', typed(i32, x), iconst(0)), y, z), ({ x, y, z }, c) => c.select(x, y, z)),
  rule('select.zero',         select(icmp('eq', typed(i32, x), iconst(0)), y, z), ({ x, y, z }, c) => c.select(x, z, y)),
  rule('select.compare',      typed(i32, select(bind(w, icmp(anyCondition, x, y)), iconst(1), iconst(0))), ({ w }) => w),
  rule('select.float-compare', typed(i32, select(bind(w, fcmp(anyCondition, x, y)), iconst(1), iconst(0))), ({ w }) => w),
  rule('select.not-compare',  typed(i32, select(icmp(condition, x, y), iconst(0), iconst(1))), ({ x, y, condition }, c) => c.icmp(condition ^ 1, x, y)),
  rule('select.is-set',       typed(i32, select(x, iconst(1), iconst(0))), ({ x }, c) => c.icmp('ne', x, c.iconst(i32, 0))),
  rule('select.is-clear',     typed(i32, select(x, iconst(0), iconst(1))), ({ x }, c) => c.icmp('eq', x, c.iconst(i32, 0))),
  rule('select.then-same',    select(x, select(x, y, anything), z),   ({ x, y, z }, c) => c.select(x, y, z)),
  rule('select.else-same',    select(x, y, select(x, anything, z)),   ({ x, y, z }, c) => c.select(x, y, z)),
];
