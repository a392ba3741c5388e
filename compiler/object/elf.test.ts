// Executables of our own writer, judged by the system's kernel and tools.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { maybeEmulator, targetNames, targetOf, whyNoRunner } from '../inside.ts';
import { writeExecutable } from './executable.ts';

const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0;

function inFile<Result>(bytes: Uint8Array, use: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'elf-'));
  try {
    const path = join(folder, 'program');
    writeFileSync(path, bytes, { mode: 0o755 });
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Programs that exit with status 42, and what readelf calls their machines. */
const programs = {
  'x86-64': { lines: ['mov eax, 231', 'mov edi, 42', '.byte 0x0f', '.byte 0x05'], machine: 'Advanced Micro Devices X86-64' },
  aarch64: { lines: ['movz x8, #94, lsl #0', 'movz x0, #42, lsl #0', 'svc #0'], machine: 'AArch64' },
  riscv64: { lines: ['addi a7, zero, 94', 'addi a0, zero, 42', 'ecall'], machine: 'RISC-V' },
} as const;

describe.each(targetNames)('an executable for %s', (target) => {
  const { assembleLines, platform } = targetOf(target);
  const { lines, machine } = programs[target];
  const bytes = writeExecutable(platform.elf, assembleLines(lines, 0), new Map([['start', 0]]), 'start');

  test('runs', ({ skip }) => {
    const reason = whyNoRunner(target);
    skip(reason !== undefined, reason);
    inFile(bytes, (path) => {
      const emulator = maybeEmulator(target)?.command;
      const { status } = emulator === undefined ? spawnSync(path) : spawnSync(emulator, [path]);
      expect(status).toBe(42);
    });
  });

  test('is read by readelf without complaint', ({ skip }) => {
    skip(!has('readelf'), 'no readelf here: apt-get install binutils');
    inFile(bytes, (path) => {
      const { status, stdout, stderr } = spawnSync('readelf', ['--all', '--wide', path], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toContain('EXEC (Executable file)');
      expect(stdout).toContain(machine);
      expect(stdout).toMatch(/FUNC\s+GLOBAL\s+DEFAULT\s+1 start/);
    });
  });
});
