// wabt's interpreter as a peer: its command-line program, run on the module in a process of its own.
// It runs every export without parameters. What an empty module costs the same program (start-up, compiling wabt itself) is taken off.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, root } from '../frame.ts';
import type { Measurement } from './measure.ts';

const program = join(root, 'node_modules/wabt/bin/wasm-interp');
const emptyModule = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** Loaded before the program: says at its exit what it took. */
const reporter = `process.on('exit', () => { const { user, system } = process.cpuUsage();
require('node:fs').writeSync(2, '\\n' + JSON.stringify({ ms: (user + system) / 1000, rss: process.resourceUsage().maxRSS * 1024 }) + '\\n'); });`;

interface Spent {
  readonly ms: number;
  readonly rss: number;
  readonly output: string;
}

function run(preload: string, module: string): Spent {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, program, module, '--run-all-exports'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('{')) throw new EnvironmentError(`wabt's interpreter failed: ${stderr.trim().split('\n').slice(0, 3).join('\n')}`, 'npm ci brings it; it runs exports without parameters only');
  return { ...(JSON.parse(last) as { ms: number; rss: number }), output: stdout };
}

/** Times wabt's interpreter on a module whose exports have no parameters. Compilation is within the run. */
export function measureWabt(module: string, runs: number): Measurement {
  const folder = mkdtempSync(join(tmpdir(), 'assay-wabt-'));
  try {
    const preload = join(folder, 'report.cjs');
    const empty = join(folder, 'empty.wasm');
    writeFileSync(preload, reporter);
    writeFileSync(empty, emptyModule);
    const idle = Math.min(...Array.from({ length: 3 }, () => run(preload, empty).ms));
    const spent = Array.from({ length: runs }, () => run(preload, module));
    const trapped = spent.some(({ output }) => output.includes('error:'));
    return {
      compile_ms: [],
      run_ms: spent.map(({ ms }) => Math.max(0, ms - idle)),
      instantiate_us: Number.NaN,
      peak_rss_bytes: Math.max(...spent.map(({ rss }) => rss)),
      code_bytes: undefined,
      outcome: trapped ? 'trap' : 'values',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
