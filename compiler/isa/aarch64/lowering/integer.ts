// Integer operations. An i32 result is written by a 32-bit instruction, which clears the rest of the register.
// Sources of 32 bits have undefined upper halves: no rule reads more of one than its low half.

import type { Value } from '../../../base/entity.ts';
import { resultOf } from '../../../ir/function.ts';
import { type OpcodeName, op } from '../../../ir/opcodes.ts';
import {
  band, bor, bxor, clz, ctz, fcmp, iadd, icmp, iconst, imul, ireduce, ishl, isub, popcnt, rotl, rotr, sdiv, sextend, sextend16, sextend8, srem, sshr, udiv,
  uextend, urem, ushr,
} from '../../../ir/pattern-terms.ts';
import { type ConstantPattern, anyCondition, anything, bind, k, l, typed, w, where, x, y, z } from '../../../ir/pattern.ts';
import { type Type, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { a64 } from '../instructions/table.ts';
import { arithmetic, byWidth, emitArithmetic, floatClass, integerClass, integerWidths, logical, negatedArithmetic, rule, widthOf } from './rule.ts';

type Binary = typeof iadd;

const temp = (c: Selector, type: Type | 0) => c.temp(integerClass, widthOf(type));

/** A shift that moves something and not everything. */
const shiftBelow = (bits: number): ConstantPattern<'l' | 'l64' | 'lLow' | 'lHigh'> => where(l, (low, high) => high === 0 && low >= 1 && low < bits);
/** A shift of a zero- or sign-extended register. */
const extension = where(l, (low, high) => high === 0 && low >= 0 && low <= 4);

const shifts = [
  ['lsl', ishl],
  ['lsr', ushr],
  ['asr', sshr],
] as const;

/** Forms whose second source is shifted by the way. */
const shiftedForms = (name: string, term: Binary, mnemonic: 'add' | 'sub' | 'and' | 'orr' | 'eor') =>
  integerWidths.flatMap(([typeName, type, bits]) =>
    shifts.map(([shift, shiftTerm]) =>
      rule(`${name}.${typeName}.${shift}`, typed(type, term(x, shiftTerm(y, iconst(shiftBelow(bits))))), ({ x, y, l }, c) =>
        c.emit(a64[`${mnemonic}${bits}_rr_${shift}`], c.result(), c.use(x), c.use(y), l),
      ),
    ),
  );

/** Forms whose second source is an i32, widened and perhaps shifted by the way. */
const extendedForms = (name: string, term: Binary, mnemonic: 'add' | 'sub') =>
  ([['uxtw', uextend], ['sxtw', sextend]] as const).flatMap(([widening, wideningTerm]) => [
    rule(`${name}.${widening}_shifted`, typed(i64, term(x, ishl(wideningTerm(y), iconst(extension)))), ({ x, y, l }, c) =>
      c.emit(a64[`${mnemonic}64_${widening}`], c.result(), c.use(x), c.use(y), l),
    ),
    rule(`${name}.${widening}`, typed(i64, term(x, wideningTerm(y))), ({ x, y }, c) => c.emit(a64[`${mnemonic}64_${widening}`], c.result(), c.use(x), c.use(y), 0)),
  ]);

/** Addition or subtraction of a constant; `opposite` does the same with the constant negated. */
const constantForms = (name: string, term: Binary, mnemonic: 'add' | 'sub', opposite: 'add' | 'sub') =>
  integerWidths.flatMap(([typeName, type, bits]) => [
    rule(`${name}.${typeName}.constant`, typed(type, term(x, iconst(arithmetic))), ({ x, kLow }, c) =>
      emitArithmetic(c, a64[`${mnemonic}${bits}_ri`], a64[`${mnemonic}${bits}_ri12`], c.result(), c.use(x), kLow),
    ),
    rule(`${name}.${typeName}.negated_constant`, typed(type, term(x, iconst(negatedArithmetic))), ({ x, kLow }, c) =>
      emitArithmetic(c, a64[`${opposite}${bits}_ri`], a64[`${opposite}${bits}_ri12`], c.result(), c.use(x), -kLow),
    ),
  ]);

const plainForm = (name: string, term: Binary, row4: number, row8: number) =>
  rule(name, term(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, row4, row8), c.result(), c.use(x), c.use(y)));

