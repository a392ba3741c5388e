// Every module of the corpus, seeds and regressions, on every engine that works here: all must agree. Foreign interpreters are asked elsewhere:
// they take other modules, and have defects that are known (`corpus/subjects/`).

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Engine } from './oracles/engine.ts';
import { engineNames, openEngine } from './oracles/engines/index.ts';
import { isWholeRun } from './oracles/observe.ts';
import { moduleSideBySide } from './oracles/side-by-side.ts';
import { parseText } from './wast/text.ts';

const corpus = fileURLToPath(new URL('../corpus', import.meta.url));
const files = globSync(['seeds/modules/*.{wat,wasm}', 'regressions/*.{wat,wasm}'], { cwd: corpus }).sort();

const engines: Engine[] = [];
for (const name of await engineNames()) {
  const engine = await openEngine(name);
  if (engine.availability().available && !isWholeRun(engine)) engines.push(engine);
}

test('there are seeds, and engines to compare', () => {
  expect(files.length).toBeGreaterThan(5);
  expect(engines.length).toBeGreaterThan(1);
});

test.for(files)('%s', async (file) => {
  const path = join(corpus, file);
  const content = readFileSync(path);
  const text = file.endsWith('.wat') ? await parseText(content.toString('utf8')) : undefined;
  if (text?.kind === 'malformed') throw new Error(text.message);
  const { verdict, detail, comparisons } = await moduleSideBySide(engines, text?.bytes ?? new Uint8Array(content));
  expect(detail).toBeUndefined();
  expect(verdict).toBe('agree');
  expect(comparisons.filter(({ comparison }) => comparison.verdict === 'incomparable')).toEqual([]);
});
