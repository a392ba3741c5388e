// What each engine is expected to make of the whole official suite: nothing fails, what is skipped is skipped for a feature on its list, and no less passes
// than is written here. The tests beside this file hold engines to it.

import { expect } from 'vitest';
import { openEngine } from '../oracles/engines/index.ts';
import { knownFailuresOf } from './known-failures.ts';
import { loadScript } from './load.ts';
import { emptyResult, runScript, type ScriptResult } from './run.ts';
import { maybeSuiteFolder, suitePaths } from './suite.ts';

const suiteFolder = maybeSuiteFolder();

/** Why an engine cannot be held to the suite here; undefined when it can. */
export async function whySkipped(engineName: string): Promise<string | undefined> {
  if (suiteFolder === undefined) return 'the official test suite is not here: set WASM_TESTSUITE to its folder';
  const availability = (await openEngine(engineName)).availability();
  return availability.available ? undefined : availability.reason;
}

/** Features of 3.0 and threads that the compiler refuses by name. */
const compilerLacks = ['SIMD', 'relaxed SIMD', 'memory64', 'table64', 'garbage collection', 'typed function references', 'threads', 'exception handling', 'legacy exception handling', 'tail calls'];
/** Of scripts, not of engines: see known-failures.txt, and the contents of custom sections, which are nobody's business. */
const always = ['known failure', 'contents of custom sections'];

export interface Expectation {
  /** Commands that pass, at least. */
  readonly passed: number;
  readonly lacks: readonly string[];
}

export const expectations = {
  interp: { passed: 65_822, lacks: [] },
  compiled: { passed: 36_179, lacks: compilerLacks },
} satisfies Record<string, Expectation>;

/** Runs the whole suite on an engine. */
export async function runSuite(engineName: string, folder: string): Promise<ScriptResult> {
  const engine = await openEngine(engineName);
  const result = emptyResult(engine.name);
  for (const path of suitePaths(folder)) runScript(engine, await loadScript(path), result, knownFailuresOf(path, engine.name));
  return result;
}

/** Asserts that an engine does what is expected of it. */
export async function expectSuite(engineName: string, { passed, lacks }: Expectation): Promise<void> {
  const result = await runSuite(engineName, suiteFolder ?? '');
  expect(result.failures).toEqual([]);
  const allowed = [...lacks, ...always];
  const unexpected = result.skips.filter(({ reason }) => !allowed.some((feature) => reason === feature || reason.startsWith(`${feature} (`) || reason.startsWith(`${feature}:`)));
  expect(unexpected).toEqual([]);
  expect(result.passed).toBeGreaterThanOrEqual(passed);
}
