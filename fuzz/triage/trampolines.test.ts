// A trampoline that narrows values is named by its crossing; where nothing is wrong nothing is.

import { expect, test } from 'vitest';
import { hostArgumentsNarrowed } from '../faults/host-arguments-narrowed.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { parseText } from '../wast/text.ts';
import { trampolineFault } from './trampolines.ts';

test('a trampoline that narrows is seen at imports of its signature, and only there', async ({ skip }) => {
  const engine = await openEngine('x86-64', hostArgumentsNarrowed.faults);
  const availability = engine.availability();
  if (!availability.available) skip(availability.reason);
  const reference = await openEngine('interp');
  const faultIn = async (text: string): Promise<string | undefined> => {
    const parsed = await parseText(text);
    if (parsed.kind === 'malformed') throw new Error(parsed.message);
    return await trampolineFault(reference, engine, parsed.bytes);
  };
  expect(await faultIn(hostArgumentsNarrowed.witness)).toContain('an imported function (i64) → ()');
  expect(await faultIn('(module (import "host" "f" (func (param externref i64) (result f32))))')).toContain('(externref, i64) → (f32)');
  expect(await faultIn('(module (import "host" "f" (func (param i32 f64) (result i64))) (func (export "g") (param i64)))')).toBeUndefined();
});

test.for(['x86-64', 'aarch64', 'riscv64'])('%s: values cross as they are', { timeout: 60_000 }, async (name, { skip }) => {
  const engine = await openEngine(name);
  const availability = engine.availability();
  if (!availability.available) skip(availability.reason);
  const reference = await openEngine('interp');
  for (let seed = 1; seed <= 4; seed++) expect(await trampolineFault(reference, engine, generateModule(randomChoices(seed)))).toBeUndefined();
});
