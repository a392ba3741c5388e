// Sums, products, quotients and bitwise operations. Constants stand on the right of commutative operations (simplify.ts puts them there), and
// integers wrap, so that sums and products of constants may be regrouped freely.
// Divisions: the checks before them rule out a zero divisor and INT_MIN / -1, so a rule may assume they do not happen.

import { op } from '../../ir/opcodes.ts';
import { k, l, powerOfTwo, x, y } from '../../ir/pattern.ts';
import { band, bor, bxor, iadd, iconst, imul, isub, sdiv, srem, udiv, urem } from '../../ir/pattern-terms.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

/** Number of the only bit set. */
function bitNumber(low: number, high: number): number {
  return low !== 0 ? 31 - Math.clz32(low) : 63 - Math.clz32(high);
}

export const integerRules: readonly SimplificationRule[] = [
  rule('iadd.zero',           iadd(x, iconst(0)),                     ({ x }) => x),
  rule('iadd.constants',      iadd(iadd(x, iconst(k)), iconst(l)),    ({ x, k64, l64, type }, c) => c.binary(op.iadd, x, c.iconst(type, k64 + l64))),
  rule('iadd.negated',        iadd(x, isub(iconst(0), y)),            ({ x, y }, c) => c.binary(op.isub, x, y)),
  rule('iadd.difference',     iadd(isub(x, y), y),                    ({ x }) => x),
  rule('isub.zero',           isub(x, iconst(0)),                     ({ x }) => x),
  rule('isub.same',           isub(x, x),                             ({ type }, c) => c.iconst(type, 0)),
  rule('isub.constant',       isub(x, iconst(k)),                     ({ x, k64, type }, c) => c.binary(op.iadd, x, c.iconst(type, -k64))),
  rule('isub.sum',            isub(iadd(x, y), y),                    ({ x }) => x),
  rule('isub.of-sum',         isub(x, iadd(x, y)),                    ({ y, type }, c) => c.binary(op.isub, c.iconst(type, 0), y)),
  rule('isub.negated',        isub(x, isub(iconst(0), y)),            ({ x, y }, c) => c.binary(op.iadd, x, y)),
  rule('isub.opposite',       isub(iconst(0), isub(x, y)),            ({ x, y }, c) => c.binary(op.isub, y, x)),
  rule('isub.constants',      isub(iconst(k), iadd(x, iconst(l))),    ({ x, k64, l64, type }, c) => c.binary(op.isub, c.iconst(type, k64 - l64), x)),
  rule('imul.zero',           imul(x, iconst(0)),                     ({ type }, c) => c.iconst(type, 0)),
  rule('imul.one',            imul(x, iconst(1)),                     ({ x }) => x),
  rule('imul.minus-one',      imul(x, iconst(-1)),                    ({ x, type }, c) => c.binary(op.isub, c.iconst(type, 0), x)),
  rule('imul.power-of-two',   imul(x, iconst(powerOfTwo(k))),         ({ x, kLow, kHigh, type }, c) => c.binary(op.ishl, x, c.iconst(type, bitNumber(kLow, kHigh)))),
  rule('imul.constants',      imul(imul(x, iconst(k)), iconst(l)),    ({ x, k64, l64, type }, c) => c.binary(op.imul, x, c.iconst(type, k64 * l64))),
  rule('udiv.one',            udiv(x, iconst(1)),                     ({ x }) => x),
  rule('udiv.power-of-two',   udiv(x, iconst(powerOfTwo(k))),         ({ x, kLow, kHigh, type }, c) => c.binary(op.ushr, x, c.iconst(type, bitNumber(kLow, kHigh)))),
  rule('urem.power-of-two',   urem(x, iconst(powerOfTwo(k))),         ({ x, k64, type }, c) => c.binary(op.band, x, c.iconst(type, k64 - 1n))),
  rule('sdiv.one',            sdiv(x, iconst(1)),                     ({ x }) => x),
  rule('sdiv.minus-one',      sdiv(x, iconst(-1)),                    ({ x, type }, c) => c.binary(op.isub, c.iconst(type, 0), x)),
  rule('srem.one',            srem(x, iconst(1)),                     ({ type }, c) => c.iconst(type, 0)),
  rule('srem.minus-one',      srem(x, iconst(-1)),                    ({ type }, c) => c.iconst(type, 0)),
  rule('band.zero',           band(x, iconst(0)),                     ({ type }, c) => c.iconst(type, 0)),
  rule('band.ones',           band(x, iconst(-1)),                    ({ x }) => x),
  rule('band.same',           band(x, x),                             ({ x }) => x),
  rule('band.constants',      band(band(x, iconst(k)), iconst(l)),    ({ x, k64, l64, type }, c) => c.binary(op.band, x, c.iconst(type, k64 & l64))),
  rule('band.absorbed',       band(x, bor(x, y)),                     ({ x }) => x),
  rule('bor.zero',            bor(x, iconst(0)),                      ({ x }) => x),
  rule('bor.ones',            bor(x, iconst(-1)),                     ({ type }, c) => c.iconst(type, -1)),
  rule('bor.same',            bor(x, x),                              ({ x }) => x),
  rule('bor.constants',       bor(bor(x, iconst(k)), iconst(l)),      ({ x, k64, l64, type }, c) => c.binary(op.bor, x, c.iconst(type, k64 | l64))),
  rule('bor.absorbed',        bor(x, band(x, y)),                     ({ x }) => x),
  rule('bxor.zero',           bxor(x, iconst(0)),                     ({ x }) => x),
  rule('bxor.same',           bxor(x, x),                             ({ type }, c) => c.iconst(type, 0)),
  rule('bxor.constants',      bxor(bxor(x, iconst(k)), iconst(l)),    ({ x, k64, l64, type }, c) => c.binary(op.bxor, x, c.iconst(type, k64 ^ l64))),
  rule('bxor.twice',          bxor(bxor(x, y), y),                    ({ x }) => x),
];
