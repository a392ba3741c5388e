// Float operations, from the standard's section "Floating-Point Operations". Floats rest as bits in their slots; an operator reads numbers,
// and writes back its result, or one canonical NaN.
// NaN rule: every arithmetic result that is a NaN is the positive canonical one (0x7fc00000, 0x7ff8000000000000). That is in the standard's
// set whatever the operands. fneg, fabs, fcopysign, bitcast, loads, stores, selects and moves work on bits and keep NaNs as they are.

import type { FcmpCondition } from './opcodes.ts';
import type { Handler, Machine } from './evaluate-machine.ts';

const canonical32 = 0x7fc0_0000;
const canonical64High = 0x7ff8_0000;

const single = (m: Machine, at: number): number => m.f32[m.cell(at)] as number;
const double = (m: Machine, at: number): number => m.f64[m.cell(at) >> 1] as number;
const bits = (m: Machine, at: number): number => m.i32[m.cell(at)] as number;
const highBits = (m: Machine, at: number): number => m.i32[m.cell(at) + 1] as number;

function setSingle(m: Machine, at: number, value: number): void {
  const cell = m.cell(at);
  if (value === value) m.f32[cell] = value;
  else m.i32[cell] = canonical32;
}
function setDouble(m: Machine, at: number, value: number): void {
  const cell = m.cell(at);
  if (value === value) m.f64[cell >> 1] = value;
  else {
    m.i32[cell] = 0;
    m.i32[cell + 1] = canonical64High;
  }
}
function setBits(m: Machine, at: number, low: number, high: number): void {
  const cell = m.cell(at);
  m.i32[cell] = low;
  m.i32[cell + 1] = high;
}

/** Singles are computed as doubles and rounded by the store: exact for + - * / and the square root (a double has more than twice the digits). */
const unary = (operate: (x: number) => number): { readonly f32: Handler; readonly f64: Handler } => ({
  f32: (m, pc) => {
    setSingle(m, pc + 1, operate(single(m, pc + 2)));
    return pc + 3;
  },
  f64: (m, pc) => {
    setDouble(m, pc + 1, operate(double(m, pc + 2)));
    return pc + 3;
  },
});
const binary = (operate: (x: number, y: number) => number): { readonly f32: Handler; readonly f64: Handler } => ({
  f32: (m, pc) => {
    setSingle(m, pc + 1, operate(single(m, pc + 2), single(m, pc + 3)));
    return pc + 4;
  },
  f64: (m, pc) => {
    setDouble(m, pc + 1, operate(double(m, pc + 2), double(m, pc + 3)));
    return pc + 4;
  },
});
/** Operations on the half with the sign. */
const signs = (operate: (x: number) => number): { readonly f32: Handler; readonly f64: Handler } => ({
  f32: (m, pc) => {
    m.i32[m.cell(pc + 1)] = operate(bits(m, pc + 2));
    return pc + 3;
  },
  f64: (m, pc) => {
    setBits(m, pc + 1, bits(m, pc + 2), operate(highBits(m, pc + 2)));
    return pc + 3;
  },
});

