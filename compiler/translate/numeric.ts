// Numeric instructions (standard, chapter 4.4.1). Most are one IR opcode; division and conversion to integers get their checks
// before them, in the order in which the standard's operators become undefined.

import type { Value } from '../base/entity.ts';
import { trapCodes } from '../contract/traps.ts';
import { type FcmpCondition, type IcmpCondition, type Opcode, op } from '../ir/opcodes.ts';
import { type Type, f32, f64, i32, i64 } from '../ir/types.ts';
import type { InstructionName } from '../wasm/opcodes.ts';
import type { Handler, Translation } from './translation.ts';

function unary(opcode: Opcode): Handler {
  return (t) => t.push(t.b.unary(opcode, t.pop()));
}
function binary(opcode: Opcode): Handler {
  return (t) => {
    const y = t.pop();
    t.push(t.b.binary(opcode, t.pop(), y));
  };
}
function convert(opcode: Opcode, type: Type): Handler {
  return (t) => t.push(t.b.convert(opcode, type, t.pop()));
}
function compare(condition: IcmpCondition): Handler {
  return (t) => {
    const y = t.pop();
    t.push(t.b.icmp(condition, t.pop(), y));
  };
}
function compareFloats(condition: FcmpCondition): Handler {
  return (t) => {
    const y = t.pop();
    t.push(t.b.fcmp(condition, t.pop(), y));
  };
}
function equalsZero(type: Type): Handler {
  return (t) => {
    const x = t.pop();
    t.push(t.b.icmp('eq', x, t.zero(type)));
  };
}
/** i64.extend32_s: the IR extends from a value of the narrow type. */
function extend32(t: Translation): void {
  t.push(t.b.convert(op.sextend, i64, t.b.convert(op.ireduce, i32, t.pop())));
}

// ---- division

function divide(opcode: Opcode): Handler {
  return (t) => {
    const y = t.pop();
    const x = t.pop();
    t.b.trapz(y, trapCodes.integerDivideByZero);
    t.push(t.b.binary(opcode, x, y));
  };
}

/** Signed quotients also overflow: the smallest integer by -1. */
function divideSigned(type: Type): Handler {
  return (t) => {
    const { b } = t;
    const y = t.pop();
    const x = t.pop();
    b.trapz(y, trapCodes.integerDivideByZero);
    const smallest = type === i32 ? b.iconst32(-(2 ** 31)) : b.iconst64(-(2n ** 63n));
    const minusOne = type === i32 ? b.iconst32(-1) : b.iconst64(-1n);
    const overflows = b.binary(op.band, b.icmp('eq', x, smallest), b.icmp('eq', y, minusOne));
    b.trapnz(overflows, trapCodes.integerOverflow);
    t.push(b.binary(op.sdiv, x, y));
  };
}

// ---- conversion to integers

interface Bound {
  /** The operand must compare so with the bound. */
  readonly condition: FcmpCondition;
  /** The bound, exact in both float types it is used with. */
  readonly value: number;
}
interface IntegerRange {
  readonly lower: Bound;
  readonly upper: Bound;
}