/** A product that has no other use is added or subtracted in the same instruction. */
const usedOnce = ({ w: product }: { readonly w: Value }, c: Selector): boolean => !c.isShared(product);

const sums = [
  ...constantForms('iadd', iadd, 'add', 'sub'),
  rule('iadd.madd', iadd(z, bind(w, imul(x, y))), usedOnce, ({ x, y, z, type }, c) => c.emit(byWidth(type, a64.madd32, a64.madd64), c.result(), c.use(x), c.use(y), c.use(z))),
  ...extendedForms('iadd', iadd, 'add'),
  ...shiftedForms('iadd', iadd, 'add'),
  plainForm('iadd', iadd, a64.add32_rr, a64.add64_rr),
  ...constantForms('isub', isub, 'sub', 'add'),
  rule('isub.neg', isub(iconst(0), x), ({ x, type }, c) => c.emit(byWidth(type, a64.neg32, a64.neg64), c.result(), c.use(x))),
  rule('isub.msub', isub(z, bind(w, imul(x, y))), usedOnce, ({ x, y, z, type }, c) => c.emit(byWidth(type, a64.msub32, a64.msub64), c.result(), c.use(x), c.use(y), c.use(z))),
  ...extendedForms('isub', isub, 'sub'),
  ...shiftedForms('isub', isub, 'sub'),
  plainForm('isub', isub, a64.sub32_rr, a64.sub64_rr),
];

const products = [
  rule('imul.umull', typed(i64, imul(uextend(x), uextend(y))), ({ x, y }, c) => c.emit(a64.umull, c.result(), c.use(x), c.use(y))),
  rule('imul.smull', typed(i64, imul(sextend(x), sextend(y))), ({ x, y }, c) => c.emit(a64.smull, c.result(), c.use(x), c.use(y))),
  plainForm('imul', imul, a64.mul32, a64.mul64),
];

/** The remainder is what the truncated quotient leaves. INT_MIN / -1 is INT_MIN, whose product with -1 leaves 0. */
function remainder(c: Selector, type: Type | 0, divide: number, dividend: Value, divisor: Value): void {
  const quotient = temp(c, type);
  const [a, b] = [c.use(dividend), c.use(divisor)];
  c.emit(divide, quotient, a, b);
  c.emit(byWidth(type, a64.msub32, a64.msub64), c.result(), quotient, b, a);
}

// No division faults: the checks for zero and overflow are instructions of the IR.
const quotients = [
  plainForm('sdiv', sdiv, a64.sdiv32, a64.sdiv64),
  plainForm('udiv', udiv, a64.udiv32, a64.udiv64),
  rule('srem', srem(x, y), ({ x, y, type }, c) => remainder(c, type, byWidth(type, a64.sdiv32, a64.sdiv64), x, y)),
  rule('urem', urem(x, y), ({ x, y, type }, c) => remainder(c, type, byWidth(type, a64.udiv32, a64.udiv64), x, y)),
];

/** The lowest n bits, n from 1 to 31. */
const lowBits = where(k, (low, high) => high === 0 && low > 0 && (low & (low + 1)) === 0);
const widthOfMask = (mask: number): number => 32 - Math.clz32(mask);
const run = (first: number, width: number): number => first | (width << 8);

