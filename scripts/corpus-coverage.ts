// `fuzz --merge TARGET` and `fuzz --coverage-report TARGET`: a corpus run once, and what of it is enough, or what it covers.

import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { allEdges, coverageText, lcovText, reportOf } from '../fuzz/guidance/coverage.ts';
import { enough } from '../fuzz/guidance/merge.ts';
import { inputsIn, replayCorpus, type ReplayedCorpus } from '../fuzz/guidance/replay-corpus.ts';
import { maybeTarget, targets } from '../fuzz/targets/index.ts';
import { exitCode, print, printJson, UsageError } from './frame.ts';
import { corpusOf, guidanceCommand, type GuidedOptions, planOf } from './guided.ts';
import { newStatus } from './status.ts';

/** Long enough for any corpus: a replay ends when it has run everything. */
const longestSeconds = 24 * 3600;

async function replayed(target: string, folders: readonly string[], options: GuidedOptions): Promise<{ readonly inputs: readonly string[]; readonly ran: ReplayedCorpus }> {
  if (maybeTarget(target) === undefined) throw new UsageError(`no target is called '${target}'; there are: ${targets.map(({ name }) => name).join(', ')}`);
  const inputs = inputsIn(folders);
  if (inputs.length === 0) throw new UsageError(`no inputs in ${folders.join(', ')}: --corpus names the folder that fuzz ${target} --guided has filled`);
  const { command } = guidanceCommand();
  const plan = await planOf(target, 'replay', folders[0] ?? '', false, { ...options, seconds: longestSeconds });
  const status = newStatus();
  const ran = await replayCorpus(plan, inputs, command, ({ executions, edges }) => status.show(`${target}: ${executions} of ${inputs.length} inputs, ${edges} edges`));
  status.clear();
  if (ran.result.blind !== undefined) throw new Error(`the self-test failed, so nothing was run: ${ran.result.blind}`);
  return { inputs, ran };
}

function warnings({ deadly, result }: ReplayedCorpus): string[] {
  return [...(deadly.length === 0 ? [] : [`left out, since they kill their process or hang: ${deadly.join(', ')}`]), ...result.findings.map(({ path }) => `finding: ${relative('.', path)}`)];
}

/** Copies the inputs that are enough into a folder, which must be empty or absent. */
export async function mergeCorpus(target: string, into: string | undefined, options: GuidedOptions): Promise<void> {
  if (into === undefined) throw new UsageError('--merge needs --into FOLDER, where the smaller corpus goes');
  if (existsSync(into) && readdirSync(into).length > 0) throw new UsageError(`${into} is not empty: a merged corpus goes into a folder of its own`);
  const { inputs, ran } = await replayed(target, [options.corpus ?? corpusOf(target)], options);
  const kept = new Set(enough(ran.log));
  mkdirSync(into, { recursive: true });
  for (const path of inputs) if (kept.has(basename(path))) copyFileSync(path, join(into, basename(path)));
  const { hit, events } = reportOf(allEdges(), ran.log);
  if (options.json) printJson({ target, inputs: inputs.length, kept: kept.size, into, edges: hit, events: events.length, deadly: ran.deadly, findings: ran.result.findings });
  else print([`${kept.size} of ${inputs.length} inputs cover all of ${hit} edges and ${events.length} events: ${relative('.', into)}`, ...warnings(ran)].join('\n'));
  if (ran.result.findings.length > 0) process.exitCode = exitCode.finding;
}

/** Prints what a corpus covers; `lcov` is the file that gets it in lcov's format too. */
export async function reportCoverage(target: string, lcov: string | undefined, options: GuidedOptions): Promise<void> {
  const { ran } = await replayed(target, [options.corpus ?? corpusOf(target)], options);
  const edges = allEdges();
  const report = reportOf(edges, ran.log);
  if (lcov !== undefined) writeFileSync(lcov, lcovText(edges, ran.log));
  if (options.json) printJson({ target, ...report, deadly: ran.deadly, findings: ran.result.findings });
  else print([coverageText(report), ...warnings(ran), ...(lcov === undefined ? [] : ['', `lcov: ${lcov}`])].join('\n'));
  if (ran.result.findings.length > 0) process.exitCode = exitCode.finding;
}
