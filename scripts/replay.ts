// Runs a finding again and says whether it still shows.

import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Engine } from '../fuzz/oracles/engine.ts';
import { engineNames, openEngine } from '../fuzz/oracles/engines/index.ts';
import { moduleSideBySide } from '../fuzz/oracles/side-by-side.ts';
import { openWabt } from '../fuzz/oracles/wabt.ts';
import { readModuleInterface } from '../fuzz/oracles/module-interface.ts';
import { emptyTally } from '../fuzz/campaign/tally.ts';
import { readTrial } from '../fuzz/targets/read-trial.ts';
import { type FindingOnDisk, readFinding } from '../fuzz/triage/finding.ts';
import { enginesOf, openModule, report } from './diff.ts';
import { exitCode, newVerb, print, printJson, UsageError } from './frame.ts';
import { readModuleFile } from './module-file.ts';

export function command(): Command {
  return newVerb('replay')
    .argument('<folder>', 'a folder of crashes/, or a module or envelope of a corpus')
    .action(async (folder: string, options: { json?: true }) => {
      if (existsSync(folder) && statSync(folder).isFile()) {
        await replayFile(folder, options.json === true);
        return;
      }
      if (!existsSync(join(folder, 'report.json'))) throw new UsageError(`${folder}: holds no finding (report.json)`);
      const finding = readFinding(folder);
      if (finding.target !== undefined) {
        await replayPart(folder, finding, options.json === true);
        return;
      }
      const engines: Engine[] = [];
      const known = await engineNames();
      for (const name of finding.engines) if (known.includes(name)) engines.push(await openEngine(name));
      // A finding about one engine alone, such as a death, still needs something to be compared with.
      if (engines.length < 2) for (const name of ['interp', 'v8']) if (!engines.some((engine) => engine.name === name)) engines.unshift(await openEngine(name));
      const result = await moduleSideBySide(engines, finding.bytes);
      report(join(folder, 'repro.wasm'), result, [], options.json === true);
      if (finding.odd === 'wabt' && !options.json) print(`wabt: ${(await openWabt())(finding.bytes, readModuleInterface(finding.bytes)).kind}`);
      if (result.verdict === 'disagree') process.exitCode = exitCode.finding;
      else if (!options.json) print(`${basename(folder)} does not show any more`);
    });
}

/** Runs one entry of a corpus on every engine of a campaign. */
async function replayFile(file: string, isJson: boolean): Promise<void> {
  const { bytes, opened } = openModule(file, await readModuleFile(file));
  const { engines, missing } = await enginesOf(undefined);
  const result = await moduleSideBySide(engines, bytes, undefined, [], opened?.envelope.label.rounds);
  report(file, result, missing, isJson, opened);
  if (result.verdict === 'disagree') process.exitCode = exitCode.finding;
}

/** Runs a case of one part of the compiler again. */
async function replayPart(folder: string, finding: FindingOnDisk, wantsJson: boolean): Promise<void> {
  const trial = await readTrial(finding);
  const { verdict, finding: found } = trial.run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true });
  if (wantsJson) printJson({ target: finding.target, verdict, signature: found?.signature, detail: found?.detail });
  else print(found === undefined ? `${basename(folder)} does not show any more (${verdict})` : `${found.signature}\n${found.detail}`);
  if (found !== undefined) process.exitCode = exitCode.finding;
}
