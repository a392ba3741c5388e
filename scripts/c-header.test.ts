// Two modules in one C program, each by the header that `compile` wrote for it: instances, calls, results, globals, memories, library calls and traps, on
// every ISA that a C compiler is here for.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, Unsupported, writeHeader } from '../compiler/index.ts';
import { maybeEmulator, targetNames, targetOf } from '../compiler/inside.ts';
import { parseText } from '../fuzz/wast/text.ts';

const folder = mkdtempSync(join(tmpdir(), 'header-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

function run(command: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

writeFileSync(path('counter.wat'), `(module
  (memory (export "heap") 1 3)
  (global $n (export "count") (mut i32) (i32.const 40))
  (global (export "half") f64 (f64.const 0.5))
  (data (i32.const 16) "data\\00")
  (data $later "later")
  (func $again (export "step by") (param i32) (result i32) (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
  (func (export "divmod") (param i32 i32) (result i32 i32) (i32.div_s (local.get 0) (local.get 1)) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
  (func (export "move") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32) (memory.init $later (local.get 0) (i32.const 0) (i32.const 5)) (data.drop $later))
  (func $deep (export "deep") (result i32) (i32.add (call $deep) (i32.const 1))))`);
writeFileSync(path('scaler.wat'), `(module
  (func (export "scale") (param f64 f32 i64) (result f64) (f64.mul (f64.mul (local.get 0) (f64.promote_f32 (local.get 1))) (f64.convert_i64_s (local.get 2))))
  (func (export "traps") unreachable))`);

const program = `
#include <stdio.h>
#include "counter.h"
#include "scaler.h"
static char stacks[3][65536];
static uint8_t pages[2][131072];
int main(void) {
  struct counter_instance a, b;
  struct scaler_instance s;
  int32_t n, m;
  int64_t wide;
  double d;
  printf("init %d", counter_instance_init(&b, stacks[1], 65536, pages[1], 65535));
  printf(" %d %d", counter_instance_init(&a, stacks[0], 65536, pages[0], 131072), counter_instance_init(&b, stacks[1], 65536, pages[1], 131072));
  printf(" %d\\n", scaler_instance_init(&s, stacks[2], 65536));
  printf("data %s %g %d\\n", (char *)counter_memory_heap(&a) + 16, counter_get_half(&a), (int)counter_memory_bytes_heap(&a));
  counter_set_count(&b, 100);
  printf("step %d", counter_call_step_20by(&a, 2, &n));
  printf(" %d", n);
  printf(" %d", counter_call_step_20by(&b, -1, &n));
  printf(" %d, counts %d %d\\n", n, counter_get_count(&a), counter_get_count(&b));
  printf("divmod %d", counter_call_divmod(&a, -7, 2, &n, &m));
  printf(" %d %d", n, m);
  printf(", by zero: %s\\n", counter_trap_name(counter_call_divmod(&a, 1, 0, &n, &m)));
  printf("load %d", counter_call_load(&a, 16, &wide));
  printf(" %lld", (long long)wide);
  printf(", outside: %s\\n", counter_trap_name(counter_call_load(&a, 65529, &wide)));
  counter_call_grow(&a, 1, &n);
  counter_call_grow(&a, 1, &m);
  printf("grow %d %d, then %d\\n", n, m, counter_call_load(&a, 65529, &wide));
  printf("fill %d", counter_call_fill(&a, 100, 3));
  printf(" %d%d%d", pages[0][99], pages[0][100], pages[0][102]);
  printf(", move %d", counter_call_move(&a, 101, 16, 4));
  printf(" %.5s, outside: %s %s\\n", (char *)pages[0] + 100, counter_trap_name(counter_call_fill(&a, 131071, 2)), counter_trap_name(counter_call_move(&a, 0, 131070, 3)));
  printf("init %d", counter_call_init(&a, 200));
  printf(" %.5s, dropped: %s\\n", (char *)pages[0] + 200, counter_trap_name(counter_call_init(&a, 200)));
  printf("deep: %s", counter_trap_name(counter_call_deep(&a, &n)));
  printf(", then %d\\n", counter_call_step_20by(&a, 1, &n));
  printf("scale %d", scaler_call_scale(&s, 1.5, 2.0f, -4, &d));
  printf(" %g, stop: %s\\n", d, scaler_trap_name(scaler_call__74raps(&s)));
  return 0;
}`;
writeFileSync(path('main.c'), program);
const expected = `init -1 0 0 0
data data 0.5 65536
step 0 42 0 99, counts 42 99
divmod 0 -3 -1, by zero: integer divide by zero
load 0 1635017060, outside: out of bounds memory access
grow 1 -1, then 0
fill 0 077, move 0 \u0007data, outside: out of bounds memory access out of bounds memory access
init 0 later, dropped: out of bounds memory access
deep: call stack exhausted, then 0
scale 0 -12, stop: unreachable
`;

const assay = fileURLToPath(new URL('assay', import.meta.url));

describe.each(targetNames)('%s', (target) => {
  const { triple, debianArch } = targetOf(target).platform;
  const emulator = maybeEmulator(target);
  const gcc = `${triple}-gcc`;

  it('two modules run in one C program', { timeout: 180_000 }, ({ skip }) => {
    skip(run(gcc, '--version').status !== 0 || emulator === undefined, `no ${gcc}, or nothing that runs its programs, here: apt-get install gcc-${triple.replace('_', '-')} libc6-dev-${debianArch}-cross qemu-user`);
    const own = (name: string): string => path(`${target}-${name}`);
    for (const prefix of ['counter', 'scaler']) {
      const compiled = run(assay, 'compile', path(`${prefix}.wat`), '--target', target, '--bounds', 'explicit', '--features', '', '--emit', 'obj', '-o', own(`${prefix}.o`), '--prefix', prefix, '--header', path(`${prefix}.h`));
      expect(compiled).toMatchObject({ status: 0 });
    }
    expect(run(gcc, '-std=c11', '-Wall', '-Wextra', '-Werror', '-O1', '-o', own('program'), path('main.c'), own('counter.o'), own('scaler.o'))).toMatchObject({ status: 0, stderr: '' });
    const ran = emulator?.command === undefined ? run(own('program')) : run(emulator.command, '-L', `/usr/${triple}`, own('program'));
    expect(ran).toEqual({ status: 0, stdout: expected, stderr: '' });
  });
});

it('the header is C++ too', ({ skip }) => {
  const [first] = targetNames;
  skip(first === undefined || run('g++', '--version').status !== 0, 'no g++ here: apt-get install g++');
  expect(run(assay, 'compile', path('counter.wat'), '--emit', 'obj', '-o', path('cpp.o'), '--prefix', 'counter', '--header', path('cpp.h'))).toMatchObject({ status: 0 });
  expect(run('g++', '-fsyntax-only', '-x', 'c++', '-std=c++17', '-Wall', '-Wextra', path('cpp.h')).status).toBe(0);
  expect(readFileSync(path('cpp.h'), 'utf8')).toContain('8 GiB + 64 KiB');
});

it.for([
  ['imports', '(import "a" "b" (func))'], ['tables', '(table 1 funcref)'], ['element segments', '(func $f) (elem declare func $f)'], ['a start function', '(func $f) (start $f)'],
  ['globals that hold references', '(global externref (ref.null extern))'],
])('%s are refused by name', async ([what, text = '']) => {
  const parsed = await parseText(`(module ${text})`);
  const result = parsed.kind === 'bytes' ? compile(parsed.bytes) : undefined;
  if (result?.ok !== true) throw new Error('the module is not compiled');
  expect(() => writeHeader(result.artifact, 'x')).toThrow(Unsupported);
  expect(() => writeHeader(result.artifact, 'x')).toThrow(`a C header for a module with ${what}`);
});

it('a prefix that is no identifier, and a header without an object, are bad usage', () => {
  expect(run(assay, 'compile', path('scaler.wat'), '--emit', 'obj', '-o', path('x.o'), '--prefix', 'a-b')).toMatchObject({ status: 2 });
  expect(run(assay, 'compile', path('scaler.wat'), '--header', path('x.h')).stderr).toContain('--header belongs to an object file');
});
