// The lock file serves every machine: exact, complete, and without a word of where things were downloaded.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { root } from './frame.ts';
import { entryFor, faultsOf, type LockFile, missingPackages } from './pin.ts';

const asker = { version: '1.0.0', license: 'MIT', dev: true, optionalDependencies: { '@a/b-linux-x64-gnu': '1.0.0', '@a/b-linux-arm64-musl': '1.0.0', '@a/b-win32-x64-msvc': '1.0.0' } };

describe('a lock file', () => {
  test('of this house has no fault', () => {
    const lock: LockFile = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
    expect(faultsOf(lock)).toEqual([]);
  });

  test('lacks what an entry asks for, unless it stands on the way upwards', () => {
    const packages = { '': {}, 'node_modules/c': {}, 'node_modules/c/node_modules/b': asker, 'node_modules/c/node_modules/@a/b-linux-x64-gnu': {}, 'node_modules/@a/b-win32-x64-msvc': {} };
    expect(missingPackages({ packages }).map(([name]) => name)).toEqual(['@a/b-linux-arm64-musl']);
  });

  test('is told the platform by the name', () => {
    expect(entryFor('@a/b-linux-arm64-musl', '1.0.0', asker)).toEqual({ version: '1.0.0', cpu: ['arm64'], dev: true, libc: ['musl'], license: 'MIT', optional: true, os: ['linux'] });
    expect(entryFor('@a/b-win32-x64-msvc', '1.0.0', asker)).toEqual({ version: '1.0.0', cpu: ['x64'], dev: true, license: 'MIT', optional: true, os: ['win32'] });
    expect(() => entryFor('fsevents', '1.0.0', asker)).toThrow('not named after a platform');
  });

  test('faults are named', () => {
    const packages = { '': { dependencies: { a: '^1.0.0', b: 'npm:c@2.0.0' } }, 'node_modules/a': { version: '1.0.0', resolved: 'somewhere' } };
    expect(faultsOf({ packages })).toEqual(["a: '^1.0.0' is not one exact version", 'node_modules/a: names the address it came from']);
  });
});
