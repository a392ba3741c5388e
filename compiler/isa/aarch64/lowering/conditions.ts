// Sets the flags for an i32 value used as a condition: a comparison is made again for each of its users, next to it.
// Each rule ends with the condition under which the value is not zero.
// fcmp with an unordered pair sets carry and overflow: mi and ls are false then where lo and le would not be; gt, ge and eq are false anyway.

import { fcmpConditions } from '../../../ir/opcodes.ts';
import { band, fcmp, fconst, iconst, icmp, ishl } from '../../../ir/pattern-terms.ts';
import { condition, intConditions, l, typed, where, x, y } from '../../../ir/pattern.ts';
import { f32, f64, i32 } from '../../../ir/types.ts';
import { a64, conditions } from '../instructions/table.ts';
import { arithmetic, byWidth, integerWidths, logical, negatedArithmetic, rule } from './rule.ts';

const { eq, ne, lt, ge, gt, le, lo, hs, hi, ls, mi } = conditions;
/** The vendor's condition for each of ours, in the order of `icmpConditions`. */
const codes = [eq, ne, lt, ge, gt, le, lo, hs, hi, ls] as const;
/** The vendor's condition for a comparison of integers. */
export const codeOf = (icmpCode: number): number => codes[icmpCode] as number;

const floatCodes: Readonly<Record<number, number>> = {
  [fcmpConditions.eq]: eq,
  [fcmpConditions.ne]: ne,
  [fcmpConditions.lt]: mi,
  [fcmpConditions.gt]: gt,
  [fcmpConditions.le]: ls,
  [fcmpConditions.ge]: ge,
};

const equality = intConditions(condition, 'eq', 'ne');

const integerRules = integerWidths.flatMap(([name, type, bits]) => [
  rule(`condition.${name}.test_logical`, icmp(equality, typed(type, band(x, iconst(logical))), iconst(0)), ({ x, kLow, kHigh, condition }, c) => {
    c.emit(a64[`tst${bits}_ri`], c.use(x), kLow, kHigh);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.${name}.test`, icmp(equality, typed(type, band(x, y)), iconst(0)), ({ x, y, condition }, c) => {
    c.emit(a64[`tst${bits}_rr`], c.use(x), c.use(y));
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.${name}.arithmetic`, icmp(condition, typed(type, x), iconst(arithmetic)), ({ x, kLow, condition }, c) => {
    const shifted = kLow > 0xfff;
    c.emit(shifted ? a64[`cmp${bits}_ri12`] : a64[`cmp${bits}_ri`], c.use(x), shifted ? kLow >>> 12 : kLow);
    c.setCondition(codeOf(condition));
  }),
  // Adding n sets the flags as subtracting -n does, for n other than 0.
  rule(`condition.${name}.negated`, icmp(condition, typed(type, x), iconst(negatedArithmetic)), ({ x, kLow, condition }, c) => {
    const n = -kLow;
    c.emit(n > 0xfff ? a64[`cmn${bits}_ri12`] : a64[`cmn${bits}_ri`], c.use(x), n > 0xfff ? n >>> 12 : n);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.${name}.shifted`, icmp(condition, typed(type, x), ishl(y, iconst(where(l, (low, high) => high === 0 && low >= 1 && low < bits)))), ({ x, y, l, condition }, c) => {
    c.emit(a64[`cmp${bits}_rr_lsl`], c.use(x), c.use(y), l);
    c.setCondition(codeOf(condition));
  }),
  rule(`condition.${name}`, icmp(condition, typed(type, x), y), ({ x, y, condition }, c) => {
    c.emit(a64[`cmp${bits}_rr`], c.use(x), c.use(y));
    c.setCondition(codeOf(condition));
  }),
]);

const floatRules = ([['f32', f32], ['f64', f64]] as const).flatMap(([name, type]) => [
  rule(`condition.${name}.zero`, fcmp(condition, typed(type, x), fconst(0)), ({ x, condition }, c) => {
    c.emit(byWidth(type, a64.fcmp32_zero, a64.fcmp64_zero), c.use(x));
    c.setCondition(floatCodes[condition] as number);
  }),
  rule(`condition.${name}`, fcmp(condition, typed(type, x), y), ({ x, y, condition }, c) => {
    c.emit(byWidth(type, a64.fcmp32, a64.fcmp64), c.use(x), c.use(y));
    c.setCondition(floatCodes[condition] as number);
  }),
]);

export const conditionRules = [
  ...integerRules,
  ...floatRules,
  rule('condition.and_logical', typed(i32, band(x, iconst(logical))), ({ x, kLow }, c) => {
    c.emit(a64.tst32_ri, c.use(x), kLow);
    c.setCondition(ne);
  }),
  rule('condition.and', typed(i32, band(x, y)), ({ x, y }, c) => {
    c.emit(a64.tst32_rr, c.use(x), c.use(y));
    c.setCondition(ne);
  }),
  rule('condition.value', typed(i32, x), ({ x }, c) => {
    c.emit(a64.cmp32_ri, c.use(x), 0);
    c.setCondition(ne);
  }),
];
