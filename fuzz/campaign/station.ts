// A worker's place as its supervisor sees it: the process that sits there now, what it has said, and whether it still moves.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSlot } from './in-flight.ts';
import type { WorkerOrder } from './plan.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';
import type { SupervisorMessage, WorkerMessage } from './worker.ts';

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Where Node keeps stripped and compiled sources from one worker to the next; their start is a good part of a short campaign. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/assay-node/', import.meta.url));

/**
 * Compilations leave much garbage that dies young. V8's nursery begins small and copies out of it what lives for one module; in a larger one it is dead by then.
 * There is a worker for every core, so that threads which help one worker take from another; and in a process of one thread no change of a page's protection waits
 * for the other core, which took V8 a millisecond for each module it compiled. Of functions as large as the interpreter's loop, optimised code costs seconds and
 * gains little over what V8's middle tier makes.
 * V8 as an engine stays with its baseline code: generated modules end before the optimising tier has paid for itself, and its threads took a third of the time.
 */
const workerFlags = [
  '--disable-warning=ExperimentalWarning', '--min-semi-space-size=64', '--max-semi-space-size=64', '--no-wasm-tier-up', '--single-threaded', '--max-optimized-bytecode-size=6000',
];

const keptOutput = 4000;
/** How long a process may load before its first case. */
const loadSeconds = 60;

/** How a process ended: `done` said goodbye, anything else is a death. */
export type Ending = { readonly kind: 'done' } | { readonly kind: 'death'; readonly how: string; readonly isHang: boolean };

export class Station {
  readonly lane: number;
  readonly slot: string;
  /** Where a successor goes on; everything before it is in the tally. */
  next: number;
  /** Of processes that have ended. */
  readonly base: Tally = emptyTally();
  /** The last of what the process wrote. */
  output = '';
  private live = emptyTally();
  private child: ChildProcess | undefined;
  private beats = -1;
  private beatAt = 0;
  private hasBegun = false;
  private isHang = false;

  constructor(lane: number, slot: string, next: number) {
    this.lane = lane;
    this.slot = slot;
    this.next = next;
  }

  get isAlive(): boolean {
    return this.child !== undefined;
  }

  /** All that was counted here in this session, as of `next`. */
  tally(): Tally {
    const sum = emptyTally();
    addTally(sum, this.base);
    addTally(sum, this.live);
    return sum;
  }

  tell(message: SupervisorMessage): void {
    // One that is just dying cannot be told; its end is heard elsewhere.
    if (this.child?.connected === true) this.child.send(message, () => undefined);
  }

  /** Runs one process to its end. */
  run(order: WorkerOrder, hear: (message: WorkerMessage) => void): Promise<Ending> {
    return new Promise((resolve) => {
      const child = fork(workerFile, [JSON.stringify(order)], { execArgv: workerFlags, env: { ...process.env, NODE_COMPILE_CACHE: compileCache }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      this.child = child;
      this.isHang = false;
      this.hasBegun = false;
      this.output = '';
      this.beatAt = performance.now();
      let isDone = false;
      let ended: { readonly code: number | null; readonly signal: string | null } | undefined;
      const keep = (chunk: Buffer): void => {
        this.output = (this.output + chunk.toString()).slice(-keptOutput);
      };
      child.stdout?.on('data', keep);
      child.stderr?.on('data', keep);
      child.on('message', (message: WorkerMessage) => {
        if (message.kind === 'progress' || message.kind === 'done') {
          this.live = message.tally;
          this.next = message.next;
          isDone = message.kind === 'done';
        }
        hear(message);
      });
      // What a process said last may still be in the channel when it is gone: its end counts when both have come.
      let isClosed = false;
      const settle = (): void => {
        if (ended === undefined || !isClosed) return;
        this.child = undefined;
        addTally(this.base, this.live);
        this.live = emptyTally();
        const how = this.isHang ? 'hang' : (ended.signal ?? `exit code ${ended.code ?? '?'}`);
        resolve(isDone && ended.code === 0 ? { kind: 'done' } : { kind: 'death', how, isHang: this.isHang });
      };
      child.on('exit', (code, signal) => {
        ended = { code, signal };
        settle();
      });
      child.on('disconnect', () => {
        isClosed = true;
        settle();
      });
    });
  }

  /** Ends the process when its slot has not changed for so long. Before the first change it is loading, which may take its time on a busy machine. */
  endIfStuck(seconds: number): void {
    if (this.child === undefined) return;
    const inFlight = readSlot(this.slot);
    if (inFlight !== undefined && inFlight.beats !== this.beats) {
      this.beats = inFlight.beats;
      this.hasBegun = true;
      this.beatAt = performance.now();
    }
    const patience = this.hasBegun ? seconds : Math.max(seconds, loadSeconds);
    if ((performance.now() - this.beatAt) / 1000 <= patience) return;
    this.isHang = true;
    this.child.kill('SIGKILL');
  }
}
