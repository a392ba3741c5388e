// What a worker runs of the corpus: entries that these sources have not run yet, raw modules, and neighbours of entries.

import { readFileSync } from 'node:fs';
import { byteChoices, RandomSource } from '../generate/choices.ts';
import { type Envelope, maybeOpenEnvelope } from '../generate/envelope.ts';
import { neighbourOf } from '../generate/neighbour.ts';
import type { Engine } from '../oracles/engine.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { moduleSeed } from '../targets/module-seed.ts';
import { isModuleTarget } from '../targets/module-target.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import type { Case } from './bench.ts';
import { corpusFolder, maybeReadEntry, rawModules } from './corpus.ts';
import { type EntryRow, Ledger } from './ledger.ts';
import { isForWabt, turnsAt, type WorkerOrder } from './plan.ts';
import { count, type Tally } from './tally.ts';

/** What the ledger said of the corpus before this session. */
export interface Snapshot {
  readonly features: readonly string[];
  /** Of the plan's targets, by name. */
  readonly entries: readonly EntryRow[];
  /** Those of them that other sources ran last. */
  readonly unchecked: readonly EntryRow[];
  readonly envelopes: Map<string, Envelope | undefined>;
}

export function openSnapshot({ folder, session, build }: WorkerOrder, targets: readonly Target[]): Snapshot {
  const ledger = Ledger.read(folder);
  try {
    const names = new Set(targets.map(({ name }) => name));
    const entries = ledger.entries(session).filter(({ target }) => names.has(target));
    const stale = new Set(ledger.unchecked(build));
    return { features: ledger.features(), entries, unchecked: entries.filter(({ name }) => stale.has(name)), envelopes: new Map() };
  } finally {
    ledger.close();
  }
}

/** The envelope that an entry of the snapshot is; undefined when its file is gone or holds none. */
export function maybeEnvelope({ folder }: WorkerOrder, { envelopes }: Snapshot, { target, name }: EntryRow): Envelope | undefined {
  if (envelopes.has(name)) return envelopes.get(name);
  const bytes = maybeReadEntry(corpusFolder(folder, target), name);
  const envelope = bytes === undefined ? undefined : maybeOpenEnvelope(bytes);
  envelopes.set(name, envelope);
  return envelope;
}

const rest = { choices: undefined, number: -1, origin: undefined, turns: undefined, asksOpinions: true } as const;

/** Instructions a call of a raw module may take on the reference: other engines might never end it. */
const rawFuel = 1_000_000;

/** This worker's share of what there is to run again; `make` answers undefined for what cannot be run. */
export function* corpusCases(order: WorkerOrder, snapshot: Snapshot, targets: readonly Target[], opened: readonly OpenTarget[], reference: Engine | undefined, tally: Tally): Generator<{ readonly name: string; readonly make: () => Case | undefined }> {
  const isMine = (place: number): boolean => place % order.plan.workers === order.lane;
  for (const [place, row] of snapshot.unchecked.entries()) {
    if (!isMine(place)) continue;
    yield {
      name: row.name,
      make: () => {
        const envelope = maybeEnvelope(order, snapshot, row);
        const index = targets.findIndex(({ name }) => name === row.target);
        const target = targets[index];
        const open = opened[index];
        if (envelope === undefined || target === undefined || open === undefined) return undefined;
        // A module stays what it is, whatever the generator has become; other cases are what their choices make.
        return { ...rest, index, target, open, trial: isModuleTarget(target) ? open.read(envelope.module) : open.build(byteChoices(envelope.choices)) };
      },
    };
  }
  const index = targets.findIndex((target) => isModuleTarget(target));
  const target = targets[index];
  const open = opened[index];
  if (target === undefined || open === undefined || reference === undefined) return;
  for (const [place, file] of rawModules(order.folder).entries()) {
    if (!isMine(place)) continue;
    yield {
      name: file,
      make: () => {
        const bytes = new Uint8Array(readFileSync(file));
        if (endsInTime(reference, bytes)) return { ...rest, index, target, open, trial: open.read(bytes) };
        count(tally.incomparable, 'not run: a raw module that does not end in time');
        return undefined;
      },
    };
  }
}

/** Whether a module's calls end on the reference within bounds, or are not made because it refuses the module. */
export function endsInTime(reference: Engine, bytes: Uint8Array): boolean {
  const store = reference.openStore();
  try {
    // What is refused is compared as such.
    if (store.compile(bytes).kind !== 'compiled') return true;
  } finally {
    store.dispose();
  }
  const behaviour = observe(reference, bytes, planFor(bytes), { fuel: rawFuel });
  if (behaviour.kind === 'stopped') return behaviour.outcome.kind !== 'exhaustion';
  return behaviour.kind !== 'ran' || behaviour.outcomes.at(-1)?.kind !== 'exhaustion';
}

/** A neighbour of one of the entries that were there when the session began; the same for the same seed, session, number and corpus. */
export function neighbourCase(order: WorkerOrder, snapshot: Snapshot, targets: readonly Target[], opened: readonly OpenTarget[], number: number): Case | undefined {
  const { entries } = snapshot;
  if (entries.length === 0) return undefined;
  const random = new RandomSource(moduleSeed(order.plan.seed ^ Math.imul(order.session, 0x9e3779b9), number));
  const row = entries[random.next(entries.length)];
  const other = entries[random.next(entries.length)];
  const envelope = row === undefined ? undefined : maybeEnvelope(order, snapshot, row);
  const foreign = other === undefined || other.target !== row?.target ? undefined : maybeEnvelope(order, snapshot, other);
  const index = targets.findIndex(({ name }) => name === row?.target);
  const target = targets[index];
  const open = opened[index];
  // What no choices make has no neighbours here, but mutants (mutants.ts).
  if (envelope === undefined || envelope.choices.length === 0 || target === undefined || open === undefined) return undefined;
  const choices = byteChoices(neighbourOf(envelope.choices, (foreign ?? envelope).choices, random));
  const trial = open.build(choices);
  return { index, target, open, trial, choices, number, origin: { target: target.name, seed: order.plan.seed, number, ...(row === undefined ? {} : { neighbourOf: row.name }) }, turns: turnsAt(order.plan.seed ^ order.session, number, order.plan.occasional.length), asksOpinions: isForWabt(order.plan, number) };
}
