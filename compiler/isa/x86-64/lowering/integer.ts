// Integer operations. An i32 result is written by a 32-bit instruction, which clears the rest of the register.

import { type Type, i32, i64 } from '../../../ir/types.ts';
import { anyCondition, anything, k, l, memory, simm32, typed, where, x, y } from '../../../ir/pattern.ts';
import {
  band, bor, bxor, clz, ctz, fcmp, iadd, icmp, iconst, imul, ireduce, ishl, isub, load, popcnt, rotl, rotr, sdiv, sextend, sextend16, sextend8, srem, sshr, udiv,
  uextend, urem, ushr,
} from '../../../ir/pattern-terms.ts';
import { resultOf } from '../../../ir/function.ts';
import { type OpcodeName, op } from '../../../ir/opcodes.ts';
import type { Value } from '../../../base/entity.ts';
import { bases } from '../../../machine/instruction.ts';
import type { Selector } from '../../../machine/select.ts';
import { conditions, x64 } from '../instructions/table.ts';
import { byWidth, integerClass, rule, widthOf } from './rule.ts';

type Binary = typeof iadd;
type Alu = 'add' | 'sub' | 'and' | 'or' | 'xor';

/** Immediate, memory and register forms of a two-operand instruction, for both types. */
const alu = (name: string, term: Binary, mnemonic: Alu) =>
  ([['i32', i32, 32], ['i64', i64, 64]] as const).flatMap(([typeName, type, bits]) => [
    rule(`${name}.${typeName}.simm32`, typed(type, term(x, iconst(simm32(k)))), ({ x, kLow }, c) =>
      c.emit(x64[`${mnemonic}${bits}_ri`], c.use(x), c.result(), kLow),
    ),
    rule(`${name}.${typeName}.load`, typed(type, term(x, load(memory, y))), ({ x, y, offset, flags }, c) => {
      c.address(y, offset, flags);
      c.emit(x64[`${mnemonic}${bits}_rm`], c.use(x), c.result());
    }),
    rule(`${name}.${typeName}`, typed(type, term(x, y)), ({ x, y }, c) => c.emit(x64[`${mnemonic}${bits}_rr`], c.use(x), c.result(), c.use(y))),
  ]);

const scale = where(l, (low, high) => high === 0 && low >= 1 && low <= 3);

/** Address computation as three-operand addition: leaves its sources and the flags alone. */
const leaRules = ([['i32', i32], ['i64', i64]] as const).flatMap(([typeName, type]) => {
  const row = type === i32 ? x64.lea32 : x64.lea64;
  return [
    rule(`iadd.${typeName}.lea_scale_constant`, typed(type, iadd(iadd(x, ishl(y, iconst(scale))), iconst(simm32(k)))), ({ x, y, kLow, l }, c) => {
      c.setAddress(c.use(x), c.use(y), l, kLow, 0);
      c.emit(row, c.result());
    }),
    rule(`iadd.${typeName}.lea_scale`, typed(type, iadd(x, ishl(y, iconst(scale)))), ({ x, y, l }, c) => {
      c.setAddress(c.use(x), c.use(y), l, 0, 0);
      c.emit(row, c.result());
    }),
    rule(`iadd.${typeName}.lea_constant`, typed(type, iadd(iadd(x, y), iconst(simm32(k)))), ({ x, y, kLow }, c) => {
      c.setAddress(c.use(x), c.use(y), 0, kLow, 0);
      c.emit(row, c.result());
    }),
    rule(`iadd.${typeName}.lea_kept_constant`, typed(type, iadd(x, iconst(simm32(k)))), ({ x }, c) => c.isShared(x), ({ x, kLow }, c) => {
      c.setAddress(c.use(x), bases.none, 0, kLow, 0);
      c.emit(row, c.result());
    }),
  ];
});

const shift = (name: string, term: Binary, mnemonic: 'shl' | 'shr' | 'sar' | 'rol' | 'ror') => [
  rule(`${name}.constant`, term(x, iconst(k)), ({ x, kLow, type }, c) =>
    c.emit(byWidth(type, x64[`${mnemonic}32_ri`], x64[`${mnemonic}64_ri`]), c.use(x), c.result(), kLow & (8 * widthOf(type) - 1)),
  ),
  rule(name, term(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, x64[`${mnemonic}32_rc`], x64[`${mnemonic}64_rc`]), c.use(x), c.result(), c.use(y))),
];

const temp = (c: Selector, type: Type | 0) => c.temp(integerClass, widthOf(type));

/** rdx:rax is divided; the unwanted half of the result has no use. */
function divide(c: Selector, type: Type | 0, signed: boolean, dividend: Value, divisor: number, wantRemainder: boolean): void {
  const low = c.use(dividend);
  const high = temp(c, type);
  const unwanted = temp(c, type);
  if (signed) c.emit(byWidth(type, x64.cdq, x64.cqo), low, high);
  else c.emit(x64.mov32_ri, high, 0);
  const row = signed ? byWidth(type, x64.idiv32_r, x64.idiv64_r) : byWidth(type, x64.div32_r, x64.div64_r);
  const quotient = wantRemainder ? unwanted : c.result();
  const remainder = wantRemainder ? c.result() : unwanted;
  c.emit(row, low, quotient, high, remainder, divisor);
}

