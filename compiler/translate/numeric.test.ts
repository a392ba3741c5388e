// Every numeric instruction, translated and run by the IR evaluator, against V8 on operands at which something changes.
// Results are compared as bits; where the result is a NaN, any NaN will do.

import { describe, expect, test } from 'vitest';
import { evaluateAlone } from '../ir/evaluate-alone.ts';
import { expectVerified } from '../ir/verify.ts';
import { decodeModule } from '../wasm/decode.ts';
import { body, functionType, moduleOf, name, section, vector } from '../wasm/module-bytes.ts';
import { type InstructionRow, instructions } from '../wasm/opcodes.ts';
import { prepareModule } from './prepare.ts';
import { Translator } from './translate.ts';

type NumberType = 'i32' | 'i64' | 'f32' | 'f64';
const codes: Record<NumberType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const bitsOf = (type: NumberType): number => (type.endsWith('32') ? 32 : 64);

const cell = new DataView(new ArrayBuffer(8));
function f32Bits(value: number): bigint {
  cell.setFloat32(0, value);
  return BigInt(cell.getUint32(0));
}
function f64Bits(value: number): bigint {
  cell.setFloat64(0, value);
  return cell.getBigUint64(0);
}

const integers = [0n, 1n, 2n, 7n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 255n, 256n, 0x7fffn, 0x8000n, 0xffffn, 0x7fffffffn, 0x80000000n, 0x80000001n,
  0xffffffffn, 0x100000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xfffffffffffffffen, 0xffffffffffffffffn, 0x123456789abcdef0n];
const borders = [0, 0.5, 0.9999999, 1, 1.5, 2.5, 2 ** 23, 2 ** 31 - 1, 2 ** 31 - 0.5, 2 ** 31, 2 ** 31 + 0.5, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32 - 0.5, 2 ** 32, 2 ** 53,
  2 ** 63 - 1024, 2 ** 63, 2 ** 63 + 2048, 2 ** 64 - 2048, 2 ** 64, 1e-310, 1e38, 1e308, Infinity, NaN];
const operands: Record<NumberType, readonly bigint[]> = {
  i32: [...new Set(integers.map((value) => BigInt.asUintN(32, value)))],
  i64: integers,
  f32: [...new Set(borders.flatMap((value) => [f32Bits(value), f32Bits(-value), f32Bits(value) + 1n]))],
  f64: [...new Set(borders.flatMap((value) => [f64Bits(value), f64Bits(-value), f64Bits(value) + 1n]))],
};

/** Instructions that turn a value into its bits and back: floats cross V8's border as integers, so that no NaN is touched on the way. */
const toBits: Record<NumberType, number[]> = { i32: [], i64: [], f32: [0xbc], f64: [0xbd] };
const fromBits: Record<NumberType, number[]> = { i32: [], i64: [], f32: [0xbe], f64: [0xbf] };
const integerOf: Record<NumberType, NumberType> = { i32: 'i32', i64: 'i64', f32: 'i32', f64: 'i64' };

function moduleFor(row: InstructionRow, params: readonly NumberType[], result: NumberType): Uint8Array {
  const code = [...params.flatMap((type, i) => [0x20, i, ...fromBits[type]]), ...row.code, ...toBits[result]];
  return moduleOf(
    section(1, vector([functionType(params.map((type) => codes[integerOf[type]]), [codes[integerOf[result]]])])),
    section(3, vector([[0]])),
    section(7, vector([[...name('f'), 0, 0]])),
    section(10, vector([body(code)])),
  );
}

function isNan(type: NumberType, bits: bigint): boolean {
  return type === 'f32' ? (bits & 0x7fffffffn) > 0x7f800000n : type === 'f64' && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

const traps: readonly (readonly [RegExp, string])[] = [
  [/divide by zero|remainder by zero/, 'integerDivideByZero'],
  [/divide result unrepresentable/, 'integerOverflow'],
  // V8 has one message for both reasons of a failed conversion.
  [/float unrepresentable/, 'conversion'],
];

const rows: readonly (readonly [string, InstructionRow])[] = Object.entries(instructions);
const numeric = rows.filter(([, row]) => row.immediate === 'none' && / -> [if]/.test(row.stack) && !row.stack.includes('ref'));

describe.each(numeric)('%s', (instruction, row) => {
  const [left, right] = row.stack.split(' -> ');
  const params = (left ?? '').split(' ') as NumberType[];
  const result = right as NumberType;
  const bytes = moduleFor(row, params, result);

  test('does what V8 does', () => {
    const f = new Translator(prepareModule(decodeModule(bytes), { bounds: 'guard', spectre: true })).translate(0);
    expectVerified(f, instruction);
    const native = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports['f'] as (...args: (number | bigint)[]) => number | bigint;
    const [first, second] = params;
    const seconds = second === undefined ? [undefined] : operands[second];
    for (const x of operands[first as NumberType])
      for (const y of seconds) {
        const args = y === undefined ? [x] : [x, y];
        const ours = evaluateAlone([f], args);
        let theirs: bigint | string;
        try {
          const value = native(...args.map((bits, i) => (bitsOf(params[i] as NumberType) === 32 ? Number(bits) | 0 : bits)));
          theirs = BigInt.asUintN(bitsOf(result), BigInt(value));
        } catch (error) {
          theirs = traps.find(([pattern]) => pattern.test(String(error)))?.[1] ?? String(error);
        }
        const where = `${instruction}(${args.map((bits) => `0x${bits.toString(16)}`).join()})`;
        if (typeof theirs === 'string') {
          const expected = theirs !== 'conversion' ? theirs : isNan(first as NumberType, x) ? 'invalidConversionToInteger' : 'integerOverflow';
          expect([where, ours.trap]).toEqual([where, expected]);
        } else {
          expect([where, ours.trap]).toEqual([where, 'none']);
          const [value = 0n] = ours.results;
          if (!isNan(result, theirs) || !isNan(result, value)) expect([where, value]).toEqual([where, theirs]);
        }
      }
  });
});

test('constants keep every bit, signalling NaNs too', () => {
  const constants: [NumberType, number[], bigint][] = [
    ['i32', [0x41, 0x80, 0x80, 0x80, 0x80, 0x78], 0x80000000n],
    ['i64', [0x42, 0x7f], 0xffffffffffffffffn],
    ['f32', [0x43, 1, 0, 0xa0, 0xff], 0xffa00001n],
    ['f64', [0x44, 1, 0, 0, 0, 0, 0, 0xf4, 0x7f], 0x7ff4000000000001n],
  ];
  for (const [type, code, bits] of constants) {
    const bytes = moduleOf(section(1, vector([functionType([], [codes[type]])])), section(3, vector([[0]])), section(10, vector([body(code)])));
    const f = new Translator(prepareModule(decodeModule(bytes), { bounds: 'guard', spectre: true })).translate(0);
    expect(evaluateAlone([f], []).results).toEqual([bits]);
  }
});
