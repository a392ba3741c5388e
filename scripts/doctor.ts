// Checks this machine, part by part: what works, what each part is for, and how to mend what is missing.
// Each probe does the thing itself (maps memory, calls native code, starts the program) rather than look for signs that it would work.
// Exit code 3 when something is missing without which nothing runs; missing extras only cost the engines and checks named beside them.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, freemem, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { targetNames, targetOf } from '../compiler/inside.ts';
import { maybeSuiteFolder, suiteScripts } from '../fuzz/wast/suite.ts';
import { guidanceHere } from '../fuzz/guidance/machine.ts';
import { installNewerLibrary } from '../fuzz/guidance/install.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, root } from './frame.ts';

/** What a probe saw: whether the part is usable, and its version or the reason why not. */
type Finding = { readonly ok: boolean; readonly found: string };

/** One part of the machine. `mend` is what to do where the probe fails; `extra` parts are looked for, never assumed. */
type Part = { readonly name: string; readonly use: 'needed' | 'extra'; readonly purpose: string; readonly mend: string; probe(): Promise<Finding> | Finding };

const gibibyte = 2 ** 30;
/** Protection and mapping constants of Linux, the same on all our processors (asm-generic/mman-common.h). */
const linux = { protNone: 0, protRead: 1, protWrite: 2, protExec: 4, mapPrivate: 2, mapAnonymous: 0x20, mapNoReserve: 0x4000 } as const;

/** The first of the named programs that starts; its finding is the line of its `--version` that holds a version number. */
function program(...names: readonly string[]): Finding {
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    if (status !== 0) continue;
    const line = stdout.split('\n').find((text) => /\d\.\d/.test(text)) ?? '';
    return { ok: true, found: `${name}: ${line.trim()}` };
  }
  return { ok: false, found: `none of ${names.join(', ')} on the PATH` };
}

/** Names of one LLVM tool with Debian's version suffixes, newest first, then the one without. */
function llvm(tool: string): string[] {
  return [...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `${tool}-${version}`), tool];
}

/** Native memory as compiled code needs it: a large reservation without commitment, and a page that turns from writable to executable. */
async function nativeMemory(): Promise<Finding> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load('libc.so.6');
  const mmap = libc.func('intptr_t mmap(intptr_t address, size_t bytes, int protection, int flags, int file, int64_t offset)');
  const mprotect = libc.func('int mprotect(intptr_t address, size_t bytes, int protection)');
  const munmap = libc.func('int munmap(intptr_t address, size_t bytes)');
  const map = (bytes: number, protection: number, flags: number): unknown => mmap(0, bytes, protection, flags | linux.mapPrivate | linux.mapAnonymous, -1, 0);

  const reservation = map(8 * gibibyte, linux.protNone, linux.mapNoReserve);
  if (Number(reservation) === -1) return { ok: false, found: 'an 8 GiB reservation of address space is refused' };
  munmap(reservation, 8 * gibibyte);
  const page = map(4096, linux.protRead | linux.protWrite, 0);
  const executable = Number(mprotect(page, 4096, linux.protRead | linux.protExec)) === 0;
  munmap(page, 4096);
  return executable ? { ok: true, found: '8 GiB reservation, executable pages' } : { ok: false, found: 'pages may not become executable' };
}

async function foreignCalls(): Promise<Finding> {
  const { default: koffi } = await import('koffi');
  const pid: unknown = koffi.load('libc.so.6').func('int getpid()')();
  return { ok: pid === process.pid, found: `koffi ${koffi.version}` };
}

