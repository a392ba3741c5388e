// Addresses are compared wherever they come from: a displacement that an access has by itself, one that was summed up in front of it, places on the stack,
// in the frame and in the vmctx.

import { expect, test } from 'vitest';
import { memoryCells, targetNames, type TargetName, targetOf } from '../../compiler/inside.ts';
import { changeCode } from '../faults/change-row.ts';
import { rvStoreDisplacementLosesBit } from '../faults/riscv64/store-displacement-loses-bit.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { parseText } from '../wast/text.ts';
import { readSum } from './address-sum.ts';
import { emissionFault } from './emission.ts';

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  return parsed.bytes;
}

/** Accesses of these rows go 8 bytes farther than they should, where that takes as many bytes of code. */
function displaced(target: TargetName, rows: readonly string[]): ReturnType<typeof changeCode> {
  const { codec } = targetOf(target);
  return changeCode('displaced', target, ({ shape, cells, length }, bytes) => {
    if (!rows.includes(shape.name)) return;
    const at = shape.memoryCell + memoryCells.displacement;
    const moved = codec.encode({ row: shape.name, cells: cells.map((cell, i) => (i === at ? cell + 8 : cell)) });
    if (moved.length === length) bytes.set(moved);
  });
}

const loads = ['mov64_rm', 'ldr64', 'ld'];
const stores64 = ['mov64_mr', 'str64', 'sd'];
const stores32 = ['mov32_mr', 'str32', 'sw'];
const twelve = 'i64 '.repeat(12);
const places: readonly (readonly [place: string, rows: readonly string[], text: string])[] = [
  ['a near displacement', stores32, '(module (memory 1) (func (export "f") (param i32 i32) (i32.store offset=40 (local.get 0) (local.get 1))))'],
  ['a far displacement', stores32, '(module (memory 2) (func (export "f") (param i32 i32) (i32.store offset=74568 (i32.add (local.get 0) (local.get 1)) (local.get 1))))'],
  ['an argument on the stack', stores64, `(module (func $g (param ${twelve})) (func (export "f") (param i64) (call $g ${'(local.get 0) '.repeat(12)})))`],
  ['a parameter on the stack', loads, `(module (func (export "f") (param ${twelve}) (result i64) (local.get 11)))`],
  ['a place in the frame', stores64, '(module (func $g) (func (export "f") (param i64) (result i64) (call $g) (call $g) (local.get 0)))'],
  ['a place in the vmctx', loads, '(module (global $g (mut i64) (i64.const 1)) (func (export "f") (result i64) (global.get $g)))'],
];

test.for(targetNames.flatMap((target) => places.map(([place, rows, text]) => ({ target, place, rows, text }))))('$target: $place is held against what was asked for', async ({ target, rows, text }) => {
  const bytes = await bytesOf(text);
  expect(emissionFault(bytes, { target })).toBeUndefined();
  const found = emissionFault(bytes, { target, faults: [displaced(target, rows)] });
  // The row that was selected, where the emitter took the twin without an index.
  expect(rows).toContain(found?.name.replace(/_uxtw$/, ''));
  expect(found?.text).toContain('has another address');
});

test('a store whose address was summed up is named on random modules', () => {
  const { faults, target, rule = '', alsoRight = [] } = rvStoreDisplacementLosesBit;
  const names = new Map<string, number>();
  for (let seed = 1; seed <= 40; seed++) {
    const name = emissionFault(generateModule(randomChoices(seed)), { target, faults })?.name;
    if (name !== undefined) names.set(name, (names.get(name) ?? 0) + 1);
  }
  expect([...names.keys()].filter((name) => ![rule, ...alsoRight].includes(name))).toEqual([]);
  expect(names.get(rule)).toBeGreaterThan(3);
});

test('every sum of a row is readable', () => {
  const texts = targetNames.flatMap((target) => targetOf(target).instructions.shapes.flatMap((shape) => (shape.row.sum === undefined ? [] : [readSum(shape.row.sum, shape)])));
  expect(texts.length).toBeGreaterThan(0);
  const add = targetOf('riscv64').instructions.shapes.find(({ name }) => name === 'add');
  if (add === undefined) throw new Error('no row add');
  expect(() => readSum('a * b', add)).toThrow("the sum 'a * b' is not readable");
  expect(() => readSum('a + c', add)).toThrow("names no operand with 'c'");
});

test('sums are what the instructions do', () => {
  const result = (target: TargetName, line: string, known: Readonly<Record<number, number>>): string => {
    const { assembleLines, maybeDecode } = targetOf(target);
    const decoded = maybeDecode(assembleLines([line], 0), 0);
    if (decoded?.shape.row.sum === undefined) throw new Error(`${line} has no sum`);
    const sum = readSum(decoded.shape.row.sum, decoded.shape)(decoded.cells, (register) => (known[register] === undefined ? { terms: [`x${register}<<0`], constant: 0 } : { terms: [], constant: known[register] }));
    return sum === undefined ? 'unknown' : [...sum.terms, sum.constant].join(' ');
  };
  expect(result('riscv64', 'lui t5, 524288', {})).toBe('-2147483648');
  expect(result('riscv64', 'addiw t5, t5, -1', { 30: -0x80000000 })).toBe('2147483647');
  expect(result('riscv64', 'addiw t5, a0, 1', {})).toBe('unknown');
  expect(result('riscv64', 'add t5, t5, a1', { 30: 4096 })).toBe('x11<<0 4096');
  expect(result('aarch64', 'add x16, x1, x2, lsl #3', {})).toBe('x1<<0 x2<<3 0');
  expect(result('aarch64', 'add x16, x1, w2, uxtw #2', {})).toBe('w2<<2 x1<<0 0');
  expect(result('aarch64', 'sub x16, x1, w17, uxtw #0', { 17: 5 })).toBe('x1<<0 -5');
  expect(result('aarch64', 'sub x16, x1, w17, uxtw #0', {})).toBe('unknown');
  expect(result('aarch64', 'sub x16, sp, #1, lsl #12', {})).toBe('x31<<0 -4096');
  expect(result('aarch64', 'movz w17, #65535, lsl #16', {})).toBe('4294901760');
  expect(result('aarch64', 'movk w17, #32768, lsl #16', { 17: 0x1234 })).toBe('2147488308');
});
