// Where a worker runs cases, one after another, and makes of each what it is worth: a finding, a corpus entry, or only counts.
//
// Order of things, so that a death at any moment loses nothing: what is about to run is in the slot; what was found is on disk before anything is made of it;
// only then is anybody told. A finding that is being made smaller and looked at is marked in `unfinished/`: whoever meets it again after a death does that over.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../compiler/inside.ts';
import { byteChoices, type Choices } from '../generate/choices.ts';
import { emptyModule, generatorVersion, sealEnvelope } from '../generate/envelope.ts';
import { recordBytes } from '../generate/record-bytes.ts';
import { openTermination } from '../minimise/laboratory.ts';
import { reduceModule } from '../minimise/reduce.ts';
import { searchTape } from '../minimise/tape-subject.ts';
import type { Engine, EngineStatistics } from '../oracles/engine.ts';
import { compilationOracles } from '../oracles/compilation/index.ts';
import { locateLevel } from '../oracles/levels.ts';
import { type Behaviour, observe, planFor } from '../oracles/observe.ts';
import { isModuleTarget } from '../targets/module-target.ts';
import type { OpenTarget, Target, Trial } from '../targets/target.ts';
import { signatureOf } from '../triage/signature.ts';
import { addLocation, addText, type Finding, readFinding, saveFinding } from '../triage/finding.ts';
import { corpusFolder, sha1, writeEntry, writeWhole } from './corpus.ts';
import type { Lab } from './examine.ts';
import { oracleTurn, type Slot } from './in-flight.ts';
import { Novelties } from './novelty.ts';
import type { WorkerOrder } from './plan.ts';
import { count, emptyTally, engineTally, type Tally } from './tally.ts';
import type { WorkerMessage } from './worker.ts';

/** One case, ready to run. */
export interface Case {
  /** Place of its target among the plan's; raw modules count as the first target's. */
  readonly index: number;
  readonly target: Target;
  readonly open: OpenTarget;
  readonly trial: Trial;
  /** What made it; absent for raw modules and for entries that are only run again. */
  readonly choices: Pick<Choices, 'tape' | 'spans'> | undefined;
  /** Whether a module that no choices make is worth an entry of its own. */
  readonly isKeptAsItIs?: true;
  /** The campaign's number, or -1. */
  readonly number: number;
  readonly origin: Finding['origin'];
  /** Places of the occasional engines whose turn it is; undefined: of all. */
  readonly turns: readonly number[] | undefined;
  readonly asksOpinions: boolean;
}

export interface BenchParts {
  readonly order: WorkerOrder;
  readonly lab: Lab;
  readonly faults: readonly Fault[];
  readonly slot: Slot;
  readonly tally: Tally;
  readonly send: (message: WorkerMessage) => Promise<void>;
  readonly counters: readonly { statistics?(): EngineStatistics }[];
  /** Features that earlier sessions saw. */
  readonly seen: readonly string[];
}