const logic = [
  ...integerWidths.map(([typeName, type, bits]) =>
    rule(
      `band.${typeName}.ubfx`,
      typed(type, band(ushr(x, iconst(shiftBelow(bits))), iconst(lowBits))),
      ({ l, kLow }) => l + widthOfMask(kLow) < bits,
      ({ x, l, kLow }, c) => c.emit(a64[`ubfx${bits}`], c.result(), c.use(x), run(l, widthOfMask(kLow))),
    ),
  ),
  ...([['band', band, 'and'], ['bor', bor, 'orr'], ['bxor', bxor, 'eor']] as const).flatMap(([name, term, mnemonic]) =>
    integerWidths.map(([typeName, type, bits]) =>
      rule(`${name}.${typeName}.constant`, typed(type, term(x, iconst(logical))), ({ x, kLow, kHigh }, c) => c.emit(a64[`${mnemonic}${bits}_ri`], c.result(), c.use(x), kLow, kHigh)),
    ),
  ),
  rule('band.bic', band(x, bxor(y, iconst(-1))), ({ x, y, type }, c) => c.emit(byWidth(type, a64.bic32_rr, a64.bic64_rr), c.result(), c.use(x), c.use(y))),
  ...shiftedForms('band', band, 'and'),
  plainForm('band', band, a64.and32_rr, a64.and64_rr),
  rule('bor.orn', bor(x, bxor(y, iconst(-1))), ({ x, y, type }, c) => c.emit(byWidth(type, a64.orn32_rr, a64.orn64_rr), c.result(), c.use(x), c.use(y))),
  ...shiftedForms('bor', bor, 'orr'),
  plainForm('bor', bor, a64.orr32_rr, a64.orr64_rr),
  rule('bxor.mvn', bxor(x, iconst(-1)), ({ x, type }, c) => c.emit(byWidth(type, a64.mvn32, a64.mvn64), c.result(), c.use(x))),
  rule('bxor.eon', bxor(x, bxor(y, iconst(-1))), ({ x, y, type }, c) => c.emit(byWidth(type, a64.eon32_rr, a64.eon64_rr), c.result(), c.use(x), c.use(y))),
  ...shiftedForms('bxor', bxor, 'eor'),
  plainForm('bxor', bxor, a64.eor32_rr, a64.eor64_rr),
];

/** Shifts by a constant take it modulo the width; nothing to shift is the shift to the right by 0, which still writes all of the result. */
const constantShift = (name: string, term: Binary, row4: number, row8: number) =>
  rule(`${name}.constant`, term(x, iconst(k)), ({ x, kLow, type }, c) => {
    const count = kLow & (8 * widthOf(type) - 1);
    c.emit(count === 0 ? byWidth(type, a64.lsr32_ri, a64.lsr64_ri) : byWidth(type, row4, row8), c.result(), c.use(x), count);
  });

/** An i32 widened and shifted to the left: what falls in place is its 32 bits, or fewer where the top cuts them off. */
const wideningShift = (name: string, term: typeof uextend, row: number) =>
  rule(`ishl.${name}`, typed(i64, ishl(term(x), iconst(where(l, (low, high) => high === 0 && low >= 1 && low < 32)))), ({ x, l }, c) =>
    c.emit(row, c.result(), c.use(x), run(l, 32)),
  );

const shiftRules = [
  wideningShift('uextend', uextend, a64.ubfiz64_w),
  wideningShift('sextend', sextend, a64.sbfiz64_w),
  constantShift('ishl', ishl, a64.lsl32_ri, a64.lsl64_ri),
  plainForm('ishl', ishl, a64.lsl32_rr, a64.lsl64_rr),
  constantShift('ushr', ushr, a64.lsr32_ri, a64.lsr64_ri),
  plainForm('ushr', ushr, a64.lsr32_rr, a64.lsr64_rr),
  constantShift('sshr', sshr, a64.asr32_ri, a64.asr64_ri),
  plainForm('sshr', sshr, a64.asr32_rr, a64.asr64_rr),
  rule('rotl.constant', rotl(x, iconst(k)), ({ x, kLow, type }, c) => c.emit(byWidth(type, a64.ror32_ri, a64.ror64_ri), c.result(), c.use(x), -kLow & (8 * widthOf(type) - 1))),
  // To the left by n is to the right by -n.
  rule('rotl', rotl(x, y), ({ x, y, type }, c) => {
    const count = temp(c, type);
    c.emit(byWidth(type, a64.neg32, a64.neg64), count, c.use(y));
    c.emit(byWidth(type, a64.ror32_rr, a64.ror64_rr), c.result(), c.use(x), count);
  }),
  rule('rotr.constant', rotr(x, iconst(k)), ({ x, kLow, type }, c) => c.emit(byWidth(type, a64.ror32_ri, a64.ror64_ri), c.result(), c.use(x), kLow & (8 * widthOf(type) - 1))),
  plainForm('rotr', rotr, a64.ror32_rr, a64.ror64_rr),
];

