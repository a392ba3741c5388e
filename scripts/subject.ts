// Turns the lab on an engine that others wrote: `fuzz --subject NAME`. Its defects never fail a campaign; they are reduced and listed.

import { join, relative } from 'node:path';
import { engineNames, openEngine } from '../fuzz/oracles/engines/index.ts';
import { isWholeRun } from '../fuzz/oracles/observe.ts';
import type { HuntCounts } from '../fuzz/subjects/hunt.ts';
import { type RecordedDefect, readDefects } from '../fuzz/subjects/record.ts';
import { runHunt } from '../fuzz/subjects/run-hunt.ts';
import { EnvironmentError, print, printJson, root, UsageError } from './frame.ts';
import { newStatus } from './status.ts';

export interface SubjectOptions {
  readonly subject: string;
  readonly seconds: number;
  readonly seed: number;
  readonly workers: number;
  readonly maxModules?: number;
  readonly json?: true;
}

const reduceSeconds = 20;

function statusLine(counts: HuntCounts, seconds: number, options: SubjectOptions): string {
  return `${counts.modules} modules, ${(counts.modules / seconds).toFixed(1)}/s, ${counts.disagree} go wrong on ${options.subject}, ${Object.keys(counts.met).length} defects, ${Math.max(0, options.seconds - seconds).toFixed(0)} s left`;
}

/** A defect without its module, which lies at `path`. */
function withoutText({ signature, difference, message, culprits, subject, version, instructions, rounds, detail }: RecordedDefect): RecordedDefect {
  return { signature, difference, message, culprits, subject, version, instructions, rounds, detail };
}

/** Hunts for a subject's defects and prints what there is. */
export async function huntSubject(options: SubjectOptions): Promise<void> {
  const subjects: string[] = [];
  for (const name of await engineNames()) if (!name.includes(':') && isWholeRun(await openEngine(name))) subjects.push(name);
  if (!subjects.includes(options.subject)) throw new UsageError(`no subject is called '${options.subject}'; there are: ${subjects.join(', ')}`);
  const folder = join(root, 'corpus/subjects', options.subject);
  const before = new Set(readDefects(folder).map(({ signature }) => signature));
  const status = newStatus();
  const { counts, seconds, deaths } = await runHunt({
    subject: options.subject, folder, seed: options.seed, reduceSeconds, seconds: options.seconds, workers: options.workers, maxModules: options.maxModules ?? 2 ** 31 - 1,
  }, (sums, gone) => status.show(statusLine(sums, gone, options)));
  status.clear();
  if (deaths.length === options.workers && counts.modules === 0) throw new EnvironmentError(`every process ended at once: ${deaths.join(', ')}`, 'assay engines tells which engines work here');
  const defects = readDefects(folder);
  if (options.json) {
    printJson({
      subject: options.subject, seconds: Number(seconds.toFixed(2)), modulesPerSecond: Number((counts.modules / seconds).toFixed(1)), ...counts, deaths,
      defects: defects.map((defect) => ({ ...withoutText(defect), met: counts.met[defect.signature] ?? 0, isNew: !before.has(defect.signature), path: relative(root, join(folder, `${defect.signature}.wat`)) })),
    });
    return;
  }
  const lines = [
    `${options.subject}: ${counts.modules} modules in ${seconds.toFixed(1)} s, ${counts.agree} agree, ${counts.disagree} go wrong, ${counts.incomparable} incomparable; ${counts.dependent} more could not be made to stand alone`,
    ...(counts.undecided === 0 ? [] : [`on ${counts.undecided} interp and v8 differ: that is a finding of ours, see: assay fuzz --engines interp,v8 --seed ${options.seed}`]),
    ...deaths.map((how) => `a process died by ${how}`),
  ];
  const reasons = Object.entries(counts.reasons).sort((a, b) => b[1] - a[1]).slice(0, 6);
  if (reasons.length > 0) lines.push('', 'incomparable because of', ...reasons.map(([reason, number]) => `  ${number}  ${reason}`));
  lines.push('', `${defects.length} defects, ${defects.length - before.size} of them new, in ${relative('.', folder)}:`);
  for (const { signature, instructions, detail } of defects) lines.push(`  ${before.has(signature) ? ' ' : '+'} ${String(counts.met[signature] ?? 0).padStart(5)} × ${String(instructions).padStart(3)} instructions  ${signature}`, `            ${detail.slice(0, 200)}`);
  print(lines.join('\n'));
}
