// Branches and checks: what they ask is asked more directly, and a check that cannot fail goes.
// A check that must fail stays: making it the end of its block is the business of the block clean-up.

import { op } from '../../ir/opcodes.ts';
import { k, typed, where, x } from '../../ir/pattern.ts';
import { brif, icmp, iconst, trapnz, trapz, uextend, sextend } from '../../ir/pattern-terms.ts';
import { i32 } from '../../ir/types.ts';
import { type SimplificationRule, gone, rule } from '../rewriter.ts';

export const checkRules: readonly SimplificationRule[] = [
  rule('brif.not-zero',       brif(icmp('ne', typed(i32, x), iconst(0))), ({ x }, c) => c.branchOn(x)),
  rule('brif.zero',           brif(icmp('eq', typed(i32, x), iconst(0))), ({ x }, c) => c.branchOnOpposite(x)),
  rule('trapz.passes',        trapz(iconst(where(k, (low, high) => low !== 0 || high !== 0))), () => gone),
  rule('trapnz.passes',       trapnz(iconst(0)),                      () => gone),
  rule('trapz.not-zero',      trapz(icmp('ne', x, iconst(0))),        ({ x }, c) => c.trapIf(op.trapz, x)),
  rule('trapz.zero',          trapz(icmp('eq', x, iconst(0))),        ({ x }, c) => c.trapIf(op.trapnz, x)),
  rule('trapnz.not-zero',     trapnz(icmp('ne', x, iconst(0))),       ({ x }, c) => c.trapIf(op.trapnz, x)),
  rule('trapnz.zero',         trapnz(icmp('eq', x, iconst(0))),       ({ x }, c) => c.trapIf(op.trapz, x)),
  rule('trapz.uextend',       trapz(uextend(x)),                      ({ x }, c) => c.trapIf(op.trapz, x)),
  rule('trapnz.uextend',      trapnz(uextend(x)),                     ({ x }, c) => c.trapIf(op.trapnz, x)),
  rule('trapz.sextend',       trapz(sextend(x)),                      ({ x }, c) => c.trapIf(op.trapz, x)),
  rule('trapnz.sextend',      trapnz(sextend(x)),                     ({ x }, c) => c.trapIf(op.trapnz, x)),
];
