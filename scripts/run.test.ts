// The run verb as its user meets it: what a limit says that ran out, what the answer tells, and what an engine cannot do.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './frame.ts';
import { type RunOptions, runFile } from './run.ts';

const text = `(module
  (memory (export "m") 1) (table 1 funcref) (type $bytes (array (mut i8))) (tag $e (param i32))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "grow-table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))
  (func (export "churn") (loop (drop (array.new_default $bytes (i32.const 1000000))) (br 0)))
  (func (export "loop") (loop (br 0)))
  (func $forever (export "recurse") (call $forever))
  (func (export "throw") (throw $e (i32.const 7)))
  (func $leaf (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
  (func $down (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1)))) (else (call $leaf (i32.const 0)))))
  (func $main (export "deep") (result i32) (call $down (i32.const 999))))`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay run '));
  writeFileSync(join(folder, 'limits.wat'), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const plain = { engine: 'interp', dir: [], env: [] };

/** A run of an export of the module above. */
const run = (invoke: string, args: readonly string[], options: Partial<RunOptions> = {}): ReturnType<typeof runFile> =>
  runFile(join(folder, 'limits.wat'), args, { ...plain, invoke, ...options });

test.each([
  ['grow', '15', { maxMemory: 1 }, 1, 3],
  ['grow', '16', { maxMemory: 1 }, -1, 3],
  ['grow-table', '9', { maxTable: 10 }, 1, 4],
  ['grow-table', '10', { maxTable: 10 }, -1, 4],
])('growth stops at the budget: %s by %s with %j gives %i', async (name, by, options, bits, fuelUsed) => {
  expect(await run(name, [by], options)).toEqual({ ending: { outcome: 'values', result: { kind: 'values', values: [{ type: 'i32', bits }] } }, fuelUsed });
});

test.each([
  ['loop', [], { fuel: 1000 }, /^fuel exhausted: 1000 instructions; in function 3 at byte \d+$/, 1000],
  ['recurse', [], {}, /^call stack exhausted: 65536 calls deep; in \$forever at byte \d+ \(12 times\), called from 65520 more, called from \$forever at byte \d+ \(4 times\)$/, 65_536],
  ['churn', [], { maxHeap: 2 }, /^heap budget exhausted: 2 MiB for all structures and arrays ever made; in function 2 at byte \d+ \(--max-heap gives more\)$/, 10],
  ['grow', ['0'], { maxMemory: 0 }, /^memory budget exhausted: 0 MiB for all memories, of which one has at most 4096 MiB \(--max-memory gives more\)$/, 0],
  ['grow', ['0'], { maxTable: 0 }, /^table budget exhausted: 0 elements for all tables \(--max-table gives more\)$/, 0],
])('a limit that ran out says which, how much it was and how there is more: %s %j with %j', async (name, args, options, trap, fuelUsed) => {
  expect(await run(name, args, options)).toEqual({ ending: { outcome: 'exhaustion', trap: expect.stringMatching(trap) }, fuelUsed });
});

test('a trap in the depth names both ends of the stack', async () => {
  const trap = /^integer divide by zero \(in \$leaf at byte \d+, called from \$down at byte \d+, called from \$down at byte \d+ \(10 times\), called from 986 more, called from \$down at byte \d+ \(3 times\), called from \$main at byte \d+\)$/;
  expect(await run('deep', [])).toMatchObject({ ending: { outcome: 'trap', trap: expect.stringMatching(trap) } });
});

test('an exception that nobody catches shows what it carries', async () => {
  expect(await run('throw', [])).toMatchObject({ ending: { outcome: 'exception', trap: 'uncaught exception of a tag that is not exported (7 : i32)' } });
});

test.each([
  ['v8', { fuel: 5 }, /^v8 does not count instructions/],
  ['v8', { maxTable: 5 }, /^v8 has fixed bounds/],
  ['ir', { trace: true as const }, /^ir has no trace/],
])('what the engine %s cannot do is refused: %j', async (engine, options, message) => {
  await expect(run('loop', [], { engine, ...options })).rejects.toThrow(message);
});

test('on the command line the options are the same, and the answer tells the fuel', () => {
  const verb = (...args: readonly string[]): unknown => {
    const { status, stdout, stderr } = spawnSync(join(root, 'scripts/assay'), ['run', join(folder, 'limits.wat'), '--engine', 'interp', '--invoke', 'grow', ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  expect(verb('16', '--max-memory', '1', '--json')).toEqual({ status: 0, stdout: '{"engine":"interp","outcome":"values","values":[{"type":"i32","value":"-1"}],"fuelUsed":3}\n', stderr: '' });
  expect(verb('16', '--max-memory', 'much')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining("argument 'much' is invalid. It is not a whole number") });
});
