// Does a campaign lose anything? Its supervisor and workers are killed at random, again and again, and what is left at the end is held against the files,
// against everything the log ever said, and against the same campaign left in peace.
//
// The same numbers give the same cases whoever runs them, so the tortured campaign must come to exactly the same counts, the same findings and the same rules and
// ends of calls seen. Half of the kills wait until the victim has a case in flight, the others come at any time, the start included.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RandomSource } from '../generate/choices.ts';
import { corpusFolder, maybeReadEntry } from './corpus.ts';
import { readSlot } from './in-flight.ts';
import { Ledger } from './ledger.ts';
import type { CampaignPlan } from './plan.ts';
import { processesWith } from './processes.ts';
import { runCampaign } from './supervise.ts';

export interface TortureResult {
  readonly kills: { readonly supervisors: number; readonly workers: number; readonly inFlight: number };
  readonly sessions: number;
  readonly modules: number;
  readonly findings: readonly string[];
  readonly entries: number;
  /** Everything that is not as it must be; empty when nothing was lost. */
  readonly losses: readonly string[];
}

export interface TortureOrder {
  /** `folder` and `crashes` are made from `scratch`; the numbers are extended until all kills are done. */
  readonly plan: Omit<CampaignPlan, 'folder' | 'crashes' | 'maxModules' | 'neighbourEvery'>;
  readonly scratch: string;
  readonly kills: number;
  readonly seed: number;
  /** Numbers to begin with, and to add whenever they are done too soon. */
  readonly numbers: number;
  readonly onProgress?: (kills: number) => void;
}

const sessionFile = fileURLToPath(new URL('torture-session.ts', import.meta.url));
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/assay-node/', import.meta.url));

/** Of how many kills one is the supervisor's. */
const supervisorEvery = 5;
const poll = 10;
/** How long to wait for a case in flight before killing all the same. */
const mostPolls = 600;
const longestDelay = 150;
/** Nobody is killed over the same case more often: that would rightly be a finding. */
const mostOverOne = 2;

class Session {
  private readonly child: ChildProcess;
  readonly ended: Promise<void>;
  isAlive = true;
  output = '';

  constructor(plan: CampaignPlan) {
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', sessionFile, JSON.stringify(plan)], { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: compileCache } });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    this.ended = new Promise((resolve) => {
      this.child.on('exit', () => {
        this.isAlive = false;
        resolve();
      });
    });
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** The slot folder of the session that runs now; undefined before it has begun. */
function maybeSlots(folder: string): string | undefined {
  if (!Ledger.exists(folder)) return undefined;
  const ledger = Ledger.read(folder);
  try {
    const last = ledger.sessions().at(-1);
    return last?.ended === undefined ? last?.slots : undefined;
  } catch {
    // A file whose tables are not there yet.
    return undefined;
  } finally {
    ledger.close();
  }
}

function maybeWorker(slots: string, lane: number): number | undefined {
  return processesWith(`${slots}/slot-${lane}"`)[0];
}

interface InLane {
  readonly lane: number;
  readonly number: number;
}

function lanesInFlight(slots: string, workers: number): InLane[] {
  return Array.from({ length: workers }, (_, lane) => ({ lane, slot: readSlot(join(slots, `slot-${lane}`)) })).flatMap(({ lane, slot }) => (slot?.running === true ? [{ lane, number: slot.number }] : []));
}

