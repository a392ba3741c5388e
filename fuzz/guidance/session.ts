// Fuzzes one target in this process: proves itself, then runs inputs until time is up.
//
// Each input is in the slot before it runs. What is found is saved at once, shrunk, and fuzzing goes on: libFuzzer never hears of a finding.
// The events that the tested code counted during an input become counters too.

import { mkdirSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Lab } from '../campaign/examine.ts';
import { Slot } from '../campaign/in-flight.ts';
import { selfTestEngine } from '../campaign/self-test.ts';
import { emptyTally } from '../campaign/tally.ts';
import { selfTestFault } from '../faults/index.ts';
import { byteChoices, randomChoices } from '../generate/choices.ts';
import type { Engine, EngineStatistics } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { maybeTarget, moduleSeed, moduleTargets } from '../targets/index.ts';
import type { Circumstances, OpenTarget, Target, Trial } from '../targets/target.ts';
import { saveFinding } from '../triage/finding.ts';
import type { Counters } from './counters.ts';
import type { Edge } from './instrument.ts';
import { fuzzWith } from './native.ts';
import type { SessionMessage, SessionOrder } from './order.ts';
import { longestInput, seedInputs } from './seeds.ts';
import { shrinkNow } from './shrink-now.ts';

const statusEveryMs = 500;
/** A planted fault that this many cases do not show is not caught. */
const mostToCatch = 3000;

function tell(message: SessionMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

interface Counted {
  statistics?(): EngineStatistics;
}

/** The events of engines and target since it was last asked. */
class Events {
  private readonly before = new Map<string, number>();
  private readonly sources: readonly Counted[];

  constructor(sources: readonly Counted[]) {
    this.sources = sources;
  }

  private statistics(): EngineStatistics[] {
    return this.sources.flatMap((source) => source.statistics?.() ?? []);
  }

  get known(): number {
    return new Set(this.statistics().flatMap(({ rules }) => rules)).size;
  }

  get proofs(): { readonly checked: number; readonly failed: number } {
    return this.statistics().reduce((sum, { proofs }) => ({ checked: sum.checked + proofs.checked, failed: sum.failed + proofs.failed }), { checked: 0, failed: 0 });
  }

  moveTo(counters: Counters): void {
    this.statistics().forEach(({ fired }, index) => {
      for (const [name, times] of fired) {
        const key = `${index} ${name}`;
        const old = this.before.get(key) ?? 0;
        if (times === old) continue;
        counters.event(name, times - old);
        this.before.set(key, times);
      }
    });
  }
}

class Session {
  private readonly order: SessionOrder;
  private readonly counters: Counters;
  private readonly target: Target;
  private readonly open: OpenTarget;
  private readonly planted: OpenTarget;
  private readonly slot: Slot;
  private readonly events: Events;
  private readonly tally = emptyTally();
  private readonly started = performance.now();
  private readonly cpuStarted = process.cpuUsage();
  private readonly given: Circumstances;
  private executions = 0;
  private verdicts = { agree: 0, disagree: 0, incomparable: 0 };
  private newPaths = 0;
  private lastNewPath = 0;
  private toldAt = 0;

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

  /**
   * Proves that the fuzzer sees (two inputs reach more than one) and catches (a planted fault becomes a finding). Throws `Blind` when it does not. It runs when libFuzzer has
   * started: its handler of signals must be there before native engines put theirs in front of it.
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
    if (!this.order.provesItself) return;
    for (let number = 0; number < mostToCatch; number++) {
      const { finding } = this.planted.build(randomChoices(moduleSeed(this.order.seed, number))).run({ ...this.given, tally: emptyTally() });
      if (finding === undefined) continue;
      tell({ kind: 'proved', sees: [first, second], caught: finding.signature, after: number + 1 });
      return;
    }
    throw new Blind(`a planted fault went unnoticed in ${mostToCatch} cases`);
  }

  /** Runs one input; `make` builds its trial. */
  run(input: Uint8Array, make: () => Trial): void {
    const { slot, counters } = this;
    slot.begin(0, this.executions, input);
    const trial = make();
    const { verdict, finding } = trial.run(this.given);
    this.verdicts[verdict]++;
    this.executions++;
    this.events.moveTo(counters);
    if (counters.remember()) {
      this.newPaths++;
      this.lastNewPath = this.seconds;
    }
    if (finding !== undefined) {
      const { path, isNew } = saveFinding(this.order.crashes, finding, trial.content());
      if (isNew) this.makeSmaller(input, finding.signature);
      tell({ kind: 'finding', signature: finding.signature, path, isNew });
    }
    slot.end();
    if (performance.now() - this.toldAt > statusEveryMs) {
      this.toldAt = performance.now();
      this.tellStatus('status');
    }
  }

  /** Smaller cases of the same signature, where the input's choices show it too; cases that are no choices are left to `assay reduce`. */
  private makeSmaller(input: Uint8Array, signature: string): void {
    const choices = byteChoices(input);
    const quiet: Circumstances = { ...this.given, tally: emptyTally() };
    if (this.open.build(choices).run(quiet).finding?.signature !== signature) return;
    const late = performance.now() + this.order.shrinkSeconds * 1000;
    const built = shrinkNow((c) => this.open.build(c), choices, (candidate) => candidate.run(quiet).finding?.signature === signature, () => performance.now() > late);
    const { finding } = built.run(quiet);
    if (finding !== undefined) saveFinding(this.order.crashes, finding, built.content());
  }

  tellStatus(kind: 'status' | 'done'): void {
    const { counters, verdicts, executions, newPaths, lastNewPath, seconds } = this;
    const cpu = process.cpuUsage(this.cpuStarted);
    tell({
      kind, executions, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, edges: counters.edgesSeen, edgesLoaded: counters.edges, events: counters.eventsSeen, eventsKnown: this.events.known, proofs: this.events.proofs, ...verdicts, newPaths, lastNewPath,
    });
  }

  async guided(): Promise<void> {
    const { order, counters, open } = this;
    let isProved = false;
    mkdirSync(order.corpus, { recursive: true });
    if (readdirSync(order.corpus).length === 0) {
      for (const input of seedInputs(this.target.name, order.seed)) writeFileSync(join(order.corpus, createHash('sha1').update(input).digest('hex')), input);
    }
    await fuzzWith(counters.bytes, (input) => {
      if (!isProved) {
        isProved = true;
        this.prove();
        counters.clear();
      }
      const bytes = new Uint8Array(input);
      this.run(bytes, () => open.fromBytes(bytes));
    }, [
      order.corpus, `-seed=${order.seed}`, `-max_total_time=${order.seconds}`, `-max_len=${longestInput(this.target.name)}`, '-len_control=0', '-reload=1', '-timeout=0', '-rss_limit_mb=0', '-detect_leaks=0',
      `-artifact_prefix=${order.slot}-`, '-print_final_stats=0', '-verbosity=1',
    ]);
  }

  random(): void {
    const { order, counters, open } = this;
    this.prove();
    const deadline = performance.now() + order.seconds * 1000;
    for (let number = 0; performance.now() < deadline; number++) {
      counters.clear();
      const choices = randomChoices(moduleSeed(order.seed, number));
      this.run(new Uint8Array(), () => {
        const trial = open.build(choices);
        this.slot.begin(0, number, new Uint8Array(Uint32Array.from(choices.tape).buffer));
        return trial;
      });
    }
  }
}

class Blind extends Error {
  override readonly name = 'Blind';
}

function randomBytes(seed: number, length: number): Uint8Array {
  const choices = randomChoices(seed);
  return Uint8Array.from({ length }, () => choices.draw(256));
}

async function openAll(names: readonly string[], faults: Parameters<typeof openEngine>[1] = []): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of names) engines.push(await openEngine(name, faults));
  return engines;
}

