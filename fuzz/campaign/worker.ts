// One worker process of a campaign: takes numbers, makes cases, runs them, keeps what is new, reports counts.
// Told by its only argument (a `WorkerOrder` as JSON); speaks to the supervisor over the IPC channel; ends by itself at the deadline, at its last number, or
// when the supervisor is gone, and if it hangs then, is ended (watchdog.ts).
//
// First the part of the corpus that these sources have not run yet, then numbers; between them neighbours and mutants of entries that were known when the session began,
// so that what is run depends on seed and corpus alone, not on who found what first.

import { maybeFault } from '../faults/index.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { openWabt } from '../oracles/wabt.ts';
import { maybeTarget, targetOf } from '../targets/index.ts';
import { moduleSeed } from '../targets/module-seed.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import { randomChoices } from '../generate/choices.ts';
import { Bench, type Case } from './bench.ts';
import { type Lab, statisticsOf } from './examine.ts';
import { Slot } from './in-flight.ts';
import { corpusCases, type Snapshot, neighbourCase, openSnapshot } from './seeds.ts';
import { mutantCase } from './mutants.ts';
import { isForWabt, mutantEvery, turnsAt, usualNeighbourEvery, type WorkerOrder } from './plan.ts';
import { Profile } from './profile.ts';
import { emptyTally, type Tally } from './tally.ts';
import type { EntryRow } from './ledger.ts';
import { endWithSupervisor } from './watchdog.ts';

/** What workers tell the supervisor. Tallies are totals since the worker's start; files are on disk before they are told of. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly tally: Tally; readonly next: number; readonly checked: readonly string[] }
  | { readonly kind: 'finding'; readonly signature: string; readonly path: string; readonly isNew: boolean }
  | { readonly kind: 'entry'; readonly entry: EntryRow }
  | { readonly kind: 'done'; readonly tally: Tally; readonly next: number; readonly checked: readonly string[] };

/** What the supervisor tells workers: features that others have seen first, and when to end early. */
export type SupervisorMessage = { readonly kind: 'features'; readonly names: readonly string[] } | { readonly kind: 'stop' };

/** Milliseconds. A report costs 3.5 ms, some of it for every rule there is. */
const reportEvery = 500;

function send(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

async function work(order: WorkerOrder): Promise<void> {
  const { plan } = order;
  endWithSupervisor(plan.hangSeconds);
  const faults = plan.fault === undefined ? [] : (maybeFault(plan.fault)?.faults ?? []);
  const open = async (names: readonly string[]): Promise<Engine[]> => {
    const list: Engine[] = [];
    for (const name of names) list.push(await openEngine(name, faults, plan.runnerTimeout === undefined ? {} : { runnerTimeout: plan.runnerTimeout }));
    return list;
  };
  const engines = await open(plan.engines);
  const occasional = await open(plan.occasional);
  const targets: Target[] = plan.targets.flatMap((name) => maybeTarget(name) ?? []);
  const slot = new Slot(order.slot);
  const profile = plan.profile === true ? new Profile() : undefined;
  const lab: Lab = { engines, occasional, askWabt: plan.wabtEvery > 0 ? await openWabt() : undefined, ...(profile === undefined ? {} : { profile }), onEngine: (index) => slot.engine(index) };
  const opened: OpenTarget[] = [];
  for (const target of targets) opened.push(await target.open(lab, faults));
  const counters = [...engines, ...occasional, ...opened];
  const snapshot: Snapshot = openSnapshot(order, targets);
  const tally = emptyTally();
  const bench = new Bench({ order, lab, faults, slot, tally, send, counters, seen: snapshot.features });
  let isStopped = false;
  process.on('message', (message: SupervisorMessage) => {
    if (message.kind === 'stop') isStopped = true;
    else bench.novelties.learn(message.names);
  });
  // A terminal interrupts all processes; the supervisor says what is to be done about it.
  process.on('SIGINT', () => undefined);

  const checked: string[] = [];
  let reportedAt = 0;
  let next = order.first;
  const report = (): { tally: Tally; next: number; checked: string[] } => ({ tally: { ...tally, ...statisticsOf(counters), profile: profile?.read() }, next, checked: checked.splice(0) });
  /** Reports when it is time to; false when it is time to end. */
  const goesOn = async (): Promise<boolean> => {
    const now = Date.now();
    if (now >= order.deadline || isStopped || !process.connected) return false;
    if (now - reportedAt > reportEvery) {
      reportedAt = now;
      profile?.lab('report');
      await send({ kind: 'progress', ...report() });
    }
    return true;
  };

  for (const { name, make } of corpusCases(order, snapshot, targets, opened, engines[0], tally)) {
    if (!(await goesOn())) break;
    const made = make();
    if (made !== undefined) await bench.run(made);
    checked.push(name);
  }
  const every = plan.neighbourEvery ?? usualNeighbourEvery;
  while (next < plan.maxModules && (await goesOn())) {
    const index = targetOf(targets, plan.seed, next);
    const target = targets[index];
    const openTarget = opened[index];
    if (target === undefined || openTarget === undefined) break;
    profile?.lab('generate');
    const choices = randomChoices(moduleSeed(plan.seed, next));
    const trial = openTarget.build(choices);
    const fresh: Case = {
      index, target, open: openTarget, trial, choices, number: next,
      origin: { target: target.name, seed: plan.seed, number: next },
      turns: turnsAt(plan.seed, next, occasional.length), asksOpinions: isForWabt(plan, next),
    };
    await bench.run(fresh);
    if (every > 0 && Math.floor(next / plan.workers) % every === every - 1) {
      const isForMutant = Math.floor(next / plan.workers / every) % mutantEvery === mutantEvery - 1;
      const near = (isForMutant ? await mutantCase(order, snapshot, targets, opened, engines[0], next) : undefined) ?? neighbourCase(order, snapshot, targets, opened, next);
      if (near !== undefined) await bench.run(near);
    }
    next += plan.workers;
  }
  slot.close();
  await send({ kind: 'done', ...report() });
  process.disconnect?.();
}

await work(JSON.parse(process.argv[2] ?? '{}') as WorkerOrder);
