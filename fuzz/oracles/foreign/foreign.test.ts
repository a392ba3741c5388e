// Foreign interpreters: modules stand alone without changing what they do, and each interpreter's words are understood.

import { expect, test } from 'vitest';
import { randomChoices } from '../../generate/choices.ts';
import { generateModule } from '../../generate/module.ts';
import { generateInstructionModule } from '../../generate/one-instruction.ts';
import { parseText } from '../../wast/text.ts';
import { compareBehaviours } from '../compare.ts';
import type { Engine, Outcome } from '../engine.ts';
import { openEngine } from '../engines/index.ts';
import { readElementFlags, readModuleInterface } from '../module-interface.ts';
import { openMvpReader } from '../mvp.ts';
import { type Behaviour, observe, planFor } from '../observe.ts';
import { moduleSideBySide } from '../side-by-side.ts';
import type { Value } from '../value.ts';
import { NotStandalone, standalone } from './standalone.ts';
import { whyNotWhole } from './whole-run.ts';

const interp = await openEngine('interp');
const v8 = await openEngine('v8');

async function bytesOf(text: string): Promise<Uint8Array> {
  const parsed = await parseText(text);
  if (parsed.kind !== 'bytes') throw new Error(parsed.message);
  return parsed.bytes;
}

function maybeAlone(bytes: Uint8Array, rounds: number): Uint8Array | undefined {
  try {
    return standalone(bytes, planFor(bytes, rounds));
  } catch (error) {
    if (error instanceof NotStandalone) return undefined;
    throw error;
  }
}

function outcomesOf(behaviour: Behaviour): readonly Outcome[] {
  if (behaviour.kind !== 'ran') throw new Error(`the module did not run: ${behaviour.kind}`);
  return behaviour.outcomes;
}

