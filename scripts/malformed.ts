// Feeds damaged modules to the compiler's front end and compares its verdicts with those of V8 and of the reference interpreter.

import { join } from 'node:path';
import type { Command } from 'commander';
import { knownDifferences } from '../fuzz/malformed/opinions.ts';
import { gatherSeeds } from '../fuzz/malformed/seeds.ts';
import { type Surprise, type Tally, tryDamaged } from '../fuzz/malformed/try.ts';
import { saveFinding } from '../fuzz/triage/finding.ts';
import { normaliseError, signatureOf } from '../fuzz/triage/signature.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, root, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

export function command(): Command {
  return newVerb('malformed')
    .option('--tries <count>', 'how many damaged modules to try', wholeNumber(1), 100_000)
    .option('--seed <number>', 'where the random choices begin', wholeNumber(0), 1)
    .action(async (options: { tries: number; seed: number; json?: true }) => {
      const seeds = await gatherSeeds(join(root, 'corpus/seeds'));
      if (seeds.length === 0) throw new EnvironmentError('no valid module to damage was found', 'see that corpus/seeds is complete, or set WASM_TESTSUITE');
      const status = newStatus();
      const start = performance.now();
      const paths = new Set<string>();
      const tally = tryDamaged(seeds, options.seed, options.tries, {
        surprise: (found) => paths.add(save(found, options.seed)),
        progress: ({ tries, surprises }) => status.show(`${tries}/${options.tries} tries, ${surprises.length} surprises`),
      });
      status.clear();
      const seconds = (performance.now() - start) / 1000;
      if (options.json)
        printJson({
          seeds: seeds.length,
          tries: tally.tries,
          truncations: tally.truncations,
          seconds,
          slowestMs: tally.slowestMs,
          verdicts: tally.verdicts,
          knownDifferences: Object.fromEntries(tally.known),
          findings: [...paths],
        });
      else print(summary(seeds.length, tally, seconds, paths));
      if (tally.surprises.length > 0) process.exitCode = exitCode.finding;
    });
}

function save(found: Surprise, seed: number): string {
  const kind = found.kind === 'crash' ? 'front-end-crash' : found.kind === 'slow' ? 'front-end-slow' : 'verdict';
  const fingerprint = found.error === undefined ? found.detail.replaceAll(/\d+/g, 'N') : normaliseError(found.error);
  const signature = signatureOf({ kind, engine: found.other, level: 'validate', fingerprint });
  const origin = { target: 'malformed', seed, number: found.number };
  const engines = { compiler: found.detail };
  return saveFinding(join(root, 'crashes'), { signature, kind, odd: found.other, level: 'validate', detail: `${found.seed}: ${found.detail}`, engines, origin }, found.bytes).path;
}

function summary(seeds: number, tally: Tally, seconds: number, paths: ReadonlySet<string>): string {
  const { verdicts } = tally;
  const lines = [
    `${tally.tries} tries on ${seeds} modules in ${seconds.toFixed(1)} s: ${tally.truncations} truncations, ${tally.tries - tally.truncations} damaged; the slowest took ${tally.slowestMs.toFixed(0)} ms`,
    `the compiler said: ${verdicts.malformed} malformed, ${verdicts.invalid} invalid, ${verdicts.unsupported} unsupported, ${verdicts.valid} valid`,
    'known differences, by who disagrees:',
  ];
  for (const [name, count] of [...tally.known].sort()) lines.push(`  ${String(count).padStart(7)}  ${name}`);
  for (const known of knownDifferences) if ([...tally.known.keys()].some((name) => name.startsWith(known.name))) lines.push(`  ${known.name}: ${known.reason}`);
  if (paths.size === 0) lines.push('nothing else: no crash, no hang, nothing accepted that V8 or the interpreter rejects');
  else lines.push(`${tally.surprises.length} surprises, saved as:`, ...[...paths].map((path) => `  ${path}`));
  return lines.join('\n');
}
