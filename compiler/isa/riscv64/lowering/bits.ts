// Rotations and counts of bits, with Zbb and without. Without, a count of zeros is read off the exponent of a float: a conversion finds the highest bit,
// and a power of two converts exactly. The exponent of a positive f64 stands alone above bit 52, 1023 more than the number of the highest bit.

import type { Value } from '../../../base/entity.ts';
import { clz, ctz, iconst, popcnt, rotl, rotr } from '../../../ir/pattern-terms.ts';
import { k, typed, x, y } from '../../../ir/pattern.ts';
import { type Type, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { roundings } from '../encoding/fields.ts';
import { rv } from '../instructions/table.ts';
import { constant } from './constants.ts';
import { byWidth, floatClass, hasZbb, integerClass, rule, widthOf } from './rule.ts';

const wide = (c: Selector): number => c.temp(integerClass, 8);

const exponentBias = 1023;

/** The exponent of `float`, with its bias. */
function exponentOf(c: Selector, float: number): number {
  const [bits, exponent] = [wide(c), wide(c)];
  c.emit(rv.fmv_x_d, bits, float);
  c.emit(rv.srli, exponent, bits, 52);
  return exponent;
}

// 2x + 1 has its highest bit at 32 - clz(x), for x = 0 too.
function leadingZeros32(c: Selector, value: Value): void {
  const [top, doubled, odd, float] = [wide(c), wide(c), wide(c), c.temp(floatClass, 8)];
  c.emit(rv.slli_word, top, c.use(value), 32);
  c.emit(rv.srli, doubled, top, 31);
  c.emit(rv.ori, odd, doubled, 1);
  c.emit(rv.fcvt_d_l, float, odd, roundings.rne);
  const exponent = exponentOf(c, float);
  c.emit(rv.subw, c.result(), constant(c, 4, exponentBias + 32), exponent);
}

/** `isZero` is 1 for 0, else 0; added to 0 it makes a number whose highest and lowest bit is known. */
function leadingZeros64(c: Selector, value: Value): void {
  const [isZero, some, float, difference] = [wide(c), wide(c), c.temp(floatClass, 8), wide(c)];
  const a = c.use(value);
  c.emit(rv.sltiu, isZero, a, 1);
  c.emit(rv.or, some, a, isZero);
  // Rounded down, the highest bit stays where it is.
  c.emit(rv.fcvt_d_lu, float, some, roundings.rtz);
  const exponent = exponentOf(c, float);
  c.emit(rv.sub, difference, constant(c, 8, exponentBias + 63), exponent);
  c.emit(rv.add, c.result(), difference, isZero);
}

// x & -x is the lowest bit alone.
function trailingZeros(c: Selector, type: Type | 0, value: Value): void {
  const bytes = widthOf(type);
  const make = (): number => c.temp(integerClass, bytes);
  const [isZero, negated, lowest, some, count, more] = [make(), make(), make(), make(), make(), make()];
  const float = c.temp(floatClass, 8);
  const a = c.use(value);
  c.emit(byWidth(type, rv.sltiu32, rv.sltiu), isZero, a, 1);
  c.emit(byWidth(type, rv.negw, rv.neg), negated, a);
  c.emit(byWidth(type, rv.and32, rv.and), lowest, a, negated);
  c.emit(byWidth(type, rv.or32, rv.or), some, lowest, isZero);
  c.emit(byWidth(type, rv.fcvt_d_wu, rv.fcvt_d_lu), float, some, roundings.rne);
  const exponent = exponentOf(c, float);
  c.emit(byWidth(type, rv.addiw, rv.addi), count, exponent, -exponentBias);
  c.emit(byWidth(type, rv.slliw, rv.slli), more, isZero, bytes === 4 ? 5 : 6);
  c.emit(byWidth(type, rv.addw, rv.add), c.result(), count, more);
}

// Sums of neighbouring bits, then of pairs, then of fours; a product sums the bytes into the highest. Warren, Hacker's Delight, 5-1.
function population(c: Selector, type: Type | 0, value: Value): void {
  const bytes = widthOf(type);
  const make = (): number => c.temp(integerClass, bytes);
  const pattern = (half: number): number => constant(c, bytes, half, bytes === 8 ? half : half >> 31);
  const binary = (row4: number, row8: number, a: number, b: number): number => {
    const result = make();
    c.emit(byWidth(type, row4, row8), result, a, b);
    return result;
  };
  const and = (a: number, b: number): number => binary(rv.and32, rv.and, a, b);
  const shifted = (a: number, count: number): number => binary(rv.srliw, rv.srli, a, count);
  const bits = c.use(value);
  const pairs = binary(rv.subw, rv.sub, bits, and(shifted(bits, 1), pattern(0x55555555)));
  const twos = pattern(0x33333333);
  const fours = binary(rv.addw, rv.add, and(pairs, twos), and(shifted(pairs, 2), twos));
  const eights = and(binary(rv.addw, rv.add, fours, shifted(fours, 4)), pattern(0x0f0f0f0f));
  const sum = binary(rv.mulw, rv.mul, eights, pattern(0x01010101));
  c.emit(byWidth(type, rv.srliw, rv.srli), c.result(), sum, 8 * bytes - 8);
}

/** Both parts of a rotation: shifted one way by the count, and the other way by what is left of the width. */
function rotate(c: Selector, type: Type | 0, value: Value, count: Value, left: boolean): void {
  const make = (): number => c.temp(integerClass, widthOf(type));
  const [back, one, other] = [make(), make(), make()];
  const [a, n] = [c.use(value), c.use(count)];
  const [up, down] = [byWidth(type, rv.sllw, rv.sll), byWidth(type, rv.srlw, rv.srl)];
  c.emit(byWidth(type, rv.negw, rv.neg), back, n);
  c.emit(left ? up : down, one, a, n);
  c.emit(left ? down : up, other, a, back);
  c.emit(byWidth(type, rv.or32, rv.or), c.result(), one, other);
}

/** To the left by a constant, less than the width. */
function rotateBy(c: Selector, type: Type | 0, value: Value, count: number): void {
  const width = 8 * widthOf(type);
  const [up, down] = [c.temp(integerClass, widthOf(type)), c.temp(integerClass, widthOf(type))];
  const a = c.use(value);
  c.emit(byWidth(type, rv.slliw, rv.slli), up, a, count);
  // By 0 both parts are the value itself.
  c.emit(byWidth(type, rv.srliw, rv.srli), down, a, -count & (width - 1));
  c.emit(byWidth(type, rv.or32, rv.or), c.result(), up, down);
}

const rotationRules = (name: string, term: typeof rotl, left: boolean, row4: number, row8: number) => [
  rule(`${name}.constant_zbb`, term(x, iconst(k)), hasZbb, ({ x, kLow, type }, c) =>
    c.emit(byWidth(type, rv.roriw, rv.rori), c.result(), c.use(x), (left ? -kLow : kLow) & (8 * widthOf(type) - 1)),
  ),
  rule(`${name}.constant`, term(x, iconst(k)), ({ x, kLow, type }, c) => rotateBy(c, type, x, (left ? kLow : -kLow) & (8 * widthOf(type) - 1))),
  rule(`${name}.zbb`, term(x, y), hasZbb, ({ x, y, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(y))),
  rule(name, term(x, y), ({ x, y, type }, c) => rotate(c, type, x, y, left)),
];

const zbbCount = (name: string, term: typeof clz, row4: number, row8: number) =>
  rule(`${name}.zbb`, term(x), hasZbb, ({ x, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x)));

export const bitRules = [
  ...rotationRules('rotl', rotl, true, rv.rolw, rv.rol),
  ...rotationRules('rotr', rotr, false, rv.rorw, rv.ror),
  zbbCount('clz', clz, rv.clzw, rv.clz),
  rule('clz.i32', typed(i32, clz(x)), ({ x }, c) => leadingZeros32(c, x)),
  rule('clz.i64', typed(i64, clz(x)), ({ x }, c) => leadingZeros64(c, x)),
  zbbCount('ctz', ctz, rv.ctzw, rv.ctz),
  rule('ctz', ctz(x), ({ x, type }, c) => trailingZeros(c, type, x)),
  zbbCount('popcnt', popcnt, rv.cpopw, rv.cpop),
  rule('popcnt', popcnt(x), ({ x, type }, c) => population(c, type, x)),
];
