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

describe.each(targetNames)('an executable for %s', (target) => {
  const { assembleLines, platform, specimens } = targetOf(target);
  const bytes = writeExecutable(platform.elf, assembleLines(specimens.exit, 0), new Map([['start', 0]]), 'start');

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
      expect(stdout).toContain(platform.readelfMachine);
      expect(stdout).toMatch(/FUNC\s+GLOBAL\s+DEFAULT\s+1 start/);
    });
  });
});
