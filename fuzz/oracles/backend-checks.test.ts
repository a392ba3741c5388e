// The checks of a back end, of what is emitted and of what the allocator is told, find nothing in what is really made, on any ISA: so they may be
// believed when they find something. That they do is shown by the faults planted for them (faults/faults.test.ts).

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CompileOptions, targetNames } from '../../compiler/inside.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { emissionFault } from './emission.ts';
import { statementFault } from './statement.ts';

test.for(targetNames)('%s: random modules are stated and emitted as selected', { timeout: 180_000 }, (target) => {
  for (let seed = 1; seed <= 30; seed++) {
    const bytes = generateModule(randomChoices(seed));
    const options: CompileOptions = { target, opt: seed % 2 === 0 ? 'none' : 'speed', bounds: seed % 3 === 0 ? 'explicit' : 'guard', regalloc: seed % 5 === 0 ? 'backtracking' : 'single-pass' };
    expect(emissionFault(bytes, options)?.text, `seed ${seed}`).toBeUndefined();
    expect(statementFault(bytes, options)?.text, `seed ${seed}`).toBeUndefined();
  }
});

test('a program of many large functions, where tables lie within the code, is emitted as selected', { timeout: 180_000 }, () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../node_modules/capstone-wasm/dist/capstone.wasm', import.meta.url)));
  expect(emissionFault(bytes, { target: 'aarch64' })?.text).toBeUndefined();
});
