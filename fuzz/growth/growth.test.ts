// What grows too fast is found and named; what does not, is not. Counts are the same every time.

import { expect, test } from 'vitest';
import { validate } from '../../compiler/index.ts';
import { type Growth, growthOf, type Measured, measure } from './growth.ts';
import { shapes } from './shapes.ts';

test.for(shapes)('$name: its modules are valid, and grow with n', ({ make }) => {
  for (const n of [1, 2, 17]) expect(validate(make(n))).toBeUndefined();
  const [small, large] = [make(100).length, make(200).length];
  expect(large / small).toBeGreaterThan(1.2);
  expect(large / small).toBeLessThan(2.5);
});

test('an exponent is the logarithm of the last ratio, by file, and what is small does not count', () => {
  const measured = (size: number, work: Record<string, number>): Measured => ({ shape: 'blocks', size, work });
  const growth = growthOf([
    measured(1, { 'compiler/wasm/a.ts f': 100, 'compiler/optimise/simplify.ts g': 10, 'compiler/emit/b.ts h': 1 }),
    measured(2, { 'compiler/wasm/a.ts f': 200, 'compiler/optimise/simplify.ts g': 40, 'compiler/emit/b.ts h': 2 }),
    measured(4, { 'compiler/wasm/a.ts f': 400, 'compiler/optimise/simplify.ts g': 160, 'compiler/emit/b.ts h': 4 }),
  ]);
  expect(growth.map(({ part, stage, exponent, isBeyond }) => [part, stage, Math.round(exponent * 100) / 100, isBeyond])).toEqual([
    ['all', 'all', 1.22, true],
    ['compiler/wasm/a.ts', 'decode and validate', 1, false],
    ['compiler/optimise/simplify.ts', 'simplify', 2, true],
  ]);
  expect(growth[2]?.culprits).toEqual([{ name: 'g', work: 160, exponent: 2 }]);
});

const beyond = (growth: readonly Growth[]): readonly string[] => growth.filter(({ isBeyond }) => isBeyond).map(({ part }) => part);

test('the compiler as it is keeps to its bounds, and the same work is counted again; a quadratic walk is found and named', { timeout: 120_000 }, async () => {
  const order = { shapes: ['blocks'], size: 40, options: {} };
  const [clean, planted] = await Promise.all([measure(order), measure({ ...order, fault: 'quadratic-walk' })]);
  // Before the fault has its turn, both processes do the same.
  const before = ({ size, work }: Measured): unknown => [size, Object.entries(work).filter(([name]) => /^compiler\/(?:wasm|translate|regalloc)\//.test(name)).sort()];
  expect(planted.map(before)).toEqual(clean.map(before));
  expect(beyond(growthOf(clean))).toEqual([]);
  const found = growthOf(planted).filter(({ isBeyond }) => isBeyond);
  expect(found.map(({ part }) => part)).toContain('fuzz/faults/quadratic-walk.ts');
  const walk = found.find(({ part }) => part === 'fuzz/faults/quadratic-walk.ts');
  expect(walk?.culprits?.[0]?.name).toBe('walkForEach');
  expect(walk?.exponent).toBeGreaterThan(1.9);
});

test('with no shape does any part of the compiler grow faster than its bound', { timeout: 240_000 }, async () => {
  const measured = await measure({ shapes: shapes.map(({ name }) => name), options: {} });
  expect(shapes.flatMap(({ name }) => growthOf(measured.filter(({ shape }) => shape === name))).filter(({ isBeyond }) => isBeyond)).toEqual([]);
});
