// Where the official test suite lies: it is not part of this repository.

import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The suite's folder: WASM_TESTSUITE, or `shared/wasm-testsuite` beside the repository; undefined when neither is there. */
export function maybeSuiteFolder(): string | undefined {
  const beside = fileURLToPath(new URL('../../../shared/wasm-testsuite', import.meta.url));
  const folder = process.env['WASM_TESTSUITE'] ?? beside;
  return existsSync(folder) ? folder : undefined;
}

/** All scripts of the suite, as paths below its folder, sorted. */
export function suiteScripts(folder: string): string[] {
  return globSync(['*.wast', 'custom/*.wast', 'proposals/threads/*.wast'], { cwd: folder }).sort();
}

/** Loadable paths of the suite's scripts. */
export function suitePaths(folder: string): string[] {
  return suiteScripts(folder).map((script) => join(folder, script));
}