const { optionalDependencies: pinnedNodes }: { optionalDependencies: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const platforms = targetNames.map((name) => targetOf(name).platform);
/** The processors for which a Node is pinned. */
const hosts = platforms.filter(({ nodeArch }) => pinnedNodes[`node-linux-${nodeArch}`] !== undefined);

function pinnedNode(): Finding {
  const pinned = pinnedNodes[`node-linux-${process.arch}`];
  return { ok: pinned === process.versions.node, found: `${process.version} (${process.arch}), pinned: ${pinned ?? 'none for this processor'}` };
}

/** Loads libFuzzer in a process started as guided fuzzing starts its own. */
function guidance(): Finding {
  const here = guidanceHere();
  if (!here.available) return { ok: false, found: here.reason };
  const [program, ...args] = here.command;
  const { status, stderr } = spawnSync(program, [...args, '-e', "require('@jazzer.js/fuzzer/dist/addon.js')"], { cwd: root, encoding: 'utf8' });
  return status === 0 ? { ok: true, found: `libFuzzer loads (${here.how})` } : { ok: false, found: stderr.trim().split('\n').find((line) => line.includes('Error')) ?? 'libFuzzer does not load' };
}

/** A clang that has the WebAssembly target, beside its linker. */
function wasmToolchain(): Finding {
  const clang = llvm('clang').find((name) => spawnSync(name, ['--print-targets'], { encoding: 'utf8' }).stdout?.includes('wasm32'));
  const linker = program(...llvm('wasm-ld'));
  if (clang === undefined) return { ok: false, found: 'no clang with the target wasm32 on the PATH' };
  return linker.ok ? { ok: true, found: `${clang}, ${linker.found}` } : { ok: false, found: `${clang}, but ${linker.found}` };
}

/** A C compiler that also finds its library: Debian installs one without the other. */
function compilesC(compiler: string): Finding {
  const found = program(compiler);
  if (!found.ok) return found;
  const { status } = spawnSync(compiler, ['-fsyntax-only', '-x', 'c', '-'], { input: '#include <stdio.h>\n', stdio: ['pipe', 'ignore', 'ignore'] });
  return status === 0 ? found : { ok: false, found: `${compiler} is there, but not the headers of its C library` };
}

function wasiLibrary(): Finding {
  const found = ['/usr/include/wasm32-wasi', '/usr/share/wasi-sysroot', '/opt/wasi-sdk/share/wasi-sysroot'].find((path) => existsSync(path));
  return { ok: found !== undefined, found: found ?? 'no wasi-libc in its usual places' };
}

function testsuite(): Finding {
  const folder = maybeSuiteFolder();
  if (folder === undefined) return { ok: false, found: 'neither beside the repository nor where WASM_TESTSUITE says' };
  const { length } = suiteScripts(folder);
  return { ok: length > 0, found: `${length} scripts in ${folder}` };
}

const parts: readonly Part[] = [
  { name: 'system', use: 'needed', purpose: 'everything', mend: `use Linux on ${hosts.map(({ title }) => title).join(' or ')}`,
    probe: () => ({ ok: process.platform === 'linux' && hosts.some(({ nodeArch }) => nodeArch === process.arch), found: `Linux ${release()}, ${availableParallelism()} cores, ${(freemem() / gibibyte).toFixed(1)} of ${(totalmem() / gibibyte).toFixed(1)} GiB free` }) },
  { name: 'node', use: 'needed', purpose: 'everything', mend: 'start by ./scripts/assay, which picks the pinned Node', probe: pinnedNode },
  { name: 'koffi', use: 'needed', purpose: 'calls into native code', mend: 'remove node_modules and start again', probe: foreignCalls },
  { name: 'native memory', use: 'needed', purpose: 'native engines', mend: "lift the limit ('ulimit -v unlimited'), or allow executable pages in the container's or SELinux's policy", probe: nativeMemory },
  ...platforms.filter(({ nodeArch }) => nodeArch !== process.arch).map(({ title, emulator }): Part => (
    { name: emulator, use: 'extra', purpose: `running ${title} code on this processor`, mend: 'apt-get install qemu-user', probe: () => program(emulator, `${emulator}-static`) })),
  ...platforms.map(({ title, triple, debianArch, nodeArch }): Part => {
    const library = nodeArch === process.arch ? 'libc6-dev' : `libc6-dev-${debianArch}-cross`;
    return { name: `${triple}-gcc`, use: 'extra', purpose: `linking our ${title} objects into C programs`, mend: `apt-get install gcc-${triple.replace('_', '-')} ${library}`, probe: () => compilesC(`${triple}-gcc`) };
  }),
  { name: 'gdb', use: 'extra', purpose: 'walking the frames of our code', mend: 'apt-get install gdb', probe: () => program('gdb') },
  { name: 'llvm-mc', use: 'extra', purpose: 'a second opinion on every encoder', mend: 'apt-get install llvm-19 (or llvm)', probe: () => program(...llvm('llvm-mc')) },
  { name: 'binutils', use: 'extra', purpose: 'a further opinion on encoders and object files', mend: 'apt-get install binutils', probe: () => program('objdump') },
  { name: 'clang for wasm', use: 'extra', purpose: 'compiling real C programs to wasm', mend: 'apt-get install clang-19 lld-19 (or clang lld)', probe: wasmToolchain },
  { name: 'wasi-libc', use: 'extra', purpose: 'real C programs that use the system', mend: 'apt-get install wasi-libc', probe: wasiLibrary },
  { name: 'testsuite', use: 'extra', purpose: 'the official specification scripts', mend: './scripts/assay fetch-testsuite, or name its folder in WASM_TESTSUITE', probe: testsuite },
  { name: 'guided fuzzing', use: 'extra', purpose: 'fuzz --guided: coverage of the compiler chooses what is tried', mend: 'assay doctor --install-guidance, which unpacks a newer C library into .cache; or use a system with glibc 2.38 or later', probe: guidance },
];

/** A probe that throws has found its part broken; what it threw is the reason. */
async function examine(part: Part): Promise<Finding> {
  try {
    return await part.probe();
  } catch (error) {
    return { ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

export function command(): Command {
  return newVerb('doctor')
    .option('--install-guidance', 'fetch a newer C library for guided fuzzing from the mirrors that apt uses, into .cache; the system stays as it is')
    .action(async (options: { json?: true; installGuidance?: true }) => {
    if (options.installGuidance === true && !guidance().ok) {
      const installed = installNewerLibrary((line) => process.stderr.write(`${line}\n`));
      if (!installed.ok) throw new EnvironmentError(`guided fuzzing cannot be installed: ${installed.reason}`, 'use a system with glibc 2.38 or later (Debian 13, Ubuntu 24.04)');
    }
    const report = [];
    for (const part of parts) {
      const { ok, found } = await examine(part);
      const { name, use, purpose, mend } = part;
      report.push({ name, ok, use, found, purpose, ...(ok ? {} : { mend }) });
    }
    const isSound = report.every((row) => row.ok || row.use === 'extra');
    if (options.json) {
      printJson({ ok: isSound, parts: report });
    } else {
      const width = Math.max(...report.map((row) => row.name.length));
      for (const row of report) {
        const mark = row.ok ? 'ok     ' : row.use === 'extra' ? 'absent ' : 'MISSING';
        print(`${mark}  ${row.name.padEnd(width)}  ${row.found}${row.mend === undefined ? '' : `\n${' '.repeat(width + 11)}for: ${row.purpose}; mend: ${row.mend}`}`);
      }
      print(isSound ? 'This machine runs Assay.' : 'This machine lacks what Assay needs; see MISSING above.');
    }
    if (!isSound) process.exitCode = exitCode.environment;
  });
}
