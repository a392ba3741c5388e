// The evaluator against twins on unbounded integers, known float results, and small programs.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFunction, parseFunctions } from './parse.ts';
import { type AloneOptions, evaluateAlone } from './evaluate-alone.ts';
import { typeName, typeCodes } from './types.ts';
import { expectVerified } from './verify.ts';

function run(text: string, args: readonly bigint[], options: AloneOptions = {}) {
  const functions = parseFunctions(text).map(({ f }) => f);
  for (const f of functions) expectVerified(f, 'parsing');
  return evaluateAlone(functions, args, options);
}

/** The result of one operation on parameters. */
function operate(opcode: string, types: readonly string[], result: string, args: readonly bigint[]): bigint | undefined {
  const operands = types.map((_, i) => `v${i}`).join(', ');
  const text = `function f0(${types.join(', ')}) -> ${result} {\nblock0(${types.map((t, i) => `v${i}: ${t}`).join(', ')}):\n    v9 = ${opcode} ${operands}\n    return v9\n}\n`;
  return run(text, args).results[0];
}

const edges = (width: number): bigint[] => {
  const w = BigInt(width);
  return [0n, 1n, 2n, w - 1n, w, w + 1n, (1n << (w - 1n)) - 1n, 1n << (w - 1n), (1n << w) - 1n, (1n << w) - 2n, 0xffn, 0x80n, 0x8000n];
};
const integer = (width: number): fc.Arbitrary<bigint> => fc.oneof(fc.constantFrom(...edges(width)), fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n }));

/** Naive twins on unbounded integers: (x, y, width) → bits. Undefined: the operation is. */
const twins: Record<string, (x: bigint, y: bigint, w: bigint) => bigint | undefined> = {
  iadd: (x, y) => x + y,
  isub: (x, y) => x - y,
  imul: (x, y) => x * y,
  udiv: (x, y) => (y === 0n ? undefined : x / y),
  urem: (x, y) => (y === 0n ? undefined : x % y),
  sdiv: (x, y, w) => (y === 0n || (signed(x, w) === -(1n << (w - 1n)) && signed(y, w) === -1n) ? undefined : signed(x, w) / signed(y, w)),
  srem: (x, y, w) => (y === 0n ? undefined : signed(x, w) % signed(y, w)),
  band: (x, y) => x & y,
  bor: (x, y) => x | y,
  bxor: (x, y) => x ^ y,
  ishl: (x, y, w) => x << y % w,
  ushr: (x, y, w) => x >> y % w,
  sshr: (x, y, w) => signed(x, w) >> y % w,
  rotl: (x, y, w) => (x << y % w) | (x >> (w - (y % w))),
  rotr: (x, y, w) => (x >> y % w) | (x << (w - (y % w))),
};
const unaryTwins: Record<string, (x: bigint, w: bigint) => bigint> = {
  clz: (x, w) => w - BigInt(x === 0n ? 0 : x.toString(2).length),
  ctz: (x, w) => (x === 0n ? w : BigInt(x.toString(2).length - x.toString(2).lastIndexOf('1') - 1)),
  popcnt: (x) => BigInt(x.toString(2).replaceAll('0', '').length),
  sextend8: (x) => signed(x & 0xffn, 8n),
  sextend16: (x) => signed(x & 0xffffn, 16n),
};
const conditions: Record<string, (x: bigint, y: bigint) => boolean> = { eq: (x, y) => x === y, ne: (x, y) => x !== y, lt: (x, y) => x < y, ge: (x, y) => x >= y, gt: (x, y) => x > y, le: (x, y) => x <= y };
const signed = (x: bigint, w: bigint): bigint => BigInt.asIntN(Number(w), x);