/** What the slot holds of a trial: the module, or for other cases the tape that makes it. */
function inFlightBytes(target: Target, trial: Trial, tape: readonly number[]): Uint8Array {
  return target.runsModules ? trial.content() : new Uint8Array(Uint32Array.from(tape).buffer);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Of how many cases, chosen by hash, one is run twice more and must do the same both times. */
const stabilityEvery = 128;

export class Bench {
  readonly novelties: Novelties;
  private readonly parts: BenchParts;
  private readonly deadly: ReadonlySet<string>;
  private readonly contents = new Set<string>();
  /** What makes a target's cases from choices, as bytes. */
  private readonly makers = new Map<string, (c: Choices) => Uint8Array>();

  constructor(parts: BenchParts) {
    this.parts = parts;
    this.deadly = new Set(parts.order.deadly);
    this.novelties = new Novelties(parts.seen, parts.counters);
  }

  async run(given: Case): Promise<void> {
    const { slot, tally, lab } = this.parts;
    const { index, number, trial, choices, origin, turns, asksOpinions } = given;
    const bytes = inFlightBytes(given.target, trial, choices?.tape ?? []);
    if (this.deadly.size > 0 && this.deadly.has(sha1(bytes))) {
      count(tally.incomparable, 'not run: it has killed a worker before');
      return;
    }
    lab.profile?.lab('slot');
    slot.begin(index, number, bytes);
    const { finding } = trial.run({ tally, origin, turns, asksOpinions });
    if (finding !== undefined) await this.keepFinding(given, finding);
    lab.profile?.lab('oracles');
    await this.askOracles(given, bytes);
    lab.profile?.lab('novelty');
    await this.keepIfNew(given);
    lab.profile?.lab('slot');
    slot.end();
  }

  private async keepFinding(given: Case, finding: Finding): Promise<void> {
    const { target, trial, choices } = given;
    const { order, tally } = this.parts;
    const { plan } = order;
    const mark = join(order.folder, 'unfinished', finding.signature);
    const isLeftOver = existsSync(mark) && !isAlive(Number(readFileSync(mark, 'utf8')));
    const isNew = isLeftOver || !existsSync(join(plan.crashes, finding.signature, 'report.md'));
    if (isNew) {
      mkdirSync(join(order.folder, 'unfinished'), { recursive: true });
      writeFileSync(mark, String(process.pid));
    }
    const saved = saveFinding(plan.crashes, finding, trial.content());
    count(tally.findings, finding.signature);
    let { isWritten } = saved;
    // Told at once, since what follows takes seconds.
    await this.parts.send({ kind: 'finding', signature: finding.signature, path: saved.path, isNew });
    if (plan.shrinkSeconds === 0) {
      if (isNew) rmSync(mark, { force: true });
      return;
    }
    let tape: readonly number[] | undefined = choices?.tape;
    if (isNew && (choices !== undefined || given.isKeptAsItIs)) {
      const smaller = await this.makeSmaller(given, choices, finding);
      isWritten ||= smaller.isWritten;
      ({ tape } = smaller);
    }
    if (isModuleTarget(target) && (isWritten || isLeftOver)) {
      const sealed = tape === undefined ? undefined : this.maybeSealed(given, tape, []);
      if (sealed !== undefined) writeWhole(join(saved.path, 'envelope.wasm'), sealed.envelope);
      await this.lookCloser(saved.path, readFinding(saved.path).bytes, target.rounds);
    }
    if (isNew) rmSync(mark, { force: true });
  }

  /** Asks what needs no engine about the modules whose turn it is, and runs some cases a second time. */
  private async askOracles(given: Case, bytes: Uint8Array): Promise<void> {
    const { target, trial, origin } = given;
    const { tally, faults, slot } = this.parts;
    const hash = Number.parseInt(sha1(bytes).slice(0, 8), 16);
    if (hash % stabilityEvery === 0) {
      tally.stability.checked++;
      if (this.runAgain(trial) === this.runAgain(trial)) tally.stability.stable++;
    }
    if (!isModuleTarget(target)) return;
    for (const [place, oracle] of compilationOracles.entries()) {
      if ((hash + place) % oracle.every !== 0) continue;
      slot.engine(oracleTurn);
      const counts = engineTally(tally, oracle.name);
      const verdict = await oracle.ask(bytes, Math.floor(hash / oracle.every), faults);
      counts.executions++;
      counts[verdict.verdict]++;
      if (verdict.verdict === 'incomparable') count(tally.incomparable, `${oracle.name}: ${verdict.reason}`);
      if (verdict.verdict !== 'disagree') continue;
      const { culprit, level, fingerprint, detail } = verdict;
      const signature = signatureOf({ kind: oracle.name, engine: culprit, level, fingerprint });
      const saved = saveFinding(this.parts.order.plan.crashes, { signature, kind: oracle.name, odd: culprit, level, detail, engines: { [culprit]: oracle.name }, origin }, bytes);
      count(tally.findings, signature);
      if (saved.isWritten) await addText(saved.path);
      await this.parts.send({ kind: 'finding', signature, path: saved.path, isNew: saved.isNew });
    }
  }

  /** What a case does, in one line. */
  private runAgain(trial: Trial): string {
    const tally = emptyTally();
    const { verdict, finding } = trial.run({ tally, origin: undefined, turns: [], asksOpinions: false });
    return JSON.stringify([verdict, finding?.signature, tally.calls, tally.outcomes, tally.engines]);
  }

  /**
   * Puts smaller cases with the same signature in the first one's place; each is in the slot before it runs. First by the tape, which keeps to what the
   * generator makes, for half the time; then, where the case is a module, by its own parts. Answers the smallest tape.
   */
  private async makeSmaller({ target, open, index, number, origin, trial }: Case, choices: Pick<Choices, 'tape' | 'spans'> | undefined, finding: Finding): Promise<{ readonly tape: readonly number[] | undefined; readonly isWritten: boolean }> {
    const { slot } = this.parts;
    const { crashes, shrinkSeconds } = this.parts.order.plan;
    const begun = Date.now();
    const isLate = (share: number): (() => boolean) => () => Date.now() > begun + shrinkSeconds * 1000 * share;
    const keepsSignature = (candidate: Trial, inFlight: Uint8Array): boolean => {
      slot.begin(index, number, inFlight);
      return candidate.run({ tally: emptyTally(), origin, turns: undefined, asksOpinions: false }).finding?.signature === finding.signature;
    };
    const best = choices === undefined ? undefined
      : (await searchTape((c) => ({ candidate: open.build(c), tape: c.tape }), choices, ({ candidate, tape }) => keepsSignature(candidate, inFlightBytes(target, candidate, tape)), { isLate: isLate(0.5) })).best;
    const smallest = (best?.built.candidate ?? trial).content();
    let { isWritten } = saveFinding(crashes, finding, smallest);
    if (isModuleTarget(target) && keepsSignature(open.read(smallest), smallest)) {
      const terminates = await openTermination();
      const reduced = await reduceModule(smallest, (bytes) => terminates(bytes, target.rounds) && keepsSignature(open.read(bytes), bytes), { isLate: isLate(1), trials: 1 });
      isWritten = saveFinding(crashes, finding, reduced.bytes).isWritten || isWritten;
    }
    return { tape: best?.built.tape.slice(), isWritten };
  }

  /** Adds text, and the stage to blame, to what a finding's folder holds. */
  private async lookCloser(path: string, bytes: Uint8Array, rounds: number): Promise<void> {
    const { lab, faults, slot } = this.parts;
    await addText(path);
    const calls = planFor(bytes, rounds);
    const [reference] = lab.engines;
    if (reference === undefined) return;
    const all = [...lab.engines, ...lab.occasional];
    // Bisecting takes many runs; each is a sign of life for whoever watches the slot.
    const run = (engine: Engine): Behaviour => {
      slot.engine(all.findIndex(({ name }) => name === engine.name));
      return observe(engine, bytes, calls);
    };
    const location = await locateLevel(run(reference), calls, bytes, run, all, faults);
    if (location !== undefined) addLocation(path, location);
  }

  /** Keeps a case in the corpus if it showed something first. */
  private async keepIfNew(given: Case): Promise<void> {
    const { target, trial, choices } = given;
    const novelties = this.novelties.of(isModuleTarget(target) ? trial.content() : undefined, this.parts.tally);
    if (novelties.length === 0) return;
    const { order, send } = this.parts;
    const sealed = choices === undefined ? this.maybeSealedAsItIs(given, novelties) : this.maybeSealed(given, choices.tape, novelties);
    if (sealed === undefined) return;
    const module = sha1(sealed.content);
    if (this.contents.has(module)) return;
    this.contents.add(module);
    const { name } = writeEntry(corpusFolder(order.folder, target.name), sealed.envelope);
    await send({ kind: 'entry', entry: { name, target: target.name, module, bytes: sealed.envelope.length, novelties } });
  }

  /** The envelope of what a tape makes; undefined when its choices cannot be said in bytes. */
  private maybeSealed({ target, open }: Case, tape: readonly number[], novelties: readonly string[]): { readonly envelope: Uint8Array; readonly content: Uint8Array } | undefined {
    let make = this.makers.get(target.name);
    if (make === undefined) {
      make = (c) => open.build(c).content();
      this.makers.set(target.name, make);
    }
    const made: Uint8Array[] = [];
    const choices = recordBytes((c) => made.push(make(c)), tape);
    const content = make(byteChoices(choices));
    if (made[0] === undefined || Buffer.compare(content, made[0]) !== 0) return undefined;
    const label = { generator: target.name, version: generatorVersion(make), rounds: isModuleTarget(target) ? target.rounds : 1, novelties };
    return { envelope: sealEnvelope({ label, module: isModuleTarget(target) ? content : emptyModule, choices }), content };
  }

  /** The envelope of a module that no choices make; undefined for what is not to be kept so. */
  private maybeSealedAsItIs({ target, trial, isKeptAsItIs }: Case, novelties: readonly string[]): { readonly envelope: Uint8Array; readonly content: Uint8Array } | undefined {
    if (isKeptAsItIs !== true || !isModuleTarget(target)) return undefined;
    const content = trial.content();
    return { envelope: sealEnvelope({ label: { generator: target.name, version: 'as it is', rounds: target.rounds, novelties }, module: content, choices: new Uint8Array(0) }), content };
  }
}
