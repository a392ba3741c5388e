// Plants each fault of the museum in turn, lets the lab loose on it, and prints what came of it.

import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { defaultTarget } from '../compiler/inside.ts';
import type { PlantedFault } from '../fuzz/faults/fault.ts';
import { plantedFaults } from '../fuzz/faults/index.ts';
import { type Exhibit, isAttributed, runMuseum } from '../fuzz/faults/museum.ts';
import { exitCode, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

interface MuseumOptions {
  seconds: number;
  seeds: number;
  shrinkSeconds: number;
  workers: number;
  control?: true;
  json?: true;
}

export function command(): Command {
  return newVerb('museum')
    .argument('[faults...]', 'which of them; all by default (see: fuzz/faults/README.md)')
    .option('--seconds <n>', 'processor time after which a fault counts as missed', wholeNumber(1), 600)
    .option('--seeds <n>', 'hunts per fault, each over other modules', wholeNumber(1), 1)
    .option('--shrink-seconds <n>', 'how long each case is made smaller', wholeNumber(0), 20)
    .option('--workers <n>', 'processes', wholeNumber(1), Math.min(2, availableParallelism()))
    .option('--control', 'plant nothing: whatever is found is a false alarm')
    .action(async (names: string[], options: MuseumOptions) => {
      const faults = options.control === true ? [undefined] : chosen(names);
      const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
      const status = newStatus();
      const exhibits = await runMuseum({ faults, seeds, seconds: options.seconds, workers: options.workers, shrinkSeconds: options.shrinkSeconds }, (exhibit, done, all) => status.show(`${done} of ${all}: ${saidOf(exhibit)}`));
      status.clear();
      if (options.json) printJson(exhibits.map(answerOf));
      else print(tableOf(exhibits).join('\n'));
      if (exhibits.some(isAmiss)) process.exitCode = exitCode.finding;
    });
}

function chosen(names: readonly string[]): readonly PlantedFault[] {
  for (const name of names) {
    if (!plantedFaults.some((fault) => fault.name === name)) throw new UsageError(`no fault is called '${name}'; there are: ${plantedFaults.map((fault) => fault.name).join(', ')}`);
  }
  return names.length === 0 ? plantedFaults : plantedFaults.filter(({ name }) => names.includes(name));
}

function saidOf({ fault, outcome }: Exhibit): string {
  if (fault !== undefined) return `${fault.name} ${outcome}`;
  return outcome === 'found' ? 'a false alarm' : 'nothing found, as it should be';
}

/** A fault that was missed, or a false alarm. */
const isAmiss = ({ fault, outcome }: Exhibit): boolean => outcome === (fault === undefined ? 'found' : 'missed');

function answerOf(exhibit: Exhibit): object {
  const { fault, seed, outcome, reason, effort, found, reduced, located } = exhibit;
  return {
    fault: fault?.name ?? null, component: fault?.component ?? null, target: fault?.target ?? defaultTarget, seed, outcome, ...(reason === undefined ? {} : { reason }),
    modules: effort.modules, executions: effort.executions, cpuSeconds: Number(effort.cpuSeconds.toFixed(2)),
    ...(found === undefined ? {} : { oracle: found.how, odd: found.odd, detail: found.detail, origin: { target: found.target, number: found.number } }),
    ...(reduced === undefined ? {} : { reduced: { instructions: reduced.instructions, bytes: reduced.bytes } }),
    expected: fault === undefined ? null : { stage: fault.level, rule: fault.rule ?? null },
    named: located === undefined ? null : { stage: located.level, rule: located.rule ?? null, evidence: located.evidence ?? null },
    attributed: isAttributed(exhibit),
  };
}

const header = ['fault', 'component', 'seed', 'found by', 'modules', 'executions', 'CPU s', 'stage', 'rule', 'instructions', 'bytes'];

function rowOf(exhibit: Exhibit): readonly string[] {
  const { fault, seed, outcome, reason, effort, found, reduced, located } = exhibit;
  const name = fault?.name ?? 'none (control)';
  const component = fault === undefined ? '' : `${fault.component}${fault.target === defaultTarget ? '' : `, ${fault.target}`}`;
  if (outcome === 'not here') return [name, component, String(seed), `not here: ${reason ?? ''}`, '', '', '', '', '', '', ''];
  const { stage, rule } = isAttributed(exhibit);
  const namedAs = (isRight: boolean | undefined, named: string | undefined, wanted: string | undefined): string => (isRight === true ? `${named ?? wanted}` : `${named ?? 'not named'}, not ${wanted}`);
  return [
    name, component, String(seed), found?.how ?? (fault === undefined ? 'nothing' : 'MISSED'), String(effort.modules), String(effort.executions), effort.cpuSeconds.toFixed(1),
    found === undefined || fault === undefined ? '' : namedAs(stage, located?.level, fault.level),
    found === undefined || fault?.rule === undefined ? '' : namedAs(rule, located?.rule, fault.rule),
    reduced === undefined ? '' : String(reduced.instructions), reduced === undefined ? '' : String(reduced.bytes),
  ];
}

/** A table that Markdown understands, and what it comes to. */
function tableOf(exhibits: readonly Exhibit[]): string[] {
  const rows = exhibits.map(rowOf);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const hunted = exhibits.filter(({ fault, outcome }) => fault !== undefined && outcome !== 'not here');
  const found = hunted.filter(({ outcome }) => outcome === 'found');
  const fast = found.filter(({ effort }) => effort.cpuSeconds <= 60).length;
  const [stages, rules] = [found.filter((one) => isAttributed(one).stage), found.filter((one) => isAttributed(one).rule === true)];
  const promised = found.filter(({ fault }) => fault?.rule !== undefined).length;
  const sum = hunted.length === 0 ? [] : ['', `${found.length} of ${hunted.length} found, ${fast} of them within 60 s; the stage named for ${stages.length}, the rule for ${rules.length} of the ${promised} that have one`];
  return [line(header), line(header.map(() => '---')), ...rows.map(line), ...sum];
}
