// Integer operations. Every i32 result is written sign-extended (README.md): by a row that ends in w, or by one that keeps the form its sources have.
// No division faults: the checks for zero and overflow are instructions of the IR, and INT_MIN % -1 is 0.

import type { Value } from '../../../base/entity.ts';
import { type OpcodeName, op } from '../../../ir/opcodes.ts';
import {
  band, bor, bxor, iadd, iconst, imul, ireduce, ishl, isub, sdiv, sextend, sextend16, sextend8, srem, sshr, udiv, uextend, urem, ushr,
} from '../../../ir/pattern-terms.ts';
import { type ConstantPattern, k, l, typed, where, x, y } from '../../../ir/pattern.ts';
import { type Type, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { rv } from '../instructions/table.ts';
import { comparisonRules } from './conditions.ts';
import { bitRules } from './bits.ts';
import { byWidth, hasZba, hasZbb, integerClass, integerWidths, negatedShort, rule, short, widthOf } from './rule.ts';

type Binary = typeof iadd;

const plainForm = (name: string, term: Binary, row4: number, row8: number) =>
  rule(name, term(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(y)));

const shortForm = (name: string, term: Binary, row4: number, row8: number) =>
  rule(`${name}.short`, term(x, iconst(short)), ({ x, kLow, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), kLow));

/** A shift that Zba adds to an addition. */
const smallShift = where(l, (low, high) => high === 0 && low >= 1 && low <= 3);
const shiftedSums = [rv.add, rv.sh1add, rv.sh2add, rv.sh3add];
const shiftedWordSums = [rv.add_uw, rv.sh1add_uw, rv.sh2add_uw, rv.sh3add_uw];

const sums = [
  shortForm('iadd', iadd, rv.addiw, rv.addi),
  rule('iadd.uextend_shifted', typed(i64, iadd(x, ishl(uextend(y), iconst(smallShift)))), hasZba, ({ x, y, l }, c) => c.emit(shiftedWordSums[l] as number, c.result(), c.use(y), c.use(x))),
  rule('iadd.uextend', typed(i64, iadd(x, uextend(y))), hasZba, ({ x, y }, c) => c.emit(rv.add_uw, c.result(), c.use(y), c.use(x))),
  rule('iadd.shifted', typed(i64, iadd(x, ishl(y, iconst(smallShift)))), hasZba, ({ x, y, l }, c) => c.emit(shiftedSums[l] as number, c.result(), c.use(y), c.use(x))),
  plainForm('iadd', iadd, rv.addw, rv.add),
  rule('isub.short', isub(x, iconst(negatedShort)), ({ x, kLow, type }, c) => c.emit(byWidth(type, rv.addiw, rv.addi), c.result(), c.use(x), -kLow)),
  rule('isub.neg', isub(iconst(0), x), ({ x, type }, c) => c.emit(byWidth(type, rv.negw, rv.neg), c.result(), c.use(x))),
  plainForm('isub', isub, rv.subw, rv.sub),
];

const products = [
  plainForm('imul', imul, rv.mulw, rv.mul),
  plainForm('sdiv', sdiv, rv.divw, rv.div),
  plainForm('udiv', udiv, rv.divuw, rv.divu),
  plainForm('srem', srem, rv.remw, rv.rem),
  plainForm('urem', urem, rv.remuw, rv.remu),
];

/** The lowest n bits, more of them than a short constant has and fewer than all. */
const lowBits: ConstantPattern<'k' | 'k64' | 'kLow' | 'kHigh'> = where(k, (low, high, type) =>
  type === i32 || high === 0 ? (low > 0x7ff && (low & (low + 1)) === 0) || (type === i64 && low === -1) : high > 0 && low === -1 && (high & (high + 1)) === 0,
);
const countOfLowBits = (low: number, high: number): number => 64 - (high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low));

const logic = [
  shortForm('band', band, rv.andi32, rv.andi),
  ...integerWidths.map(([typeName, type]) =>
    rule(`band.${typeName}.low_bits`, typed(type, band(x, iconst(lowBits))), ({ x, kLow, kHigh, type: width }, c) => {
      const shift = 8 * widthOf(width) - countOfLowBits(kLow, kHigh);
      const shifted = c.temp(integerClass, widthOf(width));
      c.emit(byWidth(width, rv.slliw, rv.slli), shifted, c.use(x), shift);
      c.emit(byWidth(width, rv.srliw, rv.srli), c.result(), shifted, shift);
    }),
  ),
  rule('band.andn', band(x, bxor(y, iconst(-1))), hasZbb, ({ x, y, type }, c) => c.emit(byWidth(type, rv.andn32, rv.andn), c.result(), c.use(x), c.use(y))),
  plainForm('band', band, rv.and32, rv.and),
  shortForm('bor', bor, rv.ori32, rv.ori),
  rule('bor.orn', bor(x, bxor(y, iconst(-1))), hasZbb, ({ x, y, type }, c) => c.emit(byWidth(type, rv.orn32, rv.orn), c.result(), c.use(x), c.use(y))),
  plainForm('bor', bor, rv.or32, rv.or),
  shortForm('bxor', bxor, rv.xori32, rv.xori),
  rule('bxor.xnor', bxor(x, bxor(y, iconst(-1))), hasZbb, ({ x, y, type }, c) => c.emit(byWidth(type, rv.xnor32, rv.xnor), c.result(), c.use(x), c.use(y))),
  plainForm('bxor', bxor, rv.xor32, rv.xor),
];

