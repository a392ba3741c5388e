// The verb `reduce` as a user meets it: a finding, a module that engines disagree on, a command, IR; what is refused and how that is said; an interrupt.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { examine } from '../fuzz/campaign/examine.ts';
import { emptyTally } from '../fuzz/campaign/tally.ts';
import { maybeFault } from '../fuzz/faults/index.ts';
import { instructionsIn } from '../fuzz/minimise/bench-case.ts';
import { openEngine } from '../fuzz/oracles/engines/index.ts';
import { saveFinding } from '../fuzz/triage/finding.ts';
import { parseText } from '../fuzz/wast/text.ts';
import { root, UsageError } from './frame.ts';
import { command } from './reduce.ts';

type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

const assay = join(root, 'scripts/assay');
const run = (cwd: string, ...args: readonly string[]): Ended => spawnSync(assay, ['reduce', ...args], { encoding: 'utf8', cwd });
const newFolder = (): string => mkdtempSync(join(tmpdir(), 'assay-reduce-verb-'));

async function bytesOf(text: string): Promise<Uint8Array> {
  const read = await parseText(text);
  if (read.kind !== 'bytes') throw new Error(read.message);
  return read.bytes;
}

/** A module with an exclusive or among other things. */
const text = `(module (memory 1) (global (mut i64) (i64.const 3))
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "f") (param i64 i64) (result i64) (i64.xor (i64.add (local.get 0) (i64.const 5)) (i64.or (local.get 1) (i64.const 1))))
  (func (export "g") (param i32) (result i32) (i32.store (i32.const 8) (call $square (local.get 0))) (loop (br_if 0 (i32.const 0))) (i32.load (i32.const 8))))`;

function script(folder: string, content: string): string {
  const path = join(folder, 'interesting.sh');
  writeFileSync(path, `#!/bin/sh\n${content}\n`);
  chmodSync(path, 0o755);
  return path;
}

const native = (await openEngine('x86-64')).availability();

/** The exclusive or, and hardly anything else. */
function expectSmall(path: string): void {
  const bytes = new Uint8Array(readFileSync(path));
  expect(WebAssembly.validate(bytes)).toBe(true);
  expect(bytes.length).toBeLessThan(60);
  // 0x85 is i64.xor.
  expect(bytes.includes(0x85)).toBe(true);
  expect(instructionsIn(bytes)).toBeLessThanOrEqual(4);
}

describe('what it reduces', () => {
  test('a finding, whose signature it keeps', async ({ skip }) => {
    if (!native.available) skip(native.reason);
    const folder = newFolder();
    const bytes = await bytesOf(text);
    const faults = maybeFault('xor-is-or')?.faults ?? [];
    const engines = [await openEngine('interp'), await openEngine('x86-64', faults)];
    const { finding } = examine({ engines, occasional: [], askWabt: undefined }, bytes, 3, emptyTally(), undefined);
    if (finding === undefined) return expect.fail('the fault does not show');
    const { path } = saveFinding(folder, finding, bytes);
    const { status, stdout } = run(folder, path, '--fault', 'xor-is-or', '--json', '--workers', '1');
    expect(status).toBe(0);
    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({
      kind: 'module', output: join(path, 'reduced.wasm'), keeps: `the signature ${finding.signature}`, finished: true, interrupted: false, steady: { yes: 3, of: 3 },
      bytes: { before: bytes.length }, instructions: { before: 19 },
    });
    expectSmall(join(path, 'reduced.wasm'));
    expect(examine({ engines, occasional: [], askWabt: undefined }, new Uint8Array(readFileSync(join(path, 'reduced.wasm'))), 3, emptyTally(), undefined).finding?.signature).toBe(finding.signature);
  });

  test('a module on which engines disagree, with the stage and rule to blame', ({ skip }) => {
    if (!native.available) skip(native.reason);
    const folder = newFolder();
    writeFileSync(join(folder, 'large.wat'), '(module (func (export "f") (param i32) (result i32) (i32.add (i32.const 3) (i32.shl (local.get 0) (i32.const 33)))))');
    const { status, stdout, stderr } = run(folder, 'large.wat', '--engines', 'interp,x86-64', '--fault', 'shift-count-unmasked', '--workers', '1', '--rounds', '1');
    expect(status).toBe(0);
    // Where standard error is no terminal, progress is a plain line now and then.
    expect(stderr).toMatch(/^round 1, [a-z-]+: \d+ bytes, \d instructions, \d+ tries, \d+ of 60 s$/m);
    expect(stdout).toMatch(/^41 bytes became \d+, 5 instructions 3, in [\d.]+ s and \d+ tries$/m);
    expect(stdout).toContain('kept: a difference in behaviour, first at simplify by the rule simplify/ishl.count');
    expect(stdout).toContain('i32.shl');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('written: large.reduced.wasm');
    expect(instructionsIn(new Uint8Array(readFileSync(join(folder, 'large.reduced.wasm'))))).toBe(3);
  });

  test('anything a script finds interesting, its path taken from where the verb was started', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'large.wasm'), await bytesOf(text));
    script(folder, `od -An -v -tx1 candidate.wasm | tr -d '\\n' | grep -q ' 85'`);
    const { status, stdout } = run(folder, 'large.wasm', '--exec', './interesting.sh', '-o', 'small.wasm', '--json', '--workers', '1');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ keeps: 'exit code 0 of ./interesting.sh', finished: true, output: 'small.wasm' });
    expectSmall(join(folder, 'small.wasm'));
  });

  test('IR, by the target that reads it', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'f.ir'), 'function f0(i32, i64) -> i64 {\nblock0(v0: i32, v1: i64):\n    v2 = iconst.i64 -1\n    v3 = ishl v1, v2\n    v4 = uextend.i64 v0\n    v5 = iadd v3, v4\n    return v5\n}\n');
    const { status, stdout } = run(folder, 'f.ir', '--fault', 'shift-count-unmasked', '--workers', '1');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ bytes became \d+, 5 instructions [34], /m);
    expect(stdout).toContain('kept: the signature rules-mid-end.ir');
    expect(readFileSync(join(folder, 'f.reduced.ir'), 'utf8')).toMatch(/= ishl v\d, v\d/);
  });
});

