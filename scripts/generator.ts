// Says what the generators of the lab make: a table for people, everything with --json.

import type { Command } from 'commander';
import { openEngine } from '../fuzz/oracles/engines/index.ts';
import { type GeneratorReport, reportGenerators } from '../fuzz/oracles/generator-report.ts';
import { newVerb, print, printJson, wholeNumber } from './frame.ts';

export function command(): Command {
  return newVerb('generator')
    .option('--cases <n>', 'how many of each generator', wholeNumber(1), 200)
    .option('--seed <n>', 'which: the same seed gives the same ones', wholeNumber(0), 1)
    .action(async ({ cases, seed, json }: { cases: number; seed: number; json?: true }) => {
      const report = await reportGenerators(await openEngine('interp'), seed, cases);
      if (json) printJson(report);
      else print(textOf(report));
    });
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function shares(counts: Readonly<Record<string, number>>, most: number): string {
  const total = Object.values(counts).reduce((sum, number) => sum + number, 0);
  return Object.entries(counts).sort((a, b) => b[1] - a[1]).slice(0, most).map(([name, number]) => `${name} ${percent(number / total)}`).join(', ');
}

function textOf({ modules, parts }: GeneratorReport): string {
  const lines: string[] = [];
  for (const report of modules) {
    const opcodes = Object.keys(report.opcodes).length;
    lines.push(
      `${report.target}: ${report.modules} modules of ${report.bytes.mean} bytes on average, the largest ${report.bytes.largest}; ${percent(report.valid)} valid, ${percent(report.validForV8)} for V8`,
      `  ${report.calls} calls, ${percent(report.trapRate)} trap (${shares(report.traps, 4) || 'none'}); ${percent(report.ignoredRate)} of the modules ignored`,
      `  ${opcodes} different instructions executed; most often ${shares(report.opcodes, 6)}`,
      ...Object.entries(report.values).sort().map(([type, counts]) => `  ${type}: ${shares(counts, 12)}`),
    );
  }
  for (const { target, cases, agree, disagree, ignoredRate, events } of parts) {
    lines.push(
      `${target}: ${cases} cases, ${agree} agree, ${disagree} disagree, ${percent(ignoredRate)} ignored; ${events.happened} of ${events.known} events happened`,
      ...(events.never.length === 0 ? [] : [`  never: ${events.never.slice(0, 12).join(', ')}${events.never.length > 12 ? ` and ${events.never.length - 12} more (--json lists them)` : ''}`]),
    );
  }
  return lines.join('\n');
}
