// Object files of compiled modules, judged by the system's linker, loader and tools, and executed from a C program that lays out the blocks
// which compiled code reaches its instance by.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, writeRelocatable, writeShared } from '../compiler/index.ts';
import { layoutVmctx, maybeEmulator, memoryEntry, storeContext, trapCodes, targetNames, type TargetName, targetOf, vmctxHeader } from '../compiler/inside.ts';
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

const withMemory = await parseText(`(memory 1)
  (func (export "add") (param i32 i32) (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1))))`);
const { memory: memoryAt, size: vmctxBytes } = layoutVmctx({ types: 1, memories: 1, tables: 0, importedGlobals: 0, definedGlobals: 0, importedFunctions: 0, functions: 1 });

/** Adds 4 to a word of a memory that the program owns, then does so outside of it. The page behind the memory is inaccessible. */
const memoryProgram = `
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
typedef int Enter(const void *code, void *vmctx, void *block);
extern char m_add[], m_trap_exit[];
extern Enter m_enter_add;
extern const uint32_t m_traps[];
static uint64_t store[${storeContext.size / 8}], vmctx[${vmctxBytes / 8}], definition[2] = {65536}, block[4];
static char stack[65536] __attribute__((aligned(16)));
int main(void) {
  char *memory = mmap(0, 2 * 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(memory + 65536, 65536, PROT_NONE);
  store[${storeContext.wasmStack / 8}] = (uint64_t)(stack + sizeof stack);
  store[${storeContext.stackLimit / 8}] = vmctx[${vmctxHeader.stackLimit / 8}] = (uint64_t)(stack + 8192);
  store[${storeContext.trapExit / 8}] = vmctx[${vmctxHeader.trapExit / 8}] = (uint64_t)m_trap_exit;
  vmctx[${vmctxHeader.store / 8}] = (uint64_t)store;
  vmctx[${(memoryAt(0) + memoryEntry.base) / 8}] = (uint64_t)memory;
  vmctx[${(memoryAt(0) + memoryEntry.definition) / 8}] = (uint64_t)definition;
  uint32_t word = 38;
  memcpy(memory + 100, &word, 4);
  block[0] = 100, block[2] = 4;
  int end = m_enter_add(m_add, vmctx, block);
  memcpy(&word, memory + 100, 4);
  printf("%d %u\\n", end, word);
  fflush(stdout);
  block[0] = 65536, block[2] = 4;
  end = m_enter_add(m_add, vmctx, block);
  uint32_t count = m_traps[0];
  const uint8_t *codes = (const uint8_t *)(m_traps + 1 + 2 * count);
  for (uint32_t i = 0; i < count; i++)
    if (m_add + (int32_t)m_traps[1 + i] - ADD_START == (char *)store[${storeContext.trapPc / 8}]) printf("%d trap %d\\n", end, codes[i]);
  return 0;
}`;

describe.each(targetNames)('%s', (target) => {
  const { triple, debianArch } = targetOf(target).platform;
  const emulator = maybeEmulator(target);
  const native = emulator !== undefined && emulator.command === undefined;
  const tools = native ? '' : `${triple}-`;
  const artifact = artifactOf(target);
  writeFileSync(path(`${target}.o`), writeRelocatable(artifact));
  writeFileSync(path(`lib${target}.so`), writeShared(artifact, `lib${target}.so`));
  writeFileSync(path('main.c'), program);
  const fac = artifact.functions.find(({ index }) => index === 0)?.start ?? 0;
  const gcc = `${triple}-gcc`;
  const runs = (...words: string[]) => (emulator?.command === undefined ? run(words[0] ?? '', ...words.slice(1)) : run(emulator.command, '-L', `/usr/${triple}`, ...words));
  const canRun = has(gcc) && emulator !== undefined;
  const toolPackage = native ? 'binutils' : `binutils-${triple.replace('_', '-')}`;
  const library = native ? 'libc6-dev' : `libc6-dev-${debianArch}-cross`;
  const whyNoRun = `no ${gcc}, or nothing that runs its programs, here: apt-get install gcc-${triple.replace('_', '-')} ${library} qemu-user`;

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

  it.for([
    { bounds: 'explicit', rest: `1 trap ${trapCodes.outOfBoundsMemoryAccess}\n`, status: 0 },
    { bounds: 'guard', rest: '', status: null },
  ] as const)('a memory of the program is read and written; outside of it, with bounds $bounds', ({ bounds, rest, status }, { skip }) => {
    skip(!canRun, whyNoRun);
    const result = withMemory.kind === 'bytes' ? compile(withMemory.bytes, { target, bounds, features: [] }) : undefined;
    if (result?.ok !== true) throw new Error('the module is not compiled');
    writeFileSync(path('m.o'), writeRelocatable(result.artifact, 'm'));
    writeFileSync(path('memory.c'), memoryProgram);
    expect(run(gcc, `-DADD_START=${result.artifact.functions[0]?.start ?? 0}`, '-o', path('memory'), path('memory.c'), path('m.o'))).toMatchObject({ status: 0, stderr: '' });
    expect(runs(path('memory'))).toMatchObject({ stdout: `0 42\n${rest}`, status });
  });

  it('gdb walks from a function to main', ({ skip }) => {
    skip(!canRun || !native || !has('gdb'), native ? 'no gcc or gdb here' : 'gdb walks native programs only');
    const { stdout } = run('gdb', '-nx', '-batch', '-ex', 'set debuginfod enabled off', '-ex', 'break *&wasm_function_2', '-ex', 'run', '-ex', 'bt', '-ex', 'stepi', '-ex', 'bt', '-ex', 'stepi', '-ex', 'bt', path('static'));
    const traces = stdout.split('#0 ').slice(1).map((text) => [...text.matchAll(/^#\d+ .* in (\S+) \(/gm)].map((match) => match[1] ?? ''));
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces) expect(trace.slice(-3)).toEqual(['wasm_root', 'wasm_enter_root', 'main']);
  });
});
