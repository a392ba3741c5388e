// A finding run again, several times: does it still show, every time, and in the same way?

import type { Fault } from '../../compiler/inside.ts';
import { emptyTally } from '../campaign/tally.ts';
import { maybeOpenEnvelope } from '../generate/envelope.ts';
import { byteChoices } from '../generate/choices.ts';
import { describe } from '../oracles/compare.ts';
import type { Engine } from '../oracles/engine.ts';
import { engineNames, openEngine } from '../oracles/engines/index.ts';
import type { LocateOptions, Location } from '../oracles/levels.ts';
import { readModuleInterface } from '../oracles/module-interface.ts';
import { moduleSideBySide, type SideBySide } from '../oracles/side-by-side.ts';
import { openWabt } from '../oracles/wabt.ts';
import { maybeModuleTarget } from '../targets/index.ts';
import { readTrial } from '../targets/read-trial.ts';
import type { FindingOnDisk } from './finding.ts';
import type { StoredFinding } from './folder.ts';
import { normaliseError } from './signature.ts';

/** What one run showed; undefined: nothing. */
export interface Shown {
  readonly kind: string;
  readonly odd: string | undefined;
  readonly detail: string;
  readonly fingerprint: string;
  readonly engines: Readonly<Record<string, string>>;
}

export interface Replays {
  readonly times: number;
  /** How often it showed. */
  readonly shown: number;
  /** Different ways in which it showed. */
  readonly ways: number;
  readonly last: Shown | undefined;
  readonly engines: readonly Engine[];
  /** Why it could not be run at all here. */
  readonly impossible?: string;
}

/** The engines that took part, as far as they work here; the first is the reference. */
export async function enginesOfFinding(names: readonly string[], faults: readonly Fault[]): Promise<Engine[]> {
  const engines: Engine[] = [];
  const known = await engineNames();
  const add = async (name: string): Promise<void> => {
    const engine = await openEngine(name, faults);
    if (engine.availability().available) engines.push(engine);
  };
  for (const name of names) if (known.includes(name)) await add(name);
  // A finding about one engine alone, such as a death, still needs something to be compared with.
  if (engines.length < 2) for (const name of ['interp', 'v8']) if (!engines.some((engine) => engine.name === name)) engines.unshift(await openEngine(name));
  return engines;
}

/** Rounds of calls with which the module was run: its target's, or an envelope's. */
export function roundsOf({ origin, envelope }: StoredFinding): number | undefined {
  const opened = envelope === undefined ? undefined : maybeOpenEnvelope(envelope);
  return opened?.label.rounds ?? (origin === undefined ? undefined : maybeModuleTarget(origin)?.rounds);
}

const nearModules = 24;

/** Modules near a finding's: of its envelope's choices, each with one byte changed. Empty without an envelope, or when its generator is gone. */
export function modulesNear(content: Uint8Array | undefined): Uint8Array[] {
  const envelope = content === undefined ? undefined : maybeOpenEnvelope(content);
  const generate = envelope === undefined ? undefined : maybeModuleTarget(envelope.label.generator)?.generate;
  if (envelope === undefined || generate === undefined) return [];
  return Array.from({ length: Math.min(nearModules, envelope.choices.length) }, (_, index) => {
    const choices = envelope.choices.slice();
    const at = Math.floor((index * choices.length) / nearModules);
    choices[at] = (choices[at] ?? 0) ^ 0x55;
    return generate(byteChoices(choices));
  });
}

function shownBy({ verdict, kind, odd, detail, ballots }: SideBySide): Shown | undefined {
  if (verdict !== 'disagree') return undefined;
  const crashed = ballots.find(({ behaviour }) => behaviour.kind === 'crashed');
  const fingerprint = crashed?.behaviour.kind === 'crashed' ? normaliseError(crashed.behaviour.error) : '';
  return { kind: kind ?? '', odd: crashed?.engine ?? odd, detail: detail ?? '', fingerprint, engines: Object.fromEntries(ballots.map(({ engine, behaviour }) => [engine, describe(behaviour)])) };
}

/** Runs a finding `times` times. Engines are opened anew each time, so that no state of theirs carries over. */
export async function replay(stored: StoredFinding, times: number, faults: readonly Fault[]): Promise<Replays> {
  const { finding } = stored;
  const ways = new Set<string>();
  let shown = 0;
  let last: Shown | undefined;
  let engines: Engine[] = [];
  for (let time = 0; time < times; time++) {
    let one: Shown | undefined;
    if (finding.target !== undefined) one = await runPart(finding, faults);
    else {
      engines = await enginesOfFinding(finding.engines, faults);
      if (finding.odd === 'wabt') one = await runOpinion(finding);
      else one = shownBy(await moduleSideBySide(engines, finding.bytes, undefined, faults, roundsOf(stored), 'not'));
    }
    if (one === undefined) continue;
    shown++;
    ways.add(JSON.stringify([one.kind, one.odd, one.detail.split('\n', 1)[0]]));
    last = one;
  }
  return { times, shown, ways: ways.size, last, engines };
}

async function runPart(finding: FindingOnDisk, faults: readonly Fault[]): Promise<Shown | undefined> {
  const { finding: found } = (await readTrial(finding, faults)).run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true });
  return found === undefined ? undefined : { kind: found.kind, odd: found.odd, detail: found.detail, fingerprint: '', engines: found.engines };
}

/** wabt judges a module otherwise than the reference. */
async function runOpinion(finding: FindingOnDisk): Promise<Shown | undefined> {
  const { kind } = (await openWabt())(finding.bytes, readModuleInterface(finding.bytes));
  const store = (await openEngine('interp')).openStore();
  const own = store.compile(finding.bytes).kind;
  store.dispose();
  if (kind === 'unreadable' || (kind === 'invalid') === (own !== 'compiled')) return undefined;
  return { kind: 'validity', odd: 'wabt', detail: `wabt: ${kind}; interp: ${own}`, fingerprint: '', engines: { interp: own, wabt: kind } };
}

/** Where the fault of a finding sits; undefined where that is nothing of our compiler's, or it does not show. */
export async function locate(stored: StoredFinding, engines: readonly Engine[], faults: readonly Fault[], options: LocateOptions = {}): Promise<Location | undefined> {
  if (stored.finding.target !== undefined || stored.finding.odd === 'wabt') return undefined;
  const result = await moduleSideBySide(engines, stored.finding.bytes, undefined, faults, roundsOf(stored), { ...options, near: [...(options.near ?? []), ...modulesNear(stored.envelope)] });
  return result.location;
}
