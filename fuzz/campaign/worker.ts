// One worker process of a campaign: takes numbers, makes modules, examines them, reports counts.
// Told by its only argument (a `WorkerOrder` as JSON); speaks to the supervisor over the IPC channel; ends by itself at the deadline or its last number.

import { maybeFault } from '../faults/index.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { openWabt } from '../oracles/wabt.ts';
import { maybeTarget, moduleSeed, targetOf } from '../targets/index.ts';
import { isModuleTarget } from '../targets/module-target.ts';
import type { OpenTarget, Target, Trial } from '../targets/target.ts';
import { randomChoices } from '../generate/choices.ts';
import { addLocation, addText, readFinding, saveFinding } from '../triage/finding.ts';
import { locateLevel } from '../oracles/levels.ts';
import { type Behaviour, observe, planFor } from '../oracles/observe.ts';
import { openTermination } from '../minimise/laboratory.ts';
import { reduceModule } from '../minimise/reduce.ts';
import { searchTape } from '../minimise/tape-subject.ts';
import { type Lab, statisticsOf } from './examine.ts';
import { Slot } from './in-flight.ts';
import { isForWabt, turnsAt, type WorkerOrder } from './plan.ts';
import { Profile } from './profile.ts';
import { count, emptyTally, type Tally } from './tally.ts';

/** What workers tell the supervisor. Tallies are totals since the worker's start. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly tally: Tally; readonly next: number }
  | { readonly kind: 'finding'; readonly signature: string; readonly path: string; readonly isNew: boolean }
  | { readonly kind: 'done'; readonly tally: Tally };

const reportEvery = 250;

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

async function work(order: WorkerOrder): Promise<void> {
  const { plan } = order;
  const faults = plan.fault === undefined ? [] : (maybeFault(plan.fault)?.faults ?? []);
  const open = async (names: readonly string[]): Promise<Engine[]> => {
    const list: Engine[] = [];
    for (const name of names) list.push(await openEngine(name, faults));
    return list;
  };
  const engines = await open(plan.engines);
  const occasional = await open(plan.occasional);
  const targets: Target[] = plan.targets.flatMap((name) => maybeTarget(name) ?? []);
  const slot = new Slot(order.slot);
  const wabt = plan.wabtEvery > 0 ? await openWabt() : undefined;
  const profile = plan.profile === true ? new Profile() : undefined;
  const lab: Lab = { engines, occasional, askWabt: wabt, ...(profile === undefined ? {} : { profile }), onEngine: (index) => slot.engine(index) };
  const opened: OpenTarget[] = [];
  for (const target of targets) opened.push(await target.open(lab, faults));
  /** What the slot holds of a trial: the module, or for other cases the tape that makes it. */
  const inFlightBytes = (target: Target, trial: Trial, tape: readonly number[]): Uint8Array => (target.runsModules ? trial.content() : new Uint8Array(Uint32Array.from(tape).buffer));
  /** Adds text, and the stage to blame, to what a finding's folder holds. */
  const lookCloser = async (path: string, bytes: Uint8Array, rounds: number): Promise<void> => {
    await addText(path);
    const calls = planFor(bytes, rounds);
    const [reference] = engines;
    if (reference === undefined) return;
    const run = (engine: Engine): Behaviour => observe(engine, bytes, calls);
    const location = await locateLevel(run(reference), calls, bytes, run, [...engines, ...occasional], faults);
    if (location !== undefined) addLocation(path, location);
  };
  const tally = emptyTally();
  const report = (): Tally => ({ ...tally, ...statisticsOf([...engines, ...occasional, ...opened]), profile: profile?.read() });
  let reportedAt = 0;
  let number = order.first;
  for (; number < plan.maxModules; number += plan.workers) {
    const now = Date.now();
    if (now >= order.deadline) break;
    if (now - reportedAt > reportEvery) {
      reportedAt = now;
      profile?.lab('report');
      await send({ kind: 'progress', tally: report(), next: number });
    }
    const index = targetOf(targets, plan.seed, number);
    const target = targets[index];
    const open = opened[index];
    if (target === undefined || open === undefined) break;
    profile?.lab('generate');
    const choices = randomChoices(moduleSeed(plan.seed, number));
    const trial = open.build(choices);
    profile?.lab('slot');
    slot.begin(index, number, inFlightBytes(target, trial, choices.tape));
    const origin = { target: target.name, seed: plan.seed, number };
    const { finding } = trial.run({ tally, origin, turns: turnsAt(plan.seed, number, occasional.length), asksOpinions: isForWabt(plan, number) });
    if (finding !== undefined) {
      const { path, isNew, isWritten } = saveFinding(plan.crashes, finding, trial.content());
      count(tally.findings, finding.signature);
      if (isNew) {
        // Smaller cases with the same signature take the first one's place; each is in the slot before it runs. First by the tape, which keeps to what the
        // generator makes, for half the time; then, where the case is a module, by its own parts.
        const begun = Date.now();
        const keepsSignature = (candidate: Trial, inFlight: Uint8Array): boolean => {
          slot.begin(index, number, inFlight);
          return candidate.run({ tally: emptyTally(), origin, turns: undefined, asksOpinions: false }).finding?.signature === finding.signature;
        };
        const isLate = (share: number): (() => boolean) => () => Date.now() > begun + plan.shrinkSeconds * 1000 * share;
        const { best } = await searchTape((c) => ({ candidate: open.build(c), tape: c.tape }), choices, ({ candidate, tape }) => keepsSignature(candidate, inFlightBytes(target, candidate, tape)), { isLate: isLate(0.5) });
        const smallest = best.built.candidate.content();
        saveFinding(plan.crashes, finding, smallest);
        if (isModuleTarget(target) && keepsSignature(open.read(smallest), smallest)) {
          const terminates = await openTermination();
          const reduced = await reduceModule(smallest, (bytes) => terminates(bytes, target.rounds) && keepsSignature(open.read(bytes), bytes), { isLate: isLate(1), trials: 1 });
          saveFinding(plan.crashes, finding, reduced.bytes);
        }
      }
      if (isWritten && isModuleTarget(target)) await lookCloser(path, readFinding(path).bytes, target.rounds);
      await send({ kind: 'finding', signature: finding.signature, path, isNew });
    }
    profile?.lab('slot');
    slot.end();
  }
  slot.close();
  await send({ kind: 'done', tally: report() });
  process.disconnect?.();
}

await work(JSON.parse(process.argv[2] ?? '{}') as WorkerOrder);
