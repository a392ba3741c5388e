// One module on several engines: what each took, and which could not take it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './frame.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-bench-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const assay = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'scripts/assay.ts'), ...args], { encoding: 'utf8' });

describe('bench', () => {
  it('measures what growth writes', () => {
    const file = join(folder, 'shape.wasm');
    expect(assay('growth', 'values-over-blocks', '--size', '50', '--write', file).stdout).toBe(`${file}: 1140 bytes, values-over-blocks of size 50\n`);
    const { status, stdout } = assay('bench', file, '--engines', 'ir,v8-liftoff', '--compiles', '2', '--runs', '0', '--json');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as { engine: string; compile_ms: number[]; outcome: string }[];
    expect(rows.map(({ engine, compile_ms, outcome }) => [engine, compile_ms.length, outcome])).toEqual([['ir', 2, 'none'], ['v8-liftoff', 2, 'none']]);
  });

  it('goes on when an engine cannot take the module, and says why', () => {
    const file = join(folder, 'vector.wat');
    writeFileSync(file, '(module (func (export "f") (result i32) (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4))))');
    const { status, stdout } = assay('bench', file, '--engines', 'ir,v8', '--compiles', '1', '--runs', '0');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^v8 .*\d/m);
    expect(stdout).toMatch(/^ir +could not be measured: unsupported: SIMD$/m);
  });

  it('has nothing to show of a module that no engine takes', () => {
    const file = join(folder, 'cut.wasm');
    writeFileSync(file, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1));
    const { status, stderr } = assay('bench', file, '--engines', 'ir,v8', '--runs', '0');
    expect(status).toBe(2);
    expect(stderr).toContain('ir could not be measured: malformed: ');
    expect(stderr).toContain('v8 could not be measured: invalid: ');
  });
});
