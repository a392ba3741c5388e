// Runs a differential campaign: modules are generated, executed by every engine, and compared.

import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { LedgerError } from '../fuzz/campaign/ledger.ts';
import type { CampaignPlan } from '../fuzz/campaign/plan.ts';
import { type SelfTest, selfTest } from '../fuzz/campaign/self-test.ts';
import { type CampaignResult, runCampaign } from '../fuzz/campaign/supervise.ts';
import { profileAnswer, profileLines } from '../fuzz/campaign/profile.ts';
import { screenLines, statusLine } from '../fuzz/campaign/screen.ts';
import type { CampaignStatus } from '../fuzz/campaign/status.ts';
import { campaignEngines, occasionalEngines, openEngine, UnknownEngine } from '../fuzz/oracles/engines/index.ts';
import { maybeTarget, targets, targetsFor } from '../fuzz/targets/index.ts';
import { expectNoCampaign, freshFolder, resumedPlan } from './campaign-plan.ts';
import { faultsOf } from './diff.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, root, UsageError, wholeNumber } from './frame.ts';
import { compareGuidance } from './compare-guidance.ts';
import { mergeCorpus, reportCoverage } from './corpus-coverage.ts';
import { fuzzGuided, type GuidedOptions } from './guided.ts';
import { newScreen } from './screen.ts';
import { newStatus } from './status.ts';
import { huntSubject } from './subject.ts';

interface FuzzOptions {
  seconds: number;
  seed: number;
  engines?: string;
  workers: number;
  maxModules?: number;
  subject?: string;
  fault?: string;
  crashes: string;
  profile?: true;
  guided?: true;
  corpus?: string;
  allTargets?: true;
  merge?: true;
  into?: string;
  coverageReport?: true;
  lcov?: string;
  campaign?: string;
  resume?: string;
  runnerTimeout?: number;
  json?: true;
}

export function command(): Command {
  return newVerb('fuzz')
    .argument('[targets...]', `what to generate: ${targets.map(({ name, summary }) => `${name} (${summary})`).join(', ')}; by default those that the engines can run`)
    .option('--seconds <n>', 'how long', wholeNumber(1), 60)
    .option('--seed <n>', 'which modules: the same seed gives the same ones', wholeNumber(0), 1)
    .option('--engines <names>', 'comma-separated; the first is the reference (see: assay engines)')
    .option('--workers <n>', 'processes', wholeNumber(1), availableParallelism())
    .option('--fault <name>', 'plant a fault in our compiler, to see it found (see: fuzz/faults)')
    .option('--crashes <folder>', 'where findings go', join(root, 'crashes'))
    .option('--profile', 'say where CPU time goes: by engine, phase and stage of compilation')
    .option('--subject <name>', 'turn the lab on an engine that others wrote: wabt, binaryen, webassemblyjs; its defects are listed in corpus/subjects')
    .option('--runner-timeout <ms>', 'how long code in a process of its own may take for a call before it counts as an endless loop (default: 10000)', wholeNumber(1))
    .option('--max-modules <n>', 'stop after so many modules', wholeNumber(1))
    .option('--guided', 'let coverage of the compiler choose what is tried (one target, by default differential)')
    .option('--corpus <folder>', 'with --guided, --merge and --coverage-report: the folder of interesting inputs; by default .cache/corpus/TARGET')
    .option('--all-targets', 'every target, guided and by random numbers on the same build, for --seconds of CPU time each, --workers runs at once, and a table of both')
    .option('--merge', 'of the corpus of one target, copy to --into as few inputs as cover every edge and event')
    .option('--into <folder>', 'with --merge: where the smaller corpus goes')
    .option('--coverage-report', 'say what the corpus of one target covers: edges by file of the compiler, functions never entered')
    .option('--lcov <file>', 'with --coverage-report: write it in the format of lcov too')
    .option('--campaign <folder>', 'where ledger, corpora and status are kept (default: a new folder in campaigns/)')
    .option('--resume <folder>', 'go on with the campaign of a folder, where it stopped; --seconds, --workers and --max-modules may be changed')
    .action(async (names: string[], options: FuzzOptions, verb: Command) => {
      if (options.merge === true || options.coverageReport === true) {
        const { seconds, seed, workers, crashes, corpus, engines } = options;
        const [target, ...more] = names;
        if (target === undefined || more.length > 0 || (options.merge === true && options.coverageReport === true)) throw new UsageError('--merge and --coverage-report take one target, and one of them at a time');
        const asked: GuidedOptions = { seconds, seed, workers, crashes, corpus, engines, json: options.json === true };
        if (options.merge === true) await mergeCorpus(target, options.into, asked);
        else await reportCoverage(target, options.lcov, asked);
        return;
      }
      if (options.guided === true || options.allTargets === true) {
        const { seconds, seed, workers, crashes, corpus, engines } = options;
        const asked: GuidedOptions = { seconds, seed, workers, crashes, corpus, engines, json: options.json === true };
        if (options.allTargets === true) await compareGuidance(names, asked);
        else await fuzzGuided(names, asked);
        return;
      }
      if (options.subject !== undefined) {
        await huntSubject({ ...options, subject: options.subject });
        return;
      }
      const { plan, missing } = options.resume === undefined ? await planOf(names, options) : { plan: planOfResumed(options.resume, names, verb), missing: [] };
      faultsOf(plan.fault);
      const screen = process.stderr.isTTY ? newScreen() : undefined;
      const line = newStatus();
      line.show('planting a fault, to see it found');
      const test = await selfTest(plan.seed);
      if (test.kind === 'missed') throw new Error(`the self-test failed: the planted fault ${test.fault} went unnoticed in ${test.modules} modules`);
      line.clear();
      const result = await runInterruptibly(plan, (status) => {
        if (screen === undefined) line.show(statusLine(status));
        else screen.show(screenLines(status));
      });
      screen?.clear();
      line.clear();
      if (options.json) printJson({ ...answer(result), selfTest: test });
      else print([...selfTestLines(test), summary(result, plan, missing)].join('\n'));
      if (result.findings.length > 0) process.exitCode = exitCode.finding;
    });
}