/** The target with a fault in it: its own, or for modules one in the compiler beside the reference. */
async function openPlanted(target: Target): Promise<OpenTarget> {
  if (target.openPlanted !== undefined) return target.openPlanted();
  const [reference] = await openAll(['interp']);
  const [faulty] = await openAll([await selfTestEngine()], selfTestFault.faults);
  const engines = [reference, faulty].flatMap((engine) => engine ?? []);
  return moduleTargets[0].open({ engines, occasional: [], askWabt: undefined }, selfTestFault.faults);
}

/** Runs a session to its end; writes messages as lines of JSON. Exit code 3 when it cannot see or catch. */
export async function runSession(order: SessionOrder, counters: Counters, edges: ReadonlyMap<string, readonly Edge[]>): Promise<void> {
  const target = maybeTarget(order.target);
  if (target === undefined) throw new Error(`no target is called '${order.target}'`);
  const slot = new Slot(order.slot);
  const engines = target.runsModules ? await openAll(order.engines) : [];
  const lab: Lab = { engines, occasional: [], askWabt: undefined, onEngine: (index) => slot.engine(index) };
  const open = await target.open(lab, []);
  const session = new Session(order, counters, target, open, await openPlanted(target), slot, [...engines, open]);
  let blind: Blind | undefined;
  try {
    if (order.mode === 'guided') await session.guided();
    else session.random();
  } catch (error) {
    if (!(error instanceof Blind)) throw error;
    blind = error;
  }
  if (blind !== undefined) {
    tell({ kind: 'blind', reason: blind.message });
    process.exitCode = 3;
    return;
  }
  session.tellStatus('done');
  slot.close();
  if (order.coverageReport !== undefined) writeFileSync(order.coverageReport, JSON.stringify(coverageOf(counters, edges)));
}

/** For each file: its edges, and which were never reached, by line. */
function coverageOf(counters: Counters, edges: ReadonlyMap<string, readonly Edge[]>): Record<string, { readonly edges: number; readonly reached: number; readonly never: readonly Edge[] }> {
  return Object.fromEntries([...edges].map(([name, list]) => {
    const seen = counters.seenOf(name);
    const never = list.filter((_, index) => seen[index] !== true);
    return [name, { edges: list.length, reached: list.length - never.length, never }];
  }));
}