const notMinusOneOrZero = where(k, (low, high) => !(low === -1 && high === -1) && !(low === 0 && high === 0));

const divisionRules = [
  rule('sdiv', sdiv(x, y), ({ x, y, type }, c) => divide(c, type, true, x, c.use(y), false)),
  rule('udiv', udiv(x, y), ({ x, y, type }, c) => divide(c, type, false, x, c.use(y), false)),
  rule('urem', urem(x, y), ({ x, y, type }, c) => divide(c, type, false, x, c.use(y), true)),
  rule('srem.constant', srem(x, iconst(notMinusOneOrZero)), ({ x, kLow, kHigh, type }, c) => {
    const divisor = temp(c, type);
    if (type === i32) c.emit(x64.mov32_ri, divisor, kLow);
    else c.emit(x64.mov64_ri, divisor, kLow, kHigh);
    divide(c, type, true, x, divisor, true);
  }),
  // idiv faults on INT_MIN / -1 though the remainder is 0; a divisor of 1 has the same remainder, 0, for every dividend.
  rule('srem', srem(x, y), ({ x, y, type }, c) => {
    const divisor = c.use(y);
    const one = temp(c, type);
    const safe = temp(c, type);
    c.emit(x64.mov32_ri, one, 1);
    c.emit(byWidth(type, x64.cmp32_ri, x64.cmp64_ri), divisor, -1);
    c.emit(byWidth(type, x64.cmov32_rr, x64.cmov64_rr), divisor, safe, one, conditions.e);
    divide(c, type, true, x, safe, true);
  }),
];

/** Counts for the zero input that bsf and bsr do not define come by a conditional move. */
const countRules = [
  rule('clz.lzcnt', clz(x), (_, c) => c.features.has('lzcnt'), ({ x, type }, c) => c.emit(byWidth(type, x64.lzcnt32_rr, x64.lzcnt64_rr), c.result(), c.use(x))),
  rule('clz', clz(x), ({ x, type }, c) => {
    const bits = 8 * widthOf(type);
    const value = c.use(x);
    const [found, absent, number] = [temp(c, type), temp(c, type), temp(c, type)];
    // 2 * bits - 1 exclusive-or bits - 1 is bits.
    c.emit(x64.mov32_ri, absent, 2 * bits - 1);
    c.emit(byWidth(type, x64.bsr32_rr, x64.bsr64_rr), found, value);
    c.emit(byWidth(type, x64.cmov32_rr, x64.cmov64_rr), found, number, absent, conditions.e);
    c.emit(byWidth(type, x64.xor32_ri, x64.xor64_ri), number, c.result(), bits - 1);
  }),
  rule('ctz.tzcnt', ctz(x), (_, c) => c.features.has('bmi1'), ({ x, type }, c) => c.emit(byWidth(type, x64.tzcnt32_rr, x64.tzcnt64_rr), c.result(), c.use(x))),
  rule('ctz', ctz(x), ({ x, type }, c) => {
    const value = c.use(x);
    const [found, absent] = [temp(c, type), temp(c, type)];
    c.emit(x64.mov32_ri, absent, 8 * widthOf(type));
    c.emit(byWidth(type, x64.bsf32_rr, x64.bsf64_rr), found, value);
    c.emit(byWidth(type, x64.cmov32_rr, x64.cmov64_rr), found, c.result(), absent, conditions.e);
  }),
  rule('popcnt.popcnt', popcnt(x), (_, c) => c.features.has('popcnt'), ({ x, type }, c) =>
    c.emit(byWidth(type, x64.popcnt32_rr, x64.popcnt64_rr), c.result(), c.use(x)),
  ),
  rule('popcnt.i32', typed(i32, popcnt(x)), ({ x }, c) => populationCount(c, x, i32)),
  rule('popcnt.i64', typed(i64, popcnt(x)), ({ x }, c) => populationCount(c, x, i64)),
];

/** Sums of 2, 4, 8 bits in parallel, then all bytes by a multiplication (Warren, Hacker's Delight, 5-1). */
function populationCount(c: Selector, value: Value, type: Type): void {
  const source = c.use(value);
  const masked = (from: number, pattern: number): number => {
    const into = temp(c, type);
    if (type === i32) c.emit(x64.and32_ri, from, into, pattern);
    else {
      const mask = temp(c, type);
      c.emit(x64.mov64_ri, mask, pattern, pattern);
      c.emit(x64.and64_rr, from, into, mask);
    }
    return into;
  };
  const shifted = (from: number, count: number): number => {
    const into = temp(c, type);
    c.emit(byWidth(type, x64.shr32_ri, x64.shr64_ri), from, into, count);
    return into;
  };
  const combined = (row4: number, row8: number, a: number, b: number): number => {
    const into = temp(c, type);
    c.emit(byWidth(type, row4, row8), a, into, b);
    return into;
  };
  const pairs = combined(x64.sub32_rr, x64.sub64_rr, source, masked(shifted(source, 1), 0x55555555));
  const nibbles = combined(x64.add32_rr, x64.add64_rr, masked(pairs, 0x33333333), masked(shifted(pairs, 2), 0x33333333));
  const bytes = masked(combined(x64.add32_rr, x64.add64_rr, nibbles, shifted(nibbles, 4)), 0x0f0f0f0f);
  const sum = temp(c, type);
  if (type === i32) c.emit(x64.imul32_rri, sum, bytes, 0x01010101);
  else {
    const ones = temp(c, type);
    c.emit(x64.mov64_ri, ones, 0x01010101, 0x01010101);
    c.emit(x64.imul64_rr, bytes, sum, ones);
  }
  c.emit(byWidth(type, x64.shr32_ri, x64.shr64_ri), sum, c.result(), 8 * widthOf(type) - 8);
}

