// What a session does first in a campaign's folder: ends what a killed session left running, and takes up what it left lying.
//
// Corpus entries are written before the ledger hears of them, and their envelopes say why they were kept: what the ledger does not know is entered from the
// file, as run by the session before, so that nothing is counted twice; what is found in a folder without sessions is run.
// Findings need nothing: numbers that were not reported are run again, and meet them again. Modules in flight are kept as suspects, but those of workers that
// lived on without their supervisor: whatever ended it, these did not.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { maybeOpenEnvelope } from '../generate/envelope.ts';
import { corpusFolder, corpusTargets, entryNames, maybeReadEntry, sha1, writeEntry } from './corpus.ts';
import { readSlot, whoRan } from './in-flight.ts';
import type { Ledger, Session } from './ledger.ts';
import type { CampaignPlan } from './plan.ts';
import { processesWith } from './processes.ts';

export interface Recovered {
  /** Entries on disk that the ledger did not know. */
  readonly entries: number;
  /** Entries that the ledger knows and the disk does not have, or not as they were. */
  readonly missing: readonly string[];
  /** Modules that were running in workers that ended with the last session. */
  readonly suspects: number;
}

/** What is told of a death that took the supervisor too. */
export const withSupervisor = 'its supervisor ended first';

/** Ends worker processes whose supervisor is gone: those started with this slot. Answers whether there was one. */
function endOrphans(slot: string): boolean {
  const orphans = processesWith(`${slot}"`);
  for (const id of orphans) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
  return orphans.length > 0;
}

function takeSuspects(ledger: Ledger, folder: string, plan: CampaignPlan, last: Session): number {
  let suspects = 0;
  for (let lane = 0; lane < last.workers; lane++) {
    const slot = join(last.slots, `slot-${lane}`);
    const isAlive = endOrphans(slot);
    const inFlight = readSlot(slot);
    if (isAlive || inFlight === undefined || !inFlight.running) continue;
    const { name } = writeEntry(join(folder, 'suspects'), inFlight.bytes);
    ledger.death(last.id, { at: Date.now(), lane, how: withSupervisor, engine: whoRan(inFlight, plan), target: plan.targets[inFlight.target] ?? '', number: inFlight.number, suspect: name, verdict: 'tried again' });
    suspects++;
  }
  return suspects;
}

/** Enters entries that the ledger does not know, as run with `build`, and finds those that are gone. */
export function reconcileCorpus(ledger: Ledger, folder: string, session: number, build: string): { readonly entries: number; readonly missing: readonly string[] } {
  const known = new Map(ledger.entries().map((row) => [row.name, row]));
  const seen = new Set<string>();
  let entries = 0;
  for (const target of corpusTargets(folder)) {
    for (const name of entryNames(corpusFolder(folder, target))) {
      const bytes = known.has(name) ? undefined : maybeReadEntry(corpusFolder(folder, target), name);
      seen.add(name);
      const envelope = bytes === undefined ? undefined : maybeOpenEnvelope(bytes);
      if (bytes === undefined || envelope === undefined) continue;
      ledger.entry(session, build, { name, target, module: sha1(envelope.module), bytes: bytes.length, novelties: envelope.label.novelties });
      entries++;
    }
  }
  return { entries, missing: [...known.keys()].filter((name) => !seen.has(name)) };
}

/** Called by a new session before its workers start; `session` is its own number. */
export function recover(ledger: Ledger, folder: string, plan: CampaignPlan, session: number): Recovered {
  const last = ledger.sessions().filter(({ id }) => id < session).at(-1);
  let suspects = 0;
  if (last !== undefined && last.ended === undefined) {
    suspects = takeSuspects(ledger, folder, plan, last);
    rmSync(last.slots, { recursive: true, force: true });
  }
  return { ...reconcileCorpus(ledger, folder, session, last?.build ?? ''), suspects };
}
