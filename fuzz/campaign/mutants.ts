// Mutants of modules that a campaign has: its corpus as it was when the session began, its raw modules, and the regressions that the repository keeps.
//
// Neighbours vary the choices that made a module; mutants vary the module itself, so that what no generator makes has neighbours, too. The same seed, session,
// number, corpus and files give the same mutant. A mutant is kept as it is: its envelope has no choices, and its neighbours are its mutants.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeForEditing } from '../edit/decode.ts';
import { encodeEdited } from '../edit/encode.ts';
import { randomChoices, RandomSource } from '../generate/choices.ts';
import { mutated } from '../mutate/index.ts';
import type { Engine } from '../oracles/engine.ts';
import { moduleSeed } from '../targets/module-seed.ts';
import { isModuleTarget } from '../targets/module-target.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import { parseText } from '../wast/text.ts';
import type { Case } from './bench.ts';
import { rawModules } from './corpus.ts';
import { isForWabt, turnsAt, type WorkerOrder } from './plan.ts';
import { endsInTime, maybeEnvelope, type Snapshot } from './seeds.ts';

/** The target that mutants are counted for. */
export const mutantTarget = 'mutants';

const regressionFolder = fileURLToPath(new URL('../../corpus/regressions/', import.meta.url));

/** Inlining and unrolling feed on what they made: what has grown larger is left alone. */
const largest = 16_384;
/** Of how many mutants one is of a module from a file, where there are any. */
const fileEvery = 4;

interface Source {
  readonly name: string;
  readonly module: Uint8Array;
}

/** Paths of modules that no generator of the campaign made, in a fixed order. */
export function moduleFiles(folder: string): readonly string[] {
  const regressions = existsSync(regressionFolder) ? readdirSync(regressionFolder).filter((name) => /\.wa(?:sm|t)$/.test(name)).sort().map((name) => join(regressionFolder, name)) : [];
  return [...rawModules(folder), ...regressions];
}

/** What mutants of a session are made of, looked for once. */
interface Stock {
  readonly entries: Snapshot['entries'];
  readonly files: readonly string[];
  /** Modules of files that were read, undefined for those that cannot be. */
  readonly read: Map<string, Source | undefined>;
}

const stocks = new WeakMap<Snapshot, Stock>();

function stockOf(snapshot: Snapshot, folder: string, targets: readonly Target[]): Stock {
  let stock = stocks.get(snapshot);
  if (stock === undefined) {
    stock = { entries: snapshot.entries.filter((row) => targets.some((one) => one.name === row.target && isModuleTarget(one))), files: moduleFiles(folder), read: new Map() };
    stocks.set(snapshot, stock);
  }
  return stock;
}

async function maybeFromFile({ read }: Stock, file: string | undefined, reference: Engine): Promise<Source | undefined> {
  if (file === undefined) return undefined;
  if (!read.has(file)) read.set(file, await maybeRead(file, reference));
  return read.get(file);
}

async function maybeRead(file: string, reference: Engine): Promise<Source | undefined> {
  const content = readFileSync(file);
  const read = file.endsWith('.wat') ? await parseText(content.toString('utf8')) : undefined;
  if (read?.kind === 'malformed') return undefined;
  const module = read?.bytes ?? new Uint8Array(content);
  const store = reference.openStore();
  try {
    // Mutations keep what is valid valid, and no more.
    return store.compile(module).kind === 'compiled' ? { name: file.split('/').at(-1) ?? file, module } : undefined;
  } finally {
    store.dispose();
  }
}

/** A mutant of one of the modules; undefined where mutants are no target, there is no corpus yet, or the module drawn is none that can be mutated or ends. */
export async function mutantCase(order: WorkerOrder, snapshot: Snapshot, targets: readonly Target[], opened: readonly OpenTarget[], reference: Engine | undefined, number: number): Promise<Case | undefined> {
  const { plan, session } = order;
  const index = targets.findIndex(({ name }) => name === mutantTarget);
  const target = targets[index];
  const open = opened[index];
  const stock = stockOf(snapshot, order.folder, targets);
  const { entries, files } = stock;
  if (target === undefined || open === undefined || reference === undefined || entries.length === 0) return undefined;
  const seed = moduleSeed(plan.seed ^ Math.imul(session, 0x85ebca6b), number);
  const random = new RandomSource(seed);
  const isFromFile = files.length > 0 && random.next(fileEvery) === 0;
  const row = entries[random.next(entries.length)];
  const envelope = row === undefined || isFromFile ? undefined : maybeEnvelope(order, snapshot, row);
  const source: Source | undefined = isFromFile ? await maybeFromFile(stock, files[random.next(files.length)], reference) : envelope === undefined || row === undefined ? undefined : { name: row.name, module: envelope.module };
  if (source === undefined || source.module.length > largest) return undefined;
  const m = decodeForEditing(source.module);
  if ('kind' in m) return undefined;
  const bytes = encodeEdited(mutated(randomChoices(seed), m).m);
  // What generators make ends because it spends fuel, and mutations leave that alone; others may never end.
  if (isFromFile && !endsInTime(reference, bytes)) return undefined;
  return {
    index, target, open, trial: open.read(bytes), choices: undefined, isKeptAsItIs: true, number, origin: { target: target.name, seed: plan.seed, number, mutantOf: source.name },
    turns: turnsAt(plan.seed ^ session, number, plan.occasional.length), asksOpinions: isForWabt(plan, number),
  };
}
