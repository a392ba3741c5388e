// The editable form loses nothing: every module of the official suite and generated ones come back as they were.

import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { decode, validate } from '../../interpreter/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { generateInstructionModule, generateVectorInstructionModule } from '../generate/one-instruction.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import { interpreterEngine } from '../oracles/engines/interpreter.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { loadScript } from '../wast/load.ts';
import { maybeSuiteFolder, suitePaths } from '../wast/suite.ts';
import { decodeForEditing } from './decode.ts';
import { encodeEdited } from './encode.ts';
import type { EditModule } from './module.ts';

function edited(bytes: Uint8Array): EditModule {
  const m = decodeForEditing(bytes);
  if ('kind' in m) throw new Error(m.message);
  return m;
}

function isValid(bytes: Uint8Array): boolean {
  const module = decode(bytes);
  return module.kind === 'module' && validate(module).kind === 'checked';
}

const folder = maybeSuiteFolder();

test('modules of the official suite come back with the same content, valid where they were', async ({ skip }) => {
  if (folder === undefined) skip('the official test suite is not here (assay fetch-testsuite)');
  let modules = 0;
  for (const path of suitePaths(folder ?? '')) {
    const { modules: sources } = await loadScript(path);
    for (const source of sources.values()) {
      if (source.kind !== 'bytes') continue;
      const m = decodeForEditing(source.bytes);
      // Malformed ones, which the suite has many of, have no editable form.
      if ('kind' in m || !isValid(source.bytes)) continue;
      const again = encodeEdited(m);
      expect(isValid(again) || path).toBe(true);
      expect(isDeepStrictEqual(edited(again), m) || path).toBe(true);
      modules++;
    }
  }
  expect(modules).toBeGreaterThan(2000);
}, 60_000);

test('generated modules come back and behave as before', () => {
  for (const build of [generateModule, generateModernModule, generateInstructionModule, generateVectorInstructionModule]) {
    for (let seed = 0; seed < 12; seed++) {
      const bytes = build(randomChoices(seed));
      const m = edited(bytes);
      const again = encodeEdited(m);
      expect(isDeepStrictEqual(edited(again), m) || `${build.name} of seed ${seed}`).toBe(true);
      const plan = planFor(bytes, 1);
      expect(compareBehaviours(observe(interpreterEngine, bytes, plan), observe(interpreterEngine, again, plan), plan).verdict).not.toBe('disagree');
    }
  }
});

test('a module whose bytes changes shape behaves as before', () => {
  // Sections written anew around numbers in more bytes than needed, and custom sections moved to the end.
  const bytes = generateModule(randomChoices(3));
  const padded = Uint8Array.from([...bytes.subarray(0, 8), 0x00, 0x85, 0x80, 0x00, 0x04, 0x6e, 0x6f, 0x74, 0x65, ...bytes.subarray(8)]);
  const again = encodeEdited(edited(padded));
  expect(again.length).toBe(encodeEdited(edited(bytes)).length + 7);
  const plan = planFor(bytes);
  expect(compareBehaviours(observe(interpreterEngine, padded, plan), observe(interpreterEngine, again, plan), plan).verdict).toBe('agree');
});
