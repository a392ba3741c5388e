// Loads and stores. A load reads exactly the bytes it names; a load of 32 bits clears the rest of the register.

import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import { k, memory, memory2, simm32, typed, x, y } from '../../../ir/pattern.ts';
import { band, bor, bxor, iadd, iconst, isub, load, sload16, sload32, sload8, store, store16, store32, store8, uload16, uload32, uload8 } from '../../../ir/pattern-terms.ts';
import { x64 } from '../instructions/table.ts';
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

/** Stores a constant: only as many of its low bits as the row takes. */
const storeConstantRule = (name: string, term: Store, type: Type, row: number, bytes: 1 | 2 | 4) =>
  rule(name, term(memory, typed(type, iconst(simm32(k))), y), ({ y, kLow, offset, flags }, c) => {
    c.address(y, offset, flags);
    c.emit(row, bytes === 4 ? kLow : (kLow << (32 - 8 * bytes)) >> (32 - 8 * bytes));
  });

const narrow = (suffix: string, type: Type) => [
  storeConstantRule(`store8.constant.${suffix}`, store8, type, x64.mov8_mi, 1),
  storeConstantRule(`store16.constant.${suffix}`, store16, type, x64.mov16_mi, 2),
  storeRule(`store8.${suffix}`, store8, type, x64.mov8_mr),
  storeRule(`store16.${suffix}`, store16, type, x64.mov16_mr),
];

// An operation on a value in memory whose result goes back to the same place. The load must have no other use, and nothing may come between it and
// the store; the rule engine asks the selector for both. The place is the same value with the same offset.
const modifyRules = ([['iadd', iadd, 'add'], ['isub', isub, 'sub'], ['band', band, 'and'], ['bor', bor, 'or'], ['bxor', bxor, 'xor']] as const).flatMap(([name, term, mnemonic]) =>
  ([['i32', i32, 32], ['i64', i64, 64]] as const).flatMap(([typeName, type, bits]) => [
    rule(
      `store.${name}.${typeName}.simm32`,
      store(memory, typed(type, term(load(memory2, y), iconst(simm32(k)))), y),
      ({ offset, offset2, flags, flags2 }) => offset === offset2 && flags === flags2,
      ({ y, kLow, offset, flags }, c) => {
        c.address(y, offset, flags);
        c.emit(x64[`${mnemonic}${bits}_mi`], kLow);
      },
    ),
    rule(
      `store.${name}.${typeName}`,
      store(memory, typed(type, term(load(memory2, y), x)), y),
      ({ offset, offset2, flags, flags2 }) => offset === offset2 && flags === flags2,
      ({ x, y, offset, flags }, c) => {
        const value = c.use(x);
        c.address(y, offset, flags);
        c.emit(x64[`${mnemonic}${bits}_mr`], value);
      },
    ),
  ]),
);

export const memoryRules = [
  ...modifyRules,
  loadRule('load.i32', load, i32, x64.mov32_rm),
  loadRule('load.i64', load, i64, x64.mov64_rm),
  loadRule('load.f32', load, f32, x64.movss_rm),
  loadRule('load.f64', load, f64, x64.movsd_rm),
  loadRule('uload8.i32', uload8, i32, x64.movzx8_32_rm),
  loadRule('uload8.i64', uload8, i64, x64.movzx8_32_rm),
  loadRule('uload16.i32', uload16, i32, x64.movzx16_32_rm),
  loadRule('uload16.i64', uload16, i64, x64.movzx16_32_rm),
  loadRule('uload32', uload32, i64, x64.mov32_rm),
  loadRule('sload8.i32', sload8, i32, x64.movsx8_32_rm),
  loadRule('sload8.i64', sload8, i64, x64.movsx8_64_rm),
  loadRule('sload16.i32', sload16, i32, x64.movsx16_32_rm),
  loadRule('sload16.i64', sload16, i64, x64.movsx16_64_rm),
  loadRule('sload32', sload32, i64, x64.movsxd_rm),
  storeConstantRule('store.constant.i32', store, i32, x64.mov32_mi, 4),
  storeConstantRule('store.constant.i64', store, i64, x64.mov64_mi, 4),
  storeRule('store.i32', store, i32, x64.mov32_mr),
  storeRule('store.i64', store, i64, x64.mov64_mr),
  storeRule('store.f32', store, f32, x64.movss_mr),
  storeRule('store.f64', store, f64, x64.movsd_mr),
  ...narrow('i32', i32),
  ...narrow('i64', i64),
  storeRule('store32', store32, i64, x64.mov32_mr),
];
