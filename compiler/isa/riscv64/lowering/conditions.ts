// Comparisons as parts of branches, traps and selects. RISC-V has no flags: what a condition needs is two registers, or one beside zero.
// A comparison is made again for each of its users, next to it. Those of floats give 0 or 1 in a register, which is then compared with zero.

import type { Value } from '../../../base/entity.ts';
import { fcmpConditions, icmpConditions, op } from '../../../ir/opcodes.ts';
import { band, fcmp, icmp, iconst } from '../../../ir/pattern-terms.ts';
import { type Bindings, type Captured, type Pattern, type Rule, condition, intConditions, k, powerOfTwo, typed, where, x, y } from '../../../ir/pattern.ts';
import { type Type, f32, f64, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { conditions, rv } from '../instructions/table.ts';
import { byWidth, integerClass, integerWidths, rule, short } from './rule.ts';

/** Which of a row's four forms compares: 32 or 64 bits, two registers or one with zero. */
export type ComparisonForm = 'w' | 'wz' | 'd' | 'dz';

export interface Comparison {
  readonly form: ComparisonForm;
  readonly a: number;
  /** Not read in the forms with zero. */
  readonly b: number;
  /** The vendor's condition. */
  readonly condition: number;
}

const { eq, ne, lt, ge, ltu, geu } = conditions;
const { slt, sge, sgt, sle, ugt, ule } = icmpConditions;
/** The vendor's condition for each of ours, in the order of `icmpConditions`; where there is none, for the operands exchanged. */
const codes: readonly number[] = [eq, ne, lt, ge, lt, ge, ltu, geu, ltu, geu];
const isExchanged = (code: number): boolean => code === sgt || code === sle || code === ugt || code === ule;

const floatWidths = [
  ['f32', f32],
  ['f64', f64],
] as const;

/** Short constants whose successor is one too; of unsigned numbers -1 has none. */
const shortBelowTop = where(k, (low, high) => high === low >> 31 && low >= -0x800 && low < 0x7ff);
const shortBelowOnes = where(k, (low, high) => high === low >> 31 && low >= -0x800 && low < 0x7ff && low !== -1);

/** Compares two registers. */
export function compareRegisters(c: Selector, type: Type | 0, code: number, first: Value, second: Value): Comparison {
  const [a, b] = [c.use(first), c.use(second)];
  const [left, right] = isExchanged(code) ? [b, a] : [a, b];
  return { form: type === i64 ? 'd' : 'w', a: left, b: right, condition: codes[code] as number };
}

/** Compares floats; answers a register of 0 and 1, and whether 1 means that the condition holds. */
export function compareFloats(c: Selector, type: Type | 0, code: number, first: Value, second: Value, into: number): boolean {
  const [a, b] = [c.use(first), c.use(second)];
  switch (code) {
    case fcmpConditions.lt:
      c.emit(byWidth(type, rv.flt32, rv.flt64), into, a, b);
      break;
    case fcmpConditions.gt:
      c.emit(byWidth(type, rv.flt32, rv.flt64), into, b, a);
      break;
    case fcmpConditions.le:
      c.emit(byWidth(type, rv.fle32, rv.fle64), into, a, b);
      break;
    case fcmpConditions.ge:
      c.emit(byWidth(type, rv.fle32, rv.fle64), into, b, a);
      break;
    default:
      c.emit(byWidth(type, rv.feq32, rv.feq64), into, a, b);
  }
  return code !== fcmpConditions.ne;
}

const withZero = intConditions(condition, 'eq', 'ne', 'slt', 'sge', 'ugt', 'ule');
const equality = intConditions(condition, 'eq', 'ne');
/** A single bit that is no short constant: andi takes the others. */
const longBit = where(powerOfTwo(k), (low, high) => high !== 0 || low < 0 || low > 0x7ff);
/** For a comparison with zero: above is not equal, not above is equal. */
const zeroCodes: Readonly<Record<number, number>> = { [icmpConditions.eq]: eq, [icmpConditions.ne]: ne, [slt]: lt, [sge]: ge, [ugt]: ne, [ule]: eq };

/** The bindings of a pattern of which no more is known. */
export type Whole = Bindings<Captured>;

/**
 * Rules for a user of a condition. `wrap` puts the condition's pattern into that of the user, which captures neither x nor y;
 * `consume` emits the user for a comparison made just before. `wide`: the user may have an i64 for a condition.
 */
export function conditionalRules(
  name: string,
  wrap: (pattern: Pattern<Captured>) => Pattern<Captured>,
  consume: (match: Whole, c: Selector, comparison: Comparison) => void,
  wide = false,
): Rule<Selector, void>[] {
  return [
    ...integerWidths.flatMap(([typeName, type]) => [
      rule(`${name}.${typeName}.bit`, wrap(icmp(equality, typed(type, band(x, iconst(longBit))), iconst(0))), (match, c) => {
        const { x: value, kLow, kHigh, condition: code } = match;
        const bit = kLow !== 0 ? 31 - Math.clz32(kLow) : 63 - Math.clz32(kHigh);
        const moved = c.temp(integerClass, type === i64 ? 8 : 4);
        // The bit becomes the sign.
        c.emit(type === i64 ? rv.slli : rv.slliw, moved, c.use(value), (type === i64 ? 63 : 31) - bit);
        consume(match, c, { form: type === i64 ? 'dz' : 'wz', a: moved, b: 0, condition: code === icmpConditions.eq ? ge : lt });
      }),
      rule(`${name}.${typeName}.zero`, wrap(icmp(withZero, typed(type, x), iconst(0))), (match, c) =>
        consume(match, c, { form: type === i64 ? 'dz' : 'wz', a: c.use(match.x), b: 0, condition: zeroCodes[match.condition] as number }),
      ),
      rule(`${name}.${typeName}`, wrap(icmp(condition, typed(type, x), y)), (match, c) => consume(match, c, compareRegisters(c, type, match.condition, match.x, match.y))),
    ]),
    ...floatWidths.map(([typeName, type]) =>
      rule(`${name}.${typeName}`, wrap(fcmp(condition, typed(type, x), y)), (match, c) => {
        const holds = c.temp(integerClass, 4);
        const positive = compareFloats(c, type, match.condition, match.x, match.y, holds);
        consume(match, c, { form: 'wz', a: holds, b: 0, condition: positive ? ne : eq });
      }),
    ),
    ...(wide ? [rule(`${name}.value_i64`, wrap(typed(i64, x)), (match, c) => consume(match, c, { form: 'dz', a: c.use(match.x), b: 0, condition: ne }))] : []),
    rule(`${name}.value`, wrap(typed(i32, x)), (match, c) => consume(match, c, { form: 'wz', a: c.use(match.x), b: 0, condition: ne })),
  ];
}

/** A register that holds 1 if an i32 value is not zero, else 0; a comparison's result is one already. */
export function truthOf(c: Selector, value: Value): number {
  const opcode = c.definingOpcode(value);
  if (opcode === op.icmp || opcode === op.fcmp) return c.use(value);
  const truth = c.temp(integerClass, 4);
  c.emit(rv.snez32, truth, c.use(value));
  return truth;
}

/** Comparison of an integer with a short constant, as a value. */
const shortRules = integerWidths.flatMap(([name, type]) => {
  const [slti, sltiu, xori, snez, bytes] =
    type === i64 ? ([rv.slti, rv.sltiu, rv.xori, rv.snez, 8] as const) : ([rv.slti32, rv.sltiu32, rv.xori32, rv.snez32, 4] as const);
  /** Below the constant plus `more`, or not (`flip`). */
  const below = (row: number, more: number, flip: boolean) => ({ x, kLow }: { readonly x: Value; readonly kLow: number }, c: Selector): void => {
    const holds = flip ? c.temp(integerClass, 4) : c.result();
    c.emit(row, holds, c.use(x), kLow + more);
    if (flip) c.emit(rv.xori32, c.result(), holds, 1);
  };
  return [
    rule(`icmp.${name}.eq_zero`, icmp('eq', typed(type, x), iconst(0)), ({ x }, c) => c.emit(sltiu, c.result(), c.use(x), 1)),
    rule(`icmp.${name}.ne_zero`, icmp('ne', typed(type, x), iconst(0)), ({ x }, c) => c.emit(snez, c.result(), c.use(x))),
    rule(`icmp.${name}.eq_short`, icmp('eq', typed(type, x), iconst(short)), ({ x, kLow }, c) => {
      const difference = c.temp(integerClass, bytes);
      c.emit(xori, difference, c.use(x), kLow);
      c.emit(sltiu, c.result(), difference, 1);
    }),
    rule(`icmp.${name}.ne_short`, icmp('ne', typed(type, x), iconst(short)), ({ x, kLow }, c) => {
      const difference = c.temp(integerClass, bytes);
      c.emit(xori, difference, c.use(x), kLow);
      c.emit(snez, c.result(), difference);
    }),
    rule(`icmp.${name}.slt_short`, icmp('slt', typed(type, x), iconst(short)), below(slti, 0, false)),
    rule(`icmp.${name}.sge_short`, icmp('sge', typed(type, x), iconst(short)), below(slti, 0, true)),
    rule(`icmp.${name}.sle_short`, icmp('sle', typed(type, x), iconst(shortBelowTop)), below(slti, 1, false)),
    rule(`icmp.${name}.sgt_short`, icmp('sgt', typed(type, x), iconst(shortBelowTop)), below(slti, 1, true)),
    // The constant is sign-extended, like the values compared; one more than -1 would be the smallest number.
    rule(`icmp.${name}.ult_short`, icmp('ult', typed(type, x), iconst(short)), below(sltiu, 0, false)),
    rule(`icmp.${name}.uge_short`, icmp('uge', typed(type, x), iconst(short)), below(sltiu, 0, true)),
    rule(`icmp.${name}.ule_short`, icmp('ule', typed(type, x), iconst(shortBelowOnes)), below(sltiu, 1, false)),
    rule(`icmp.${name}.ugt_short`, icmp('ugt', typed(type, x), iconst(shortBelowOnes)), below(sltiu, 1, true)),
    rule(`icmp.${name}`, icmp(condition, typed(type, x), y), ({ x, y, condition }, c) => {
      const { a, b, condition: code } = compareRegisters(c, type, condition, x, y);
      if (code === eq || code === ne) {
        const difference = c.temp(integerClass, bytes);
        c.emit(type === i64 ? rv.xor : rv.xor32, difference, a, b);
        if (code === eq) c.emit(sltiu, c.result(), difference, 1);
        else c.emit(snez, c.result(), difference);
        return;
      }
      const isBelow = code === lt || code === ltu;
      const holds = isBelow ? c.result() : c.temp(integerClass, 4);
      const signed = code === lt || code === ge;
      c.emit(type === i64 ? (signed ? rv.slt : rv.sltu) : signed ? rv.slt32 : rv.sltu32, holds, a, b);
      if (!isBelow) c.emit(rv.xori32, c.result(), holds, 1);
    }),
  ];
});

/** Comparisons whose result is wanted as a value. */
export const comparisonRules = [
  ...shortRules,
  ...floatWidths.map(([name, type]) =>
    rule(`fcmp.${name}`, fcmp(condition, typed(type, x), y), ({ x, y, condition }, c) => {
      if (condition !== fcmpConditions.ne) {
        compareFloats(c, type, condition, x, y, c.result());
        return;
      }
      const equal = c.temp(integerClass, 4);
      compareFloats(c, type, condition, x, y, equal);
      c.emit(rv.xori32, c.result(), equal, 1);
    }),
  ),
];
