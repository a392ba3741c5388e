// `fuzz --all-targets`: each target from an empty corpus, guided and by random numbers, for the same CPU time, as a table.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { comparedModes, type ComparedRun, compareRuns, expectedMinutes, longestRun } from '../fuzz/guidance/compare.ts';
import type { GuidedPlan } from '../fuzz/guidance/supervise.ts';
import { guidedTargets } from '../fuzz/targets/index.ts';
import { exitCode, print, printJson, UsageError } from './frame.ts';
import { answer, guidanceCommand, type GuidedOptions, planOf, statusLine } from './guided.ts';
import { newStatus } from './status.ts';

/** Runs them all; an interrupt ends the table with what there is. */
export async function compareGuidance(names: readonly string[], options: GuidedOptions): Promise<void> {
  for (const name of names) if (!guidedTargets.includes(name)) throw new UsageError(`'${name}' is none of ${guidedTargets.join(', ')}`);
  const { command, libFuzzer, without } = guidanceCommand();
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'assay-compare-'));
  const plans: GuidedPlan[] = [];
  for (const name of names.length > 0 ? names : guidedTargets) {
    for (const mode of comparedModes) {
      const plan = await planOf(name, mode, join(folder, name), libFuzzer, options);
      plans.push({ ...plan, workers: 1, cpuSeconds: options.seconds, seconds: longestRun(options.seconds) });
    }
  }
  const runs: ComparedRun[] = [];
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  const status = newStatus();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const { quiet, most } = expectedMinutes(plans.length, options.workers, options.seconds);
  if (!options.json) {
    print(`${plans.length} runs of ${options.seconds} CPU seconds, ${Math.min(options.workers, plans.length)} at a time: ${quiet.toFixed(0)} minutes on a quiet machine, ${most.toFixed(0)} at most\n${without === undefined ? '' : `${without}\n`}\n${head}`);
  }
  try {
    await compareRuns(plans, options.workers, command, interrupted.signal, (run) => {
      runs.push(run);
      status.clear();
      if (!options.json) print(row(run));
    }, (plan, figures, seconds) => status.show(statusLine(plan, figures, seconds, figures.disagree)));
  } finally {
    status.clear();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    rmSync(folder, { recursive: true, force: true });
  }
  conclude(runs, plans.length, interrupted.signal.aborted, options.json);
}

function conclude(runs: readonly ComparedRun[], planned: number, isInterrupted: boolean, json: boolean): void {
  const findings = runs.flatMap((run) => ('result' in run ? run.result.findings : []));
  const failures = runs.flatMap((run) => ('failure' in run ? [`${run.plan.target}, ${run.plan.mode}: ${run.failure}`] : []));
  if (json) printJson(runs.map((run) => ('failure' in run ? { target: run.plan.target, mode: run.plan.mode, failure: run.failure } : { ...answer(run.plan, run.result), interrupted: run.isInterrupted })));
  else {
    const lines: string[] = [];
    if (isInterrupted) lines.push(`interrupted: ${runs.length} of ${planned} runs have a row`);
    if (failures.length > 0) lines.push('runs that failed:', ...failures.map((failure) => `  ${failure}`));
    if (findings.length === 0) lines.push('no findings');
    else lines.push(`${findings.length} findings:`, ...findings.map(({ path }) => `  ${relative('.', path)}`), '', `next: ./scripts/assay replay ${relative('.', findings[0]?.path ?? '')}`);
    print(`\n${lines.join('\n')}`);
  }
  if (findings.length > 0 || failures.length > 0) process.exitCode = exitCode.finding;
}

type Finished = Extract<ComparedRun, { readonly result: unknown }>;

const columns: readonly (readonly [string, (run: Finished) => string])[] = [
  ['executions', ({ result }) => String(result.figures.executions)],
  ['per CPU second', ({ result: { figures } }) => (figures.executions / Math.max(figures.cpuSeconds, 0.01)).toFixed(1)],
  ['CPU seconds', ({ result }) => result.figures.cpuSeconds.toFixed(0)],
  ['edges', ({ result }) => String(result.figures.edges)],
  ['events', ({ result: { figures } }) => `${figures.events} of ${figures.eventsKnown}`],
  ['corpus', ({ plan, result }) => (plan.mode === 'guided' ? String(result.figures.corpus) : '')],
  ['last new path after', ({ result }) => `${result.figures.lastNewPath.toFixed(0)} s`],
  ['findings', ({ result, isInterrupted }) => `${result.findings.length}${isInterrupted ? ' (interrupted)' : ''}`],
];

const names = ['target', 'driven by', ...columns.map(([name]) => name)];
const head = `| ${names.join(' | ')} |\n|${names.map(() => '---').join('|')}|`;

/** A row of a table in Markdown. */
function row(run: ComparedRun): string {
  const first = [run.plan.target.padEnd(12), run.plan.mode === 'guided' ? 'coverage' : 'random  '];
  const rest = 'failure' in run ? columns.map((_, column) => (column === 0 ? 'failed' : '')) : columns.map(([, cell]) => cell(run));
  return `| ${[...first, ...rest].join(' | ')} |`;
}
