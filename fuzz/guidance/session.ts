// One target in this process: proves itself, then runs cases. Which cases is up to whoever drives it (run-session.ts).
//
// Each case is in the slot before it runs. What is found is saved at once, shrunk, and fuzzing goes on: nobody stops for a finding.
// The events that the tested code counted during a case become counters too.

import { writeSync } from 'node:fs';
import type { Slot } from '../campaign/in-flight.ts';
import { emptyTally } from '../campaign/tally.ts';
import { type Choices, randomChoices } from '../generate/choices.ts';
import { moduleSeed } from '../targets/index.ts';
import type { Circumstances, OpenTarget, Target, Trial } from '../targets/target.ts';
import { saveFinding } from '../triage/finding.ts';
import type { Counters } from './counters.ts';
import { type Counted, Events } from './events.ts';
import type { SessionMessage, SessionOrder } from './order.ts';
import type { WayTotals } from './shares.ts';
import { shrinkNow } from './shrink-now.ts';

const statusEveryMs = 500;
const cpuEveryMs = 100;
/** A planted fault that this many cases do not show is not caught. */
const mostToCatch = 3000;

export function tell(message: SessionMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

export class Session {
  readonly order: SessionOrder;
  readonly counters: Counters;
  readonly open: OpenTarget;
  readonly target: Target;
  readonly slot: Slot;
  private readonly planted: OpenTarget;
  private readonly events: Events;
  private readonly tally = emptyTally();
  private started = performance.now();
  private cpuStarted = process.cpuUsage();
  private readonly given: Circumstances;
  private executions = 0;
  private verdicts = { agree: 0, disagree: 0, incomparable: 0 };
  private newPaths = 0;
  private lastNewPath = 0;
  private toldAt = 0;
  private askCpuAt = 0;
  private over = false;
  /** What each way of making cases did; whoever has several ways puts them here. */
  ways: () => Readonly<Record<string, WayTotals>> = () => ({});

  constructor(order: SessionOrder, counters: Counters, target: Target, open: OpenTarget, planted: OpenTarget, slot: Slot, sources: readonly Counted[]) {
    this.order = order;
    this.counters = counters;
    this.target = target;
    this.open = open;
    this.planted = planted;
    this.slot = slot;
    this.events = new Events(sources);
    this.given = { tally: this.tally, origin: undefined, turns: [], asksOpinions: false };
  }

  get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  get cpuSeconds(): number {
    const { user, system } = process.cpuUsage(this.cpuStarted);
    return (user + system) / 1e6;
  }

  /** Whether the time it was given is spent. CPU time is asked for now and then only: that takes longer than many a case. */
  get isOver(): boolean {
    const { seconds, cpuSeconds } = this.order;
    if (this.over || this.seconds >= seconds) return true;
    if (cpuSeconds === undefined || performance.now() < this.askCpuAt) return false;
    this.askCpuAt = performance.now() + cpuEveryMs;
    this.over = this.cpuSeconds >= cpuSeconds;
    return this.over;
  }

  /**
   * Proves that the fuzzer sees (two inputs reach more than one) and catches (a planted fault becomes a finding). Throws `Blind` when it does not. Under libFuzzer it runs when
   * that has started: its handler of signals must be there before native engines put theirs in front of it. The session's time begins afterwards.
   */
  prove(): void {
    const { counters } = this;
    const reached: number[] = [];
    for (const length of [0, 1500]) {
      const trial = this.open.fromBytes(length === 0 ? new Uint8Array() : randomBytes(this.order.seed, length));
      counters.clear();
      trial.run({ ...this.given, tally: emptyTally() });
      counters.remember();
      reached.push(counters.edgesSeen);
    }
    const [first = 0, second = 0] = reached;
    if (first === 0 || second <= first) throw new Blind(`coverage does not grow: ${first} edges after the empty input, ${second} after another; the compiler is not instrumented`);
    if (this.order.provesItself) this.catchPlanted([first, second]);
    this.events.forget();
    counters.clear();
    this.started = performance.now();
    this.cpuStarted = process.cpuUsage();
  }

  private catchPlanted(sees: readonly [number, number]): void {
    for (let number = 0; number < mostToCatch; number++) {
      const { finding } = this.planted.build(randomChoices(moduleSeed(this.order.seed, number))).run({ ...this.given, tally: emptyTally() });
      if (finding === undefined) continue;
      tell({ kind: 'proved', sees, caught: finding.signature, after: number + 1 });
      return;
    }
    throw new Blind(`a planted fault went unnoticed in ${mostToCatch} cases`);
  }

  /** Runs a case that is in the slot already, and remembers what it hit. Answers whether that was new. */
  run(trial: Trial, choices: Pick<Choices, 'tape' | 'spans'> | undefined): boolean {
    const { slot, counters } = this;
    const { verdict, finding } = trial.run(this.given);
    this.verdicts[verdict]++;
    this.executions++;
    this.events.moveTo(counters);
    const isNew = counters.remember();
    if (isNew) {
      this.newPaths++;
      this.lastNewPath = this.seconds;
    }
    if (finding !== undefined) {
      const saved = saveFinding(this.order.crashes, finding, trial.content());
      if (saved.isNew && choices !== undefined) this.makeSmaller(choices, finding.signature);
      tell({ kind: 'finding', signature: finding.signature, path: saved.path, isNew: saved.isNew });
    }
    slot.end();
    if (performance.now() - this.toldAt > statusEveryMs) {
      this.toldAt = performance.now();
      this.tellStatus('status');
    }
    return isNew;
  }

  /** Puts smaller cases of the same signature in a finding's place. */
  private makeSmaller(choices: Pick<Choices, 'tape' | 'spans'>, signature: string): void {
    const quiet: Circumstances = { ...this.given, tally: emptyTally() };
    const late = performance.now() + this.order.shrinkSeconds * 1000;
    const built = shrinkNow((c) => this.open.build(c), choices, (candidate) => candidate.run(quiet).finding?.signature === signature, () => performance.now() > late);
    const { finding } = built.run(quiet);
    if (finding?.signature === signature) saveFinding(this.order.crashes, finding, built.content());
  }

  tellStatus(kind: 'status' | 'done'): void {
    const { counters, verdicts, executions, newPaths, lastNewPath, seconds, cpuSeconds } = this;
    tell({
      kind, executions, seconds, cpuSeconds, edges: counters.edgesSeen, edgesLoaded: counters.edges, events: counters.eventsSeen, eventsKnown: this.events.known,
      proofs: this.events.proofs, ...verdicts, newPaths, lastNewPath, ways: this.ways(),
    });
  }

  random(): void {
    const { order, counters, open } = this;
    this.prove();
    for (let number = 0; !this.isOver; number++) {
      counters.clear();
      const choices = randomChoices(moduleSeed(order.seed, number));
      this.slot.begin(0, number, new Uint8Array());
      const trial = open.build(choices);
      this.slot.begin(0, number, new Uint8Array(Uint32Array.from(choices.tape).buffer));
      this.run(trial, choices);
    }
  }
}

export class Blind extends Error {
  override readonly name = 'Blind';
}

function randomBytes(seed: number, length: number): Uint8Array {
  const choices = randomChoices(seed);
  return Uint8Array.from({ length }, () => choices.draw(256));
}
