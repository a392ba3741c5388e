// Runs a campaign: starts the workers, listens to them, and makes a finding of every death.
//
// A worker that is killed by a signal, aborts, runs out of memory or hangs was running something: its in-flight file says what and on which engine.
// That is saved like any other finding, and another worker goes on with the next number. Nothing is lost, whatever dies, and the campaign ends in time.

import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maybeTarget } from '../targets/index.ts';
import { tapeFile } from '../targets/target.ts';
import { addText, saveFinding } from '../triage/finding.ts';
import { signatureOf } from '../triage/signature.ts';
import { readSlot, slotFolder } from './in-flight.ts';
import type { CampaignPlan, WorkerOrder } from './plan.ts';
import { addTally, count, emptyTally, type Tally } from './tally.ts';
import type { WorkerMessage } from './worker.ts';

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

export interface CampaignResult {
  readonly tally: Tally;
  readonly seconds: number;
  readonly findings: readonly { readonly signature: string; readonly path: string }[];
  /** Workers that died, by how. */
  readonly deaths: Readonly<Record<string, number>>;
}

/** A worker as its supervisor sees it. */
interface Station {
  child: ChildProcess | undefined;
  /** Of the present process; counted in full when it ends. */
  tally: Tally;
  readonly slot: string;
  /** Where a successor goes on. */
  next: number;
  beats: number;
  beatAt: number;
  isHung: boolean;
  output: string;
}

/** Where Node keeps stripped and compiled sources from one worker to the next; their start is a good part of a short campaign. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/assay-node/', import.meta.url));

/** Compilations leave much garbage that dies young. V8's nursery begins small and copies out of it what lives for one module; in a larger one it is dead by then. */
const workerFlags = ['--disable-warning=ExperimentalWarning', '--min-semi-space-size=16', '--max-semi-space-size=32'];

const keptOutput = 4000;
/** How long a worker may take to say goodbye after the deadline. */
const graceSeconds = 10;
/** A campaign whose workers keep dying at once is broken, not unlucky. */
const mostDeaths = 100;

/** Runs a campaign to its end. `onProgress` is called often, with the sum so far and the seconds gone. */
export async function runCampaign(plan: CampaignPlan, onProgress: (tally: Tally, seconds: number) => void): Promise<CampaignResult> {
  const folder = slotFolder();
  const started = performance.now();
  const deadline = Date.now() + plan.seconds * 1000;
  const total = emptyTally();
  const findings = new Map<string, string>();
  const deaths: Record<string, number> = {};
  const stations = Array.from({ length: plan.workers }, (_, index): Station => ({
    child: undefined, tally: emptyTally(), slot: join(folder, `slot-${index}`), next: index, beats: -1, beatAt: performance.now(), isHung: false, output: '',
  }));
  const seconds = (): number => (performance.now() - started) / 1000;
  const sum = (): Tally => {
    const all = emptyTally();
    addTally(all, total);
    for (const station of stations) addTally(all, station.tally);
    return all;
  };

  const onDeath = async (station: Station, how: string): Promise<void> => {
    count(deaths, how);
    const inFlight = readSlot(station.slot);
    const isRunning = inFlight !== undefined && inFlight.running;
    const engine = isRunning ? ([...plan.engines, ...plan.occasional][inFlight.engine] ?? 'generator') : 'harness';
    const target = isRunning ? (plan.targets[inFlight.target] ?? '') : '';
    const kind = station.isHung ? 'hang' : 'death';
    const bytes = isRunning ? inFlight.bytes : new Uint8Array();
    const signature = signatureOf({ kind, engine, level: undefined, fingerprint: how });
    const { path, isWritten } = saveFinding(plan.crashes, {
      signature, kind, odd: engine, level: undefined,
      detail: `${station.isHung ? `no progress for ${plan.hangSeconds} s` : `worker process ended by ${how}`} while ${engine} ran\n${station.output}`,
      engines: { [engine]: how },
      origin: isRunning ? { target, seed: plan.seed, number: inFlight.number } : undefined,
      ...(isRunning && maybeTarget(target)?.runsModules === false ? { target, file: tapeFile } : {}),
    }, bytes);
    findings.set(signature, path);
    count(total.findings, signature);
    if (isWritten && bytes.length > 0) await addText(path);
    // Numbers between the last report and the death were examined, but their counts went with the worker; the successor goes on behind them.
    // A death between modules is the harness's own: trying again would only repeat it.
    station.next = isRunning ? inFlight.number + plan.workers : plan.maxModules;
  };

  const runStation = (station: Station): Promise<void> => new Promise((resolve) => {
    const order: WorkerOrder = { plan, first: station.next, deadline, slot: station.slot };
    const child = fork(workerFile, [JSON.stringify(order)], { execArgv: workerFlags, env: { ...process.env, NODE_COMPILE_CACHE: compileCache }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    station.child = child;
    station.isHung = false;
    station.output = '';
    station.beatAt = performance.now();
    let isDone = false;
    const keep = (chunk: Buffer): void => {
      station.output = (station.output + chunk.toString()).slice(-keptOutput);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: WorkerMessage) => {
      if (message.kind === 'finding') findings.set(message.signature, message.path);
      else {
        station.tally = message.tally;
        if (message.kind === 'progress') station.next = message.next;
        else isDone = true;
        onProgress(sum(), seconds());
      }
    });
    child.on('exit', (code, signal) => {
      station.child = undefined;
      addTally(total, station.tally);
      station.tally = emptyTally();
      if (isDone && code === 0) {
        resolve();
        return;
      }
      void onDeath(station, station.isHung ? 'hang' : (signal ?? `exit code ${code ?? '?'}`)).then(resolve);
    });
  });

  const keepStation = async (station: Station): Promise<void> => {
    for (;;) {
      const before = Object.values(deaths).reduce((a, b) => a + b, 0);
      await runStation(station);
      const after = Object.values(deaths).reduce((a, b) => a + b, 0);
      if (after === before || after >= mostDeaths || Date.now() >= deadline || station.next >= plan.maxModules) return;
    }
  };

  const watch = setInterval(() => {
    for (const station of stations) {
      if (station.child === undefined) continue;
      const inFlight = readSlot(station.slot);
      if (inFlight !== undefined && inFlight.beats !== station.beats) {
        station.beats = inFlight.beats;
        station.beatAt = performance.now();
      }
      const stuckFor = (performance.now() - station.beatAt) / 1000;
      const isLate = Date.now() > deadline + graceSeconds * 1000 && stuckFor > graceSeconds;
      if (stuckFor > plan.hangSeconds || isLate) {
        station.isHung = true;
        station.child.kill('SIGKILL');
      }
    }
    onProgress(sum(), seconds());
  }, 200);
  try {
    await Promise.all(stations.map(keepStation));
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true, force: true });
  }
  return { tally: sum(), seconds: seconds(), findings: [...findings].map(([signature, path]) => ({ signature, path })), deaths };
}
