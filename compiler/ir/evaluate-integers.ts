// Integer operations, from the standard's section "Integer Operations": i32 as int32 numbers, i64 as cells of a BigInt64Array.
// Additions and the like of i64 work on the halves, because addresses are made of them and bigints cost an allocation in cold code.

import type { IcmpCondition } from './opcodes.ts';
import type { Handler, Machine } from './evaluate-machine.ts';

const int = (m: Machine, at: number): number => m.i32[m.cell(at)] as number;
const wide = (m: Machine, at: number): bigint => m.i64[m.cell(at) >> 1] as bigint;
const low = (m: Machine, at: number): number => m.i32[m.cell(at)] as number;
const high = (m: Machine, at: number): number => m.i32[m.cell(at) + 1] as number;

function setInt(m: Machine, at: number, value: number): void {
  m.i32[m.cell(at)] = value;
}
function setWide(m: Machine, at: number, value: bigint): void {
  m.i64[m.cell(at) >> 1] = value;
}
function setHalves(m: Machine, at: number, lowHalf: number, highHalf: number): void {
  const cell = m.cell(at);
  m.i32[cell] = lowHalf;
  m.i32[cell + 1] = highHalf;
}

const unary32 =
  (operate: (x: number) => number): Handler =>
  (m, pc) => {
    setInt(m, pc + 1, operate(int(m, pc + 2)));
    return pc + 3;
  };
const unary64 =
  (operate: (x: bigint) => bigint): Handler =>
  (m, pc) => {
    setWide(m, pc + 1, operate(wide(m, pc + 2)));
    return pc + 3;
  };
const binary32 =
  (operate: (x: number, y: number) => number): Handler =>
  (m, pc) => {
    setInt(m, pc + 1, operate(int(m, pc + 2), int(m, pc + 3)));
    return pc + 4;
  };
/** The result is wrapped by the store. */
const binary64 =
  (operate: (x: bigint, y: bigint) => bigint): Handler =>
  (m, pc) => {
    setWide(m, pc + 1, operate(wide(m, pc + 2), wide(m, pc + 3)));
    return pc + 4;
  };
const halves =
  (operate: (x: number, y: number) => number): Handler =>
  (m, pc) => {
    setHalves(m, pc + 1, operate(low(m, pc + 2), low(m, pc + 3)), operate(high(m, pc + 2), high(m, pc + 3)));
    return pc + 4;
  };

const unsigned = (x: bigint): bigint => BigInt.asUintN(64, x);

/** Divisions are undefined for a zero divisor; `overflows` tells whether also for the least value by -1. */
const divide32 =
  (operate: (x: number, y: number) => number, overflows: boolean): Handler =>
  (m, pc) => {
    const x = int(m, pc + 2);
    const y = int(m, pc + 3);
    if (y === 0) m.undefinedBehaviour('division by zero', pc);
    if (overflows && y === -1 && x === -0x8000_0000) m.undefinedBehaviour('division overflows', pc);
    setInt(m, pc + 1, operate(x, y));
    return pc + 4;
  };
const divide64 =
  (operate: (x: bigint, y: bigint) => bigint, overflows: boolean): Handler =>
  (m, pc) => {
    const x = wide(m, pc + 2);
    const y = wide(m, pc + 3);
    if (y === 0n) m.undefinedBehaviour('division by zero', pc);
    if (overflows && y === -1n && x === -0x8000_0000_0000_0000n) m.undefinedBehaviour('division overflows', pc);
    setWide(m, pc + 1, operate(x, y));
    return pc + 4;
  };

const add64: Handler = (m, pc) => {
  const sum = (low(m, pc + 2) >>> 0) + (low(m, pc + 3) >>> 0);
  setHalves(m, pc + 1, sum | 0, (high(m, pc + 2) + high(m, pc + 3) + (sum > 0xffff_ffff ? 1 : 0)) | 0);
  return pc + 4;
};
const sub64: Handler = (m, pc) => {
  const difference = (low(m, pc + 2) >>> 0) - (low(m, pc + 3) >>> 0);
  setHalves(m, pc + 1, difference | 0, (high(m, pc + 2) - high(m, pc + 3) - (difference < 0 ? 1 : 0)) | 0);
  return pc + 4;
};

