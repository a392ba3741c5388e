// The thread of a foreign interpreter that is a command-line program: for each module a file, a run, and what it printed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { openProgram } from './program.ts';
import { serve, type ThreadOrder } from './thread.ts';

/** The program, and its arguments behind the module's path. */
export interface ProgramDetails {
  readonly path: string;
  readonly args: readonly string[];
}

const order = workerData as ThreadOrder;
const { path, args } = order.details as ProgramDetails;
const folder = mkdtempSync(join(tmpdir(), 'assay-foreign-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const run = openProgram(path);
const file = join(folder, 'module.wasm');

serve(order, async (question) => {
  if (!(question instanceof Uint8Array)) throw new TypeError('not a module');
  writeFileSync(file, question);
  const { output, exitCode } = await run([file, ...args]);
  return { output: output.replaceAll(file, 'module.wasm'), exitCode };
});
