// Ends a worker whose supervisor is gone. A worker notices that by itself between cases; one that hangs, in a loop of JavaScript or of machine code, never gets
// there. So a thread of its own looks: once the process has another parent than it began with, it is given as long as its supervisor would have given it for
// a case, and then ended by SIGKILL, which no loop outlasts.

import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface Watch {
  readonly parent: number;
  readonly milliseconds: number;
}

const lookEvery = 500;

/** Watches over this process for as long as it lives; the thread keeps nothing from ending. */
export function endWithSupervisor(graceSeconds = 1): void {
  const watch: Watch = { parent: process.ppid, milliseconds: graceSeconds * 1000 };
  new Worker(fileURLToPath(import.meta.url), { workerData: watch, execArgv: [] }).unref();
}

function look({ parent, milliseconds }: Watch): void {
  if (process.ppid === parent) return;
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), milliseconds);
  clearInterval(looking);
}

const looking = isMainThread ? undefined : setInterval(() => look(workerData as Watch), lookEvery);
