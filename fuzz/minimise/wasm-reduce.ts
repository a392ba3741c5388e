// Binaryen's `wasm-reduce` as a reducer beside ours.
//
// It wants a program that runs commands. The one in the npm package `binaryen` is compiled to JavaScript and cannot start processes; a native one can. Debian 12's
// (version 108) rejects what most generated modules hold; that of the next release is unpacked into .cache on request, with the C library it was built for.
// It copies the best so far into its working file, which is the result also when its time runs out.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeForEditing } from '../edit/decode.ts';
import { encodeEdited } from '../edit/encode.ts';
import { type Code, mapCode } from '../edit/instructions.ts';
import { libraryPackages } from '../guidance/install.ts';
import { type Installed, unpackFromLaterRelease } from '../guidance/later-release.ts';
import { multiarch } from '../guidance/machine.ts';
import type { PredicateDesk } from './predicate-desk.ts';

const ownFolder = fileURLToPath(new URL('../../.cache/binaryen/', import.meta.url));
const programs = ['wasm-reduce', 'wasm-opt'] as const;

/** A `wasm-reduce` with its `wasm-opt` beside it, and its version: in .cache, else on the PATH. */
export function maybeWasmReduce(): { readonly program: string; readonly version: string } | undefined {
  for (const folder of [join(ownFolder, 'bin'), ...(process.env['PATH'] ?? '').split(':')]) {
    const program = join(folder, 'wasm-reduce');
    // A script of a package manager's may lead to the one that is compiled to JavaScript.
    if (!programs.every((name) => existsSync(join(folder, name))) || readFileSync(program).subarray(0, 200).includes('node')) continue;
    const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 });
    if (status === 0) return { program, version: /\d+/.exec(stdout)?.[0] ?? 'unknown' };
  }
  return undefined;
}

/** Unpacks a native Binaryen into .cache: from Debian's packages, started through the C library that belongs to it. */
export function installWasmReduce(say: (line: string) => void): Installed {
  const installed = unpackFromLaterRelease(['binaryen', ...libraryPackages], ownFolder, say);
  const layout = multiarch[process.arch];
  if (!installed.ok || layout === undefined) return installed;
  const libraries = join(ownFolder, 'usr', 'lib', layout.folder);
  mkdirSync(join(ownFolder, 'bin'));
  for (const name of programs) {
    const script = join(ownFolder, 'bin', name);
    writeFileSync(script, `#!/bin/sh\nexec '${join(libraries, layout.loader)}' --library-path '${libraries}' '${join(ownFolder, 'usr', 'bin', name)}' "$@"\n`);
    chmodSync(script, 0o755);
  }
  return installed;
}

/** Types that Binaryen writes more exactly than they were given, and what they are for a compiler without the types of Wasm 3.0. */
const plainer: Readonly<Record<string, string>> = { nofunc: 'func', noextern: 'extern', '(ref func)': 'funcref', '(ref extern)': 'externref' };

/**
 * What `wasm-reduce` has written, with types as they were. It uses all features whatever it is told: nulls become those of bottom types, and segments not nullable, which
 * the engine under test does not compile; without this none of its own changes would ever be interesting.
 */
export function withPlainTypes(bytes: Uint8Array): Uint8Array {
  const m = decodeForEditing(bytes);
  if ('kind' in m) return bytes;
  const code = (list: Code): Code => mapCode(list, (one) => ({ ...one, args: one.args.map((arg) => (typeof arg === 'string' ? (plainer[arg] ?? arg) : arg)) }));
  return encodeEdited({
    ...m,
    functions: m.functions.map((one) => ({ ...one, body: code(one.body) })),
    globals: m.globals.map((one) => ({ ...one, initial: code(one.initial) })),
    tables: m.tables.map((one) => ({ ...one, initial: one.initial === undefined ? undefined : code(one.initial) })),
    elements: m.elements.map((one) => ({ ...one, type: plainer[one.type] ?? one.type, items: one.items.map(code) })),
  });
}

/** What our compiler compiles. */
const features = ['bulk-memory', 'extended-const', 'multimemory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext'].map((name) => `--enable-${name}`);

export interface Ended {
  readonly bytes: Uint8Array;
  /** How it ended otherwise than done: its time ran out, or what it said. */
  readonly failure: string | undefined;
}

const lookEveryMs = 250;

/** Reduces a module until it is done or `isLate`, asking at the desk. */
export async function runWasmReduce(program: string, bytes: Uint8Array, desk: PredicateDesk, isLate: () => boolean): Promise<Ended> {
  const path = (name: string): string => join(desk.folder, name);
  writeFileSync(path('start.wasm'), bytes);
  const args = [path('start.wasm'), `--command=${desk.command} ${path('test.wasm')}`, '--test', path('test.wasm'), '--working', path('working.wasm'), '-b', dirname(program), '--timeout', '30', '--force', ...features, `--extra-flags=${features.join(' ')}`];
  // A group of its own, so that what it has started ends with it.
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said = `${said}${part}`.slice(-4000);
  });
  let isEnded = false;
  const end = (): void => {
    if (isEnded || child.pid === undefined) return;
    isEnded = true;
    process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setInterval(() => {
    if (isLate()) end();
  }, lookEveryMs);
  // Whoever ends this process ends the group, too.
  const pass = (signal: NodeJS.Signals): void => {
    end();
    process.kill(process.pid, signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, pass);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...how) => resolve(how));
    });
    const best = existsSync(path('working.wasm')) ? new Uint8Array(readFileSync(path('working.wasm'))) : bytes;
    const last = said.trim().split('\n').at(-1) ?? '';
    return { bytes: best, failure: isEnded ? 'time ran out' : code === 0 ? undefined : `ended by ${signal ?? `exit code ${code}`}${last === '' ? '' : `: ${last.slice(0, 160)}`}` };
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, pass);
  }
}