/** To the nearest integer, ties to even, keeping the sign of zero. */
function nearest(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const down = Math.floor(x);
  const rest = x - down;
  const rounded = rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** A 64-bit integer as a single: the double in between must not round, so the digits it would lose are folded into its last bit. */
function wideToSingle(x: bigint): number {
  const size = x < 0n ? -x : x;
  if (size < 1n << 53n) return Math.fround(Number(x));
  const rest = size & 0x7ffn;
  const rounded = Math.fround(Number((size >> 11n) | (rest === 0n ? 0n : 1n)) * 2048);
  return x < 0n ? -rounded : rounded;
}

const copySign: { readonly f32: Handler; readonly f64: Handler } = {
  f32: (m, pc) => {
    m.i32[m.cell(pc + 1)] = (bits(m, pc + 2) & 0x7fff_ffff) | (bits(m, pc + 3) & 0x8000_0000);
    return pc + 4;
  },
  f64: (m, pc) => {
    setBits(m, pc + 1, bits(m, pc + 2), (highBits(m, pc + 2) & 0x7fff_ffff) | (highBits(m, pc + 3) & 0x8000_0000));
    return pc + 4;
  },
};

const copyBits: Handler = (m, pc) => {
  setBits(m, pc + 1, bits(m, pc + 2), highBits(m, pc + 2));
  return pc + 3;
};

const toFloat = (
  read32: (x: number) => number,
  read64: (x: bigint) => bigint,
): Record<'f32 i32' | 'f64 i32' | 'f32 i64' | 'f64 i64', Handler> => ({
  'f32 i32': (m, pc) => {
    setSingle(m, pc + 1, read32(bits(m, pc + 2)));
    return pc + 3;
  },
  'f64 i32': (m, pc) => {
    setDouble(m, pc + 1, read32(bits(m, pc + 2)));
    return pc + 3;
  },
  'f32 i64': (m, pc) => {
    setSingle(m, pc + 1, wideToSingle(read64(m.i64[m.cell(pc + 2) >> 1] as bigint)));
    return pc + 3;
  },
  'f64 i64': (m, pc) => {
    setDouble(m, pc + 1, Number(read64(m.i64[m.cell(pc + 2) >> 1] as bigint)));
    return pc + 3;
  },
});

/** Truncation to an integer with least value `min` and greatest below `end`; outside it is undefined, or the nearest bound if `saturates`. */
function toInteger(
  saturates: boolean,
  signed: boolean,
): Record<'i32 f32' | 'i32 f64' | 'i64 f32' | 'i64 f64', Handler> {
  const handler =
    (read: (m: Machine, at: number) => number, width: 32 | 64): Handler =>
    (m, pc) => {
      const x = Math.trunc(read(m, pc + 2));
      const min = signed ? -(2 ** (width - 1)) : 0;
      const end = signed ? 2 ** (width - 1) : 2 ** width;
      const inside = x >= min && x < end;
      if (!inside && !saturates) m.undefinedBehaviour(`conversion of ${x} to an integer of ${width} bits`, pc);
      const cell = m.cell(pc + 1);
      if (width === 32) m.i32[cell] = inside ? x | 0 : x >= end ? end - 1 : x < min ? min : 0;
      else m.i64[cell >> 1] = inside ? BigInt(x) : x >= end ? (signed ? 2n ** 63n - 1n : -1n) : x < min ? BigInt(min) : 0n;
      return pc + 3;
    };
  return { 'i32 f32': handler(single, 32), 'i32 f64': handler(double, 32), 'i64 f32': handler(single, 64), 'i64 f64': handler(double, 64) };
}

export const floatHandlers = {
  fadd: binary((x, y) => x + y),
  fsub: binary((x, y) => x - y),
  fmul: binary((x, y) => x * y),
  fdiv: binary((x, y) => x / y),
  fmin: binary(Math.min),
  fmax: binary(Math.max),
  fcopysign: copySign,
  fabs: signs((x) => x & 0x7fff_ffff),
  fneg: signs((x) => x ^ 0x8000_0000),
  fsqrt: unary(Math.sqrt),
  fceil: unary(Math.ceil),
  ffloor: unary(Math.floor),
  ftrunc: unary(Math.trunc),
  fnearest: unary(nearest),
  fpromote: {
    'f64 f32': (m, pc) => {
      setDouble(m, pc + 1, single(m, pc + 2));
      return pc + 3;
    },
  },
  fdemote: {
    'f32 f64': (m, pc) => {
      setSingle(m, pc + 1, double(m, pc + 2));
      return pc + 3;
    },
  },
  bitcast: { 'i32 f32': copyBits, 'f32 i32': copyBits, 'i64 f64': copyBits, 'f64 i64': copyBits },
  fcvt_from_sint: toFloat(
    (x) => x,
    (x) => x,
  ),
  fcvt_from_uint: toFloat(
    (x) => x >>> 0,
    (x) => BigInt.asUintN(64, x),
  ),
  fcvt_to_sint: toInteger(false, true),
  fcvt_to_uint: toInteger(false, false),
  fcvt_to_sint_sat: toInteger(true, true),
  fcvt_to_uint_sat: toInteger(true, false),
} satisfies Record<string, Record<string, Handler>>;

const compare = (holds: (x: number, y: number) => boolean): { readonly f32: Handler; readonly f64: Handler } => ({
  f32: (m, pc) => {
    m.i32[m.cell(pc + 1)] = holds(single(m, pc + 2), single(m, pc + 3)) ? 1 : 0;
    return pc + 4;
  },
  f64: (m, pc) => {
    m.i32[m.cell(pc + 1)] = holds(double(m, pc + 2), double(m, pc + 3)) ? 1 : 0;
    return pc + 4;
  },
});

export const fcmpHandlers: Record<FcmpCondition, { readonly f32: Handler; readonly f64: Handler }> = {
  eq: compare((x, y) => x === y),
  ne: compare((x, y) => x !== y),
  lt: compare((x, y) => x < y),
  gt: compare((x, y) => x > y),
  le: compare((x, y) => x <= y),
  ge: compare((x, y) => x >= y),
};
