// Puts the findings of a folder in order: runs each again, finds what is to blame, merges duplicates, and says which are new, known, fixed or back.

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { junitOf } from '../fuzz/triage/junit.ts';
import { casesOfTriage } from '../fuzz/triage/junit-cases.ts';
import { LifeCycleError } from '../fuzz/triage/life-cycle.ts';
import { sarifOf } from '../fuzz/triage/sarif.ts';
import { isAlarming, lifeCycleFile, type Triage, triage } from '../fuzz/triage/triage.ts';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { writeWhole } from '../fuzz/campaign/corpus.ts';
import { faultsOf } from './diff.ts';
import { exitCode, newVerb, print, printJson, root, UsageError, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

interface TriageVerbOptions {
  times: number;
  fault?: string;
  check?: true;
  sarif?: string;
  junit?: string;
  json?: true;
}

export function command(): Command {
  return newVerb('triage')
    .argument('[folder]', 'a folder of findings', join(root, 'crashes'))
    .option('--times <n>', 'how often each finding is run', wholeNumber(1), 3)
    .option('--check', 'change nothing: only say what is new or has come back, as continuous integration wants it')
    .option('--fault <name>', `plant a fault in our compiler: ${plantedFaults.map(({ name }) => name).join(', ')}`)
    .option('--sarif <file>', 'write the findings as SARIF 2.1.0 too')
    .option('--junit <file>', 'write the findings as JUnit XML too: a test case each, a failure where one is new or has come back')
    .action(async (folder: string, options: TriageVerbOptions) => {
      if (!existsSync(folder)) throw new UsageError(`${folder}: there is no such folder`);
      const status = newStatus();
      const result = await triage(folder, {
        times: options.times, faults: faultsOf(options.fault), faultName: options.fault, isCheck: options.check === true,
        onFinding: (name, index, count) => status.show(`${index + 1} of ${count}: ${name}`),
      }).catch((error: unknown) => {
        throw error instanceof LifeCycleError ? new UsageError(`${join(folder, lifeCycleFile)}: ${error.message}`) : error;
      });
      status.clear();
      if (options.sarif !== undefined) writeWhole(options.sarif, `${JSON.stringify(sarifOf(result.findings, (path) => relative(root, path)), undefined, 2)}\n`);
      if (options.junit !== undefined) writeWhole(options.junit, junitOf('assay triage', casesOfTriage(result)));
      if (options.json) printJson(answer(result));
      else print(summary(folder, result, options));
      if (result.findings.some(isAlarming) || result.unreadable.length > 0) process.exitCode = exitCode.finding;
    });
}

function answer({ findings, merged, unreadable, absent }: Triage): Record<string, unknown> {
  return {
    findings: findings.map((one) => ({ ...one, path: relative(root, one.path), first: new Date(one.first).toISOString(), last: new Date(one.last).toISOString() })),
    alarming: findings.filter(isAlarming).map(({ signature }) => signature),
    merged, unreadable, absent,
  };
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

function summary(folder: string, { findings, merged, unreadable, absent }: Triage, options: TriageVerbOptions): string {
  const rows = findings.map(({ state, severity, signature, stage, rule, bytes, seen, replays, first, last }) => [
    state, severity, signature, stage ?? '-', rule ?? '-', String(bytes), String(seen), `${replays.shown}/${replays.times}${replays.ways > 1 ? ` in ${replays.ways} ways` : ''}`, day(first), day(last),
  ]);
  const lines = findings.length === 0 ? ['no findings'] : table([['state', 'severity', 'signature', 'stage', 'to blame', 'bytes', 'seen', 'shows', 'first', 'last'], ...rows]);
  for (const { from, into } of merged) lines.push(`merged: ${from} into ${into}`);
  for (const { path, reason } of unreadable) lines.push(`cannot be read: ${path}: ${reason}`);
  for (const signature of absent) lines.push(`${lifeCycleFile} names ${signature}, of which there is no folder: remove its line, or write 'fixed'`);
  const alarming = findings.filter(isAlarming);
  const [first] = alarming;
  if (first !== undefined) {
    lines.push('', `${alarming.length} new or back:`, ...alarming.map(({ signature }) => `  ${signature}`), '', 'next:');
    lines.push(`  ./scripts/assay bisect ${relative('.', first.path)}${options.fault === undefined ? '' : ` --fault ${options.fault}`}   step by step to what is to blame`);
    lines.push(`  write 'known' before its signature in ${relative('.', join(folder, lifeCycleFile))}, if it is to wait`);
  }
  for (const { state, signature, replays } of findings) if (state === 'fixed' && replays.shown === 0) lines.push(`${signature} does not show any more: keep its module in corpus/regressions/ and remove its folder`);
  return lines.join('\n');
}
