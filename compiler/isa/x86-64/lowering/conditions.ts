// Sets the flags for an integer used as a condition: a comparison is made again for each of its users, next to it.
// Each rule ends with the condition under which the value is not zero.
// ucomis* with an unordered pair sets zero, parity and carry: `a` and `ae` are false then, equality needs a look at parity too.

import { condition, floatConditions, intConditions, k, memory, simm32, typed, where, x, y } from '../../../ir/pattern.ts';
import { band, fcmp, iconst, icmp, load, uload8 } from '../../../ir/pattern-terms.ts';
import { f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Value } from '../../../base/entity.ts';
import type { Selector } from '../../../machine/select.ts';
import { conditions, x64 } from '../instructions/table.ts';
import { rule } from './rule.ts';

const { e, ne, l, ge, g, le, b, ae, a, be, p, np } = conditions;
/** The vendor's condition for each of ours, in the order of `icmpConditions`. */
const codes = [e, ne, l, ge, g, le, b, ae, a, be] as const;
const codeOf = (icmp: number): number => codes[icmp] as number;

const equality = intConditions(condition, 'eq', 'ne');

function compareInMemory(c: Selector, row: number, address: Value, offset: number, flags: number, operand: number, code: number): void {
  c.address(address, offset, flags);
  c.emit(row, operand);
  c.setCondition(code);
}

// A byte in memory is compared as a byte where the constant is one too; zero-extended, its order is the unsigned one.
const byteConstant = where(k, (low, high) => high === 0 && low >= 0 && low <= 0x7f);
const byteConditions = intConditions(condition, 'eq', 'ne', 'ult', 'uge', 'ugt', 'ule');

const integerRules = (type: typeof i32 | typeof i64, bits: 32 | 64) => [
  rule(`condition.i${bits}.test_byte`, icmp(equality, typed(type, band(uload8(memory, x), iconst(byteConstant))), iconst(0)), ({ x, kLow, condition, offset, flags }, c) =>
    compareInMemory(c, x64.test8_mi, x, offset, flags, kLow, codeOf(condition)),
  ),
  rule(`condition.i${bits}.byte`, icmp(byteConditions, typed(type, uload8(memory, x)), iconst(byteConstant)), ({ x, kLow, condition, offset, flags }, c) =>
    compareInMemory(c, x64.cmp8_mi, x, offset, flags, kLow, codeOf(condition)),
  ),
  rule(`condition.i${bits}.test_simm32`, icmp(equality, typed(type, band(x, iconst(simm32(k)))), iconst(0)), ({ x, kLow, condition }, c) => {
    c.emit(x64[`test${bits}_ri`], c.use(x), kLow);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.i${bits}.test`, icmp(equality, typed(type, band(x, y)), iconst(0)), ({ x, y, condition }, c) => {
    c.emit(x64[`test${bits}_rr`], c.use(x), c.use(y));
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.i${bits}.load_simm32`, icmp(condition, typed(type, load(memory, x)), iconst(simm32(k))), ({ x, kLow, condition, offset, flags }, c) =>
    compareInMemory(c, x64[`cmp${bits}_mi`], x, offset, flags, kLow, codeOf(condition)),
  ),
  rule(`condition.i${bits}.zero`, icmp(equality, typed(type, x), iconst(0)), ({ x, condition }, c) => {
    const vreg = c.use(x);
    c.emit(x64[`test${bits}_rr`], vreg, vreg);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.i${bits}.simm32`, icmp(condition, typed(type, x), iconst(simm32(k))), ({ x, kLow, condition }, c) => {
    c.emit(x64[`cmp${bits}_ri`], c.use(x), kLow);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.i${bits}.load`, icmp(condition, typed(type, x), load(memory, y)), ({ x, y, condition, offset, flags }, c) =>
    compareInMemory(c, x64[`cmp${bits}_rm`], y, offset, flags, c.use(x), codeOf(condition)),
  ),
  rule(`condition.i${bits}.load_register`, icmp(condition, typed(type, load(memory, x)), y), ({ x, y, condition, offset, flags }, c) =>
    compareInMemory(c, x64[`cmp${bits}_mr`], x, offset, flags, c.use(y), codeOf(condition)),
  ),
  rule(`condition.i${bits}`, icmp(condition, typed(type, x), y), ({ x, y, condition }, c) => {
    c.emit(x64[`cmp${bits}_rr`], c.use(x), c.use(y));
    c.setCondition(codeOf(condition));
  }),
];

/** Compares floats `x` and `y`, in this order. */
function compareFloats(c: Selector, type: number, first: Value, second: Value): void {
  c.emit(type === f32 ? x64.ucomiss_rr : x64.ucomisd_rr, c.use(first), c.use(second));
}

const floatRules = (type: typeof f32 | typeof f64) => {
  const name = type === f32 ? 'f32' : 'f64';
  const inMemory = type === f32 ? x64.ucomiss_rm : x64.ucomisd_rm;
  return [
    rule(`condition.${name}.gt_load`, fcmp(floatConditions(condition, 'gt', 'ge'), typed(type, x), load(memory, y)), ({ x, y, condition, offset, flags }, c) =>
      compareInMemory(c, inMemory, y, offset, flags, c.use(x), condition === 3 ? a : ae),
    ),
    rule(`condition.${name}.gt`, fcmp(floatConditions(condition, 'gt', 'ge'), typed(type, x), y), ({ x, y, condition }, c) => {
      compareFloats(c, type, x, y);
      c.setCondition(condition === 3 ? a : ae);
    }),
    rule(`condition.${name}.lt`, fcmp(floatConditions(condition, 'lt', 'le'), typed(type, x), y), ({ x, y, condition }, c) => {
      compareFloats(c, type, y, x);
      c.setCondition(condition === 2 ? a : ae);
    }),
    rule(`condition.${name}.eq`, fcmp('eq', typed(type, x), y), ({ x, y }, c) => {
      compareFloats(c, type, x, y);
      c.setConditions(e, np, true);
    }),
    rule(`condition.${name}.ne`, fcmp('ne', typed(type, x), y), ({ x, y }, c) => {
      compareFloats(c, type, x, y);
      c.setConditions(ne, p, false);
    }),
  ];
};

export const conditionRules = [
  ...integerRules(i32, 32),
  ...integerRules(i64, 64),
  ...floatRules(f32),
  ...floatRules(f64),
  rule('condition.and', typed(i32, band(x, y)), ({ x, y }, c) => {
    c.emit(x64.test32_rr, c.use(x), c.use(y));
    c.setCondition(ne);
  }),
  rule('condition.load_i32', typed(i32, load(memory, x)), ({ x, offset, flags }, c) => compareInMemory(c, x64.cmp32_mi, x, offset, flags, 0, ne)),
  rule('condition.load_i64', typed(i64, load(memory, x)), ({ x, offset, flags }, c) => compareInMemory(c, x64.cmp64_mi, x, offset, flags, 0, ne)),
  rule('condition.value_i64', typed(i64, x), ({ x }, c) => {
    const vreg = c.use(x);
    c.emit(x64.test64_rr, vreg, vreg);
    c.setCondition(ne);
  }),
  rule('condition.value', typed(i32, x), ({ x }, c) => {
    const vreg = c.use(x);
    c.emit(x64.test32_rr, vreg, vreg);
    c.setCondition(ne);
  }),
];