const countRules = [
  rule('clz', clz(x), ({ x, type }, c) => c.emit(byWidth(type, a64.clz32, a64.clz64), c.result(), c.use(x))),
  rule('ctz', ctz(x), ({ x, type }, c) => {
    const reversed = temp(c, type);
    c.emit(byWidth(type, a64.rbit32, a64.rbit64), reversed, c.use(x));
    c.emit(byWidth(type, a64.clz32, a64.clz64), c.result(), reversed);
  }),
  // Ones are counted in each byte of a vector register, whose upper half the move clears, and the counts summed.
  rule('popcnt', popcnt(x), ({ x, type }, c) => {
    const [bits, counts, sum] = [c.temp(floatClass, 8), c.temp(floatClass, 8), c.temp(floatClass, 8)];
    c.emit(byWidth(type, a64.fmov_w_s_wide, a64.fmov_x_d), bits, c.use(x));
    c.emit(a64.cnt, counts, bits);
    c.emit(a64.addv, sum, counts);
    c.emit(byWidth(type, a64.fmov_s_w, a64.fmov_d_x), c.result(), sum);
  }),
];

/** Opcodes whose i32 result every rule writes by a 32-bit instruction, never as another name of a wider register. */
const writes32 = new Set<number>(
  (
    [
      'iadd', 'isub', 'imul', 'band', 'bor', 'bxor', 'ishl', 'ushr', 'sshr', 'rotl', 'rotr', 'clz', 'ctz', 'popcnt', 'sextend8', 'sextend16', 'icmp', 'fcmp',
      'udiv', 'sdiv', 'urem', 'srem', 'load', 'uload8', 'sload8', 'uload16', 'sload16',
    ] satisfies OpcodeName[]
  ).map((name) => op[name]),
);

const wideningRules = [
  rule('sextend8', sextend8(x), ({ x, type }, c) => c.emit(byWidth(type, a64.sxtb32, a64.sxtb64), c.result(), c.use(x))),
  rule('sextend16', sextend16(x), ({ x, type }, c) => c.emit(byWidth(type, a64.sxth32, a64.sxth64), c.result(), c.use(x))),
  rule('sextend', sextend(x), ({ x }, c) => c.emit(a64.sxtw, c.result(), c.use(x))),
  rule('uextend.free', uextend(x), ({ x }, c) => writes32.has(c.definingOpcode(x)), ({ x }, c) => c.alias(c.useWide(x, 8))),
  rule('uextend', uextend(x), ({ x }, c) => c.emit(a64.uxtw, c.result(), c.use(x))),
  rule('ireduce', ireduce(x), ({ x }, c) => c.alias(c.use(x))),
];

/** Sets the flags by the condition rules, whose root is the comparison itself. */
const comparisonRules = [
  rule('icmp', icmp(anyCondition, anything, anything), ({ f, inst }, c) => {
    c.conditionOf(resultOf(f, inst));
    c.emit(a64.cset32, c.result(), c.condition);
  }),
  rule('fcmp', fcmp(anyCondition, anything, anything), ({ f, inst }, c) => {
    c.conditionOf(resultOf(f, inst));
    c.emit(a64.cset32, c.result(), c.condition);
  }),
];

export const integerRules = [...sums, ...products, ...quotients, ...logic, ...shiftRules, ...countRules, ...wideningRules, ...comparisonRules];
