// Runs guided fuzzing, or its unguided twin, in processes of their own: one per worker, all on one corpus folder, which libFuzzer reads again now and then.
//
// Invariant: nothing is lost. The corpus is on disk file by file, a finding is saved by the process that meets it, and a process that dies leaves its last input in
// its slot, which becomes a finding; a successor goes on with what time is left.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readSlot, slotFolder } from '../campaign/in-flight.ts';
import { inputFile, tapeFile } from '../targets/target.ts';
import { saveFinding } from '../triage/finding.ts';
import { signatureOf } from '../triage/signature.ts';
import type { SessionMessage, SessionOrder, SessionStatus } from './order.ts';
import type { WayTotals } from './shares.ts';

export interface GuidedPlan {
  readonly target: string;
  readonly mode: SessionOrder['mode'];
  /** Whether libFuzzer takes part. */
  readonly libFuzzer: boolean;
  readonly corpus: string;
  readonly seed: number;
  readonly seconds: number;
  readonly workers: number;
  readonly engines: readonly string[];
  readonly crashes: string;
  readonly hangSeconds: number;
  readonly shrinkSeconds: number;
  /** CPU seconds after which each worker is done, before `seconds` are over; absent: time alone counts. */
  readonly cpuSeconds?: number;
  /** For `replay`: what the only worker runs, and where it writes down what that covers. */
  readonly replay?: SessionOrder['replay'];
}

/** All workers together: sums, but edges and events, which are those of the worker that has seen most. */
export interface GuidedFigures extends Omit<SessionStatus, 'kind' | 'seconds'> {
  readonly corpus: number;
}

export interface GuidedResult {
  readonly figures: GuidedFigures;
  /** Of fuzzing, without the start of the processes. */
  readonly seconds: number;
  readonly findings: readonly { readonly signature: string; readonly path: string }[];
  readonly deaths: Readonly<Record<string, number>>;
  readonly proof: { readonly sees: readonly [number, number]; readonly caught: string; readonly after: number } | undefined;
  /** Why nothing was fuzzed. */
  readonly blind: string | undefined;
}

const driver = fileURLToPath(new URL('driver.ts', import.meta.url));
const graceSeconds = 20;
/** Loading and instrumenting everything, on a busy machine. */
const startSeconds = 90;
const keptOutput = 6000;
const mostDeaths = 50;

interface Station {
  readonly index: number;
  readonly slot: string;
  child: ChildProcess | undefined;
  status: SessionStatus | undefined;
  beats: number;
  beatAt: number;
  isHung: boolean;
  output: string;
}

function corpusSize(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

function figuresOf(statuses: readonly SessionStatus[], corpus: string): GuidedFigures {
  const sum = (pick: (status: SessionStatus) => number): number => statuses.reduce((total, status) => total + pick(status), 0);
  const most = (pick: (status: SessionStatus) => number): number => statuses.reduce((largest, status) => Math.max(largest, pick(status)), 0);
  return {
    executions: sum(({ executions }) => executions), cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds), edges: most(({ edges }) => edges), edgesLoaded: most(({ edgesLoaded }) => edgesLoaded), events: most(({ events }) => events),
    eventsKnown: most(({ eventsKnown }) => eventsKnown), agree: sum(({ agree }) => agree), disagree: sum(({ disagree }) => disagree), incomparable: sum(({ incomparable }) => incomparable),
    proofs: { checked: sum(({ proofs }) => proofs.checked), failed: sum(({ proofs }) => proofs.failed) },
    ways: sumOfWays(statuses),
    newPaths: sum(({ newPaths }) => newPaths), lastNewPath: most(({ lastNewPath }) => lastNewPath), corpus: corpusSize(corpus),
  };
}

function sumOfWays(statuses: readonly SessionStatus[]): Record<string, WayTotals> {
  const total: Record<string, WayTotals> = {};
  for (const { ways } of statuses) {
    for (const [name, { cases, seconds, found }] of Object.entries(ways)) {
      const old = total[name] ?? { cases: 0, seconds: 0, found: 0 };
      total[name] = { cases: old.cases + cases, seconds: old.seconds + seconds, found: old.found + found };
    }
  }
  return total;
}

