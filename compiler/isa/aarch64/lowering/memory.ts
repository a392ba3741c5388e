// Loads and stores. A load reads exactly the bytes it names; one that writes a 32-bit register clears the rest of it.
// An index of 32 bits is zero-extended by the access itself: base + uextend(index), the way all of wasm's accesses look.

import type { Value } from '../../../base/entity.ts';
import { fconst, iadd, iconst, load, sload16, sload32, sload8, store, store16, store32, store8, uextend, uload16, uload32, uload8 } from '../../../ir/pattern-terms.ts';
import { bind, memory, typed, w, x, y, z } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { trapOfFlags } from '../../../machine/value-uses.ts';
import { type RowName, a64 } from '../instructions/table.ts';
import { rule } from './rule.ts';

type Load = typeof load;
type Store = typeof store;
/** Rows that have a twin with an index of 32 bits. */
type Access = { readonly [Name in RowName]: `${Name}_uxtw` extends RowName ? Name : never }[RowName];

/** base + uextend(index); the sum is bound to w. */
const indexed = bind(w, iadd(x, uextend(y)));

/** An offset beside the index costs an addition at each access: the address is rather computed once if it is used again. */
const usedOnce = ({ w: address, offset }: { readonly w: Value; readonly offset: number }, c: Selector): boolean => offset === 0 || !c.isShared(address);

function setBase(c: Selector, base: Value, offset: number, flags: number): void {
  c.setAddress(c.base(base), bases.none, 0, offset, trapOfFlags(flags));
}

const loadRules = (name: string, term: Load, type: Type, row: Access) => [
  rule(`${name}.uxtw`, typed(type, term(memory, indexed)), usedOnce, ({ x, y, offset, flags }, c) => {
    const index = c.use(y);
    setBase(c, x, offset, flags);
    c.emit(a64[`${row}_uxtw`], c.result(), index, 0);
  }),
  rule(name, typed(type, term(memory, x)), ({ x, offset, flags }, c) => {
    c.address(x, offset, flags);
    c.emit(a64[row], c.result());
  }),
];

const storeRules = (name: string, term: Store, type: Type, row: Access) => [
  rule(`${name}.uxtw`, term(memory, typed(type, z), indexed), usedOnce, ({ x, y, z, offset, flags }, c) => {
    const [value, index] = [c.use(z), c.use(y)];
    setBase(c, x, offset, flags);
    c.emit(a64[`${row}_uxtw`], value, index, 0);
  }),
  rule(name, term(memory, typed(type, x), y), ({ x, y, offset, flags }, c) => {
    const value = c.use(x);
    c.address(y, offset, flags);
    c.emit(a64[row], value);
  }),
];

/** Zero comes from the zero register. */
const storeZeroRules = (name: string, term: Store, type: Type, row: Access) => {
  const zero = type === i32 || type === i64 ? iconst(0) : fconst(0);
  return [
    rule(`${name}.uxtw`, term(memory, typed(type, zero), indexed), usedOnce, ({ x, y, offset, flags }, c) => {
      const index = c.use(y);
      setBase(c, x, offset, flags);
      c.emit(a64[`${row}_uxtw`], index, 0);
    }),
    rule(name, term(memory, typed(type, zero), y), ({ y, offset, flags }, c) => {
      c.address(y, offset, flags);
      c.emit(a64[row]);
    }),
  ];
};

const narrow = (suffix: string, type: typeof i32 | typeof i64) => [
  ...storeZeroRules(`store8.zero.${suffix}`, store8, type, 'strb_zero'),
  ...storeZeroRules(`store16.zero.${suffix}`, store16, type, 'strh_zero'),
  ...storeRules(`store8.${suffix}`, store8, type, 'strb'),
  ...storeRules(`store16.${suffix}`, store16, type, 'strh'),
];

export const memoryRules = [
  ...loadRules('load.i32', load, i32, 'ldr32'),
  ...loadRules('load.i64', load, i64, 'ldr64'),
  ...loadRules('load.f32', load, f32, 'ldrf32'),
  ...loadRules('load.f64', load, f64, 'ldrf64'),
  ...loadRules('uload8.i32', uload8, i32, 'ldrb'),
  ...loadRules('uload8.i64', uload8, i64, 'ldrb'),
  ...loadRules('uload16.i32', uload16, i32, 'ldrh'),
  ...loadRules('uload16.i64', uload16, i64, 'ldrh'),
  ...loadRules('uload32', uload32, i64, 'ldr32'),
  ...loadRules('sload8.i32', sload8, i32, 'ldrsb32'),
  ...loadRules('sload8.i64', sload8, i64, 'ldrsb64'),
  ...loadRules('sload16.i32', sload16, i32, 'ldrsh32'),
  ...loadRules('sload16.i64', sload16, i64, 'ldrsh64'),
  ...loadRules('sload32', sload32, i64, 'ldrsw'),
  ...storeZeroRules('store.zero.i32', store, i32, 'str32_zero'),
  ...storeZeroRules('store.zero.i64', store, i64, 'str64_zero'),
  ...storeZeroRules('store.zero.f32', store, f32, 'str32_zero'),
  ...storeZeroRules('store.zero.f64', store, f64, 'str64_zero'),
  ...storeRules('store.i32', store, i32, 'str32'),
  ...storeRules('store.i64', store, i64, 'str64'),
  ...storeRules('store.f32', store, f32, 'strf32'),
  ...storeRules('store.f64', store, f64, 'strf64'),
  ...narrow('i32', i32),
  ...narrow('i64', i64),
  ...storeZeroRules('store32.zero', store32, i64, 'str32_zero'),
  ...storeRules('store32', store32, i64, 'str32'),
];
