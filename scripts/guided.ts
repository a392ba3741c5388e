// Guided fuzzing of one target on the command line, and what its other forms (compare-guidance.ts, corpus-coverage.ts) have in common with it.

import { join, relative } from 'node:path';
import { commandWithoutLibFuzzer, guidanceHere } from '../fuzz/guidance/machine.ts';
import { type GuidedFigures, type GuidedPlan, type GuidedResult, runGuided } from '../fuzz/guidance/supervise.ts';
import { nativeEngineName, openEngine } from '../fuzz/oracles/engines/index.ts';
import { maybeTarget, targets } from '../fuzz/targets/index.ts';
import { EnvironmentError, exitCode, print, printJson, root, UsageError } from './frame.ts';
import { newStatus } from './status.ts';

export interface GuidedOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly workers: number;
  readonly crashes: string;
  readonly corpus: string | undefined;
  readonly engines: string | undefined;
  readonly json: boolean;
}

/** Engines for modules: the reference, our compiler both ways, and V8. Each input costs a run on every one. */
async function usualEngines(): Promise<readonly string[]> {
  const native = await nativeEngineName();
  return ['interp', native, `${native}:none:backtracking`, 'v8'];
}

/** How processes that fuzz are started here, and whether libFuzzer takes part. */
export function guidanceCommand(): { readonly command: readonly [string, ...string[]]; readonly libFuzzer: boolean; readonly without: string | undefined } {
  const here = guidanceHere();
  if (here.available) return { command: here.command, libFuzzer: true, without: undefined };
  return { command: commandWithoutLibFuzzer, libFuzzer: false, without: `without libFuzzer: ${here.reason}; to have it: ${here.cure}` };
}

async function enginesFor(target: string, wanted: string | undefined): Promise<readonly string[]> {
  if (maybeTarget(target)?.usesEngines !== true) return [];
  const engines: string[] = [];
  for (const name of wanted?.split(',') ?? (await usualEngines())) {
    const availability = (await openEngine(name)).availability();
    if (availability.available) engines.push(name);
    else if (wanted !== undefined) throw new EnvironmentError(`${name}: ${availability.reason}`, 'assay engines tells which work here');
  }
  return engines;
}

export async function planOf(target: string, mode: GuidedPlan['mode'], corpus: string, libFuzzer: boolean, options: GuidedOptions): Promise<GuidedPlan> {
  const { seconds, seed, workers, crashes } = options;
  return { target, mode, libFuzzer, corpus, seed, seconds, workers, crashes, engines: await enginesFor(target, options.engines), hangSeconds: 30, shrinkSeconds: 10 };
}

/** Where a target's corpus is unless told otherwise. */
export const corpusOf = (target: string): string => join(root, '.cache', 'corpus', target);

export function statusLine(plan: GuidedPlan, { executions, edges, edgesLoaded, events, corpus, newPaths, lastNewPath }: GuidedFigures, seconds: number, findings: number): string {
  if (executions === 0) return `${plan.target}: loading the compiler with counters, planting a fault to see it found`;
  const left = Math.max(0, plan.seconds - seconds);
  return `${plan.target}: ${executions} executions, ${(executions / Math.max(seconds, 0.001)).toFixed(0)}/s, coverage ${edges} of ${edgesLoaded} edges and ${events} events, corpus ${corpus}, ${newPaths} new paths, the last ${Math.max(0, seconds - lastNewPath).toFixed(0)} s ago, ${findings} findings, ${left.toFixed(0)} s left`;
}

async function run(plan: GuidedPlan, command: readonly [string, ...string[]]): Promise<GuidedResult> {
  const status = newStatus();
  const result = await runGuided(plan, command, (figures, seconds) => status.show(statusLine(plan, figures, seconds, figures.disagree)));
  status.clear();
  if (result.blind !== undefined) throw new Error(`the self-test failed, so nothing was fuzzed: ${result.blind}`);
  return result;
}

export function answer(plan: GuidedPlan, { figures, seconds, findings, deaths, proof }: GuidedResult): Record<string, unknown> {
  const { executions, edges, edgesLoaded, events, eventsKnown, proofs, agree, disagree, incomparable, corpus, newPaths, lastNewPath } = figures;
  const rate = Number((executions / seconds).toFixed(1));
  return {
    modules: executions, executions, seconds: Number(seconds.toFixed(2)), modulesPerSecond: rate, engines: { [plan.target]: { executions, agree, disagree, incomparable } }, proofs,
    rules: { fired: events, total: eventsKnown }, findings: findings.map(({ signature, path }) => ({ signature, path: relative(root, path) })), deaths,
    target: plan.target, mode: plan.mode, executionsPerSecond: rate, cpuSeconds: Number(figures.cpuSeconds.toFixed(2)), coverage: { edges, edgesLoaded, events, eventsKnown }, corpus: { folder: plan.corpus, inputs: corpus },
    newPaths, lastNewPath, ways: figures.ways, selfTest: proof === undefined ? undefined : { sees: proof.sees, caught: proof.caught, after: proof.after },
  };
}

function summary(plan: GuidedPlan, { figures, seconds, findings, deaths, proof }: GuidedResult, without: string | undefined): string {
  const { executions, edges, edgesLoaded, events, eventsKnown, agree, incomparable, corpus, newPaths, lastNewPath } = figures;
  const lines = [
    ...(proof === undefined ? [] : [`self-test: coverage grew from ${proof.sees[0]} to ${proof.sees[1]} edges; a planted fault was caught by case ${proof.after} (${proof.caught})`]),
    `${plan.target}: ${executions} executions in ${seconds.toFixed(1)} s, ${(executions / Math.max(seconds, 0.001)).toFixed(1)} a second; ${agree} agree, ${incomparable} incomparable`,
    `coverage: ${edges} of ${edgesLoaded} edges of the compiler, ${events} of ${eventsKnown} events (rules, allocator decisions)`,
    `${newPaths} new paths, the last after ${lastNewPath.toFixed(1)} s; ${corpus} inputs in ${relative('.', plan.corpus)}`,
    ...Object.entries(figures.ways).map(([way, did]) => `  ${way}: ${did.cases} cases, ${did.seconds.toFixed(1)} s, ${did.found} edges and events first`),
    ...(without === undefined ? [] : [without]),
    ...Object.entries(deaths).map(([how, number]) => `processes that died by ${how}: ${number}`),
  ];
  if (findings.length === 0) lines.push('no findings');
  else lines.push('', `${findings.length} findings:`, ...findings.map(({ path }) => `  ${relative('.', path)}`), '', `next: ./scripts/assay replay ${relative('.', findings[0]?.path ?? '')}`);
  return lines.join('\n');
}

/** `fuzz TARGET --guided`. */
export async function fuzzGuided(names: readonly string[], options: GuidedOptions): Promise<void> {
  const [name = 'differential', ...more] = names;
  if (more.length > 0) throw new UsageError(`--guided takes one target, not ${names.length}: each has a corpus of its own`);
  if (maybeTarget(name) === undefined) throw new UsageError(`no target is called '${name}'; there are: ${targets.map((target) => target.name).join(', ')}`);
  const { command, libFuzzer, without } = guidanceCommand();
  const plan = await planOf(name, 'guided', options.corpus ?? corpusOf(name), libFuzzer, options);
  const result = await run(plan, command);
  if (options.json) printJson(answer(plan, result));
  else print(summary(plan, result, without));
  if (result.findings.length > 0) process.exitCode = exitCode.finding;
}
