// Looks after campaigns: what one is doing, what it found, how it went, and its corpus.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { writeWhole } from '../fuzz/campaign/corpus.ts';
import { type Ledger, LedgerError, maybeLock } from '../fuzz/campaign/ledger.ts';
import { prune } from '../fuzz/campaign/prune.ts';
import { screenLines, showDuration } from '../fuzz/campaign/screen.ts';
import { type CampaignStatus, statusOf } from '../fuzz/campaign/status.ts';
import { torture } from '../fuzz/campaign/torture.ts';
import { junitOf } from '../fuzz/triage/junit.ts';
import { casesOfCampaign } from '../fuzz/triage/junit-cases.ts';
import { readLifeCycle, type State } from '../fuzz/triage/life-cycle.ts';
import { lifeCycleFile } from '../fuzz/triage/triage.ts';
import { openToRead } from './campaign-plan.ts';
import { exitCode, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

export function command(): Command {
  return new Command('campaign')
    .exitOverride()
    .helpOption('-h, --help', 'say how this verb is used')
    .addHelpText('after', '\nEach takes --json, which prints one JSON value.')
    .addCommand(newVerb('status').description('what a running or finished campaign has done').argument('<folder>', 'the campaign').action(status))
    .addCommand(newVerb('findings').description('what it has found, first to last').argument('<folder>', 'the campaign').option('--junit <file>', 'write them as JUnit XML too: a failure each, but for those that the life-cycle file calls known').action(findings))
    .addCommand(newVerb('history').description('how it went, and its sessions and deaths').argument('<folder>', 'the campaign').action(history))
    .addCommand(newVerb('prune').description('drop corpus entries that show nothing the others do not show').argument('<folder>', 'the campaign').action(pruneCorpus))
    .addCommand(
      newVerb('torture').description('kill a campaign at random, again and again, and see whether it lost anything')
        .option('--kills <n>', 'how often', wholeNumber(1), 50)
        .option('--seed <n>', 'of the kills', wholeNumber(0), 1)
        .action(tortureCampaign),
    );
}

interface Options {
  readonly json?: true;
}

/** The status of a campaign, from its ledger alone: also of one whose supervisor was killed. */
function readStatus(folder: string, ledger: Ledger): CampaignStatus {
  const plan = ledger.maybePlan();
  if (plan === undefined) throw new UsageError(`${folder}: its campaign never began`);
  const lock = maybeLock(folder);
  lock?.close();
  const live = lock === undefined ? { alive: plan.workers, ...recentRates(ledger) } : undefined;
  return statusOf(folder, ledger, plan, ledger.tally(), ledger.secondsRun(), live);
}

/** Rates between the last two entries of the history. */
function recentRates(ledger: Ledger): { readonly modulesPerSecond: number; readonly executionsPerSecond: number } {
  const [before, last] = ledger.history().slice(-2);
  const span = before === undefined || last === undefined ? 0 : (last.at - before.at) / 1000;
  if (span === 0 || before === undefined || last === undefined) return { modulesPerSecond: 0, executionsPerSecond: 0 };
  return { modulesPerSecond: (last.modules - before.modules) / span, executionsPerSecond: (last.executions - before.executions) / span };
}

function withLedger(folder: string, use: (ledger: Ledger) => void): void {
  const ledger = openToRead(folder);
  try {
    use(ledger);
  } finally {
    ledger.close();
  }
}

function status(folder: string, options: Options): void {
  withLedger(folder, (ledger) => {
    const answer = readStatus(folder, ledger);
    if (options.json) printJson(answer);
    else print(screenLines(answer).join('\n'));
  });
}

function findings(folder: string, options: Options & { readonly junit?: string }): void {
  withLedger(folder, (ledger) => {
    const list = ledger.findings();
    if (options.junit !== undefined) {
      const crashes = ledger.maybePlan()?.crashes;
      const states = crashes === undefined ? new Map<string, State>() : readLifeCycle(join(crashes, lifeCycleFile)).states;
      writeWhole(options.junit, junitOf('assay campaign', casesOfCampaign(list, states)));
    }
    if (options.json) printJson(list);
    else print(list.length === 0 ? 'no findings' : list.map(({ signature, path, first, met }) => `${new Date(first).toISOString()}  met ${met}  ${signature}  ${path}`).join('\n'));
    if (list.length > 0) process.exitCode = exitCode.finding;
  });
}

function history(folder: string, options: Options): void {
  withLedger(folder, (ledger) => {
    const answer = { history: ledger.history(), sessions: ledger.sessions(), deaths: ledger.deaths() };
    if (options.json) {
      printJson(answer);
      return;
    }
    print('run time   modules  executions  rules  features  entries  findings');
    for (const row of answer.history) print(`${showDuration(row.seconds).padStart(8)}${String(row.modules).padStart(10)}${String(row.executions).padStart(12)}${String(row.rules).padStart(7)}${String(row.features).padStart(10)}${String(row.entries).padStart(9)}${String(row.findings).padStart(10)}`);
    for (const { id, started, seconds, how, workers } of answer.sessions) print(`session ${id}: ${new Date(started).toISOString()}, ${showDuration(seconds)}, ${workers} workers, ${how ?? 'running, or killed'}`);
    for (const { at, lane, how, engine, number, verdict } of answer.deaths) print(`death: ${new Date(at).toISOString()}, worker ${lane} by ${how} while ${engine} ran number ${number ?? '–'}: ${verdict}`);
  });
}

async function pruneCorpus(folder: string, options: Options): Promise<void> {
  openToRead(folder).close();
  const progress = newStatus();
  const result = await prune(folder, (done, of) => progress.show(`${done} of ${of} entries run`)).catch((error: unknown) => {
    throw error instanceof LedgerError ? new UsageError(error.message) : error;
  });
  progress.clear();
  if (options.json) printJson(result);
  else print(`${result.before} entries (${result.bytesBefore} bytes) became ${result.after} (${result.bytesAfter} bytes), which show the same ${result.features} features`);
}

async function tortureCampaign(options: Options & { readonly kills: number; readonly seed: number }): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'assay-torture-'));
  const progress = newStatus();
  try {
    const result = await torture({
      plan: { targets: ['modules'], engines: ['interp', 'ir'], occasional: [], fault: 'compiler-throws', seed: options.seed, seconds: 3600, workers: 2, hangSeconds: 120, shrinkSeconds: 0, wabtEvery: 0 },
      scratch, kills: options.kills, seed: options.seed, numbers: 100, onProgress: (kills) => progress.show(`${kills} of ${options.kills} kills`),
    });
    progress.clear();
    const { kills, losses } = result;
    if (options.json) printJson(result);
    else {
      print(`${kills.supervisors} supervisors and ${kills.workers} workers killed, ${kills.inFlight} times over a case in flight; ${result.sessions} sessions, ${result.modules} modules, ${result.findings.length} findings, ${result.entries} corpus entries`);
      print(losses.length === 0 ? 'nothing was lost, and everything was counted once' : losses.map((loss) => `lost: ${loss}`).join('\n'));
    }
    if (losses.length > 0) process.exitCode = exitCode.finding;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