/** Opcodes whose i32 result every rule writes by a 32-bit instruction, never as another name of a wider register. */
export const writes32: ReadonlySet<number> = new Set<number>(
  (
    [
      'iadd', 'isub', 'imul', 'band', 'bor', 'bxor', 'ishl', 'ushr', 'sshr', 'rotl', 'rotr', 'clz', 'ctz', 'popcnt', 'sextend8', 'sextend16', 'icmp', 'fcmp',
      'udiv', 'sdiv', 'urem', 'srem', 'load', 'uload8', 'sload8', 'uload16', 'sload16',
    ] satisfies OpcodeName[]
  ).map((name) => op[name]),
);

const wideningRules = [
  rule('sextend8', sextend8(x), ({ x, type }, c) => c.emit(byWidth(type, x64.movsx8_32_rr, x64.movsx8_64_rr), c.result(), c.use(x))),
  rule('sextend16', sextend16(x), ({ x, type }, c) => c.emit(byWidth(type, x64.movsx16_32_rr, x64.movsx16_64_rr), c.result(), c.use(x))),
  rule('sextend', sextend(x), ({ x }, c) => c.emit(x64.movsxd_rr, c.result(), c.use(x))),
  rule('uextend.free', uextend(x), ({ x }, c) => c.isClearedAbove(x), ({ x }, c) => c.alias(c.useWide(x, 8))),
  rule('uextend', uextend(x), ({ x }, c) => c.emit(x64.movzx32_64_rr, c.result(), c.use(x))),
  rule('ireduce', ireduce(x), ({ x }, c) => c.alias(c.use(x))),
];

/** The value of a condition: 0 or 1. */
function materialiseCondition(c: Selector): void {
  const byte = c.temp(integerClass, 1);
  c.emit(x64.setcc, byte, c.condition);
  if (c.condition2 < 0) {
    c.emit(x64.movzx8_32_rr, c.result(), byte);
    return;
  }
  const other = c.temp(integerClass, 1);
  const [first, second] = [c.temp(integerClass, 4), c.temp(integerClass, 4)];
  c.emit(x64.setcc, other, c.condition2);
  c.emit(x64.movzx8_32_rr, first, byte);
  c.emit(x64.movzx8_32_rr, second, other);
  c.emit(c.every ? x64.and32_rr : x64.or32_rr, first, c.result(), second);
}

/** Sets the flags by the condition rules, whose root is the comparison itself. */
const comparisonRules = [
  rule('icmp', icmp(anyCondition, anything, anything), ({ f, inst }, c) => {
    c.conditionOf(resultOf(f, inst));
    materialiseCondition(c);
  }),
  rule('fcmp', fcmp(anyCondition, anything, anything), ({ f, inst }, c) => {
    c.conditionOf(resultOf(f, inst));
    materialiseCondition(c);
  }),
];

export const integerRules = [
  ...leaRules,
  ...alu('iadd', iadd, 'add'),
  ...alu('isub', isub, 'sub'),
  ...alu('band', band, 'and'),
  ...alu('bor', bor, 'or'),
  ...alu('bxor', bxor, 'xor'),
  rule('imul.simm32', imul(x, iconst(simm32(k))), ({ x, kLow, type }, c) =>
    c.emit(byWidth(type, x64.imul32_rri, x64.imul64_rri), c.result(), c.use(x), kLow),
  ),
  rule('imul.load', imul(x, load(memory, y)), ({ x, y, offset, flags, type }, c) => {
    c.address(y, offset, flags);
    c.emit(byWidth(type, x64.imul32_rm, x64.imul64_rm), c.use(x), c.result());
  }),
  rule('imul', imul(x, y), ({ x, y, type }, c) => c.emit(byWidth(type, x64.imul32_rr, x64.imul64_rr), c.use(x), c.result(), c.use(y))),
  ...divisionRules,
  ...shift('ishl', ishl, 'shl'),
  ...shift('ushr', ushr, 'shr'),
  ...shift('sshr', sshr, 'sar'),
  ...shift('rotl', rotl, 'rol'),
  ...shift('rotr', rotr, 'ror'),
  ...countRules,
  ...wideningRules,
  ...comparisonRules,
];