function planOfResumed(folder: string, names: readonly string[], verb: Command): CampaignPlan {
  const given = (option: string): unknown => (verb.getOptionValueSource(option) === 'cli' ? verb.getOptionValue(option) : undefined);
  for (const option of ['seed', 'engines', 'fault', 'crashes', 'campaign', 'runnerTimeout']) if (given(option) !== undefined) throw new UsageError(`--${option === 'runnerTimeout' ? 'runner-timeout' : option} belongs to the campaign's plan and cannot be changed by --resume`);
  if (names.length > 0) throw new UsageError("targets belong to the campaign's plan and cannot be changed by --resume");
  const number = (option: string): number | undefined => {
    const value = given(option);
    return typeof value === 'number' ? value : undefined;
  };
  return resumedPlan(folder, { seconds: number('seconds'), workers: number('workers'), maxModules: number('maxModules') });
}

/** Runs a session; the first interrupt ends it in good order, the second at once. */
async function runInterruptibly(plan: CampaignPlan, onStatus: (status: CampaignStatus) => void): Promise<CampaignResult> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await runCampaign(plan, (_tally, _seconds, status) => onStatus(status), controller.signal);
  } catch (error) {
    throw error instanceof LedgerError ? new UsageError(error.message) : error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function planOf(names: readonly string[], options: FuzzOptions): Promise<{ plan: CampaignPlan; missing: string[] }> {
  if (options.campaign !== undefined) expectNoCampaign(options.campaign);
  for (const name of names) if (maybeTarget(name) === undefined) throw new UsageError(`no target is called '${name}'; there are: ${targets.map((target) => target.name).join(', ')}`);
  const missing: string[] = [];
  const working = async (wanted: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const name of wanted) {
      const engine = await openEngine(name).catch((error: unknown) => {
        throw error instanceof UnknownEngine ? new UsageError(error.message) : error;
      });
      const availability = engine.availability();
      if (availability.available) found.push(name);
      else missing.push(`${name}: ${availability.reason}`);
    }
    return found;
  };
  const chosen = names.map((name) => maybeTarget(name));
  const needsEngines = chosen.length === 0 || chosen.some((target) => target?.usesEngines);
  const engines = needsEngines ? await working(options.engines?.split(',') ?? (await campaignEngines())) : [];
  const occasional = needsEngines && options.engines === undefined ? await working(await occasionalEngines()) : [];
  if (needsEngines && engines.length < 2) throw new EnvironmentError(`a comparison needs two engines; ${missing.join('; ')}`, 'assay engines tells which work here');
  const plan: CampaignPlan = {
    targets: names.length > 0 ? names : targetsFor([...engines, ...occasional]).map((target) => target.name),
    engines,
    occasional,
    fault: options.fault,
    seed: options.seed,
    seconds: options.seconds,
    workers: options.workers,
    maxModules: options.maxModules ?? 2 ** 31 - 1,
    crashes: options.crashes,
    hangSeconds: 20,
    ...(options.runnerTimeout === undefined ? {} : { runnerTimeout: options.runnerTimeout }),
    shrinkSeconds: 10,
    wabtEvery: 4,
    profile: options.profile === true,
    folder: options.campaign ?? freshFolder(new Date()),
  };
  return { plan, missing };
}

/** A path as one would type it here. */
function nearby(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}