describe('what it refuses', () => {
  test.each([
    ['a module that is not interesting', ['m.wat', '--exec', 'false'], /m\.wat: the module is not interesting: the predicate said no 11 times; it must exit with 0 for it within 10 s \(--timeout\); try: false .*m\.wat/],
    ['engines that agree', ['m.wat', '--engines', 'interp,ir'], /the engines interp, ir agree; there is nothing to keep\. --engines names others, --fault plants a fault, --exec decides by a command/],
    ['a command that there is not', ['m.wat', '--exec', './none.sh'], /the command ".*none\.sh" cannot be started: .*ENOENT/],
    ['a file that is no module', ['broken.wasm', '--exec', 'true'], /broken\.wasm: the module is malformed/],
    ['a file that there is not', ['none.wasm'], /none\.wasm: no such file or folder/],
    ['a folder without a finding', [''], /holds no finding \(report\.json\)/],
    ['IR that does not parse', ['bad.ir', '--exec', 'true'], /bad\.ir:3:5: unknown opcode 'retrun'/],
    ['engines for IR', ['bad.ir', '--engines', 'interp,v8'], /IR is run by no engine of that list/],
    ['IR with nothing wrong', ['good.ir'], /good\.ir: the target rules finds nothing wrong with it/],
  ])('%s', async (_, [file = '', ...options], message) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'm.wat'), '(module (func (export "f") (result i32) (i32.const 1)))');
    writeFileSync(join(folder, 'broken.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 9));
    writeFileSync(join(folder, 'bad.ir'), 'function f0() {\nblock0:\n    retrun\n}\n');
    writeFileSync(join(folder, 'good.ir'), 'function f0(i32) -> i32 {\nblock0(v0: i32):\n    return v0\n}\n');
    const parsing = command().parseAsync([join(folder, file), ...options], { from: 'user' });
    await expect(parsing).rejects.toThrow(UsageError);
    await expect(parsing).rejects.toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(['bad.ir', 'broken.wasm', 'good.ir', 'm.wat']);
  });
});

test('an interrupt ends the search and keeps the best so far', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'large.wasm'), await bytesOf(text));
  // Slow enough to be interrupted before it is done.
  script(folder, 'sleep 0.1; grep -q f "$1"');
  const child = spawn(assay, ['reduce', 'large.wasm', '--exec', './interesting.sh', '--workers', '1', '--json'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = join(folder, 'large.reduced.wasm');
  while (!existsSync(output) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  const answer: unknown = JSON.parse(stdout);
  expect(answer).toMatchObject({ finished: false, interrupted: true });
  const best = new Uint8Array(readFileSync(output));
  expect(best.length).toBeLessThan(readFileSync(join(folder, 'large.wasm')).length);
  expect(WebAssembly.validate(best)).toBe(true);
});
