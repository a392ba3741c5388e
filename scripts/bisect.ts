// Finds what is to blame for a disagreement: level, pass, change, rule, each step as it is tried.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../fuzz/oracles/compare.ts';
import type { Location, Step } from '../fuzz/oracles/levels.ts';
import { moduleSideBySide } from '../fuzz/oracles/side-by-side.ts';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { readStored } from '../fuzz/triage/folder.ts';
import { levelDump } from '../fuzz/triage/level-dump.ts';
import { enginesOfFinding, modulesNear, roundsOf } from '../fuzz/triage/replays.ts';
import { enginesOf, faultsOf, openModule } from './diff.ts';
import { exitCode, newVerb, print, printJson, UsageError } from './frame.ts';
import { readModuleFile } from './module-file.ts';

interface BisectOptions {
  engines?: string;
  fault?: string;
  rounds?: number;
  json?: true;
}

export function command(): Command {
  return newVerb('bisect')
    .argument('<finding>', 'a folder of crashes/, or a module: .wasm, .wat, or an envelope of a corpus')
    .option('--engines <names>', "comma-separated; the first is the reference (see: assay engines); by default the finding's, or those of a campaign")
    .option('--fault <name>', `plant a fault in our compiler: ${plantedFaults.map(({ name }) => name).join(', ')}`)
    .action(async (path: string, options: BisectOptions) => {
      const faults = faultsOf(options.fault);
      const subject = await subjectOf(path, options);
      const isJson = options.json === true;
      const steps: Step[] = [];
      const onStep = (step: Step): void => {
        steps.push(step);
        if (!isJson) print(`${step.kind.padEnd(10)}  ${step.text}`);
      };
      const result = await moduleSideBySide(subject.engines, subject.bytes, undefined, faults, subject.rounds, { onStep, near: subject.near });
      const { location, verdict, odd } = result;
      const dump = location === undefined ? undefined : levelDump(subject.bytes, location, faults);
      if (isJson) {
        printJson({
          module: path, verdict, ...(odd === undefined ? {} : { odd }), steps,
          level: location?.level ?? null, rule: location?.rule ?? null, evidence: location?.evidence ?? null, engine: location?.engine ?? null, fuel: location?.fuel ?? null, dump: dump ?? null,
        });
      } else print(answer(result.ballots.map(({ engine, behaviour }) => `${engine}: ${describe(behaviour)}`), verdict, odd, location, dump));
      if (verdict === 'disagree') process.exitCode = exitCode.finding;
    });
}

async function subjectOf(path: string, options: BisectOptions) {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file or folder`);
  const faults = faultsOf(options.fault);
  if (statSync(path).isDirectory()) {
    if (!existsSync(join(path, 'report.json'))) throw new UsageError(`${path}: holds no finding (report.json)`);
    const stored = readStored(path);
    if (stored.finding.target !== undefined) throw new UsageError(`${path}: a finding of the target ${stored.finding.target} is about one part of the compiler already; see: assay replay ${path}`);
    const engines = options.engines === undefined ? await enginesOfFinding(stored.finding.engines, faults) : (await enginesOf(options.engines, faults)).engines;
    return { engines, bytes: stored.finding.bytes, rounds: roundsOf(stored), near: modulesNear(stored.envelope) };
  }
  const content = await readModuleFile(path);
  const { bytes, opened } = openModule(path, content);
  return { engines: (await enginesOf(options.engines, faults)).engines, bytes, rounds: opened?.envelope.label.rounds, near: modulesNear(content) };
}

function answer(engines: readonly string[], verdict: string, odd: string | undefined, location: Location | undefined, dump: string | undefined): string {
  if (verdict !== 'disagree') return [...engines, '', `nothing to bisect: the engines ${verdict === 'agree' ? 'agree' : 'say nothing comparable'}`].join('\n');
  if (location === undefined) return [...engines, '', odd === undefined ? 'our compiler differs at no level' : `${odd} stands alone; there is nothing of our compiler to bisect`].join('\n');
  return [
    '',
    `stage     ${location.level}`,
    `to blame  ${location.rule ?? 'not decided'}`,
    `evidence  ${location.evidence ?? 'none'}`,
    ...(dump === undefined ? [] : ['', dump.trimEnd()]),
  ].join('\n');
}
