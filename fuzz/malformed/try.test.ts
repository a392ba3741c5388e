// The front end on damaged modules, in small: a fixed number of tries on a few modules. `assay malformed` is the same at length.

import { expect, test } from 'vitest';
import { randomChoices } from '../generate/choices.ts';
import { parseText } from '../wast/text.ts';
import { damage, truncate } from './damage.ts';
import { askCompiler, askV8, maybeKnownDifference } from './opinions.ts';
import { type Seed, tryDamaged } from './try.ts';

const texts = [
  '(module (func (export "f") (param i32) (result i32) (loop (result i32) (br_if 0 (local.get 0)) (i32.const 1))))',
  '(module (memory 1 2) (data (i32.const 8) "abc") (func (param i32) (i64.store offset=8 (local.get 0) (i64.load (local.get 0)))))',
  '(module (type $t (func)) (table 3 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (type $t) (i32.const 0))) (start $f))',
  '(module (import "m" "g" (global i32)) (global (mut i64) (i64.const -1)) (func (param f64) (result i32) (i32.trunc_f64_s (local.get 0))))',
];

async function seeds(): Promise<Seed[]> {
  const found: Seed[] = [];
  for (const text of texts) {
    const parsed = await parseText(text);
    if (parsed.kind === 'bytes') found.push({ name: text, bytes: parsed.bytes });
  }
  return found;
}

test('verdicts on damaged modules differ from those of V8 and the interpreter only in known ways', async () => {
  const modules = await seeds();
  expect(modules).toHaveLength(texts.length);
  const tally = tryDamaged(modules, 5, 4000, { surprise: () => {}, progress: () => {} });
  expect(tally.surprises.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([]);
  expect(tally.tries).toBe(4000);
  expect(tally.truncations).toBe(modules.reduce((sum, { bytes }) => sum + bytes.length, 0));
  expect(tally.verdicts.valid).toBeGreaterThan(100);
  expect(tally.verdicts.malformed).toBeGreaterThan(1000);
});

test('damage is deterministic, leaves the original alone, and changes it nearly always', async () => {
  const [seed] = await seeds();
  const original = seed?.bytes.slice() ?? new Uint8Array();
  let changed = 0;
  for (let number = 0; number < 200; number++) {
    const once = damage(original, randomChoices(number));
    expect(damage(original, randomChoices(number))).toEqual(once);
    if (Buffer.compare(once, original) !== 0) changed++;
  }
  expect(original).toEqual(seed?.bytes);
  expect(changed).toBeGreaterThan(180);
  expect(damage(new Uint8Array(), randomChoices(1))).toHaveLength(0);
  expect(truncate(original, 9)).toHaveLength(9);
});

test('what the compiler accepts and V8 rejects is no known difference, unless V8 says that a limit is its own', async () => {
  expect(maybeKnownDifference({ kind: 'valid', message: '' }, { kind: 'invalid', message: 'type error' })).toBeUndefined();
  const parsed = await parseText('(module (table 20000000 funcref))');
  const bytes = parsed.kind === 'bytes' ? parsed.bytes : new Uint8Array();
  expect(askCompiler(bytes).kind).toBe('valid');
  expect(maybeKnownDifference(askCompiler(bytes), askV8(bytes))?.name).toBe('limit of V8');
});
