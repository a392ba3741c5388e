// Shrinking by the choice tape: whatever the seed, a planted fault comes down to the one smallest case that shows it, in few steps.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, allocationAlgorithms, checkAllocation, CountingControl, type IrFunction, isDefOperand, maybeFixedRegisterOf, type Operand, parseFunction, printFunction, printProblem, type Problem } from '../../compiler/inside.ts';
import { encode, type Encode, encodingFault } from '../oracles/encoding.ts';
import { drawCornerProblem } from './allocation-problem.ts';
import { arbitrary } from './arbitrary.ts';
import type { Choices } from './choices.ts';
import { drawIrFunction } from './ir-function.ts';
import { drawMachineCode, type MachineCode } from './machine-code.ts';

const seeds = [1, 2, 3, 4, 5];

interface Shrunk {
  readonly text: string;
  readonly steps: number;
}

/** What a property that fails shrinks to, from a seed. */
function shrunk<T>(build: (c: Choices) => T, isRight: (value: T) => boolean, print: (value: T) => string, seed: number): Shrunk {
  const details = fc.check(fc.property(arbitrary(build), isRight), { seed, numRuns: 4000 });
  const [value] = details.counterexample ?? [];
  if (value === undefined) throw new Error(`seed ${seed}: the planted fault was not found in ${details.numRuns} cases`);
  return { text: print(value), steps: details.numShrinks };
}

/** All seeds come to one case. */
function smallest<T>(build: (c: Choices) => T, isRight: (value: T) => boolean, print: (value: T) => string): { readonly text: string; readonly steps: readonly number[] } {
  const all = seeds.map((seed) => shrunk(build, isRight, print, seed));
  return { text: [...new Set(all.map(({ text }) => text))].join('\n---\n'), steps: all.map(({ steps }) => steps) };
}

/** Accepted steps; a walk of thousands would mean that the order of proposals is wrong. */
const mostSteps = 80;

test('machine code: an encoder that swaps the operands of one row', () => {
  const swapped: Encode = (isa, { row, cells }) => encode(isa, { row, cells: row === 'mul' ? cells.toReversed() : cells });
  const { text, steps } = smallest(drawMachineCode, (code: MachineCode) => encodingFault(code, swapped, undefined) === undefined, (code) => JSON.stringify(code));
  expect(text).toBe('{"isa":"riscv64","kind":"instructions","instructions":[{"row":"mul","cells":[1,0,0]}]}');
  expect(Math.max(...steps)).toBeLessThan(mostSteps);
});

test('IR functions: a printer that takes one opcode for another', () => {
  const wrong = (f: IrFunction): string => printFunction(f).replaceAll('ushr', 'sshr');
  const { text, steps } = smallest(drawIrFunction, (f) => printFunction(parseFunction(wrong(f))) === printFunction(f), printFunction);
  expect(text.trim().split('\n')).toEqual([
    'function f0(i32, i64, f32, f64) -> i32, i64, f64 {', 'block0(v0: i32, v1: i64, v2: f32, v3: f64):', '    v4 = ushr v0, v0 @0x0', '    trap unreachable @0xff', '}',
  ]);
  expect(Math.max(...steps)).toBeLessThan(mostSteps);
});

test('allocation problems: an allocator that puts a use of a fixed register elsewhere', () => {
  const isRight = (problem: Problem): boolean => allocationAlgorithms.every((algorithm) => {
    const allocation = allocate(problem, { algorithm, control: new CountingControl() });
    const wrong = problem.operands.findIndex((packed) => maybeFixedRegisterOf(packed as Operand) !== undefined && !isDefOperand(packed as Operand));
    const locations = allocation.locations.map((location, k) => (k === wrong ? location ^ 1 : location));
    return checkAllocation(problem, { ...allocation, locations }).kind !== 'faults';
  });
  const { text, steps } = smallest(drawCornerProblem, isRight, printProblem);
  // One instruction with that use; the two before it make a value of each kind, and the empty ones end the block.
  expect(text.slice(text.indexOf('block0')).trim().split('\n')).toEqual(['block0:', '    op', '    op def r0 any, def r1 any, def r2 any, def r3 any, def r4 any', '    op use late r0 fixed i29', '    op', '    end', '}']);
  expect(Math.max(...steps)).toBeLessThan(mostSteps);
});
