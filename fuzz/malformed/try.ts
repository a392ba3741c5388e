// Tries damaged modules on the validators and keeps count: half of the tries cut modules off at each of their bytes, half damage them at random.
// Deterministic in seed and corpus. The longest single try is kept, because a validator that hangs on one input is as bad as one that crashes.

import { randomChoices } from '../generate/choices.ts';
import { damage, truncate } from './damage.ts';
import { judgeBytes, type Surprising } from './judge.ts';
import type { Opinion } from './opinions.ts';

export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Surprise extends Surprising {
  readonly seed: string;
  readonly number: number;
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
  const { verdict, milliseconds, known, surprises } = judgeBytes(bytes);
  tally.slowestMs = Math.max(tally.slowestMs, milliseconds);
  if (verdict !== undefined) tally.verdicts[verdict]++;
  for (const name of known) tally.known.set(name, (tally.known.get(name) ?? 0) + 1);
  return surprises.map((surprise) => ({ ...surprise, seed: from.name, number, bytes }));
}
