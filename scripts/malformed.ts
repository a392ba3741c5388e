// Feeds damaged modules to the compiler's front end and compares its verdicts with those of V8 and of the reference interpreter.

import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { knownDifferences } from '../fuzz/malformed/opinions.ts';
import { gatherModules, gatherSeeds, largestSeed } from '../fuzz/malformed/seeds.ts';
import { type Surprise, type Tally, tryDamaged } from '../fuzz/malformed/try.ts';
import { damageable, tryValidators, validatorDifferences, type ValidatorSurprise } from '../fuzz/malformed/validators.ts';
import { saveFinding } from '../fuzz/triage/finding.ts';
import { normaliseError, signatureOf } from '../fuzz/triage/signature.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, root, wholeNumber } from './frame.ts';
import { newStatus } from './status.ts';

export function command(): Command {
  return newVerb('malformed')
    .option('--tries <count>', 'how many damaged modules to try', wholeNumber(1), 100_000)
    .option('--seed <number>', 'where the random choices begin', wholeNumber(0), 1)
    .addOption(new Option('--judge <who>', 'whose verdicts: our compiler against the interpreter and V8, or the interpreter against V8').choices(['compiler', 'interpreter']).default('compiler'))
    .action(async (options: { tries: number; seed: number; judge: string; json?: true }) => {
      if (options.judge === 'interpreter') return judgeInterpreter(options);
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

/** All modules there are, then damaged ones: the interpreter's verdicts and V8's. */
async function judgeInterpreter({ tries, seed, json }: { readonly tries: number; readonly seed: number; readonly json?: true }): Promise<void> {
  const modules = await gatherModules(join(root, 'corpus/seeds'));
  const seeds = damageable(modules, largestSeed);
  if (seeds.length === 0) throw new EnvironmentError('no valid module to damage was found', 'see that corpus/seeds is complete, or set WASM_TESTSUITE');
  const status = newStatus();
  const start = performance.now();
  const tally = tryValidators(modules, seeds, seed, tries, ({ tries: done, surprises }) => status.show(`${done}/${tries} tries, ${surprises.length} surprises`));
  status.clear();
  const seconds = (performance.now() - start) / 1000;
  const paths = new Set(tally.surprises.map((found) => saveValidatorSurprise(found, seed)));
  if (json) {
    const { modules: count, valid, refused, known } = tally;
    printJson({ modules: count, seeds: seeds.length, tries, seconds, agreed: { valid, refused }, knownDifferences: Object.fromEntries(known), findings: [...paths] });
  } else {
    print([
      `${tally.modules} modules and ${tally.tries} damaged ones (of ${seeds.length}) in ${seconds.toFixed(1)} s: the interpreter and V8 accept ${tally.valid} and refuse ${tally.refused} alike`,
      'known differences:',
      ...validatorDifferences.map(({ name, reason }) => `  ${String(tally.known.get(name) ?? 0).padStart(7)}  ${name}: ${reason}`),
      ...(paths.size === 0 ? ['nothing else'] : [`${tally.surprises.length} surprises, saved as:`, ...[...paths].map((path) => `  ${path}`)]),
    ].join('\n'));
  }
  if (tally.surprises.length > 0) process.exitCode = exitCode.finding;
}

function saveValidatorSurprise({ seed: from, number, bytes, detail }: ValidatorSurprise, seed: number): string {
  const signature = signatureOf({ kind: 'verdict', engine: 'interp', level: 'validate', fingerprint: detail.replaceAll(/\d+/g, 'N') });
  return saveFinding(join(root, 'crashes'), { signature, kind: 'verdict', odd: undefined, level: 'validate', detail: `${from}: ${detail}`, engines: {}, origin: { target: 'malformed', seed, number } }, bytes).path;
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
