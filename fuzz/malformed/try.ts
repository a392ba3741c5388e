// Tries damaged modules on the validators and keeps count: half of the tries cut modules off at each of their bytes, half damage them at random.
// Deterministic in seed and corpus. The longest single try is kept, because a validator that hangs on one input is as bad as one that crashes.

import { performance } from 'node:perf_hooks';
import { randomChoices } from '../generate/choices.ts';
import { damage, truncate } from './damage.ts';
import { type Opinion, askCompiler, askInterpreter, askV8, differ, maybeKnownDifference } from './opinions.ts';

export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Surprise {
  readonly kind: 'crash' | 'slow' | 'difference';
  /** Who disagrees with the compiler; undefined for crashes. */
  readonly other: 'v8' | 'interp' | undefined;
  readonly seed: string;
  readonly number: number;
  readonly detail: string;
  readonly error: Error | undefined;
  readonly bytes: Uint8Array;
}

export interface Tally {
  tries: number;
  truncations: number;
  /** What the compiler said. */
  readonly verdicts: Record<Opinion['kind'], number>;
  /** Known differences by name and by who disagrees. */
  readonly known: Map<string, number>;
  slowestMs: number;
  readonly surprises: Surprise[];
}

/** One module must be judged within this time, however odd it is. */
const patienceMs = 2000;

/** A walk through the corpus in an order drawn from `draw`, again and again. */
function shuffled(seeds: readonly Seed[], draw: (n: number) => number): Seed[] {
  const order = [...seeds];
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    const swapped = order[i];
    const other = order[j];
    if (swapped === undefined || other === undefined) continue;
    order[i] = other;
    order[j] = swapped;
  }
  return order;
}

/** Runs `tries` tries. `seeds` must be modules that the compiler accepts. `report` hears of each surprise at once and of progress now and then. */
export function tryDamaged(seeds: readonly Seed[], seed: number, tries: number, report: { surprise(found: Surprise): void; progress(tally: Tally): void }): Tally {
  const tally: Tally = { tries: 0, truncations: 0, verdicts: { valid: 0, malformed: 0, invalid: 0, unsupported: 0 }, known: new Map(), slowestMs: 0, surprises: [] };
  const choices = randomChoices(seed);
  const draw = (n: number): number => choices.draw(n);
  const attempt = (from: Seed, bytes: Uint8Array): void => {
    for (const found of judge(from, bytes, tally)) {
      tally.surprises.push(found);
      report.surprise(found);
    }
    if (tally.tries % 256 === 0) report.progress(tally);
  };
  const cutting = Math.ceil(tries / 2);
  for (const from of shuffled(seeds, draw)) {
    for (let length = 0; length < from.bytes.length && tally.tries < cutting; length++) {
      tally.truncations++;
      attempt(from, truncate(from.bytes, length));
    }
  }
  while (tally.tries < tries) {
    // The tape of choices is not needed here and would grow without end.
    choices.tape.length = 0;
    const from = seeds[choices.draw(seeds.length)];
    if (from === undefined) break;
    attempt(from, damage(from.bytes, choices));
  }
  return tally;
}

function judge(from: Seed, bytes: Uint8Array, tally: Tally): Surprise[] {
  const number = tally.tries++;
  const surprise = (kind: Surprise['kind'], other: Surprise['other'], detail: string, error?: Error): Surprise => ({ kind, other, seed: from.name, number, detail, error, bytes });
  const start = performance.now();
  let compiler: Opinion & { readonly offset: number };
  try {
    compiler = askCompiler(bytes);
  } catch (error) {
    return [surprise('crash', undefined, String(error), error instanceof Error ? error : undefined)];
  }
  const elapsed = performance.now() - start;
  tally.slowestMs = Math.max(tally.slowestMs, elapsed);
  tally.verdicts[compiler.kind]++;
  const found: Surprise[] = [];
  if (elapsed > patienceMs) found.push(surprise('slow', undefined, `${Math.round(elapsed)} ms for ${bytes.length} bytes`));
  if (compiler.kind !== 'valid' && (compiler.message === '' || compiler.offset < 0 || compiler.offset > bytes.length))
    found.push(surprise('crash', undefined, `refused without a reason or with offset ${compiler.offset} of ${bytes.length}`));
  for (const [other, opinion] of [['v8', askV8(bytes)], ['interp', askInterpreter(bytes)]] as const) {
    if (!differ(compiler, opinion)) continue;
    const known = maybeKnownDifference(compiler, opinion);
    if (known === undefined) found.push(surprise('difference', other, `compiler: ${compiler.kind} ${compiler.message} @${compiler.offset}; ${other}: ${opinion.kind} ${opinion.message}`));
    else tally.known.set(`${known.name} (${other})`, (tally.known.get(`${known.name} (${other})`) ?? 0) + 1);
  }
  return found;
}