/** Runs to the end of the plan's time, or until `signal` ends it early. `command` starts the processes' Node (machine.ts). */
export async function runGuided(
  plan: GuidedPlan, command: readonly [string, ...string[]], onProgress: (figures: GuidedFigures, seconds: number) => void, signal: AbortSignal = new AbortController().signal,
): Promise<GuidedResult> {
  const folder = slotFolder();
  const finished: SessionStatus[] = [];
  const findings = new Map<string, string>();
  const deaths: Record<string, number> = {};
  const stations = Array.from({ length: plan.workers }, (_, index): Station => ({
    index, slot: join(folder, `slot-${index}`), child: undefined, status: undefined, beats: -1, beatAt: performance.now(), isHung: false, output: '',
  }));
  let proof: GuidedResult['proof'];
  let blind: string | undefined;
  /** When the first process began to fuzz. */
  let began: number | undefined;
  const elapsed = (): number => (began === undefined ? 0 : (performance.now() - began) / 1000);
  const figures = (): GuidedFigures => figuresOf([...finished, ...stations.flatMap(({ status }) => status ?? [])], plan.corpus);

  const hear = (station: Station, message: SessionMessage): void => {
    began ??= performance.now();
    switch (message.kind) {
      case 'proved':
        proof = message;
        break;
      case 'blind':
        blind = message.reason;
        break;
      case 'finding':
        findings.set(message.signature, message.path);
        break;
      case 'status':
      case 'done':
        station.status = message;
        onProgress(figures(), elapsed());
    }
  };

  const onDeath = (station: Station, how: string): void => {
    deaths[how] = (deaths[how] ?? 0) + 1;
    const inFlight = readSlot(station.slot);
    const isRunning = inFlight?.running === true;
    const culprit = isRunning ? (plan.engines[inFlight.engine] ?? 'compiler') : 'harness';
    const kind = station.isHung ? 'hang' : 'death';
    const signature = signatureOf({ kind: `${plan.target}-${kind}`, engine: culprit, level: undefined, fingerprint: how });
    const { path } = saveFinding(plan.crashes, {
      signature, kind, odd: culprit, level: undefined, detail: `${plan.mode} fuzzing of ${plan.target} ended by ${how} while ${culprit} ran\n${station.output}`,
      engines: { [culprit]: how }, origin: undefined, target: plan.target, file: plan.mode === 'random' ? tapeFile : inputFile,
    }, isRunning ? inFlight.bytes : new Uint8Array());
    findings.set(signature, path);
  };

  const runStation = (station: Station, isFirst: boolean): Promise<boolean> => new Promise((resolve) => {
    const order: SessionOrder = {
      target: plan.target, mode: plan.mode, corpus: plan.corpus, seed: plan.seed + station.index, seconds: Math.max(1, Math.ceil(plan.seconds - elapsed())), engines: plan.engines,
      crashes: plan.crashes, slot: station.slot, shrinkSeconds: plan.shrinkSeconds, provesItself: isFirst,
      libFuzzer: plan.libFuzzer,
      ...(plan.cpuSeconds === undefined ? {} : { cpuSeconds: plan.cpuSeconds }),
      ...(plan.replay === undefined ? {} : { replay: plan.replay }),
    };
    const [program, ...args] = command;
    const child = spawn(program, [...args, driver, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
    station.child = child;
    station.isHung = false;
    station.output = '';
    station.status = undefined;
    station.beatAt = performance.now() + startSeconds * 1000;
    let isDone = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const message = JSON.parse(line) as SessionMessage;
      if (message.kind === 'done' || message.kind === 'blind') isDone = true;
      hear(station, message);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      station.output = (station.output + chunk.toString()).slice(-keptOutput);
    });
    child.on('close', (code, killedBy) => {
      station.child = undefined;
      if (station.status !== undefined) finished.push(station.status);
      station.status = undefined;
      if (!isDone && !signal.aborted) onDeath(station, station.isHung ? 'hang' : (killedBy ?? `exit code ${code ?? '?'}`));
      resolve(isDone);
    });
  });

  const keepStation = async (station: Station): Promise<void> => {
    for (let isFirst = true; ; isFirst = false) {
      const isDone = await runStation(station, isFirst);
      const died = Object.values(deaths).reduce((total, number) => total + number, 0);
      if (isDone || signal.aborted || died >= mostDeaths || elapsed() >= plan.seconds || began === undefined) return;
    }
  };

  const watch = setInterval(() => {
    const now = performance.now();
    for (const station of stations) {
      if (station.child === undefined) continue;
      const inFlight = readSlot(station.slot);
      if (inFlight !== undefined && inFlight.beats !== station.beats) {
        station.beats = inFlight.beats;
        station.beatAt = Math.max(now, station.status === undefined ? station.beatAt : now);
      }
      const isLate = elapsed() > plan.seconds + graceSeconds + plan.shrinkSeconds;
      if ((now - station.beatAt) / 1000 > plan.hangSeconds || isLate) {
        station.isHung = true;
        station.child.kill('SIGKILL');
      }
    }
    onProgress(figures(), elapsed());
  }, 500);
  // Ctrl-C goes to the whole group; the processes that fuzz must not outlive the one that was told to stop.
  const stop = (): void => {
    for (const { child } of stations) child?.kill('SIGKILL');
  };
  process.once('exit', stop);
  signal.addEventListener('abort', stop);
  try {
    await Promise.all(stations.map(keepStation));
  } finally {
    clearInterval(watch);
    process.off('exit', stop);
    signal.removeEventListener('abort', stop);
    rmSync(folder, { recursive: true, force: true });
  }
  return { figures: figures(), seconds: elapsed(), findings: [...findings].map(([signature, path]) => ({ signature, path })), deaths, proof, blind };
}
