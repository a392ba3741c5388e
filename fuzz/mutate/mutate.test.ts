// Mutations: always valid, those that say so keep the meaning, and the metamorphic oracle sees a planted fault without a second engine.

import { expect, test } from 'vitest';
import { decode, validate } from '../../interpreter/index.ts';
import { encodeEdited } from '../edit/encode.ts';
import { shiftLeftGoesRight } from '../faults/shift-left-goes-right.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { interpreterEngine } from '../oracles/engines/interpreter.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { parseText } from '../wast/text.ts';
import { mutations, sameMeaning } from './index.ts';
import { compareWithMutant } from './metamorphic.ts';
import { generateMutant, generatedForEditing } from './mutants.ts';
import { swapOperands } from './swap-operands.ts';
import { useLocal } from './use-local.ts';

function faultOf(bytes: Uint8Array): string | undefined {
  const module = decode(bytes);
  const checked = module.kind === 'module' ? validate(module) : module;
  return 'message' in checked ? checked.message : undefined;
}

const original = (seed: number): Uint8Array => (seed % 3 === 2 ? generateModernModule : generateModule)(randomChoices(seed));

test.for(mutations)('$name gives valid modules, $summary', ({ apply, preservesMeaning }) => {
  let applied = 0;
  let compared = 0;
  for (let seed = 0; seed < 48; seed++) {
    const bytes = original(seed);
    const after = apply(randomChoices(seed * 31 + 7), generatedForEditing(bytes));
    if (after === undefined) continue;
    applied++;
    const mutant = encodeEdited(after);
    const fault = faultOf(mutant);
    expect(fault === undefined ? undefined : `seed ${seed}: ${fault}`).toBeUndefined();
    if (!preservesMeaning || seed % 3 === 1) continue;
    const comparison = compareWithMutant(interpreterEngine, bytes, mutant, 1);
    expect(comparison.verdict === 'disagree' ? `seed ${seed}: ${comparison.detail}` : undefined).toBeUndefined();
    if (comparison.verdict === 'agree') compared++;
  }
  expect(applied).toBeGreaterThan(2);
  if (preservesMeaning) expect(compared).toBeGreaterThan(0);
});

test('a NaN whose bits are nobody\'s does not come where they show', async () => {
  const parsed = await parseText('(module (func (export "f") (param f32 f32) (result f32) (f32.copysign (f32.sqrt (local.get 0)) (local.get 1))))');
  if (parsed.kind === 'malformed') throw new Error(parsed.message);
  for (const mutation of [swapOperands, useLocal]) {
    for (let seed = 0; seed < 40; seed++) expect(mutation.apply(randomChoices(seed), generatedForEditing(parsed.bytes))).toBeUndefined();
  }
});

test('mutants of several mutations are valid, and end by themselves', () => {
  const names = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const mutant = generateMutant(randomChoices(seed));
    const fault = faultOf(mutant);
    expect(fault === undefined ? undefined : `seed ${seed}: ${fault}`).toBeUndefined();
    if (seed % 6 !== 0) continue;
    const { names: done } = sameMeaning(randomChoices(seed), generatedForEditing(original(seed)));
    for (const name of done) names.add(name);
  }
  expect(names.size).toBeGreaterThan(10);
});

const native = (await openEngine('x86-64')).availability();

test('the metamorphic oracle sees a planted fault with no other engine', async ({ skip }) => {
  if (!native.available) skip(native.reason);
  // Without the mid-end, which would join again what a mutation has split.
  const faulty = await openEngine('x86-64:none', shiftLeftGoesRight.faults);
  const sound = await openEngine('x86-64:none');
  const text = await parseText('(module (func (export "f") (param i32) (result i32) (i32.shl (local.get 0) (i32.const 7))))');
  if (text.kind !== 'bytes') throw new Error(text.message);
  let seen = 0;
  for (let seed = 0; seed < 40; seed++) {
    const mutant = encodeEdited(sameMeaning(randomChoices(seed), generatedForEditing(text.bytes)).m);
    if (compareWithMutant(faulty, text.bytes, mutant, 2).verdict === 'disagree') seen++;
    expect(compareWithMutant(sound, text.bytes, mutant, 2).verdict).toBe('agree');
  }
  expect(seen).toBeGreaterThan(0);
});
