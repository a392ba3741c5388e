// Predicates outside of this process: worker processes with the laboratory in them, or a command of the user's.
//
// A worker that dies or takes too long is replaced; its death is the answer, which is yes only where deaths are what is looked for. A command is given
// the candidate's path as its last argument and runs in a folder of its own that holds the candidate, as candidate.wasm or candidate.ir; exit code 0 means interesting.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartCase } from './part-laboratory.ts';
import type { Wish } from './wish.ts';

export interface JudgeOrder {
  readonly engines: readonly string[];
  /** Name of a fault to plant in our compiler. */
  readonly fault: string | undefined;
  readonly rounds: number;
  readonly asksWabt: boolean;
  /** Candidates are no modules but such files of one of the targets that test a part of the compiler, which needs no engines. */
  readonly part?: PartCase;
}

export type Question = { readonly kind: 'look'; readonly bytes: Uint8Array } | { readonly kind: 'judge'; readonly bytes: Uint8Array; readonly wish: Wish };

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly wish: Wish | undefined }
  | { readonly kind: 'verdict'; readonly isInteresting: boolean }
  | { readonly kind: 'broken'; readonly message: string };

export interface Judge {
  /** Whether a candidate is interesting. Several may be asked at a time. */
  judge(bytes: Uint8Array): Promise<boolean>;
  close(): void;
}

/** The user's command cannot be started. */
export class PredicateFailed extends Error {
  override readonly name = 'PredicateFailed';
}

const workerFile = fileURLToPath(new URL('judge-worker.ts', import.meta.url));

type Ending = Answer | { readonly kind: 'died' } | { readonly kind: 'hung' };

/** One worker process, started when first needed and again whenever it has died. */
class Station {
  private readonly order: JudgeOrder;
  private readonly seconds: number;
  private child: ChildProcess | undefined;
  private ready: Promise<Ending> | undefined;

  constructor(order: JudgeOrder, seconds: number) {
    this.order = order;
    this.seconds = seconds;
  }

  private start(): ChildProcess {
    if (this.child !== undefined) return this.child;
    const child = fork(workerFile, [JSON.stringify(this.order)], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.child = child;
    // Its start is not the candidate's time; it loads the compiler first.
    this.ready = this.next(child, 120);
    return child;
  }

  private next(child: ChildProcess, seconds: number): Promise<Ending> {
    return new Promise((resolve) => {
      const done = (ending: Ending): void => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(ending);
      };
      const onMessage = (answer: Answer): void => done(answer);
      const onExit = (): void => {
        this.child = undefined;
        done({ kind: 'died' });
      };
      const timer = setTimeout(() => {
        this.child = undefined;
        child.kill('SIGKILL');
        done({ kind: 'hung' });
      }, seconds * 1000);
      child.once('message', onMessage);
      child.once('exit', onExit);
    });
  }

  async ask(question: Question): Promise<Ending> {
    const child = this.start();
    const ready = await this.ready;
    if (ready?.kind !== 'ready') throw new Error('the process that judges candidates does not start; see assay engines');
    const answer = this.next(child, this.seconds);
    child.send(question);
    const ending = await answer;
    if (ending.kind === 'broken') throw new Error(`the process that judges candidates failed: ${ending.message}`);
    return ending;
  }

  close(): void {
    this.child?.removeAllListeners('exit');
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}

/** What a module shows, seen from a process of its own; undefined when the engines agree. */
export async function lookAt(bytes: Uint8Array, order: JudgeOrder, seconds: number): Promise<Wish | undefined> {
  const station = new Station(order, seconds);
  try {
    const ending = await station.ask({ kind: 'look', bytes });
    if (ending.kind === 'seen') return ending.wish;
    return { kind: 'death', how: ending.kind === 'hung' ? 'hang' : 'death' };
  } finally {
    station.close();
  }
}

/** Judges by the laboratory, in so many worker processes; each candidate has so many seconds. */
export function laboratoryJudge(order: JudgeOrder, wish: Wish, width: number, seconds: number): Judge {
  const idle = Array.from({ length: width }, () => new Station(order, seconds));
  const all = [...idle];
  const waiting: ((station: Station) => void)[] = [];
  const free = (station: Station): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(station);
    else next(station);
  };
  return {
    judge: async (bytes) => {
      const station = idle.pop() ?? (await new Promise<Station>((resolve) => waiting.push(resolve)));
      try {
        const ending = await station.ask({ kind: 'judge', bytes, wish });
        if (ending.kind === 'verdict') return ending.isInteresting;
        return wish.kind === 'death' && (wish.how === 'hang') === (ending.kind === 'hung');
      } finally {
        free(station);
      }
    },
    close: () => {
      for (const station of all) station.close();
    },
  };
}

/** Judges by a command: a program, by name or path, and its first arguments, separated by spaces. `name` is what a candidate's file is called. */
export function commandJudge(command: string, seconds: number, name = 'candidate.wasm'): Judge {
  const folder = mkdtempSync(join(tmpdir(), 'assay-reduce-'));
  const [first = '', ...args] = command.split(' ').filter((word) => word !== '');
  // Candidates have folders of their own: a path is the caller's.
  const program = first.includes('/') ? resolvePath(first) : first;
  const running = new Set<ChildProcess>();
  return {
    judge: (bytes) => new Promise((resolve, reject) => {
      const own = mkdtempSync(join(folder, 'candidate-'));
      const path = join(own, name);
      writeFileSync(path, bytes);
      const child = spawn(program, [...args, path], { cwd: own, stdio: 'ignore' });
      running.add(child);
      const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
      child.once('error', (error) => {
        clearTimeout(timer);
        running.delete(child);
        reject(new PredicateFailed(`the command ${JSON.stringify(program)} cannot be started: ${error.message}`));
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        running.delete(child);
        rmSync(own, { recursive: true, force: true });
        resolve(code === 0);
      });
    }),
    close: () => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
