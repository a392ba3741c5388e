// Every instruction in every form, over the cross product of operand edges, on every engine: nothing random about it.

import { expect, test } from 'vitest';
import { f32Edges, f64Edges, i32Edges } from '../generate/constants.ts';
import { randomChoices } from '../generate/choices.ts';
import { instructionCount, instructionModule } from '../generate/one-instruction.ts';
import type { Engine } from './engine.ts';
import { openEngine } from './engines/index.ts';
import { readModuleInterface } from './module-interface.ts';
import type { PlannedCall } from './observe.ts';
import { moduleSideBySide } from './side-by-side.ts';
import type { Value } from './value.ts';

const engines: Engine[] = [];
for (const name of ['interp', 'v8', 'x86-64', 'x86-64:none:explicit']) {
  const engine = await openEngine(name);
  if (engine.availability().available) engines.push(engine);
}

const i64Edges = [...i32Edges.map((low) => BigInt(low)), ...[32n, 33n, 47n, 52n, 53n, 62n].map((shift) => 1n << shift), -(1n << 63n), (1n << 63n) - 1n, 0xffffffffn, -(1n << 32n), 0x123456789abcdef0n];

const edges: Readonly<Record<string, readonly Value[]>> = {
  i32: i32Edges.map((bits) => ({ type: 'i32', bits })),
  i64: i64Edges.map((bits) => ({ type: 'i64', bits })),
  f32: f32Edges.map((bits) => ({ type: 'f32', bits })),
  f64: f64Edges.map(([low, high]) => ({ type: 'f64', bits: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) })),
};

/** Two operands are crossed over every third edge of each, shifted by the row, so that all rows together see all pairs of neighbours. */
const stride = 3;

function callsOf(name: string, params: readonly string[], row: number): PlannedCall[] {
  const [first, second] = params;
  if (first === undefined) return [{ name, args: [] }];
  const firstEdges = edges[first] ?? [];
  if (second === undefined) return firstEdges.map((arg) => ({ name, args: [arg] }));
  const some = (list: readonly Value[]): Value[] => list.filter((_, index) => index % stride === row % stride);
  return some(firstEdges).flatMap((a) => some(edges[second] ?? []).map((b) => ({ name, args: [a, b] })));
}

const groups = Array.from({ length: 8 }, (_, group) => Array.from({ length: instructionCount }, (_row, row) => row).filter((row) => row % 8 === group));

test.for(groups.map((rows, group) => ({ rows, group })))('instructions, part $group of 8', async ({ rows }) => {
  for (const row of rows) {
    const bytes = instructionModule(randomChoices(row), row);
    const shape = readModuleInterface(bytes);
    const calls = shape.exports.flatMap(({ name, kind, index }) => (kind === 'function' ? callsOf(name, shape.types[shape.functions[index] ?? -1]?.params ?? [], row) : []));
    const { verdict, detail } = await moduleSideBySide(engines, bytes, calls);
    expect(detail).toBeUndefined();
    expect(verdict).toBe('agree');
  }
});
