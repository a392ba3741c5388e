// The smallest part of a corpus that still shows everything: each entry is run again, and for each feature the smallest entry that shows it stays.
//
// Features are those of novelty.ts, but all that an entry shows, not only what it was the first to show. Greedy, rarest feature first; the smaller entry wins.
// Files go after the ledger has forgotten them: a death between leaves files that the next session takes up again, never a promise without a file.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { byteChoices } from '../generate/choices.ts';
import { maybeOpenEnvelope } from '../generate/envelope.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { maybeTarget } from '../targets/index.ts';
import { isModuleTarget } from '../targets/module-target.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import { corpusFolder, maybeReadEntry } from './corpus.ts';
import { Ledger } from './ledger.ts';
import { visitOpcodePairs } from './opcode-pairs.ts';
import { emptyTally } from './tally.ts';

export interface PruneResult {
  readonly before: number;
  readonly after: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly features: number;
}

interface Shown {
  readonly name: string;
  readonly target: string;
  readonly bytes: number;
  readonly features: readonly string[];
}

/** Of entries with what they show, the names of those to keep. */
export function cover(entries: readonly Pick<Shown, 'name' | 'bytes' | 'features'>[]): Set<string> {
  const showing = new Map<string, (typeof entries)[number][]>();
  for (const entry of entries) {
    for (const feature of entry.features) {
      const list = showing.get(feature);
      if (list === undefined) showing.set(feature, [entry]);
      else list.push(entry);
    }
  }
  const kept = new Set<string>();
  const covered = new Set<string>();
  for (const [feature, list] of [...showing].sort((a, b) => a[1].length - b[1].length || (a[0] < b[0] ? -1 : 1))) {
    if (covered.has(feature)) continue;
    const smallest = list.reduce((best, entry) => (entry.bytes < best.bytes || (entry.bytes === best.bytes && entry.name < best.name) ? entry : best));
    kept.add(smallest.name);
    for (const shown of smallest.features) covered.add(shown);
  }
  return kept;
}

/** Removes from a campaign's corpus what the rest of it shows as well. Throws `LedgerError` while the campaign runs. */
export async function prune(folder: string, onProgress: (done: number, of: number) => void = () => undefined): Promise<PruneResult> {
  const ledger = Ledger.open(folder);
  try {
    const plan = ledger.maybePlan();
    const rows = ledger.entries();
    if (plan === undefined) return { before: 0, after: 0, bytesBefore: 0, bytesAfter: 0, features: 0 };
    const engines = [];
    for (const name of plan.engines) engines.push(await openEngine(name));
    const opened = new Map<string, { readonly target: Target; readonly open: OpenTarget }>();
    for (const name of new Set(rows.map(({ target }) => target))) {
      const target = maybeTarget(name);
      if (target !== undefined) opened.set(name, { target, open: await target.open({ engines, occasional: [], askWabt: undefined }, []) });
    }
    const counters = [...engines, ...[...opened.values()].map(({ open }) => open)];
    const shown: Shown[] = [];
    for (const [done, { name, target: targetName, bytes }] of rows.entries()) {
      onProgress(done, rows.length);
      const content = maybeReadEntry(corpusFolder(folder, targetName), name);
      const envelope = content === undefined ? undefined : maybeOpenEnvelope(content);
      const found = opened.get(targetName);
      // What nobody can run any more shows nothing now; it stays for whoever can.
      if (envelope === undefined || found === undefined) {
        shown.push({ name, target: targetName, bytes, features: [`only ${name}`] });
        continue;
      }
      const features = new Set<string>();
      const before = counters.map((counter) => new Map(counter.statistics?.().fired));
      const tally = emptyTally();
      const isModule = isModuleTarget(found.target);
      const trial = isModule ? found.open.read(envelope.module) : found.open.build(byteChoices(envelope.choices));
      trial.run({ tally, origin: undefined, turns: [], asksOpinions: false });
      counters.forEach((counter, index) => {
        for (const [rule, number] of counter.statistics?.().fired ?? []) if (number !== (before[index]?.get(rule) ?? 0)) features.add(`rule ${rule}`);
      });
      for (const end of Object.keys(tally.outcomes)) features.add(`end ${end}`);
      if (isModule) visitOpcodePairs(envelope.module, (first, second) => features.add(`pair ${first} ${second}`));
      shown.push({ name, target: targetName, bytes, features: [...features] });
    }
    const kept = cover(shown);
    const dropped = shown.filter(({ name }) => !kept.has(name));
    ledger.forget(dropped.map(({ name }) => name));
    for (const { name, target } of dropped) rmSync(join(corpusFolder(folder, target), name), { force: true });
    const sum = (list: readonly Shown[]): number => list.reduce((total, { bytes }) => total + bytes, 0);
    return { before: shown.length, after: kept.size, bytesBefore: sum(shown), bytesAfter: sum(shown) - sum(dropped), features: new Set(shown.flatMap(({ features }) => features)).size };
  } finally {
    ledger.close();
  }
}
