// One instruction through every level, as the command line shows it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './frame.ts';

let folder = '';
let file = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-explain-'));
  file = join(folder, 'add.wat');
  writeFileSync(file, '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 7))))');
});
afterAll(() => rmSync(folder, { recursive: true }));

const assay = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(root, 'scripts/assay.ts'), ...args], { encoding: 'utf8' });

describe('explain', () => {
  it('names the instruction, its form at each level, and the rule that made it', () => {
    const { status, stdout } = assay('explain', file, '--func', '0', '--json');
    expect(status).toBe(0);
    const explained = JSON.parse(stdout) as { wasm?: string; rules: string[]; levels: { level: string; lines: string[] }[] }[];
    const add = explained.find(({ wasm }) => wasm === 'i32.add');
    expect(add?.rules).toHaveLength(1);
    expect(add?.levels.map(({ level, lines }) => [level, lines.length > 0])).toEqual([
      ['IR as translated', true],
      ['IR after the mid-end', true],
      ['machine code over virtual registers', true],
      ['with registers and slots', true],
      ['machine code', true],
    ]);
    expect(add?.levels[0]?.lines[0]).toMatch(/^v\d+ = iadd v\d+, v\d+$/);
  });

  it('says where there is something to explain', () => {
    const { status, stderr } = assay('explain', file, '--func', '0', '--at', '1');
    expect(status).toBe(2);
    expect(stderr).toContain('nothing in function 0 stems from byte 1; there are: 0x');
  });
});
