// Runs a session of a campaign: starts the workers, listens to them, keeps the ledger, and makes something of every death.
//
// A worker that dies or hangs was running something: its in-flight file says what, and on which engine. A death of its own making (a fault signal, an exit,
// a hang) is a finding at once. SIGKILL and its like come from outside as well (somebody's `kill`, the system out of memory): the case is kept as a suspect and
// run again; three deaths over one case are a finding. The successor begins where the last report ended, so everything is counted once; what is
// deadly it leaves out. Files come before the ledger, the ledger before anything that is told to people.

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addText, saveFinding } from '../triage/finding.ts';
import { signatureOf } from '../triage/signature.ts';
import { buildOf } from './build.ts';
import { maybeReadEntry, writeEntry, writeWhole } from './corpus.ts';
import { readSlot, slotFolder, whoRan } from './in-flight.ts';
import { type DeathRow, Ledger } from './ledger.ts';
import type { CampaignPlan } from './plan.ts';
import { recover, type Recovered, withSupervisor } from './recover.ts';
import { type Ending, Station } from './station.ts';
import { type CampaignStatus, statusOf } from './status.ts';
import { addTally, count, emptyTally, type Tally } from './tally.ts';
import type { WorkerMessage } from './worker.ts';

export interface CampaignResult {
  /** Of all sessions. */
  readonly tally: Tally;
  readonly seconds: number;
  readonly findings: readonly { readonly signature: string; readonly path: string }[];
  /** Workers that died in this session, by how. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly status: CampaignStatus;
  readonly recovered: Recovered;
}

/** Called often, with sums over all sessions. */
export type OnProgress = (tally: Tally, seconds: number, status: CampaignStatus) => void;

/** How long a worker may take to say goodbye after the deadline. */
const graceSeconds = 10;
/** A campaign whose workers keep dying at once is broken, not unlucky. */
const mostDeaths = 100;
const tick = 500;
const statusEvery = 1000;
const historyEvery = 10_000;
/** The rates of "now" are taken over so long. */
const rateSeconds = 10;
/** A module whose worker ended so often together with the supervisor is taken for the reason. */
const mostWithSupervisor = 3;

/** So many deaths from outside over one case are no accident. */
const mostFromOutside = 3;

const outside: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

/** Runs a session to its end: the time is up, the numbers are done, or `signal` says so. Throws `LedgerError` when the folder is another's. */
export async function runCampaign(plan: CampaignPlan, onProgress: OnProgress, signal?: AbortSignal): Promise<CampaignResult> {
  const folder = plan.folder ?? mkdtempSync(join(tmpdir(), 'assay-campaign-'));
  const ledger = Ledger.open(folder);
  try {
    return await new Supervisor({ ...plan, folder }, folder, ledger, onProgress, signal).run();
  } finally {
    ledger.close();
    if (plan.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

class Supervisor {
  private readonly plan: CampaignPlan;
  private readonly folder: string;
  private readonly ledger: Ledger;
  private readonly onProgress: OnProgress;
  private readonly signal: AbortSignal | undefined;
  private readonly slots = slotFolder();
  private readonly build: string;
  private readonly session: number;
  private readonly recovered: Recovered;
  private readonly stations: readonly Station[];
  private readonly earlier: Tally;
  private readonly earlierSeconds: number;
  private readonly started = performance.now();
  private readonly deadline: number;
  private readonly deaths: Record<string, number> = {};
  private readonly findings = new Map<string, string>();
  private readonly suspects = new Map<string, number>();
  private readonly deadly = new Set<string>();
  private readonly rates: { at: number; modules: number; executions: number }[] = [];
  private statusAt = -Infinity;
  private historyAt = -Infinity;

  constructor(plan: CampaignPlan, folder: string, ledger: Ledger, onProgress: OnProgress, signal: AbortSignal | undefined) {
    this.plan = plan;
    this.folder = folder;
    this.ledger = ledger;
    this.onProgress = onProgress;
    this.signal = signal;
    this.build = buildOf(plan.fault);
    this.session = ledger.beginSession(plan, this.build, this.slots);
    this.recovered = recover(ledger, folder, plan, this.session);
    this.earlier = ledger.tally(this.session);
    this.earlierSeconds = ledger.secondsRun();
    this.deadline = Date.now() + plan.seconds * 1000;
    for (const { signature, path } of ledger.findings()) this.findings.set(signature, path);
    this.stations = this.placeStations();
    this.log('session', { session: this.session, build: this.build, workers: plan.workers, recovered: this.recovered });
  }

  /** What killed workers of this build, or has ended with its supervisor again and again, is not run again; the latter is a finding too. */
  private async judgeOldDeaths(): Promise<void> {
    const withUs = new Map<string, DeathRow[]>();
    for (const row of this.ledger.deaths(this.build)) {
      if (row.suspect === undefined) continue;
      if (row.verdict === 'finding') this.deadly.add(row.suspect);
      else if (row.how === withSupervisor) withUs.set(row.suspect, [...(withUs.get(row.suspect) ?? []), row]);
    }
    for (const [suspect, rows] of withUs) {
      const last = rows.at(-1);
      const bytes = maybeReadEntry(join(this.folder, 'suspects'), suspect);
      if (last === undefined || bytes === undefined || rows.length < mostWithSupervisor || this.deadly.has(suspect)) continue;
      await this.keepDeath(last, bytes, 'death', `it was running in a worker that ended with its supervisor, ${rows.length} times`);
      this.ledger.condemn(suspect);
    }
  }

  /** One for each worker; where their number has changed, all go on from the lane that is furthest behind. */
  private placeStations(): Station[] {
    const lanes = this.ledger.lanes();
    const isSame = lanes.size === this.plan.workers;
    const floor = lanes.size === 0 ? 0 : Math.min(...lanes.values());
    const next = Array.from({ length: this.plan.workers }, (_, lane) => (isSame ? lanes.get(lane) : undefined) ?? floor + lane);
    if (!isSame) this.ledger.resetLanes(next);
    return next.map((number, lane) => new Station(lane, join(this.slots, `slot-${lane}`), number));
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  private sum(): Tally {
    const all = emptyTally();
    addTally(all, this.earlier);
    for (const station of this.stations) addTally(all, station.tally());
    return all;
  }

  /** One line for whoever reads along or looks afterwards. */
  private log(event: string, fields: object): void {
    appendFileSync(join(this.folder, 'log.jsonl'), `${JSON.stringify({ at: new Date().toISOString(), event, ...fields })}\n`);
  }

  private noteFinding(signature: string, path: string): void {
    if (!this.findings.has(signature)) this.log('finding', { signature, path });
    this.findings.set(signature, path);
    this.ledger.finding(this.session, signature, path);
  }

  private hear(station: Station, message: WorkerMessage): void {
    switch (message.kind) {
      case 'finding':
        this.noteFinding(message.signature, message.path);
        return;
      case 'entry':
        this.log('entry', { name: message.entry.name, target: message.entry.target, novelties: message.entry.novelties.length });
        this.ledger.entry(this.session, this.build, message.entry);
        for (const other of this.stations) if (other !== station) other.tell({ kind: 'features', names: message.entry.novelties });
        return;
      case 'progress':
      case 'done':
        for (const name of message.checked) this.ledger.checked(name, this.build);
        this.keepProgress([station]);
        return;
    }
  }

  private keepProgress(stations: readonly Station[]): void {
    this.ledger.progress(this.session, this.seconds(), stations.map((station) => ({ lane: station.lane, next: station.next, tally: station.tally() })));
  }

  /** Makes a finding of a death and of what was running, which is not run again. Answers the signature. */
  private async keepDeath(row: DeathRow, bytes: Uint8Array, kind: 'death' | 'hang', detail: string): Promise<string> {
    const { plan } = this;
    const { how, engine, target, number, suspect } = row;
    // Loaded only now: with the targets comes the whole compiler, which a supervisor has no other use for.
    const [{ maybeTarget }, { tapeFile }] = await Promise.all([import('../targets/index.ts'), import('../targets/target.ts')]);
    const signature = signatureOf({ kind, engine, level: undefined, fingerprint: how });
    const { path, isWritten } = saveFinding(plan.crashes, {
      signature, kind, odd: engine, level: undefined, detail,
      engines: { [engine]: how },
      origin: number === undefined || number < 0 ? undefined : { target, seed: plan.seed, number },
      ...(number !== undefined && maybeTarget(target)?.runsModules === false ? { target, file: tapeFile } : {}),
    }, bytes);
    this.noteFinding(signature, path);
    if (isWritten && bytes.length > 0) await addText(path);
    if (suspect !== undefined) this.deadly.add(suspect);
    return signature;
  }

  /** Answers whether a successor makes sense. */
  private async onDeath(station: Station, { how, isHang }: Ending & { readonly kind: 'death' }): Promise<boolean> {
    const { plan } = this;
    count(this.deaths, how);
    const slot = readSlot(station.slot);
    const inFlight = slot?.running === true ? slot : undefined;
    const isOutside = !isHang && outside.has(how);
    // Between cases, a signal from outside says nothing about anything.
    if (inFlight === undefined && isOutside) {
      this.ledger.death(this.session, { at: Date.now(), lane: station.lane, how, engine: 'harness', target: '', number: undefined, suspect: undefined, verdict: 'tried again' });
      return true;
    }
    const engine = inFlight === undefined ? 'harness' : whoRan(inFlight, plan);
    const target = inFlight === undefined ? '' : (plan.targets[inFlight.target] ?? '');
    const bytes = inFlight?.bytes ?? new Uint8Array();
    const suspect = inFlight === undefined ? undefined : writeEntry(join(this.folder, 'suspects'), bytes).name;
    const times = suspect === undefined ? 0 : (this.suspects.get(suspect) ?? 0) + 1;
    if (suspect !== undefined) this.suspects.set(suspect, times);
    const verdict = isOutside && times < mostFromOutside ? 'tried again' : 'finding';
    const row: DeathRow = { at: Date.now(), lane: station.lane, how, engine, target, number: inFlight?.number, suspect, verdict };
    if (verdict === 'finding') {
      const said = isHang ? `no progress for ${plan.hangSeconds} s` : `worker process ended by ${how}`;
      count(station.base.findings, await this.keepDeath(row, bytes, isHang ? 'hang' : 'death', `${said} while ${engine} ran\n${station.output}`));
    }
    this.log('death', { lane: station.lane, how, engine, target, number: inFlight?.number, suspect, verdict, bytes: bytes.length });
    this.ledger.death(this.session, row);
    // A death of the harness's own between cases would only repeat itself.
    return inFlight !== undefined;
  }

  private async keepStation(station: Station): Promise<void> {
    for (;;) {
      const order = {
        plan: this.plan, folder: this.folder, session: this.session, build: this.build, lane: station.lane, first: station.next, deadly: [...this.deadly], deadline: this.deadline, slot: station.slot,
      };
      const ending = await station.run(order, (message) => this.hear(station, message));
      if (ending.kind === 'done') return;
      const goesOn = await this.onDeath(station, ending);
      this.keepProgress([station]);
      const died = Object.values(this.deaths).reduce((a, b) => a + b, 0);
      if (!goesOn || died >= mostDeaths || Date.now() >= this.deadline || this.signal?.aborted === true) return;
    }
  }

  private status(tally: Tally, isRunning: boolean): CampaignStatus {
    const [first] = this.rates;
    const last = this.rates.at(-1);
    const span = first === undefined || last === undefined ? 0 : (last.at - first.at) / 1000;
    const rate = (what: 'modules' | 'executions'): number => (span === 0 || first === undefined || last === undefined ? 0 : (last[what] - first[what]) / span);
    const live = isRunning ? { alive: this.stations.filter(({ isAlive }) => isAlive).length, modulesPerSecond: rate('modules'), executionsPerSecond: rate('executions') } : undefined;
    return statusOf(this.folder, this.ledger, this.plan, tally, this.earlierSeconds + this.seconds(), live);
  }

  private look(isLast = false): void {
    const now = performance.now();
    const isOver = Date.now() > this.deadline + graceSeconds * 1000;
    for (const station of this.stations) station.endIfStuck(isOver ? Math.min(graceSeconds, this.plan.hangSeconds) : this.plan.hangSeconds);
    const tally = this.sum();
    this.rates.push({ at: now, modules: tally.modules, executions: tally.executions });
    while ((this.rates[0]?.at ?? now) < now - rateSeconds * 1000) this.rates.shift();
    const status = this.status(tally, !isLast);
    if (isLast || now - this.statusAt >= statusEvery) {
      this.statusAt = now;
      writeWhole(join(this.folder, 'status.json'), `${JSON.stringify(status)}\n`);
    }
    if (isLast || now - this.historyAt >= historyEvery) {
      this.historyAt = now;
      this.ledger.remember({ seconds: status.seconds, at: status.at, modules: status.modules, executions: status.executions, rules: status.rules.fired, features: status.corpus.features, entries: status.corpus.entries, findings: status.findings.count });
    }
    this.onProgress(tally, status.seconds, status);
  }

  async run(): Promise<CampaignResult> {
    await this.judgeOldDeaths();
    const watch = setInterval(() => this.look(), tick);
    const stop = (): void => {
      for (const station of this.stations) station.tell({ kind: 'stop' });
    };
    this.signal?.addEventListener('abort', stop);
    try {
      await Promise.all(this.stations.map((station) => this.keepStation(station)));
    } finally {
      clearInterval(watch);
      this.signal?.removeEventListener('abort', stop);
    }
    const isDone = this.stations.every(({ next }) => next >= this.plan.maxModules);
    const how = this.signal?.aborted === true ? 'stopped' : isDone ? 'all numbers done' : Date.now() >= this.deadline ? 'time is up' : 'its workers gave up';
    this.keepProgress(this.stations);
    this.ledger.endSession(this.session, this.seconds(), how);
    this.look(true);
    rmSync(this.slots, { recursive: true, force: true });
    this.log('end', { session: this.session, how });
    const tally = this.sum();
    return {
      tally, seconds: this.earlierSeconds + this.seconds(), findings: [...this.findings].map(([signature, path]) => ({ signature, path })), deaths: this.deaths,
      status: this.status(tally, false), recovered: this.recovered,
    };
  }
}