describe.each([32, 64])('integers of %i bits', (width) => {
  const type = `i${width}`;
  const wrap = (x: bigint): bigint => BigInt.asUintN(width, x);
  it.each(Object.keys(twins))('%s', (name) => {
    fc.assert(
      fc.property(integer(width), integer(width), (x, y) => {
        const wanted = twins[name]?.(x, y, BigInt(width));
        if (wanted === undefined) expect(() => operate(name, [type, type], type, [x, y])).toThrow('undefined behaviour');
        else expect(operate(name, [type, type], type, [x, y])).toBe(wrap(wanted));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
  it.each(Object.keys(unaryTwins))('%s', (name) => {
    fc.assert(fc.property(integer(width), (x) => {
        expect(operate(name, [type], type, [x])).toBe(wrap(unaryTwins[name]?.(x, BigInt(width)) ?? -1n));
      }), { seed: 2, numRuns: 200 });
  });
  it('compares', () => {
    fc.assert(
      fc.property(integer(width), integer(width), fc.constantFrom(...Object.keys(conditions)), (x, y, condition) => {
        const holds = conditions[condition] ?? (() => false);
        const names = condition === 'eq' || condition === 'ne' ? [condition] : [`u${condition}`, `s${condition}`];
        for (const name of names) {
          const [a, b] = name.startsWith('s') ? [signed(x, BigInt(width)), signed(y, BigInt(width))] : [x, y];
          expect(operate(`icmp ${name}`, [type, type], 'i32', [x, y])).toBe(holds(a, b) ? 1n : 0n);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('floats', () => {
  const single = new Float32Array(1);
  const double = new Float64Array(1);
  const bits32 = (x: number): bigint => ((single[0] = x), BigInt(new Uint32Array(single.buffer)[0] ?? 0));
  const bits64 = (x: number): bigint => ((double[0] = x), new BigUint64Array(double.buffer)[0] ?? 0n);
  it.each([
    ['fadd', 'f32', [bits32(1), bits32(2 ** -24)], bits32(1)],
    ['fadd', 'f64', [bits64(0.1), bits64(0.2)], bits64(0.1 + 0.2)],
    ['fmin', 'f32', [bits32(0), bits32(-0)], bits32(-0)],
    ['fmax', 'f64', [bits64(-0), bits64(0)], bits64(0)],
    ['fmax', 'f64', [0xfff0000000000001n, bits64(0)], 0x7ff8000000000000n],
    ['fdiv', 'f32', [0n, 0n], 0x7fc00000n],
    ['fcopysign', 'f32', [0x7fa00001n, 0x80000000n], 0xffa00001n],
    ['fcopysign', 'f64', [0xfff4000000000001n, 0n], 0x7ff4000000000001n],
  ])('%s.%s', (name, type, args, wanted) => expect(operate(name, [type, type], type, args)).toBe(wanted));
  it.each([
    ['fneg', 'f32', 'f32', 0x7fa00000n, 0xffa00000n],
    ['fabs', 'f64', 'f64', 0xfff4000000000001n, 0x7ff4000000000001n],
    ['fnearest', 'f32', 'f32', bits32(2.5), bits32(2)],
    ['fnearest', 'f64', 'f64', bits64(-0.5), bits64(-0)],
    ['fnearest', 'f64', 'f64', bits64(4503599627370495.5), bits64(4503599627370496)],
    ['fnearest', 'f64', 'f64', bits64(0.49999999999999994), bits64(0)],
    ['fceil', 'f32', 'f32', bits32(-0.5), bits32(-0)],
    ['fsqrt', 'f64', 'f64', bits64(-1), 0x7ff8000000000000n],
    ['fpromote.f64', 'f32', 'f64', 0xffa00001n, 0x7ff8000000000000n],
    ['fdemote.f32', 'f64', 'f32', bits64(2 ** -150), 0n],
    ['bitcast.i32', 'f32', 'i32', 0x7fa00001n, 0x7fa00001n],
    ['fcvt_from_uint.f32', 'i32', 'f32', 0xffffffffn, bits32(4294967296)],
    ['fcvt_from_sint.f32', 'i64', 'f32', 0x8000004000000001n, bits32(-9223371487098961920)],
    ['fcvt_from_uint.f32', 'i64', 'f32', 0x8000008000000001n, bits32(9223373136366403584)],
    ['fcvt_from_sint.f32', 'i64', 'f32', 0x0020000020000001n, bits32(9007199254740992 + 2 ** 30)],
    ['fcvt_from_uint.f64', 'i64', 'f64', 0xfffffffffffffbffn, bits64(18446744073709549568)],
    ['fcvt_to_sint_sat.i32', 'f64', 'i32', bits64(1e10), 0x7fffffffn],
    ['fcvt_to_sint_sat.i64', 'f32', 'i64', 0x7fc00000n, 0n],
    ['fcvt_to_uint_sat.i64', 'f64', 'i64', bits64(2 ** 64), 0xffffffffffffffffn],
    ['fcvt_to_uint_sat.i32', 'f32', 'i32', bits32(-1), 0n],
    ['fcvt_to_uint.i32', 'f64', 'i32', bits64(4294967295.9), 0xffffffffn],
    ['fcvt_to_sint.i64', 'f64', 'i64', bits64(-(2 ** 63)), 0x8000000000000000n],
    ['sextend.i64', 'i32', 'i64', 0x80000000n, 0xffffffff80000000n],
    ['uextend.i64', 'i32', 'i64', 0x80000000n, 0x80000000n],
    ['ireduce.i32', 'i64', 'i32', 0x1_80000000n, 0x80000000n],
  ])('%s of %s gives %s', (name, from, to, x, wanted) => expect(operate(name, [from], to, [x])).toBe(wanted));
  it('rounds 64-bit integers to singles once', () => {
    // Twin: the nearest of the neighbouring singles by exact integer distance, ties to the even one.
    fc.assert(
      fc.property(fc.bigInt({ min: 1n << 26n, max: (1n << 64n) - 1n }), (x) => {
        const got = operate('fcvt_from_uint.f32', ['i64'], 'f32', [x]) ?? 0n;
        const value = (bits: bigint): bigint => BigInt(new Float32Array(Uint32Array.of(Number(bits)).buffer)[0] ?? 0);
        const distance = (bits: bigint): bigint => (value(bits) > x ? value(bits) - x : x - value(bits));
        for (const other of [got - 1n, got + 1n]) {
          if (distance(other) < distance(got) || (distance(other) === distance(got) && (got & 1n) === 1n && other > 0x4b800000n)) expect.fail(`${x}`);
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });
  it.each([['fcvt_to_sint.i32', 'f64', bits64(2147483648)], ['fcvt_to_uint.i64', 'f32', bits32(-1)], ['fcvt_to_sint.i64', 'f64', 0x7ff8000000000000n]])(
    'leaves %s of %s out of range undefined',
    (name, from, x) => expect(() => operate(name, [from], name.slice(-3), [x])).toThrow('undefined behaviour: conversion'),
  );
  it('compares, false on NaN but for ne', () => {
    const nan = 0x7ff8000000000000n;
    for (const [condition, wanted] of [['eq', 0n], ['ne', 1n], ['lt', 0n], ['gt', 0n], ['le', 0n], ['ge', 0n]] as const) {
      expect(operate(`fcmp ${condition}`, ['f64', 'f64'], 'i32', [nan, 0n])).toBe(wanted);
    }
    expect(operate('fcmp ge', ['f32', 'f32'], 'i32', [bits32(0), bits32(-0)])).toBe(1n);
    expect(typeName(typeCodes.f32)).toBe('f32');
  });
});

describe('memory', () => {
  const text = (body: string): string => `function f0(i64, i64) -> i64 {\nblock0(v0: i64, v1: i64):\n    v2 = vmctx.i64\n    v3 = iadd v2, v0\n    ${body}\n    return v9\n}\n`;
  it.each([
    ['v9 = uload8.i64 other v3+1', 0x80n],
    ['v9 = sload8.i64 other v3+1', 0xffffffffffffff80n],
    ['v9 = uload16.i64 other v3', 0x807fn],
    ['v9 = sload16.i64 other v3', 0xffffffffffff807fn],
    ['v9 = uload32.i64 other v3', 0x9281807fn],
    ['v9 = sload32.i64 other v3', 0xffffffff9281807fn],
    ['v9 = load.i64 other v3', 0xf6e5d4c39281807fn],
    ['store8 other v1, v3+1\n    v9 = load.i64 other v3', 0xf6e5d4c39281887fn],
    ['store16 other v1, v3+1\n    v9 = load.i64 other v3', 0xf6e5d4c39277887fn],
    ['store32 other v1, v3+1\n    v9 = load.i64 other v3', 0xf6e5d4556677887fn],
    ['store other v1, v3\n    v9 = load.i64 other v3', 0x1122334455667788n],
  ])('%s', (body, wanted) => {
    const memory = Uint8Array.of(0, 0, 0, 0x7f, 0x80, 0x81, 0x92, 0xc3, 0xd4, 0xe5, 0xf6, 0);
    expect(run(text(body), [3n, 0x1122334455667788n], { memory }).results).toEqual([wanted]);
  });
  it('raises the access’s trap code, and stores nothing', () => {
    const body = 'store memory trap=outOfBoundsMemoryAccess v1, v3 @0x77\n    v9 = load.i64 other v2';
    const outcome = run(text(body), [9n, -1n], { memory: new Uint8Array(16) });
    expect([outcome.trap, outcome.origin, outcome.memory.every((b) => b === 0)]).toEqual(['outOfBoundsMemoryAccess', 0x77, true]);
    for (const wild of [-1n, 1n << 33n, 1n << 40n, 1n << 63n, -(1n << 62n)]) expect(run(text(body), [wild, 0n]).trap).toBe('outOfBoundsMemoryAccess');
  });
  it('calls a fault without a trap code a bug, with its place', () => {
    expect(() => run(text('v9 = load.i64 other v3-1'), [0n, 0n])).toThrow(/undefined behaviour: access without a trap code.*f0, inst2/);
  });
});

describe('control', () => {
  const fibonacci = `function f0(i32) -> i32 {
    sig0 = (i32) -> i32
    fn0 = sig0
block0(v0: i32):
    v1 = iconst.i32 2
    v2 = icmp slt v0, v1
    brif v2, block1(v0), block2
block1(v3: i32):
    return v3
block2:
    v4 = iconst.i32 1
    v5 = isub v0, v4
    v6 = call fn0(v5)
    v7 = isub v0, v1
    v8 = call fn0(v7)
    v9 = iadd v6, v8
    jump block1(v9)
}
`;
  it('calls itself', () => expect(run(fibonacci, [15n]).results).toEqual([610n]));
  it('runs out of fuel and of stack', () => {
    expect(run(fibonacci, [40n], { fuel: 10_000 }).trap).toBe('outOfFuel');
    const deep = 'function f0() {\n    sig0 = ()\n    fn0 = sig0\nblock0:\n    stack_check @0x5\n    call fn0()\n    return\n}\n';
    expect(run(deep, [])).toMatchObject({ trap: 'stackOverflow', origin: 5 });
    expect(run(deep.replace('    stack_check @0x5\n', ''), []).trap).toBe('stackOverflow');
  });
  it('passes block arguments in parallel', () => {
    const text = `function f0(i32, i64, i64) -> i64, i64 {
block0(v0: i32, v1: i64, v2: i64):
    jump block1(v0, v1, v2)
block1(v3: i32, v4: i64, v5: i64):
    v6 = iconst.i32 1
    v7 = isub v3, v6
    brif v3, block1(v7, v5, v4), block2(v4, v5)
block2(v8: i64, v9: i64):
    return v9, v8
}
`;
    expect(run(text, [4n, 10n, 20n]).results).toEqual([20n, 10n]);
    expect(run(text, [3n, 10n, 20n]).results).toEqual([10n, 20n]);
  });
  it('takes table branches by unsigned index, the last by default', () => {
    const text = 'function f0(i32) -> i32 {\nblock0(v0: i32):\n    br_table v0, [block1(v0), block2], block3\nblock1(v1: i32):\n    return v1\nblock2:\n    trap unreachable\nblock3:\n    v2 = iconst.i32 9\n    return v2\n}\n';
    expect(run(text, [0n]).results).toEqual([0n]);
    expect(run(text, [1n]).trap).toBe('unreachable');
    expect(run(text, [2n]).results).toEqual([9n]);
    expect(run(text, [0xffffffffn]).results).toEqual([9n]);
  });
  it('passes several results and all types between functions', () => {
    const text = `function f0(i32, f64) -> f64, i32 {
    sig0 = (f64, i32) -> i32, f32, f64
    fn3 = sig0
block0(v0: i32, v1: f64):
    v2, v3, v4 = call fn3(v1, v0)
    return v4, v2
}
function f3(f64, i32) -> i32, f32, f64 {
block0(v0: f64, v1: i32):
    v2 = fconst.f32 0x7fa00000
    return v1, v2, v0
}
`;
    expect(run(text, [7n, 0x7ff4000000000000n]).results).toEqual([0x7ff4000000000000n, 7n]);
  });
  it('checks', () => {
    const text = (check: string, type: string): string => `function f0(${type}) {\nblock0(v0: ${type}):\n    ${check} v0, integerOverflow @0x9\n    return\n}\n`;
    expect(run(text('trapz', 'i64'), [1n << 32n]).trap).toBe('none');
    expect(run(text('trapz', 'i64'), [0n])).toMatchObject({ trap: 'integerOverflow', origin: 9 });
    expect(run(text('trapnz', 'i64'), [1n << 32n]).trap).toBe('integerOverflow');
    expect(run(text('trapnz', 'i32'), [1n << 32n]).trap).toBe('none');
  });
  it('is a million blocks a fraction of a second', () => {
    const loop = 'function f0(i64) -> i64 {\nblock0(v0: i64):\n    v1 = iconst.i64 0\n    jump block1(v0, v1)\nblock1(v2: i64, v3: i64):\n    v4 = iadd v3, v2\n    v5 = iconst.i64 1\n    v6 = isub v2, v5\n    v7 = iconst.i64 0\n    v8 = icmp ne v6, v7\n    brif v8, block1(v6, v4), block2\nblock2:\n    return v4\n}\n';
    expect(run(loop, [200_000n]).results).toEqual([20000100000n]);
    expect(parseFunction(loop).index).toBe(0);
  });
});