// x converts if trunc(x) is in the integer's range. A bound that the float type cannot hold gives way to the next one that it can:
// -2^31 - 1 is a double but no float, and between -2^31 - 1 and -2^31 there is no float; likewise for -2^63 - 1 and doubles.
const unsigned32: IntegerRange = { lower: { condition: 'gt', value: -1 }, upper: { condition: 'lt', value: 2 ** 32 } };
const unsigned64: IntegerRange = { lower: { condition: 'gt', value: -1 }, upper: { condition: 'lt', value: 2 ** 64 } };
const signed32FromDouble: IntegerRange = { lower: { condition: 'gt', value: -(2 ** 31) - 1 }, upper: { condition: 'lt', value: 2 ** 31 } };
const signed32FromFloat: IntegerRange = { lower: { condition: 'ge', value: -(2 ** 31) }, upper: { condition: 'lt', value: 2 ** 31 } };
const signed64: IntegerRange = { lower: { condition: 'ge', value: -(2 ** 63) }, upper: { condition: 'lt', value: 2 ** 63 } };

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of a number that `type` represents exactly. */
function floatBits(type: Type, value: number): bigint {
  if (type === f32) {
    scratch.setFloat32(0, value);
    return BigInt(scratch.getUint32(0));
  }
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

function checkBound(t: Translation, from: Type, x: Value, bound: Bound): void {
  const inside = t.b.fcmp(bound.condition, x, t.b.fconst(from, floatBits(from, bound.value)));
  t.b.trapz(inside, trapCodes.integerOverflow);
}

function truncate(opcode: Opcode, to: Type, from: Type, range: IntegerRange): Handler {
  return (t) => {
    const x = t.pop();
    t.b.trapnz(t.b.fcmp('ne', x, x), trapCodes.invalidConversionToInteger);
    checkBound(t, from, x, range.lower);
    checkBound(t, from, x, range.upper);
    t.push(t.b.convert(opcode, to, x));
  };
}

type NumericName = Exclude<
  Extract<InstructionName, `i32.${string}` | `i64.${string}` | `f32.${string}` | `f64.${string}`>,
  `${string}.load${string}` | `${string}.store${string}`
>;

export const numericHandlers: Record<NumericName, Handler> = {
  'i32.const': (t) => t.push(t.b.iconst32(t.operator.low)),
  'i64.const': (t) => t.push(t.b.iconst64(t.operator.wide())),
  'f32.const': (t) => t.push(t.b.fconst(f32, BigInt(t.operator.low >>> 0))),
  'f64.const': (t) => t.push(t.b.fconst(f64, BigInt.asUintN(64, t.operator.wide()))),
  'i32.eqz': equalsZero(i32),
  'i32.eq': compare('eq'),
  'i32.ne': compare('ne'),
  'i32.lt_s': compare('slt'),
  'i32.lt_u': compare('ult'),
  'i32.gt_s': compare('sgt'),
  'i32.gt_u': compare('ugt'),
  'i32.le_s': compare('sle'),
  'i32.le_u': compare('ule'),
  'i32.ge_s': compare('sge'),
  'i32.ge_u': compare('uge'),
  'i64.eqz': equalsZero(i64),
  'i64.eq': compare('eq'),
  'i64.ne': compare('ne'),
  'i64.lt_s': compare('slt'),
  'i64.lt_u': compare('ult'),
  'i64.gt_s': compare('sgt'),
  'i64.gt_u': compare('ugt'),
  'i64.le_s': compare('sle'),
  'i64.le_u': compare('ule'),
  'i64.ge_s': compare('sge'),
  'i64.ge_u': compare('uge'),
  'f32.eq': compareFloats('eq'),
  'f32.ne': compareFloats('ne'),
  'f32.lt': compareFloats('lt'),
  'f32.gt': compareFloats('gt'),
  'f32.le': compareFloats('le'),
  'f32.ge': compareFloats('ge'),
  'f64.eq': compareFloats('eq'),
  'f64.ne': compareFloats('ne'),
  'f64.lt': compareFloats('lt'),
  'f64.gt': compareFloats('gt'),
  'f64.le': compareFloats('le'),
  'f64.ge': compareFloats('ge'),
  'i32.clz': unary(op.clz),
  'i32.ctz': unary(op.ctz),
  'i32.popcnt': unary(op.popcnt),
  'i32.add': binary(op.iadd),
  'i32.sub': binary(op.isub),
  'i32.mul': binary(op.imul),
  'i32.div_s': divideSigned(i32),
  'i32.div_u': divide(op.udiv),
  'i32.rem_s': divide(op.srem),
  'i32.rem_u': divide(op.urem),
  'i32.and': binary(op.band),
  'i32.or': binary(op.bor),
  'i32.xor': binary(op.bxor),
  'i32.shl': binary(op.ishl),
  'i32.shr_s': binary(op.sshr),
  'i32.shr_u': binary(op.ushr),
  'i32.rotl': binary(op.rotl),
  'i32.rotr': binary(op.rotr),
  'i64.clz': unary(op.clz),
  'i64.ctz': unary(op.ctz),
  'i64.popcnt': unary(op.popcnt),
  'i64.add': binary(op.iadd),
  'i64.sub': binary(op.isub),
  'i64.mul': binary(op.imul),
  'i64.div_s': divideSigned(i64),
  'i64.div_u': divide(op.udiv),
  'i64.rem_s': divide(op.srem),
  'i64.rem_u': divide(op.urem),
  'i64.and': binary(op.band),
  'i64.or': binary(op.bor),
  'i64.xor': binary(op.bxor),
  'i64.shl': binary(op.ishl),
  'i64.shr_s': binary(op.sshr),
  'i64.shr_u': binary(op.ushr),
  'i64.rotl': binary(op.rotl),
  'i64.rotr': binary(op.rotr),
  'f32.abs': unary(op.fabs),
  'f32.neg': unary(op.fneg),
  'f32.ceil': unary(op.fceil),
  'f32.floor': unary(op.ffloor),
  'f32.trunc': unary(op.ftrunc),
  'f32.nearest': unary(op.fnearest),
  'f32.sqrt': unary(op.fsqrt),
  'f32.add': binary(op.fadd),
  'f32.sub': binary(op.fsub),
  'f32.mul': binary(op.fmul),
  'f32.div': binary(op.fdiv),
  'f32.min': binary(op.fmin),
  'f32.max': binary(op.fmax),
  'f32.copysign': binary(op.fcopysign),
  'f64.abs': unary(op.fabs),
  'f64.neg': unary(op.fneg),
  'f64.ceil': unary(op.fceil),
  'f64.floor': unary(op.ffloor),
  'f64.trunc': unary(op.ftrunc),
  'f64.nearest': unary(op.fnearest),
  'f64.sqrt': unary(op.fsqrt),
  'f64.add': binary(op.fadd),
  'f64.sub': binary(op.fsub),
  'f64.mul': binary(op.fmul),
  'f64.div': binary(op.fdiv),
  'f64.min': binary(op.fmin),
  'f64.max': binary(op.fmax),
  'f64.copysign': binary(op.fcopysign),
  'i32.wrap_i64': convert(op.ireduce, i32),
  'i32.trunc_f32_s': truncate(op.fcvt_to_sint, i32, f32, signed32FromFloat),
  'i32.trunc_f32_u': truncate(op.fcvt_to_uint, i32, f32, unsigned32),
  'i32.trunc_f64_s': truncate(op.fcvt_to_sint, i32, f64, signed32FromDouble),
  'i32.trunc_f64_u': truncate(op.fcvt_to_uint, i32, f64, unsigned32),
  'i64.trunc_f32_s': truncate(op.fcvt_to_sint, i64, f32, signed64),
  'i64.trunc_f32_u': truncate(op.fcvt_to_uint, i64, f32, unsigned64),
  'i64.trunc_f64_s': truncate(op.fcvt_to_sint, i64, f64, signed64),
  'i64.trunc_f64_u': truncate(op.fcvt_to_uint, i64, f64, unsigned64),
  'i64.extend_i32_s': convert(op.sextend, i64),
  'i64.extend_i32_u': convert(op.uextend, i64),
  'f32.convert_i32_s': convert(op.fcvt_from_sint, f32),
  'f32.convert_i32_u': convert(op.fcvt_from_uint, f32),
  'f32.convert_i64_s': convert(op.fcvt_from_sint, f32),
  'f32.convert_i64_u': convert(op.fcvt_from_uint, f32),
  'f64.convert_i32_s': convert(op.fcvt_from_sint, f64),
  'f64.convert_i32_u': convert(op.fcvt_from_uint, f64),
  'f64.convert_i64_s': convert(op.fcvt_from_sint, f64),
  'f64.convert_i64_u': convert(op.fcvt_from_uint, f64),
  'f32.demote_f64': convert(op.fdemote, f32),
  'f64.promote_f32': convert(op.fpromote, f64),
  'i32.reinterpret_f32': convert(op.bitcast, i32),
  'i64.reinterpret_f64': convert(op.bitcast, i64),
  'f32.reinterpret_i32': convert(op.bitcast, f32),
  'f64.reinterpret_i64': convert(op.bitcast, f64),
  'i32.extend8_s': unary(op.sextend8),
  'i32.extend16_s': unary(op.sextend16),
  'i64.extend8_s': unary(op.sextend8),
  'i64.extend16_s': unary(op.sextend16),
  'i64.extend32_s': extend32,
  'i32.trunc_sat_f32_s': convert(op.fcvt_to_sint_sat, i32),
  'i32.trunc_sat_f32_u': convert(op.fcvt_to_uint_sat, i32),
  'i32.trunc_sat_f64_s': convert(op.fcvt_to_sint_sat, i32),
  'i32.trunc_sat_f64_u': convert(op.fcvt_to_uint_sat, i32),
  'i64.trunc_sat_f32_s': convert(op.fcvt_to_sint_sat, i64),
  'i64.trunc_sat_f32_u': convert(op.fcvt_to_uint_sat, i64),
  'i64.trunc_sat_f64_s': convert(op.fcvt_to_sint_sat, i64),
  'i64.trunc_sat_f64_u': convert(op.fcvt_to_uint_sat, i64),
};
