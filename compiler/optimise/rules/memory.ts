// Loads and stores: constants of the address go to the offset, and what a narrow store cuts off need not be computed.
// A new access stands where the old one stood, with its flags: traps stay where they are and what they are. An offset moves only as a whole,
// so that the address is the same modulo 2^64.

import { type Opcode, op } from '../../ir/opcodes.ts';
import { type ConstantPattern, type ConstantTest, type MemoryPattern, type Pattern, anyMemory, anything, bind, k, memory, simm32, w, where, x, y } from '../../ir/pattern.ts';
import {
  band,
  bitcast,
  iadd,
  iconst,
  ireduce,
  load,
  sextend,
  sextend16,
  sextend8,
  sload16,
  sload32,
  sload8,
  store,
  store16,
  store32,
  store8,
  uextend,
  uload16,
  uload32,
  uload8,
} from '../../ir/pattern-terms.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

const fitsOffset = (offset: number): boolean => offset === (offset | 0);
/** A constant whose low bits are all set, so that masking with it keeps them. */
const keeps =
  (mask: number): ConstantTest =>
  (low) =>
    (low & mask) === mask;

interface LoadRow {
  readonly name: string;
  readonly term: (memory: MemoryPattern<'flags' | 'offset'>, address: Pattern<'x' | 'k' | 'k64' | 'kLow' | 'kHigh'>) => Pattern<'flags' | 'offset' | 'x' | 'k' | 'k64' | 'kLow' | 'kHigh'>;
  readonly opcode: Opcode;
}
const loads: readonly LoadRow[] = [
  { name: 'load', term: load, opcode: op.load },
  { name: 'uload8', term: uload8, opcode: op.uload8 },
  { name: 'sload8', term: sload8, opcode: op.sload8 },
  { name: 'uload16', term: uload16, opcode: op.uload16 },
  { name: 'sload16', term: sload16, opcode: op.sload16 },
  { name: 'uload32', term: uload32, opcode: op.uload32 },
  { name: 'sload32', term: sload32, opcode: op.sload32 },
];
const stores = [
  { name: 'store', term: store, opcode: op.store },
  { name: 'store8', term: store8, opcode: op.store8 },
  { name: 'store16', term: store16, opcode: op.store16 },
  { name: 'store32', term: store32, opcode: op.store32 },
];
const near: ConstantPattern<'k' | 'k64' | 'kLow' | 'kHigh'> = simm32(k);

const offsetRules = [
  ...loads.map(({ name, term, opcode }) =>
    rule(`${name}.offset`, term(memory, iadd(x, iconst(near))), ({ k, offset }) => fitsOffset(offset + k), ({ x, k, flags, offset, type }, c) =>
      c.load(opcode, type, flags, x, offset + k)),
  ),
  ...stores.map(({ name, term, opcode }) =>
    rule(`${name}.offset`, term(memory, y, iadd(x, iconst(near))), ({ k, offset }) => fitsOffset(offset + k), ({ x, y, k, flags, offset }, c) =>
      c.store(opcode, flags, y, x, offset + k)),
  ),
];

export const memoryRules: readonly SimplificationRule[] = [
  ...offsetRules,
  rule('store8.masked',       store8(memory, band(x, iconst(where(k, keeps(0xff)))), y),    ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store16.masked',      store16(memory, band(x, iconst(where(k, keeps(0xffff)))), y), ({ x, y, flags, offset }, c) => c.store(op.store16, flags, x, y, offset)),
  rule('store32.masked',      store32(memory, band(x, iconst(where(k, keeps(-1)))), y),     ({ x, y, flags, offset }, c) => c.store(op.store32, flags, x, y, offset)),
  rule('store8.sextend8',     store8(memory, sextend8(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store8.sextend16',    store8(memory, sextend16(x), y),        ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store16.sextend16',   store16(memory, sextend16(x), y),       ({ x, y, flags, offset }, c) => c.store(op.store16, flags, x, y, offset)),
  rule('store8.uextend',      store8(memory, uextend(x), y),          ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store8.sextend',      store8(memory, sextend(x), y),          ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store8.ireduce',      store8(memory, ireduce(x), y),          ({ x, y, flags, offset }, c) => c.store(op.store8, flags, x, y, offset)),
  rule('store16.uextend',     store16(memory, uextend(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store16, flags, x, y, offset)),
  rule('store16.sextend',     store16(memory, sextend(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store16, flags, x, y, offset)),
  rule('store16.ireduce',     store16(memory, ireduce(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store16, flags, x, y, offset)),
  rule('store32.uextend',     store32(memory, uextend(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store, flags, x, y, offset)),
  rule('store32.sextend',     store32(memory, sextend(x), y),         ({ x, y, flags, offset }, c) => c.store(op.store, flags, x, y, offset)),
  rule('store.ireduce',       store(memory, ireduce(x), y),           ({ x, y, flags, offset }, c) => c.store(op.store32, flags, x, y, offset)),
  rule('store.bitcast',       store(memory, bitcast(x), y),           ({ x, y, flags, offset }, c) => c.store(op.store, flags, x, y, offset)),
  rule('band.uload8',         band(bind(w, uload8(anyMemory, anything)), iconst(where(k, keeps(0xff)))),    ({ w }) => w),
  rule('band.uload16',        band(bind(w, uload16(anyMemory, anything)), iconst(where(k, keeps(0xffff)))), ({ w }) => w),
  rule('band.uload32',        band(bind(w, uload32(anyMemory, anything)), iconst(where(k, keeps(-1)))),     ({ w }) => w),
  rule('sextend8.sload8',     sextend8(bind(w, sload8(anyMemory, anything))),   ({ w }) => w),
  rule('sextend16.sload8',    sextend16(bind(w, sload8(anyMemory, anything))),  ({ w }) => w),
  rule('sextend16.sload16',   sextend16(bind(w, sload16(anyMemory, anything))), ({ w }) => w),
  rule('sextend16.uload8',    sextend16(bind(w, uload8(anyMemory, anything))),  ({ w }) => w),
];
