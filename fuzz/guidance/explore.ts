// Guided fuzzing: which case is next. Three ways divide the time (shares.ts):
// - fresh: a new case by random numbers that miss less (generate/balanced.ts);
// - varied: a neighbour of a case that reached something rare, with edits that keep to the structure of its choices (pool.ts, variation.ts);
// - libFuzzer: whatever it makes of the corpus folder, by bytes.
//
// libFuzzer's entropy, value profile and dictionaryless havoc know nothing of structure, and its inputs alone reached fewer edges than random numbers in the same
// time; but it finds what edits of choices do not. It calls, so it leads: each of its calls runs its input and then cases of the other ways until its turn has
// come again. What anybody finds of new cells goes into the corpus folder, which libFuzzer reads again now and then; what it tries itself is offered to
// the pool. Without libFuzzer on the machine the other two ways run alone.

import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeEntry } from '../campaign/corpus.ts';
import { BalancedSource } from '../generate/balanced.ts';
import { RandomSource } from '../generate/choices.ts';
import { type Bred, type Breed, withBreed } from './breed.ts';
import { fuzzWith } from './native.ts';
import { Pool } from './pool.ts';
import { longestInput, seedInputs } from './seeds.ts';
import type { Session } from './session.ts';
import { Shares } from './shares.ts';

/** No way ever gets less of the time than this. */
const floors = { fresh: 0.4, varied: 0.1 } as const;
const floorsWithLibFuzzer = { ...floors, libFuzzer: 0.02 } as const;
/** Of so many varied cases one takes its foreign pieces from itself. */
const selfEvery = 4;

type Way = 'fresh' | 'varied' | 'libFuzzer';

/** Ends libFuzzer from inside its callback. */
class Over extends Error {
  override readonly name = 'Over';
}

class Explorer<T> {
  private readonly session: Session;
  private readonly breed: Breed<T>;
  private readonly pool: Pool<T>;
  private readonly shares: Shares<Way>;
  private readonly random: RandomSource;
  private readonly balanced: BalancedSource;
  private number = 0;

  constructor(session: Session, breed: Breed<T>) {
    const { order, counters } = session;
    this.session = session;
    this.breed = breed;
    this.pool = new Pool(counters);
    this.shares = new Shares<Way>(order.libFuzzer ? floorsWithLibFuzzer : { ...floors, libFuzzer: 0 });
    this.random = new RandomSource(~order.seed);
    this.balanced = new BalancedSource(this.random);
    session.ways = () => this.shares.totals;
  }

  /** Runs what `make` makes; `input` is known beforehand where it comes from a folder. */
  private try(way: Way, make: () => Bred<T>, input?: Uint8Array): void {
    const { session, breed, pool, shares } = this;
    const { counters, slot } = session;
    const begun = performance.now();
    const cellsBefore = counters.edgesSeen + counters.eventsSeen;
    this.number++;
    slot.begin(0, this.number, input ?? new Uint8Array());
    const bred = make();
    const bytes = input ?? breed.write(bred.value);
    if (input === undefined) slot.begin(0, this.number, bytes);
    const isNew = session.run(bred.trial, bred.choices);
    pool.offer(counters.hit, counters.hitCells, counters.timesOf, breed.size(bred.value), () => bred.value);
    // libFuzzer writes its own as well, but not the one with which it ends.
    if (isNew) writeEntry(session.order.corpus, bytes);
    shares.record(way, 1, (performance.now() - begun) / 1000, counters.edgesSeen + counters.eventsSeen - cellsBefore);
  }

  private tryOwn(way: Exclude<Way, 'libFuzzer'>): void {
    const { breed, pool, random, balanced, session } = this;
    session.counters.clear();
    const parent = way === 'varied' ? pool.maybeParent(random) : undefined;
    if (parent === undefined) {
      this.try('fresh', () => breed.fresh(balanced));
      return;
    }
    const other = random.next(selfEvery) === 0 ? parent : (pool.maybeParent(random) ?? parent);
    this.try('varied', () => breed.vary(parent, other, random, balanced));
  }

  /** An input of the corpus folder, or of libFuzzer. */
  tryInput(way: Way, input: Uint8Array): void {
    this.try(way, () => this.breed.read(input), input);
  }

  /** The ways other than libFuzzer, until it is its turn or time is up. */
  ownTurns(): void {
    while (!this.session.isOver) {
      const way = this.shares.next();
      if (way === 'libFuzzer') return;
      this.tryOwn(way);
    }
  }

  alone(): void {
    const { session } = this;
    session.prove();
    for (const input of corpusInputs(session.order.corpus)) {
      if (session.isOver) return;
      session.counters.clear();
      this.tryInput('varied', input);
    }
    this.ownTurns();
  }

  async underLibFuzzer(): Promise<void> {
    const { session } = this;
    const { order, counters } = session;
    let isProved = false;
    let failure: unknown;
    /** When libFuzzer was last handed control. */
    let left = performance.now();
    const step = (input: Buffer): void => {
      if (!isProved) {
        isProved = true;
        session.prove();
      } else this.shares.record('libFuzzer', 0, (performance.now() - left) / 1000, 0);
      this.tryInput('libFuzzer', new Uint8Array(input));
      counters.save();
      this.ownTurns();
      counters.restore();
      if (session.isOver) throw new Over();
      left = performance.now();
    };
    await fuzzWith(counters.bytes, (input) => {
      // What is thrown ends libFuzzer, which keeps it to itself.
      if (failure !== undefined) return;
      try {
        step(input);
      } catch (error) {
        failure = error;
        throw error;
      }
    }, [
      order.corpus, `-seed=${order.seed}`, `-max_total_time=${order.seconds + graceSeconds}`, `-max_len=${longestInput(corpusInputs(order.corpus))}`, '-len_control=0', `-reload=${reloadSeconds}`, '-timeout=0', '-rss_limit_mb=0',
      '-detect_leaks=0', `-artifact_prefix=${order.slot}-`, '-print_final_stats=0', '-verbosity=0',
    ]).catch((error: unknown) => {
      failure ??= error;
    });
    if (failure !== undefined && !(failure instanceof Over)) throw failure;
  }
}

/** libFuzzer ends a session that does not end itself. */
const graceSeconds = 5;
const reloadSeconds = 5;

function corpusInputs(folder: string): readonly Uint8Array[] {
  return readdirSync(folder).sort().filter((name) => !name.endsWith('.part')).map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map((path) => new Uint8Array(readFileSync(path)));
}

/** Fuzzes with coverage as the guide until the session's time is up. An empty corpus folder is filled first. */
export async function explore(session: Session): Promise<void> {
  const { order, open } = session;
  mkdirSync(order.corpus, { recursive: true });
  if (readdirSync(order.corpus).length === 0) {
    for (const input of seedInputs(open, order.seed)) writeEntry(order.corpus, input);
  }
  await withBreed(open, async (breed) => {
    const explorer = new Explorer(session, breed);
    if (order.libFuzzer) await explorer.underLibFuzzer();
    else explorer.alone();
  });
}