function selfTestLines(test: SelfTest): string[] {
  if (test.kind === 'impossible') return [`self-test: not possible here (${test.reason})`];
  return [`self-test: the planted fault ${test.fault} was caught by module ${test.modules}`];
}

function answer({ tally, seconds, findings, deaths, status }: CampaignResult): Record<string, unknown> {
  return {
    modules: tally.modules,
    executions: tally.executions,
    seconds: Number(seconds.toFixed(2)),
    modulesPerSecond: Number((tally.modules / seconds).toFixed(1)),
    engines: tally.engines,
    proofs: tally.proofs,
    rules: { fired: Object.keys(tally.fired).length, total: tally.rules.length },
    findings: findings.map(({ signature, path }) => ({ signature, path: relative(root, path) })),
    calls: tally.calls,
    bytes: tally.bytes,
    outcomes: tally.outcomes,
    ...(tally.profile === undefined ? {} : { profile: profileAnswer(tally.profile, tally.modules) }),
    incomparable: tally.incomparable,
    deaths,
    campaign: relative(root, status.folder),
    state: status.state,
    sessions: status.sessions,
    corpus: status.corpus,
    stability: status.stability,
    exhaustionShare: status.exhaustionShare,
  };
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '));
}

function mostFrequent(counts: Readonly<Record<string, number>>, most: number): [string, number][] {
  return Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, most);
}

function summary({ tally, seconds, findings, deaths, status }: CampaignResult, plan: CampaignPlan, missing: readonly string[]): string {
  const lines = [
    plan.engines.length === 0
      ? `${tally.modules} cases in ${seconds.toFixed(1)} s: ${(tally.modules / seconds).toFixed(0)} a second`
      : `${tally.modules} modules (${(tally.bytes / Math.max(1, tally.modules)).toFixed(0)} bytes on average) in ${seconds.toFixed(1)} s: ${(tally.modules / seconds).toFixed(0)} modules a second, ${tally.executions} runs, ${tally.calls} calls`,
    '',
    ...table([[plan.engines.length === 0 ? 'target' : 'engine', 'runs', 'agree', 'disagree', 'incomparable'], ...Object.entries(tally.engines).map(([name, counts]) => [name, String(counts.executions), String(counts.agree), String(counts.disagree), String(counts.incomparable)])]),
  ];
  for (const line of missing) lines.push(`not here: ${line}`);
  const reasons = mostFrequent(tally.incomparable, 8);
  if (reasons.length > 0) lines.push('', 'incomparable because of', ...reasons.map(([reason, number]) => `  ${number}  ${reason}`));
  if (tally.calls > 0) lines.push('', `calls ended in ${mostFrequent(tally.outcomes, 8).map(([kind, number]) => `${kind} ${((100 * number) / Math.max(1, tally.calls)).toFixed(1)} %`).join(', ')}`);
  if (tally.rules.length > 0) {
    const never = tally.rules.filter((rule) => tally.fired[rule] === undefined);
    lines.push(`rules fired: ${tally.rules.length - never.length} of ${tally.rules.length}${never.length > 0 ? `; never: ${never.slice(0, 8).join(', ')}${never.length > 8 ? ' …' : ''}` : ''}`);
  }
  if (tally.proofs.checked + tally.proofs.failed > 0) lines.push(`allocation proofs: ${tally.proofs.checked} checked, ${tally.proofs.failed} failed`);
  if (tally.profile !== undefined) lines.push('', ...profileLines(tally.profile, tally.modules), '');
  const folder = nearby(status.folder);
  lines.push(`corpus: ${status.corpus.entries} entries, ${status.corpus.features} features, in ${folder}; to go on: ./scripts/assay fuzz --resume ${folder} --seconds ${plan.seconds}`);
  for (const [how, number] of Object.entries(deaths)) lines.push(`workers that died by ${how}: ${number}`);
  if (findings.length === 0) {
    lines.push('', 'no findings', '', 'next:', `  ./scripts/assay fuzz --seed ${plan.seed + 1} --seconds ${plan.seconds * 10}   other modules, longer`, `  ./scripts/assay wast FILE.wast --engine ${plan.engines.at(-1) ?? 'interp'}   the official test suite`, '  ./scripts/assay diff FILE.wasm   a module of your own on every engine');
  } else {
    lines.push('', `${findings.length} findings:`, ...findings.map(({ signature, path }) => `  ${tally.findings[signature] ?? 1} × ${relative('.', path)}`));
    const [first] = findings;
    if (first !== undefined) lines.push('', 'next:', `  ./scripts/assay replay ${relative('.', first.path)}   see it again`);
    if (first !== undefined && plan.engines.length > 0) lines.push(`  ./scripts/assay diff ${join(relative('.', first.path), 'repro.wasm')}   every engine side by side, and the first level that differs`);
  }
  return lines.join('\n');
}