/** What an export of the module that stands alone must return for a value of the original. */
function asInteger(value: Value | undefined): Value | undefined {
  if (value?.type === 'f32') return { type: 'i32', bits: (value.bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : value.bits | 0 };
  if (value?.type === 'f64') return { type: 'i64', bits: BigInt.asIntN(64, (value.bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n ? 0x7ff8000000000000n : value.bits) };
  if (value?.type === 'ref') return { type: 'i32', bits: value.kind === 'null' ? 1 : 0 };
  return value;
}

test('a module that stands alone makes the same calls with the same outcomes', () => {
  let compared = 0;
  for (let seed = 0; seed < 160; seed++) {
    const bytes = seed % 4 === 3 ? generateInstructionModule(randomChoices(seed)) : generateModule(randomChoices(seed));
    const plan = planFor(bytes, 1);
    const alone = maybeAlone(bytes, 1);
    if (alone === undefined) continue;
    const alonePlan = planFor(alone, 1);
    expect(whyNotWhole(alonePlan)).toBeUndefined();
    const behaviour = observe(interp, alone, alonePlan);
    expect(compareBehaviours(behaviour, observe(v8, alone, alonePlan), alonePlan).verdict).toBe('agree');
    // What hosts answer differs; without imports, call by call, everything must be the same.
    if (plan.shape.imports.length > 0) continue;
    const before = observe(interp, bytes, plan);
    if (before.kind !== 'ran') continue;
    const byName = new Map(alonePlan.calls.map(({ name }, index) => [name, outcomesOf(behaviour)[index]]));
    before.outcomes.forEach((outcome, index) => {
      const now = byName.get(`c${String(index).padStart(4, '0')}`);
      expect(now?.kind).toBe(outcome.kind);
      const [first] = outcome.kind === 'values' ? outcome.values : [];
      if (now?.kind === 'values' && first !== undefined && first.type !== 'v128') expect(now.values[0]).toEqual(asInteger(first));
      compared++;
    });
  }
  expect(compared).toBeGreaterThan(300);
});

const outcomes = `(module (memory 1) (table 2 funcref) (type $t (func (result i32)))
  (func (export "value") (result i64) (i64.const -7))
  (func (export "nothing"))
  (func (export "unreachable") (unreachable))
  (func (export "divide") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
  (func (export "overflow") (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))
  (func (export "nan") (result i32) (i32.trunc_f64_s (f64.const nan)))
  (func (export "outside") (result i32) (i32.load (i32.const 65533)))
  (func (export "element") (result i32) (call_indirect (type $t) (i32.const 5)))
  (func (export "null") (result i32) (call_indirect (type $t) (i32.const 1)))
  (func (export "after") (result i32) (i32.const 3)))`;

test.for(['wabt', 'binaryen'])('%s tells values, and traps by kind', async (name) => {
  const bytes = await bytesOf(outcomes);
  const plan = planFor(bytes, 1);
  const engine = await openEngine(name);
  const behaviour = observe(engine, bytes, plan);
  expect(compareBehaviours(observe(interp, bytes, plan), behaviour, plan).verdict).toBe('agree');
  const traps = outcomesOf(behaviour).flatMap((outcome) => (outcome.kind === 'trap' ? [outcome.trap] : []));
  expect(traps.slice(0, 5)).toEqual(['unreachable', 'integer divide by zero', 'integer overflow', 'invalid conversion to integer', 'out of bounds memory access']);
  expect(outcomesOf(behaviour).at(-1)).toEqual({ kind: 'values', values: [{ type: 'i32', bits: 3 }] });
});

test.for(['(start $f) (func $f atomic.fence) (func (export "g"))', '(func (export "g") atomic.fence)'])('what wabt reads and does not execute is not supported, in a start function and in a call: %s', async (fields) => {
  const bytes = await bytesOf(`(module ${fields})`);
  expect(observe(await openEngine('wabt'), bytes, planFor(bytes, 1))).toMatchObject({ kind: 'refused', as: 'unsupported', message: 'an instruction that it reads and does not execute' });
});

test('binaryen is stopped by an exception out of the start function, like the reference', async () => {
  const bytes = await bytesOf('(module (tag (param i64)) (start $f) (func $f (throw 0 (i64.const 0))) (func (export "g")))');
  const plan = planFor(bytes, 1);
  const behaviour = observe(await openEngine('binaryen'), bytes, plan);
  expect(behaviour).toMatchObject({ kind: 'stopped', outcome: { kind: 'exception' } });
  expect(compareBehaviours(observe(interp, bytes, plan), behaviour, plan).verdict).toBe('agree');
});

test.for(['wabt', 'binaryen', 'webassemblyjs'])('%s: a stack without end is exhaustion', async (name) => {
  const bytes = await bytesOf('(module (func $f (export "f") (result i32) (call $f)))');
  expect(outcomesOf(observe(await openEngine(name), bytes, planFor(bytes, 1)))).toEqual([{ kind: 'exhaustion', what: 'stack' }]);
});

test('a loop without end costs webassemblyjs one verdict', async () => {
  const engine: Engine = await openEngine('webassemblyjs');
  const endless = await bytesOf('(module (func (export "f") (loop (br 0))))');
  expect(outcomesOf(observe(engine, endless, planFor(endless, 1)))).toEqual([{ kind: 'exhaustion', what: 'fuel' }]);
  const simple = await bytesOf('(module (func (export "f") (result i32) (i32.add (i32.const 2) (i32.const 3))))');
  expect(outcomesOf(observe(engine, simple, planFor(simple, 1)))).toEqual([{ kind: 'values', values: [{ type: 'i32', bits: 5 }] }]);
});

test('what a foreign engine does not read says so and counts for nothing', async () => {
  const simd = await bytesOf('(module (func (export "f") (result i32) (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4))))');
  const { verdict, ballots } = await moduleSideBySide([interp, await openEngine('webassemblyjs')], simd);
  expect(verdict).toBe('incomparable');
  expect(ballots[1]?.behaviour).toMatchObject({ kind: 'refused', as: 'unsupported', message: 'more than the MVP' });
  const withArguments = await bytesOf('(module (func (export "f") (param i32)))');
  expect(observe(await openEngine('wabt'), withArguments, planFor(withArguments, 1))).toMatchObject({ kind: 'refused', message: 'calls with arguments' });
});

test.each([
  ['a plain element segment', '(module (table 1 funcref) (func $f) (elem (i32.const 0) func $f))', true],
  ['select without types', '(module (func (export "f") (param i32) (result i32) local.get 0 i32.const 1 local.get 0 select))', true],
  ['select with types', '(module (func (export "f") (param i32) (result i32) (block (result i32) local.get 0 i32.const 1 local.get 0 select (result i32))))', false],
  ['an element segment of expressions', '(module (table 1 funcref) (func $f) (elem (i32.const 0) funcref (item ref.func $f)))', false],
  ['a table of external references', '(module (table 1 externref))', false],
  ['several results', '(module (func (export "f") (result i32 i32) i32.const 1 i32.const 2))', false],
])('the MVP: %s', async (_, text, isMvp) => {
  const bytes = await bytesOf(text);
  const isAsked = await openMvpReader();
  expect(isAsked(bytes, readModuleInterface(bytes))).toBe(isMvp);
});

test('element segments are told apart by their encoding, which text does not show', () => {
  const sections = (elements: readonly number[]): Uint8Array =>
    Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 4, 4, 1, 0x70, 0, 1, 9, elements.length + 1, 1, ...elements, 10, 4, 1, 2, 0, 0x0b]);
  const offset = [0x41, 0, 0x0b];
  expect(readElementFlags(sections([0, ...offset, 1, 0]))).toEqual([0]);
  expect(readElementFlags(sections([1, 0, 1, 0]))).toEqual([1]);
  expect(readElementFlags(sections([2, 0, ...offset, 0, 1, 0]))).toEqual([2]);
  expect(readElementFlags(sections([6, 0, ...offset, 0x70, 1, 0xd2, 0, 0x0b]))).toEqual([6]);
});