const trailingZeros32 = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
function ones32(x: number): number {
  let bits = x - ((x >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
const count64 =
  (count: (lowHalf: number, highHalf: number) => number): Handler =>
  (m, pc) => {
    setHalves(m, pc + 1, count(low(m, pc + 2), high(m, pc + 2)), 0);
    return pc + 3;
  };

const rotateLeft32 = (x: number, y: number): number => (x << y) | (x >>> -y);
const rotateLeft64 = (x: bigint, y: bigint): bigint => {
  const by = y & 63n;
  return (x << by) | (unsigned(x) >> (64n - by));
};

/** Per opcode, a handler for each type that chooses it (ir/evaluate.ts, `handlerKey`). */
export const integerHandlers = {
  iadd: { i32: binary32((x, y) => (x + y) | 0), i64: add64 },
  isub: { i32: binary32((x, y) => (x - y) | 0), i64: sub64 },
  imul: { i32: binary32(Math.imul), i64: binary64((x, y) => BigInt.asIntN(64, x * y)) },
  sdiv: { i32: divide32((x, y) => (x / y) | 0, true), i64: divide64((x, y) => x / y, true) },
  udiv: { i32: divide32((x, y) => ((x >>> 0) / (y >>> 0)) | 0, false), i64: divide64((x, y) => unsigned(x) / unsigned(y), false) },
  srem: { i32: divide32((x, y) => (x % y) | 0, false), i64: divide64((x, y) => x % y, false) },
  urem: { i32: divide32((x, y) => ((x >>> 0) % (y >>> 0)) | 0, false), i64: divide64((x, y) => unsigned(x) % unsigned(y), false) },
  band: { i32: binary32((x, y) => x & y), i64: halves((x, y) => x & y) },
  bor: { i32: binary32((x, y) => x | y), i64: halves((x, y) => x | y) },
  bxor: { i32: binary32((x, y) => x ^ y), i64: halves((x, y) => x ^ y) },
  ishl: { i32: binary32((x, y) => x << y), i64: binary64((x, y) => BigInt.asIntN(64, x << (y & 63n))) },
  ushr: { i32: binary32((x, y) => (x >>> y) | 0), i64: binary64((x, y) => unsigned(x) >> (y & 63n)) },
  sshr: { i32: binary32((x, y) => x >> y), i64: binary64((x, y) => x >> (y & 63n)) },
  rotl: { i32: binary32(rotateLeft32), i64: binary64(rotateLeft64) },
  rotr: { i32: binary32((x, y) => rotateLeft32(x, -y)), i64: binary64((x, y) => rotateLeft64(x, -y)) },
  clz: { i32: unary32(Math.clz32), i64: count64((l, h) => (h === 0 ? 32 + Math.clz32(l) : Math.clz32(h))) },
  ctz: { i32: unary32(trailingZeros32), i64: count64((l, h) => (l === 0 ? 32 + trailingZeros32(h) : trailingZeros32(l))) },
  popcnt: { i32: unary32(ones32), i64: count64((l, h) => ones32(l) + ones32(h)) },
  sextend8: { i32: unary32((x) => (x << 24) >> 24), i64: unary64((x) => BigInt.asIntN(8, x)) },
  sextend16: { i32: unary32((x) => (x << 16) >> 16), i64: unary64((x) => BigInt.asIntN(16, x)) },
  uextend: {
    i64: (m, pc) => {
      setHalves(m, pc + 1, int(m, pc + 2), 0);
      return pc + 3;
    },
  },
  sextend: {
    i64: (m, pc) => {
      const x = int(m, pc + 2);
      setHalves(m, pc + 1, x, x >> 31);
      return pc + 3;
    },
  },
  ireduce: {
    i32: (m, pc) => {
      setInt(m, pc + 1, low(m, pc + 2));
      return pc + 3;
    },
  },
} satisfies Record<string, Record<string, Handler>>;

const compare32 =
  (holds: (x: number, y: number) => boolean): Handler =>
  (m, pc) => {
    setInt(m, pc + 1, holds(int(m, pc + 2), int(m, pc + 3)) ? 1 : 0);
    return pc + 4;
  };
const compare64 =
  (holds: (x: bigint, y: bigint) => boolean): Handler =>
  (m, pc) => {
    setInt(m, pc + 1, holds(wide(m, pc + 2), wide(m, pc + 3)) ? 1 : 0);
    return pc + 4;
  };

export const icmpHandlers: Record<IcmpCondition, { readonly i32: Handler; readonly i64: Handler }> = {
  eq: { i32: compare32((x, y) => x === y), i64: compare64((x, y) => x === y) },
  ne: { i32: compare32((x, y) => x !== y), i64: compare64((x, y) => x !== y) },
  slt: { i32: compare32((x, y) => x < y), i64: compare64((x, y) => x < y) },
  sge: { i32: compare32((x, y) => x >= y), i64: compare64((x, y) => x >= y) },
  sgt: { i32: compare32((x, y) => x > y), i64: compare64((x, y) => x > y) },
  sle: { i32: compare32((x, y) => x <= y), i64: compare64((x, y) => x <= y) },
  ult: { i32: compare32((x, y) => x >>> 0 < y >>> 0), i64: compare64((x, y) => unsigned(x) < unsigned(y)) },
  uge: { i32: compare32((x, y) => x >>> 0 >= y >>> 0), i64: compare64((x, y) => unsigned(x) >= unsigned(y)) },
  ugt: { i32: compare32((x, y) => x >>> 0 > y >>> 0), i64: compare64((x, y) => unsigned(x) > unsigned(y)) },
  ule: { i32: compare32((x, y) => x >>> 0 <= y >>> 0), i64: compare64((x, y) => unsigned(x) <= unsigned(y)) },
};
