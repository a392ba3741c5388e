// Object files of compiled modules, judged by the system's linker, loader and tools, and executed from a C program that lays out the blocks
// which compiled code reaches its instance by.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, writeRelocatable, writeShared } from '../compiler/index.ts';
import { storeContext, trapCodes, targetNames, type TargetName, vmctxHeader } from '../compiler/inside.ts';
import { parseText } from '../fuzz/wast/text.ts';

const folder = mkdtempSync(join(tmpdir(), 'objects-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);

function run(command: string, ...args: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}
const has = (tool: string): boolean => run(tool, '--version').status === 0;

const parsed = await parseText(`
  (func $fac (export "fac") (param i64) (result i64)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1)) (else (i64.mul (local.get 0) (call $fac (i64.sub (local.get 0) (i64.const 1)))))))
  (func (export "div-u") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func $hidden (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "root") (param f64) (result f64) (call $hidden (local.get 0)))`);
if (parsed.kind !== 'bytes') throw new Error(parsed.message);
const module = parsed.bytes;

function artifactOf(target: TargetName) {
  const result = compile(module, { target });
  if (!result.ok) throw new Error(result.fault.message);
  return result.artifact;
}

/** Calls `fac(10)`, `root(2.25)` and `div-u(1, 0)`. */
const program = `
#include <stdint.h>
#include <stdio.h>
#include <string.h>
typedef int Enter(const void *code, void *vmctx, void *block);
extern char wasm_fac[], wasm_div_2du[], wasm_root[], wasm_trap_exit[];
extern Enter wasm_enter_fac, wasm_enter_div_2du, wasm_enter_root;
extern const uint32_t wasm_traps[];
static uint64_t store[${storeContext.size / 8}], vmctx[64], block[64];
static char stack[65536] __attribute__((aligned(16)));
int main(void) {
  store[${storeContext.wasmStack / 8}] = (uint64_t)(stack + sizeof stack);
  store[${storeContext.stackLimit / 8}] = vmctx[${vmctxHeader.stackLimit / 8}] = (uint64_t)(stack + 8192);
  store[${storeContext.trapExit / 8}] = vmctx[${vmctxHeader.trapExit / 8}] = (uint64_t)wasm_trap_exit;
  vmctx[${vmctxHeader.store / 8}] = (uint64_t)store;
  block[0] = 10;
  int end = wasm_enter_fac(wasm_fac, vmctx, block);
  printf("%d %llu\\n", end, (unsigned long long)block[0]);
  double two = 2.25, root;
  memcpy(block, &two, 8);
  end = wasm_enter_root(wasm_root, vmctx, block);
  memcpy(&root, block, 8);
  printf("%d %g\\n", end, root);
  block[0] = 1, block[2] = 0;
  end = wasm_enter_div_2du(wasm_div_2du, vmctx, block);
  uint32_t count = wasm_traps[0];
  const uint8_t *codes = (const uint8_t *)(wasm_traps + 1 + 2 * count);
  for (uint32_t i = 0; i < count; i++)
    if (wasm_fac + (int32_t)wasm_traps[1 + i] - FAC_START == (char *)store[${storeContext.trapPc / 8}]) printf("%d trap %d\\n", end, codes[i]);
  return 0;
}`;
const expected = `0 3628800\n0 1.5\n1 trap ${trapCodes.integerDivideByZero}\n`;

describe.each(([
  { target: 'x86-64', tools: '', triple: 'x86_64-linux-gnu', qemu: undefined },
  { target: 'riscv64', tools: 'riscv64-linux-gnu-', triple: 'riscv64-linux-gnu', qemu: 'qemu-riscv64' },
  { target: 'aarch64', tools: 'aarch64-linux-gnu-', triple: 'aarch64-linux-gnu', qemu: 'qemu-aarch64' },
] as const).filter(({ target }) => targetNames.includes(target)))('$target', ({ target, tools, triple, qemu }) => {
  const artifact = artifactOf(target);
  writeFileSync(path(`${target}.o`), writeRelocatable(artifact));
  writeFileSync(path(`lib${target}.so`), writeShared(artifact, `lib${target}.so`));
  writeFileSync(path('main.c'), program);
  const fac = artifact.functions.find(({ index }) => index === 0)?.start ?? 0;
  const gcc = `${triple}-gcc`;
  const native = qemu === undefined && process.arch === 'x64';
  const runs = (...words: string[]) => (native ? run(words[0] ?? '', ...words.slice(1)) : run(qemu ?? 'qemu-x86_64', '-L', `/usr/${triple}`, ...words));
  const canRun = has(gcc) && (native || has(qemu ?? 'qemu-x86_64'));
  const toolPackage = tools === '' ? 'binutils' : `binutils-${triple}`;
  const whyNoRun = `no ${gcc}, or nothing that runs its programs, here: apt-get install gcc-${triple.replace('_', '-')} qemu-user`;

  it.for([`${target}.o`, `lib${target}.so`])('readelf reads %s without complaint', (file, { skip }) => {
    skip(!has('readelf'), 'no readelf here: apt-get install binutils');
    const { status, stdout, stderr } = run('readelf', '--all', '--wide', '--debug-dump=frames', path(file));
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('wasm_enter_div_2du');
    expect(stdout).toContain('DW_CFA_def_cfa_register');
  });

  it('objdump finds the functions', ({ skip }) => {
    skip(!has(`${tools}objdump`), `no ${tools}objdump here: apt-get install ${toolPackage}`);
    const { stdout, stderr } = run(`${tools}objdump`, '-d', path(`${target}.o`));
    expect(stderr).toBe('');
    expect(stdout).toContain('<wasm_fac>:');
    expect(stdout).toContain('<wasm_function_2>:');
  });

  it('ld links the object into a shared one', ({ skip }) => {
    skip(!has(`${tools}ld`), `no ${tools}ld here: apt-get install ${toolPackage}`);
    expect(run(`${tools}ld`, '-shared', '--fatal-warnings', '--eh-frame-hdr', '-o', path('linked.so'), path(`${target}.o`))).toMatchObject({ status: 0, stderr: '' });
  });

  it('an object linked into a C program runs', ({ skip }) => {
    skip(!canRun, whyNoRun);
    expect(run(gcc, `-DFAC_START=${fac}`, '-o', path('static'), path('main.c'), path(`${target}.o`))).toMatchObject({ status: 0, stderr: '' });
    expect(runs(path('static')).stdout).toBe(expected);
  });

  it('a shared object loaded by a C program runs', ({ skip }) => {
    skip(!canRun, whyNoRun);
    expect(run(gcc, '-fPIC', `-DFAC_START=${fac}`, '-o', path('dynamic'), path('main.c'), path(`lib${target}.so`), `-Wl,-rpath,${folder}`)).toMatchObject({ status: 0, stderr: '' });
    expect(runs(path('dynamic')).stdout).toBe(expected);
  });

  it('gdb walks from a function to main', ({ skip }) => {
    skip(!canRun || !native || !has('gdb'), native ? 'no gcc or gdb here' : 'gdb walks native programs only');
    const { stdout } = run('gdb', '-nx', '-batch', '-ex', 'set debuginfod enabled off', '-ex', 'break *&wasm_function_2', '-ex', 'run', '-ex', 'bt', '-ex', 'stepi', '-ex', 'bt', '-ex', 'stepi', '-ex', 'bt', path('static'));
    const traces = stdout.split('#0 ').slice(1).map((text) => [...text.matchAll(/^#\d+ .* in (\S+) \(/gm)].map((match) => match[1] ?? ''));
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces) expect(trace.slice(-3)).toEqual(['wasm_root', 'wasm_enter_root', 'main']);
  });
});
