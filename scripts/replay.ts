// Runs a finding again and says whether it still shows.

import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { moduleSideBySide } from '../fuzz/oracles/side-by-side.ts';
import { openWabt } from '../fuzz/oracles/wabt.ts';
import { readModuleInterface } from '../fuzz/oracles/module-interface.ts';
import { writeWhole } from '../fuzz/campaign/corpus.ts';
import { emptyTally } from '../fuzz/campaign/tally.ts';
import { readTrial } from '../fuzz/targets/read-trial.ts';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { junitOf } from '../fuzz/triage/junit.ts';
import { caseOfReplay } from '../fuzz/triage/junit-cases.ts';
import type { Fault } from '../compiler/inside.ts';
import type { FindingOnDisk } from '../fuzz/triage/finding.ts';
import { readStored, type StoredFinding } from '../fuzz/triage/folder.ts';
import { enginesOfFinding, modulesNear, replay, roundsOf } from '../fuzz/triage/replays.ts';
import { enginesOf, faultsOf, openModule, report } from './diff.ts';
import { exitCode, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';

interface ReplayOptions {
  times: number;
  fault?: string;
  junit?: string;
  json?: true;
}

export function command(): Command {
  return newVerb('replay')
    .argument('<folder>', 'a folder of crashes/, or a module or envelope of a corpus')
    .option('--times <n>', 'run it so often, and say how often it shows and in how many ways', wholeNumber(1), 1)
    .option('--fault <name>', `plant a fault in our compiler: ${plantedFaults.map(({ name }) => name).join(', ')}`)
    .option('--junit <file>', 'write the outcome as JUnit XML too: one test case, a failure where it shows')
    .action(async (folder: string, options: ReplayOptions) => {
      const detail = await replayAny(folder, options);
      if (options.junit !== undefined) writeWhole(options.junit, junitOf('assay replay', [caseOfReplay(basename(folder), detail)]));
      if (detail !== undefined) process.exitCode = exitCode.finding;
    });
}

/** Runs a finding or a file of a corpus, prints what comes of it, and answers how it shows, or undefined. */
async function replayAny(folder: string, options: ReplayOptions): Promise<string | undefined> {
  const isJson = options.json === true;
  if (existsSync(folder) && statSync(folder).isFile()) return await replayFile(folder, options);
  if (!existsSync(join(folder, 'report.json'))) throw new UsageError(`${folder}: holds no finding (report.json)`);
  const stored = readStored(folder);
  const { finding } = stored;
  if (options.times > 1) return await replayOften(folder, stored, options);
  if (finding.target !== undefined) return await replayPart(folder, finding, faultsOf(options.fault), isJson);
  const faults = faultsOf(options.fault);
  const result = await moduleSideBySide(await enginesOfFinding(finding.engines, faults), finding.bytes, undefined, faults, roundsOf(stored), { near: modulesNear(stored.envelope) });
  report(join(folder, 'repro.wasm'), result, [], isJson);
  if (finding.odd === 'wabt' && !isJson) print(`wabt: ${(await openWabt())(finding.bytes, readModuleInterface(finding.bytes)).kind}`);
  if (result.verdict !== 'disagree' && !isJson) print(`${basename(folder)} does not show any more`);
  return result.verdict === 'disagree' ? (result.detail ?? '') : undefined;
}

/** Runs a finding several times: does it show every time, and in the same way? */
async function replayOften(folder: string, stored: StoredFinding, options: ReplayOptions): Promise<string | undefined> {
  const { times, shown, ways, last } = await replay(stored, options.times, faultsOf(options.fault));
  if (options.json) printJson({ finding: folder, times, shown, ways, kind: last?.kind ?? null, odd: last?.odd ?? null, detail: last?.detail ?? null });
  else print([`shows in ${shown} of ${times} runs${ways > 1 ? `, in ${ways} different ways` : ''}`, ...(last === undefined ? [] : [`  ${last.kind}: ${last.detail.split('\n', 1)[0] ?? ''}`])].join('\n'));
  return shown > 0 ? (last?.detail ?? '') : undefined;
}

/** Runs one entry of a corpus on every engine of a campaign. */
async function replayFile(file: string, options: ReplayOptions): Promise<string | undefined> {
  const { bytes, opened } = openModule(file, await readModuleFile(file));
  const faults = faultsOf(options.fault);
  const { engines, missing } = await enginesOf(undefined, faults);
  const result = await moduleSideBySide(engines, bytes, undefined, faults, opened?.envelope.label.rounds);
  report(file, result, missing, options.json === true, opened);
  return result.verdict === 'disagree' ? (result.detail ?? '') : undefined;
}

/** Runs a case of one part of the compiler again. */
async function replayPart(folder: string, finding: FindingOnDisk, faults: readonly Fault[], wantsJson: boolean): Promise<string | undefined> {
  const trial = await readTrial(finding, faults);
  const { verdict, finding: found } = trial.run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true });
  if (wantsJson) printJson({ target: finding.target, verdict, signature: found?.signature, detail: found?.detail });
  else print(found === undefined ? `${basename(folder)} does not show any more (${verdict})` : `${found.signature}\n${found.detail}`);
  return found?.detail;
}
