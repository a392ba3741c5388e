// Compares: always true or false, turned so that a constant stands on the right, narrowed, or undone.

import type { Inst } from '../../base/entity.ts';
import { type IrFunction, firstOperand, typeOf } from '../../ir/function.ts';
import { type IcmpCondition, fcmpConditions, icmpConditions } from '../../ir/opcodes.ts';
import {
  type ConstantTest,
  anyCondition,
  anything,
  bind,
  condition,
  condition2,
  intConditions,
  floatConditions,
  k,
  l,
  typed,
  uimm32,
  simm32,
  w,
  where,
  x,
  y,
} from '../../ir/pattern.ts';
import { band, bxor, fcmp, iadd, icmp, iconst, isub, sextend, uextend } from '../../ir/pattern-terms.ts';
import { type Type, i32, i64 } from '../../ir/types.ts';
import { type SimplificationRule, rule } from '../rewriter.ts';

const names = Object.keys(icmpConditions) as IcmpCondition[];
const byName = (table: Record<IcmpCondition, IcmpCondition>): Int32Array => Int32Array.from(names, (name) => icmpConditions[table[name]]);

/** Condition of the same compare with its operands exchanged. */
const exchanged = byName({ eq: 'eq', ne: 'ne', slt: 'sgt', sge: 'sle', sgt: 'slt', sle: 'sge', ult: 'ugt', uge: 'ule', ugt: 'ult', ule: 'uge' });
/** The unsigned condition that says the same of numbers that are not negative. */
const unsigned = byName({ eq: 'eq', ne: 'ne', slt: 'ult', sge: 'uge', sgt: 'ugt', sle: 'ule', ult: 'ult', uge: 'uge', ugt: 'ugt', ule: 'ule' });
const at = (table: Int32Array, code: number): number => table[code] as number;

const least: ConstantTest = (low, high, type) => (type === i32 ? low === -0x8000_0000 : low === 0 && high === -0x8000_0000);
const greatest: ConstantTest = (low, high, type) => (type === i32 ? low === 0x7fff_ffff : low === -1 && high === 0x7fff_ffff);
const equality = intConditions(condition, 'eq', 'ne');
const holdsOnEqual = intConditions(anyCondition, 'eq', 'sge', 'sle', 'uge', 'ule');
const failsOnEqual = intConditions(anyCondition, 'ne', 'slt', 'sgt', 'ult', 'ugt');

export const compareRules: readonly SimplificationRule[] = [
  rule('icmp.same-true',      icmp(holdsOnEqual, x, x),               (_, c) => c.iconst(i32, 1)),
  rule('icmp.same-false',     icmp(failsOnEqual, x, x),               (_, c) => c.iconst(i32, 0)),
  rule('icmp.exchange',       icmp(condition, iconst(k), x),          ({ x, k64, condition, f, inst }, c) => c.icmp(at(exchanged, condition), x, c.iconst(operandType(f, inst), k64))),
  rule('icmp.ult-zero',       icmp('ult', x, iconst(0)),              (_, c) => c.iconst(i32, 0)),
  rule('icmp.uge-zero',       icmp('uge', x, iconst(0)),              (_, c) => c.iconst(i32, 1)),
  rule('icmp.ugt-ones',       icmp('ugt', x, iconst(-1)),             (_, c) => c.iconst(i32, 0)),
  rule('icmp.ule-ones',       icmp('ule', x, iconst(-1)),             (_, c) => c.iconst(i32, 1)),
  rule('icmp.slt-least',      icmp('slt', x, iconst(where(k, least))), (_, c) => c.iconst(i32, 0)),
  rule('icmp.sge-least',      icmp('sge', x, iconst(where(k, least))), (_, c) => c.iconst(i32, 1)),
  rule('icmp.sgt-greatest',   icmp('sgt', x, iconst(where(k, greatest))), (_, c) => c.iconst(i32, 0)),
  rule('icmp.sle-greatest',   icmp('sle', x, iconst(where(k, greatest))), (_, c) => c.iconst(i32, 1)),
  rule('icmp.ult-one',        icmp('ult', x, iconst(1)),              ({ x, f, inst }, c) => c.icmp('eq', x, c.iconst(operandType(f, inst), 0))),
  rule('icmp.uge-one',        icmp('uge', x, iconst(1)),              ({ x, f, inst }, c) => c.icmp('ne', x, c.iconst(operandType(f, inst), 0))),
  rule('icmp.ule-zero',       icmp('ule', x, iconst(0)),              ({ x, f, inst }, c) => c.icmp('eq', x, c.iconst(operandType(f, inst), 0))),
  rule('icmp.ugt-zero',       icmp('ugt', x, iconst(0)),              ({ x, f, inst }, c) => c.icmp('ne', x, c.iconst(operandType(f, inst), 0))),
  // A compare gives 0 or 1; asking whether it is zero asks for the opposite.
  rule('icmp.not',            icmp('eq', icmp(condition2, x, y), iconst(0)), ({ x, y, condition2 }, c) => c.icmp(condition2 ^ 1, x, y)),
  rule('icmp.again',          icmp('ne', bind(w, icmp(anyCondition, x, y)), iconst(0)), ({ w }) => w),
  rule('icmp.float-not',      icmp('eq', fcmp(floatConditions(condition2, 'eq', 'ne'), x, y), iconst(0)), ({ x, y, condition2 }, c) => c.fcmp(condition2 ^ fcmpConditions.ne, x, y)),
  rule('icmp.float-again',    icmp('ne', bind(w, fcmp(anyCondition, x, y)), iconst(0)), ({ w }) => w),
  rule('bxor.not',            bxor(icmp(condition, x, y), iconst(1)), ({ x, y, condition }, c) => c.icmp(condition ^ 1, x, y)),
  rule('band.compare',        band(bind(w, icmp(anyCondition, anything, anything)), iconst(where(k, (low) => (low & 1) === 1))), ({ w }) => w),
  rule('band.float-compare',  band(bind(w, fcmp(anyCondition, anything, anything)), iconst(where(k, (low) => (low & 1) === 1))), ({ w }) => w),
  rule('icmp.difference',     icmp(equality, isub(x, y), iconst(0)),  ({ x, y, condition }, c) => c.icmp(condition, x, y)),
  rule('icmp.exclusive-or',   icmp(equality, bxor(x, y), iconst(0)),  ({ x, y, condition }, c) => c.icmp(condition, x, y)),
  rule('icmp.sum',            icmp(equality, iadd(x, iconst(k)), iconst(l)), ({ x, k64, l64, condition, f, inst }, c) => c.icmp(condition, x, c.iconst(operandType(f, inst), l64 - k64))),
  rule('icmp.uextend',        icmp(condition, uextend(x), uextend(y)), ({ x, y, condition }, c) => c.icmp(at(unsigned, condition), x, y)),
  rule('icmp.sextend',        icmp(condition, sextend(x), sextend(y)), ({ x, y, condition }, c) => c.icmp(condition, x, y)),
  rule('icmp.uextend-constant', icmp(condition, uextend(x), typed(i64, iconst(uimm32(k)))), ({ x, kLow, condition }, c) => c.icmp(at(unsigned, condition), x, c.iconst(i32, kLow))),
  rule('icmp.sextend-constant', icmp(condition, sextend(x), typed(i64, iconst(simm32(k)))), ({ x, kLow, condition }, c) => c.icmp(condition, x, c.iconst(i32, kLow))),
];

function operandType(f: IrFunction, inst: Inst): Type {
  return typeOf(f, firstOperand(f, inst));
}
