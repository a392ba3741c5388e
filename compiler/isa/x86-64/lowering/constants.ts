// Constants and the vmctx in registers. They are made anew for each use, so no rule here may touch the flags.

import { k, uimm32, simm32, typed } from '../../../ir/pattern.ts';
import { fconst, iconst, vmctx } from '../../../ir/pattern-terms.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import { x64 } from '../instructions/table.ts';
import { rule } from './rule.ts';

export const constantRules = [
  rule('iconst.i32', typed(i32, iconst(k)), ({ kLow }, c) => c.emit(x64.mov32_ri, c.result(), kLow)),
  // Writing 32 bits clears the rest.
  rule('iconst.uimm32', typed(i64, iconst(uimm32(k))), ({ kLow }, c) => c.emit(x64.mov32_ri, c.result(), kLow)),
  rule('iconst.simm32', typed(i64, iconst(simm32(k))), ({ kLow }, c) => c.emit(x64.mov64_ri32, c.result(), kLow)),
  rule('iconst.i64', typed(i64, iconst(k)), ({ kLow, kHigh }, c) => c.emit(x64.mov64_ri, c.result(), kLow, kHigh)),
  rule('fconst.zero', fconst(0), (_, c) => c.emit(x64.zero_x, c.result())),
  rule('fconst.f32', typed(f32, fconst(k)), ({ kLow }, c) => {
    c.addressConstant(c.constant(4, kLow));
    c.emit(x64.movss_rm, c.result());
  }),
  rule('fconst.f64', typed(f64, fconst(k)), ({ kLow, kHigh }, c) => {
    c.addressConstant(c.constant(8, kLow, kHigh));
    c.emit(x64.movsd_rm, c.result());
  }),
  rule('vmctx', vmctx(), (_, c) => c.emit(x64.get_vmctx, c.result())),
];
