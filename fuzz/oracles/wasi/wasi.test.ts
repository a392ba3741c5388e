// A small program in text form, run through WASI on real files: streams, arguments, folders and what lies outside them.

import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseText } from '../../wast/text.ts';
import type { Outcome } from '../engine.ts';
import { openEngine } from '../engines/index.ts';
import { WasiHost } from './wasi.ts';

const imports = `
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-wasi-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly outcome: Outcome;
  readonly out: string;
}

/** Runs `_start` of a module with the imports above. */
async function runProgram(engineName: string, body: string, options: { args?: string[]; stdin?: string } = {}): Promise<Run> {
  const text = await parseText(`(module ${imports} ${body})`);
  if (text.kind !== 'bytes') throw new Error(text.message);
  const store = (await openEngine(engineName)).openStore();
  const compiled = store.compile(text.bytes);
  if (compiled.kind !== 'compiled') throw new Error(JSON.stringify(compiled));
  const chunks: Uint8Array[] = [];
  const host = new WasiHost(store, {
    args: options.args ?? ['program'],
    environment: [],
    stdin: Buffer.from(options.stdin ?? ''),
    stdout: (bytes) => chunks.push(bytes.slice()),
    stderr: () => undefined,
    folders: [{ guest: '/', host: folder }],
    deterministic: true,
  });
  const started = store.instantiate(compiled.module, host.resolver());
  if (started.kind !== 'instance') throw new Error(JSON.stringify(started));
  host.attach(started.instance);
  const outcome = started.instance.invoke('_start', []);
  store.dispose();
  return { outcome, out: Buffer.concat(chunks).toString() };
}

/** Writes bytes `[at, at + length)` to a descriptor. */
const write = (descriptor: number, at: number, length: number): string =>
  `(i32.store (i32.const 8) (i32.const ${at})) (i32.store (i32.const 12) (i32.const ${length}))
   (if (call $fd_write (i32.const ${descriptor}) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable))`;

const open = (path: string, flags: number): string =>
  `(data (i32.const 1024) "${path}")
   (func $open (result i32) (call $path_open (i32.const 3) (i32.const 1) (i32.const 1024) (i32.const ${path.length}) (i32.const ${flags}) (i64.const 0x42) (i64.const 0) (i32.const 0) (i32.const 0)))`;

describe.each(['v8', 'interp'])('WASI on %s', (engine) => {
  it('copies standard input to standard output and exits with a code', async () => {
    const body = `(func (export "_start")
      (i32.store (i32.const 8) (i32.const 100)) (i32.store (i32.const 12) (i32.const 50))
      (drop (call $fd_read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 16)))
      (i32.store (i32.const 12) (i32.load (i32.const 16)))
      (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))
      (call $proc_exit (i32.const 42)))`;
    expect(await runProgram(engine, body, { stdin: 'from the host' })).toEqual({ outcome: { kind: 'exit', code: 42 }, out: 'from the host' });
  });

  it('passes arguments that are not ASCII whole', async () => {
    const body = `(func (export "_start")
      (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
      (drop (call $args_get (i32.const 64) (i32.const 256)))
      (i32.store (i32.const 8) (i32.const 256)) (i32.store (i32.const 12) (i32.load (i32.const 4)))
      (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))`;
    expect((await runProgram(engine, body, { args: ['p', 'größe'] })).out).toBe('p\0größe\0');
  });

  it('creates a file in a preopened folder', async () => {
    const body = `${open('new.txt', 1)} (data (i32.const 512) "content")
      (func (export "_start") (if (call $open) (then unreachable)) ${write(4, 512, 7)})`;
    expect((await runProgram(engine, body)).outcome.kind).toBe('values');
    expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('content');
  });

  it.each([
    ['..', '../secret'],
    ['a link', 'link'],
    ['a link to a folder', 'out/secret'],
  ])('keeps a program inside its folder: %s', async (_name, path) => {
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    writeFileSync(join(folder, 'secret'), 'secret');
    symlinkSync(join(folder, 'secret'), join(inner, 'link'));
    symlinkSync(folder, join(inner, 'out'));
    folder = inner;
    const body = `${open(path, 0)} (func (export "_start") (call $proc_exit (call $open)))`;
    const { outcome } = await runProgram(engine, body);
    folder = join(inner, '..');
    // 76 is "not capable".
    expect(outcome).toEqual({ kind: 'exit', code: 76 });
  });

  it('answers a pointer outside the memory with "bad address"', async () => {
    const body = `(func (export "_start") (call $proc_exit (call $args_get (i32.const 0xffff0000) (i32.const 0))))`;
    expect((await runProgram(engine, body)).outcome).toEqual({ kind: 'exit', code: 21 });
  });

  it('gives the same random bytes in every deterministic run', async () => {
    const body = `(func (export "_start") (drop (call $random_get (i32.const 512) (i32.const 8))) ${write(1, 512, 8)})`;
    const first = await runProgram(engine, body);
    expect(first.out).toHaveLength((await runProgram(engine, body)).out.length);
    expect(await runProgram(engine, body)).toEqual(first);
  });
});
