// Shifts and rotations, and the extensions they spell. Counts are taken modulo the width: the rules `count` bring constants below it, and the
// rules with two counts ask for that.

import { op } from '../../ir/opcodes.ts';
import { type ConstantTest, bind, k, l, typed, w, where, x, y } from '../../ir/pattern.ts';
import { band, iconst, ireduce, ishl, rotl, rotr, sextend, sextend16, sextend8, sshr, uextend, ushr } from '../../ir/pattern-terms.ts';
import { type Type, i32, i64 } from '../../ir/types.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

const bits = (type: Type | 0): number => (type === i32 ? 32 : 64);
const maskOf = (type: Type | 0): number => bits(type) - 1;

const multipleOfWidth: ConstantTest = (low, _, type) => (low & maskOf(type)) === 0;
const beyondWidth: ConstantTest = (low, high, type) => (low & ~maskOf(type)) !== 0 || (type === i64 && high !== 0);
const belowWidth: ConstantTest = (low, high, type) => high === 0 && (low & ~maskOf(type)) === 0;
/** A mask that keeps every bit of a count. */
const keepsCount: ConstantTest = (low, _, type) => (low & maskOf(type)) === maskOf(type);
const count = where(k, belowWidth);
const secondCount = where(l, belowWidth);
const ends = (bit: number): ConstantTest => (low) => (low & bit) === bit;
const within = (mask: number): ConstantTest => (low, high) => high === 0 && (low & ~mask) === 0;

const shifts = [
  { name: 'ishl', term: ishl, opcode: op.ishl },
  { name: 'ushr', term: ushr, opcode: op.ushr },
  { name: 'sshr', term: sshr, opcode: op.sshr },
  { name: 'rotl', term: rotl, opcode: op.rotl },
  { name: 'rotr', term: rotr, opcode: op.rotr },
];

/** What holds for all five alike: a count of zero, a count beyond the width, a count that is masked. */
const countRules = shifts.flatMap(({ name, term, opcode }) => [
  rule(`${name}.zero`,   term(x, iconst(where(k, multipleOfWidth))),          ({ x }) => x),
  rule(`${name}.count`,  term(x, iconst(where(k, beyondWidth))),              ({ x, kLow, type }, c) => c.binary(opcode, x, c.iconst(type, kLow & maskOf(type)))),
  rule(`${name}.masked`, term(x, band(y, iconst(where(k, keepsCount)))),      ({ x, y }, c) => c.binary(opcode, x, y)),
]);

export const shiftRules: readonly SimplificationRule[] = [
  ...countRules,
  rule('rotr.left',           rotr(x, iconst(count)),                     ({ x, k, type }, c) => c.binary(op.rotl, x, c.iconst(type, (bits(type) - k) & maskOf(type)))),
  rule('ishl.twice',          ishl(ishl(x, iconst(count)), iconst(secondCount)),    ({ k, l, type }) => k + l < bits(type), ({ x, k, l, type }, c) => c.binary(op.ishl, x, c.iconst(type, k + l))),
  rule('ishl.out',            ishl(ishl(x, iconst(count)), iconst(secondCount)),    ({ k, l, type }) => k + l >= bits(type), ({ type }, c) => c.iconst(type, 0)),
  rule('ushr.twice',          ushr(ushr(x, iconst(count)), iconst(secondCount)),    ({ k, l, type }) => k + l < bits(type), ({ x, k, l, type }, c) => c.binary(op.ushr, x, c.iconst(type, k + l))),
  rule('ushr.out',            ushr(ushr(x, iconst(count)), iconst(secondCount)),    ({ k, l, type }) => k + l >= bits(type), ({ type }, c) => c.iconst(type, 0)),
  rule('sshr.twice',          sshr(sshr(x, iconst(count)), iconst(secondCount)),    ({ x, k, l, type }, c) => c.binary(op.sshr, x, c.iconst(type, Math.min(k + l, maskOf(type))))),
  rule('rotl.twice',          rotl(rotl(x, iconst(count)), iconst(secondCount)),    ({ x, k, l, type }, c) => c.binary(op.rotl, x, c.iconst(type, (k + l) & maskOf(type)))),
  rule('sshr.sextend8',       typed(i32, sshr(ishl(x, iconst(24)), iconst(24))), ({ x }, c) => c.unary(op.sextend8, x)),
  rule('sshr.sextend16',      typed(i32, sshr(ishl(x, iconst(16)), iconst(16))), ({ x }, c) => c.unary(op.sextend16, x)),
  rule('sshr.wide-sextend8',  typed(i64, sshr(ishl(x, iconst(56)), iconst(56))), ({ x }, c) => c.unary(op.sextend8, x)),
  rule('sshr.wide-sextend16', typed(i64, sshr(ishl(x, iconst(48)), iconst(48))), ({ x }, c) => c.unary(op.sextend16, x)),
  rule('sshr.wide-sextend',   typed(i64, sshr(ishl(x, iconst(32)), iconst(32))), ({ x }, c) => c.convert(op.sextend, i64, c.convert(op.ireduce, i32, x))),
  rule('ushr.cleared',        ushr(ishl(x, iconst(count)), iconst(secondCount)),    ({ k, l }) => k === l, ({ x, k, type }, c) => c.binary(op.band, x, c.iconst(type, (1n << BigInt(bits(type) - k)) - 1n))),
  rule('ishl.cleared',        ishl(ushr(x, iconst(count)), iconst(secondCount)),    ({ k, l }) => k === l, ({ x, k, type }, c) => c.binary(op.band, x, c.iconst(type, -1n << BigInt(k)))),
  rule('sextend8.twice',      sextend8(bind(w, sextend8(x))),         ({ w }) => w),
  rule('sextend8.wider',      sextend8(sextend16(x)),                 ({ x }, c) => c.unary(op.sextend8, x)),
  rule('sextend8.masked',     sextend8(band(x, iconst(where(k, ends(0xff))))), ({ x }, c) => c.unary(op.sextend8, x)),
  rule('sextend16.twice',     sextend16(bind(w, sextend16(x))),       ({ w }) => w),
  rule('sextend16.narrower',  sextend16(bind(w, sextend8(x))),        ({ w }) => w),
  rule('sextend16.masked',    sextend16(band(x, iconst(where(k, ends(0xffff))))), ({ x }, c) => c.unary(op.sextend16, x)),
  rule('band.sextend8',       band(sextend8(x), iconst(where(k, within(0xff)))),    ({ x, k64, type }, c) => c.binary(op.band, x, c.iconst(type, k64))),
  rule('band.sextend16',      band(sextend16(x), iconst(where(k, within(0xffff)))), ({ x, k64, type }, c) => c.binary(op.band, x, c.iconst(type, k64))),
  rule('ireduce.uextend',     ireduce(uextend(x)),                    ({ x }) => x),
  rule('ireduce.sextend',     ireduce(sextend(x)),                    ({ x }) => x),
  rule('ireduce.masked',      ireduce(band(x, iconst(where(k, (low) => low === -1)))), ({ x }, c) => c.convert(op.ireduce, i32, x)),
  rule('uextend.ireduce',     uextend(ireduce(x)),                    ({ x }, c) => c.binary(op.band, x, c.iconst(i64, 0xffff_ffff))),
  rule('band.uextend',        band(bind(w, uextend(x)), iconst(where(k, (low) => low === -1))), ({ w }) => w),
];