/** Shifts by a constant take it modulo the width, as the others do by themselves. */
const constantShift = (name: string, term: Binary, row4: number, row8: number) =>
  rule(`${name}.constant`, term(x, iconst(k)), ({ x, kLow, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), kLow & (8 * widthOf(type) - 1)));

/** A shift of a widened value that leaves some of it. */
const below32 = where(l, (low, high) => high === 0 && low >= 0 && low < 32);

const shiftRules = [
  rule('ishl.uextend_zba', typed(i64, ishl(uextend(x), iconst(below32))), hasZba, ({ x, l }, c) => c.emit(rv.slli_uw, c.result(), c.use(x), l)),
  rule('ishl.uextend', typed(i64, ishl(uextend(x), iconst(below32))), ({ x, l }, c) => {
    const top = c.temp(integerClass, 8);
    c.emit(rv.slli_word, top, c.use(x), 32);
    c.emit(rv.srli, c.result(), top, 32 - l);
  }),
  rule('ishl.sextend', typed(i64, ishl(sextend(x), iconst(below32))), ({ x, l }, c) => c.emit(rv.slli_word, c.result(), c.use(x), l)),
  constantShift('ishl', ishl, rv.slliw, rv.slli),
  plainForm('ishl', ishl, rv.sllw, rv.sll),
  constantShift('ushr', ushr, rv.srliw, rv.srli),
  plainForm('ushr', ushr, rv.srlw, rv.srl),
  constantShift('sshr', sshr, rv.sraiw, rv.srai),
  plainForm('sshr', sshr, rv.sraw, rv.sra),
];

const opcodesOf = (...names: readonly OpcodeName[]): ReadonlySet<number> => new Set(names.map((name) => op[name]));
/** Opcodes whose i32 result every rule writes whole, sign-extended, to a register of its own. */
const writesWhole = opcodesOf(
  'iadd', 'isub', 'imul', 'band', 'bor', 'bxor', 'ishl', 'ushr', 'sshr', 'rotl', 'rotr', 'clz', 'ctz', 'popcnt', 'sextend8', 'sextend16', 'ireduce', 'icmp', 'fcmp',
  'udiv', 'sdiv', 'urem', 'srem', 'load', 'uload8', 'sload8', 'uload16', 'sload16',
);
/** Those among them whose result is never negative. */
const writesNatural = opcodesOf('clz', 'ctz', 'popcnt', 'icmp', 'fcmp', 'uload8', 'uload16');

/** Copies of the sign from bit `bits - 1` on, by shifts to the left and back. */
function extendSign(c: Selector, type: Type | 0, value: Value, bits: number): void {
  const shift = 8 * widthOf(type) - bits;
  const shifted = c.temp(integerClass, widthOf(type));
  c.emit(byWidth(type, rv.slliw, rv.slli), shifted, c.use(value), shift);
  c.emit(byWidth(type, rv.sraiw, rv.srai), c.result(), shifted, shift);
}

/** The upper half cleared. */
function clearAbove(c: Selector, value: Value): void {
  const shifted = c.temp(integerClass, 8);
  c.emit(rv.slli_word, shifted, c.use(value), 32);
  c.emit(rv.srli, c.result(), shifted, 32);
}

const wideningRules = [
  rule('sextend8.zbb', sextend8(x), hasZbb, ({ x, type }, c) => c.emit(byWidth(type, rv.sext_b32, rv.sext_b), c.result(), c.use(x))),
  rule('sextend8', sextend8(x), ({ x, type }, c) => extendSign(c, type, x, 8)),
  rule('sextend16.zbb', sextend16(x), hasZbb, ({ x, type }, c) => c.emit(byWidth(type, rv.sext_h32, rv.sext_h), c.result(), c.use(x))),
  rule('sextend16', sextend16(x), ({ x, type }, c) => extendSign(c, type, x, 16)),
  rule('sextend.ireduce', sextend(ireduce(x)), ({ x }, c) => c.emit(rv.addiw_wide, c.result(), c.use(x), 0)),
  rule('sextend.free', sextend(x), ({ x }, c) => writesWhole.has(c.definingOpcode(x)), ({ x }, c) => c.alias(c.useWide(x, 8))),
  rule('sextend', sextend(x), ({ x }, c) => c.emit(rv.addiw_wide, c.result(), c.use(x), 0)),
  rule('uextend.ireduce_zba', uextend(ireduce(x)), hasZba, ({ x }, c) => c.emit(rv.zext_w, c.result(), c.use(x))),
  rule('uextend.ireduce', uextend(ireduce(x)), ({ x }, c) => clearAbove(c, x)),
  rule('uextend.free', uextend(x), ({ x }, c) => writesNatural.has(c.definingOpcode(x)), ({ x }, c) => c.alias(c.useWide(x, 8))),
  rule('uextend.zba', uextend(x), hasZba, ({ x }, c) => c.emit(rv.zext_w, c.result(), c.use(x))),
  rule('uextend', uextend(x), ({ x }, c) => clearAbove(c, x)),
  rule('ireduce', ireduce(x), ({ x }, c) => c.emit(rv.addiw, c.result(), c.use(x), 0)),
];

export const integerRules = [...sums, ...products, ...logic, ...shiftRules, ...bitRules, ...wideningRules, ...comparisonRules];