/** Waits until somebody can be killed, and with `waits` until that is over a case; undefined when the session ends first. */
async function chooseVictim(
  session: Session, folder: string, lane: number, waits: boolean, watched: (slots: string) => readonly InLane[], overCase: ReadonlyMap<number, number>,
): Promise<{ readonly worker: number | undefined; readonly inFlight: readonly InLane[]; readonly look: () => readonly InLane[] } | undefined> {
  for (let polls = 0; session.isAlive; polls++) {
    const slots = maybeSlots(folder);
    if (slots !== undefined) {
      const worker = maybeWorker(slots, lane);
      const inFlight = watched(slots);
      const isAllowed = inFlight.every(({ number }) => (overCase.get(number) ?? 0) < mostOverOne);
      if (isAllowed && (inFlight.length > 0 || !waits || polls > mostPolls)) return { worker, inFlight, look: () => watched(slots) };
    }
    await sleep(poll);
  }
  return undefined;
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Runs a campaign under kills, then in peace, and compares. */
export async function torture({ plan: base, scratch, kills, seed, numbers, onProgress }: TortureOrder): Promise<TortureResult> {
  const random = new RandomSource(seed);
  const folder = join(scratch, 'campaign');
  let plan: CampaignPlan = { ...base, folder, crashes: join(scratch, 'crashes'), maxModules: numbers, neighbourEvery: 0 };
  const losses: string[] = [];
  const done = { supervisors: 0, workers: 0, inFlight: 0 };
  const overCase = new Map<number, number>();
  let session = new Session(plan);
  while (done.supervisors + done.workers < kills) {
    if (!session.isAlive) {
      if (session.output !== '') losses.push(`a session ended with: ${session.output.slice(0, 400)}`);
      if (losses.length > 3) break;
      plan = { ...plan, maxModules: plan.maxModules + numbers };
      session = new Session(plan);
    }
    const isSupervisor = random.next(supervisorEvery) === 0;
    const lane = random.next(plan.workers);
    const waits = random.next(2) === 0;
    await sleep(random.next(longestDelay));
    const victim = await chooseVictim(session, folder, lane, waits, (slots) => isSupervisor ? lanesInFlight(slots, plan.workers) : lanesInFlight(slots, plan.workers).filter((at) => at.lane === lane), overCase);
    if (victim === undefined) continue;
    // Between the look and the kill the victim may have come to the next case: what counts is what its slot holds afterwards.
    let inFlight = victim.inFlight;
    if (isSupervisor) {
      await session.kill();
      done.supervisors++;
      session = new Session(plan);
    } else {
      if (victim.worker === undefined || !killed(victim.worker)) continue;
      inFlight = victim.look();
      done.workers++;
    }
    for (const { number } of inFlight) overCase.set(number, (overCase.get(number) ?? 0) + 1);
    if (inFlight.length > 0) done.inFlight++;
    onProgress?.(done.supervisors + done.workers);
  }
  await session.ended;
  if (session.output !== '') losses.push(`a session ended with: ${session.output.slice(0, 400)}`);
  const last = await runCampaign(plan, () => undefined);
  const peace = await runCampaign({ ...plan, workers: 1, folder: join(scratch, 'peace'), crashes: join(scratch, 'peace-crashes') }, () => undefined);
  compare('modules', last.tally.modules, peace.tally.modules, losses);
  compare('calls', last.tally.calls, peace.tally.calls, losses);
  compare('engines', last.tally.engines, peace.tally.engines, losses);
  compare('outcomes', sorted(last.tally.outcomes), sorted(peace.tally.outcomes), losses);
  compare('findings', signatures(last), signatures(peace), losses);
  losses.push(...lossesOf(folder, plan.crashes));
  const [features, wanted] = [folder, join(scratch, 'peace')].map((where) => withLedger(where, (ledger) => ledger.features().filter((name) => !name.startsWith('pair '))));
  compare('rules and ends seen', features, wanted, losses);
  return {
    kills: done, sessions: last.status.sessions, modules: last.tally.modules, findings: signatures(last), entries: last.status.corpus.entries, losses,
  };
}

const sorted = (counts: Readonly<Record<string, number>>): [string, number][] => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
const signatures = ({ findings }: { readonly findings: readonly { readonly signature: string }[] }): string[] => findings.map(({ signature }) => signature).sort();

function compare(what: string, tortured: unknown, peaceful: unknown, losses: string[]): void {
  const [left, right] = [JSON.stringify(tortured), JSON.stringify(peaceful)];
  if (left !== right) losses.push(`${what}: ${left} after torture, ${right} in peace`);
}

function withLedger<T>(folder: string, use: (ledger: Ledger) => T): T {
  const ledger = Ledger.read(folder);
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

/** Holds ledger, log and files of a campaign against each other; what is promised and not there, or there and not known. */
export function lossesOf(folder: string, crashes: string): string[] {
  const losses: string[] = [];
  const { entries, findings } = withLedger(folder, (ledger) => ({ entries: ledger.entries(), findings: ledger.findings() }));
  for (const { name, target } of entries) if (maybeReadEntry(corpusFolder(folder, target), name) === undefined) losses.push(`corpus entry ${name} is in the ledger and not on disk`);
  const known = new Set([...entries.map(({ name }) => name), ...findings.map(({ signature }) => signature)]);
  for (const { signature, path } of findings) for (const file of ['repro.wasm', 'report.json', 'report.md']) if (!existsSync(join(path, file))) losses.push(`finding ${signature} has no ${file}`);
  for (const signature of existsSync(crashes) ? readdirSync(crashes) : []) if (!known.has(signature)) losses.push(`finding ${signature} is on disk and not in the ledger`);
  for (const line of readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n')) {
    const { event, signature, name } = JSON.parse(line) as { readonly event: string; readonly signature?: string; readonly name?: string };
    const what = event === 'finding' ? signature : event === 'entry' ? name : undefined;
    if (what !== undefined && !known.has(what)) losses.push(`the log speaks of ${event} ${what}, the ledger does not know it`);
  }
  const unfinished = join(folder, 'unfinished');
  for (const signature of existsSync(unfinished) ? readdirSync(unfinished) : []) losses.push(`finding ${signature} was never finished`);
  return losses;
}
