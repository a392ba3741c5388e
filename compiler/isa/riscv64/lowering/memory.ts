// Loads and stores. A load reads exactly the bytes it names; an i32 comes out sign-extended, from the narrow zero-extending loads too.

import { fconst, iconst, load, sload16, sload32, sload8, store, store16, store32, store8, uload16, uload32, uload8 } from '../../../ir/pattern-terms.ts';
import { memory, typed, x, y } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { rv } from '../instructions/table.ts';
import { rule } from './rule.ts';

type Load = typeof load;
type Store = typeof store;

const loadRule = (name: string, term: Load, type: Type, row: number) =>
  rule(name, typed(type, term(memory, x)), ({ x, offset, flags }, c) => {
    c.address(x, offset, flags);
    c.emit(row, c.result());
  });

const storeRule = (name: string, term: Store, type: Type, row: number) =>
  rule(name, term(memory, typed(type, x), y), ({ x, y, offset, flags }, c) => {
    const value = c.use(x);
    c.address(y, offset, flags);
    c.emit(row, value);
  });

/** Zero comes from the zero register. */
const storeZeroRule = (name: string, term: Store, type: Type, row: number) =>
  rule(name, term(memory, typed(type, type === i32 || type === i64 ? iconst(0) : fconst(0)), y), ({ y, offset, flags }, c) => {
    c.address(y, offset, flags);
    c.emit(row);
  });

const narrow = (suffix: string, type: typeof i32 | typeof i64) => [
  storeZeroRule(`store8.zero.${suffix}`, store8, type, rv.sb_zero),
  storeZeroRule(`store16.zero.${suffix}`, store16, type, rv.sh_zero),
  storeRule(`store8.${suffix}`, store8, type, rv.sb),
  storeRule(`store16.${suffix}`, store16, type, rv.sh),
];

export const memoryRules = [
  loadRule('load.i32', load, i32, rv.lw),
  loadRule('load.i64', load, i64, rv.ld),
  loadRule('load.f32', load, f32, rv.flw),
  loadRule('load.f64', load, f64, rv.fld),
  loadRule('uload8.i32', uload8, i32, rv.lbu32),
  loadRule('uload8.i64', uload8, i64, rv.lbu),
  loadRule('uload16.i32', uload16, i32, rv.lhu32),
  loadRule('uload16.i64', uload16, i64, rv.lhu),
  loadRule('uload32', uload32, i64, rv.lwu),
  loadRule('sload8.i32', sload8, i32, rv.lb32),
  loadRule('sload8.i64', sload8, i64, rv.lb),
  loadRule('sload16.i32', sload16, i32, rv.lh32),
  loadRule('sload16.i64', sload16, i64, rv.lh),
  loadRule('sload32', sload32, i64, rv.lw_wide),
  storeZeroRule('store.zero.i32', store, i32, rv.sw_zero),
  storeZeroRule('store.zero.i64', store, i64, rv.sd_zero),
  storeZeroRule('store.zero.f32', store, f32, rv.sw_zero),
  storeZeroRule('store.zero.f64', store, f64, rv.sd_zero),
  storeRule('store.i32', store, i32, rv.sw),
  storeRule('store.i64', store, i64, rv.sd),
  storeRule('store.f32', store, f32, rv.fsw),
  storeRule('store.f64', store, f64, rv.fsd),
  ...narrow('i32', i32),
  ...narrow('i64', i64),
  storeZeroRule('store32.zero', store32, i64, rv.sw_zero),
  storeRule('store32', store32, i64, rv.sw),
];
