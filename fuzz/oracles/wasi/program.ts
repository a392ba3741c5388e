// A WASI program as something to compare between engines: what it was given, and everything it left behind.
// Each run gets a copy of the program's folder of its own, a fixed clock and fixed random numbers.

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, Outcome } from '../engine.ts';
import { WasiHost } from './wasi.ts';

export interface ProgramInput {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly args: readonly string[];
  readonly environment?: readonly string[];
  readonly stdin?: Uint8Array;
  /** Copied for each run and preopened under the name `.` and `/`; absent: no folder. */
  readonly folder?: string;
}

export interface ProgramRun {
  readonly engine: string;
  /** `refused` and `link` come before anything ran; the reason is in `message`. */
  readonly ending: Outcome | { readonly kind: 'refused' | 'link'; readonly message: string };
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** SHA-256 of every file in the folder afterwards, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Wall-clock milliseconds of compilation and of execution. */
  readonly compileMs: number;
  readonly runMs: number;
}

function filesBelow(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, createHash('sha256').update(readFileSync(join(folder, path))).digest('hex')]));
}

/** Runs `_start` of a program on an engine. */
export function runProgram(engine: Engine, input: ProgramInput): ProgramRun {
  const folder = mkdtempSync(join(tmpdir(), 'assay-program-'));
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const store = engine.openStore();
  const start = performance.now();
  let compiledAt = start;
  const finish = (ending: ProgramRun['ending']): ProgramRun => ({
    engine: engine.name,
    ending,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr),
    files: filesBelow(folder),
    compileMs: compiledAt - start,
    runMs: performance.now() - compiledAt,
  });
  try {
    if (input.folder !== undefined) cpSync(input.folder, folder, { recursive: true });
    const compiled = store.compile(input.bytes);
    compiledAt = performance.now();
    if (compiled.kind === 'unsupported') return finish({ kind: 'refused', message: `unsupported: ${compiled.feature}` });
    if (compiled.kind !== 'compiled') return finish({ kind: 'refused', message: `${compiled.kind}: ${compiled.message}` });
    const host = new WasiHost(store, {
      args: [input.name, ...input.args],
      environment: input.environment ?? [],
      stdin: input.stdin ?? new Uint8Array(),
      stdout: (bytes) => stdout.push(bytes.slice()),
      stderr: (bytes) => stderr.push(bytes.slice()),
      folders: input.folder === undefined ? [] : [{ guest: '/', host: folder }],
      deterministic: true,
    });
    const started = store.instantiate(compiled.module, host.resolver());
    if (started.kind === 'link') return finish({ kind: 'link', message: started.message });
    if (started.kind === 'stopped') return finish(started.outcome);
    host.attach(started.instance);
    return finish(started.instance.invoke('_start', []));
  } finally {
    store.dispose();
    rmSync(folder, { recursive: true });
  }
}

const endingText = (ending: ProgramRun['ending']): string => JSON.stringify(ending, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

/** What two runs differ in, in a line each; nothing when they agree. */
export function differences(a: ProgramRun, b: ProgramRun): string[] {
  const found: string[] = [];
  const between = `${a.engine} and ${b.engine}`;
  if (endingText(a.ending) !== endingText(b.ending)) found.push(`${between} end differently: ${endingText(a.ending)}, ${endingText(b.ending)}`);
  for (const stream of ['stdout', 'stderr'] as const) {
    if (Buffer.compare(a[stream], b[stream]) === 0) continue;
    let at = 0;
    while (a[stream][at] === b[stream][at]) at++;
    found.push(`${between} differ in ${stream} from byte ${at} on (${a[stream].length} and ${b[stream].length} bytes)`);
  }
  for (const path of new Set([...Object.keys(a.files), ...Object.keys(b.files)])) {
    if (a.files[path] !== b.files[path]) found.push(`${between} leave different files: ${path}`);
  }
  return found;
}
