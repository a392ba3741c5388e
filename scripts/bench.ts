// Compile and run time of one module on several engines, side by side in one run. Each engine is measured in a process of its own (bench/measure.ts).
// Besides the engines of the registry there are V8's two compilers alone: `v8-turbofan` and `v8-liftoff`, by flags, single-threaded and without tiers, and `wabt`, which runs every export without parameters.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { maybeTargetOfEngine } from '../fuzz/oracles/engine-name.ts';
import { nativeEngineName } from '../fuzz/oracles/engines/index.ts';
import type { Measurement, Task } from './bench/measure.ts';
import { measureWabt } from './bench/wabt.ts';
import { EnvironmentError, newVerb, print, printJson, root, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';
import { collect, folderOf } from './run.ts';
import { newStatus } from './status.ts';

const wholeModuleAtOnce = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering', '--no-wasm-lazy-compilation', '--wasm-num-compilation-tasks=0'];

/** Engines that are another one with flags for Node. */
const flagged: Record<string, { readonly engine: string; readonly flags: readonly string[] }> = {
  'v8-turbofan': { engine: 'v8', flags: ['--no-liftoff', ...wholeModuleAtOnce] },
  'v8-liftoff': { engine: 'v8', flags: ['--liftoff', '--liftoff-only', ...wholeModuleAtOnce] },
};

interface Row extends Measurement {
  readonly engine: string;
}

/** An engine that did not live to tell. */
interface LostRow {
  readonly engine: string;
  readonly lost: string;
}

const isLost = (row: Row | LostRow): row is LostRow => 'lost' in row;

interface BenchOptions {
  readonly engines?: string;
  readonly invoke?: string;
  readonly dir: readonly string[];
  readonly stdin?: string;
  readonly compiles: number;
  readonly runs: number;
  readonly json?: true;
}

export function command(): Command {
  return newVerb('bench')
    .argument('<file>', 'a module, binary (.wasm) or text (.wat)')
    .argument('[args...]', "the function's or the program's arguments")
    .option('--engines <names>', "engines, separated by commas; v8-turbofan and v8-liftoff are V8 with one compiler, wabt is its interpreter; this CPU's and V8's three unless given")
    .option('--invoke <function>', 'the exported function to time; without it, _start')
    .option('--dir <folder>', 'a folder the program may open, as HOST or GUEST::HOST; may be given several times', collect, [])
    .option('--stdin <file>', "the program's standard input")
    .option('--compiles <count>', 'compilations per engine, the first of them cold', wholeNumber(1), 5)
    .option('--runs <count>', 'runs per engine, each on a fresh instance', wholeNumber(0), 3)
    .action(async (file: string, args: string[], options: BenchOptions) => {
      const rows = await benchAll(file, args, options);
      const lost = rows.filter(isLost);
      if (lost.length === rows.length) throw new UsageError(lost.map((row) => `${row.engine} could not be measured: ${row.lost}`).join('\n'));
      if (options.json) printJson(rows);
      else print(table(rows));
    });
}

async function benchAll(file: string, args: readonly string[], options: BenchOptions): Promise<(Row | LostRow)[]> {
  const module = join(tmpdir(), `assay-bench-${process.pid}.wasm`);
  writeFileSync(module, await readModuleFile(file));
  const status = newStatus();
  const engines = options.engines?.split(',') ?? [await nativeEngineName(), 'v8', 'v8-turbofan', 'v8-liftoff'];
  return engines.map((engine) => {
    status.show(`measuring ${engine}`);
    const task: Task = {
      file: module,
      engine: flagged[engine]?.engine ?? unproved(engine),
      invoke: options.invoke,
      args,
      folders: options.dir.map(folderOf),
      stdin: options.stdin,
      compiles: options.compiles,
      runs: options.runs,
    };
    const measured = engine === 'wabt' ? measureWabt(module, options.runs) : measureAlone(task, flagged[engine]?.flags ?? []);
    status.clear();
    if ('lost' in measured) return { engine, lost: measured.lost };
    // V8 keeps its code size to itself; its compilation trace, in a process that is not timed, adds up to it.
    const codeBytes = measured.code_bytes ?? (flagged[engine] === undefined ? undefined : tracedCodeBytes(module, flagged[engine].flags));
    return { engine, ...measured, code_bytes: codeBytes };
  });
}

/** Our compiled engines prove every allocation, which is the lab's work and not a compilation's. */
function unproved(engine: string): string {
  return maybeTargetOfEngine(engine) !== undefined ? `${engine}:unproved` : engine;
}

function measureAlone(task: Task, flags: readonly string[]): Measurement | Pick<LostRow, 'lost'> {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, join(root, 'scripts/bench/measure.ts'), JSON.stringify(task)], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (signal !== null) return { lost: `ended by ${signal}, which for want of memory is SIGKILL or SIGABRT` };
  if (status !== 0 || !last.startsWith('{')) return { lost: /^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim() };
  return JSON.parse(last) as Measurement;
}

function tracedCodeBytes(module: string, flags: readonly string[]): number {
  const script = `new WebAssembly.Module(require('node:fs').readFileSync(${JSON.stringify(module)}))`;
  const { status, stdout } = spawnSync(process.execPath, [...flags, '--trace-wasm-compilation-times', '-e', script], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status !== 0) throw new EnvironmentError('V8 does not trace its compilations', 'the pinned Node does');
  let bytes = 0;
  for (const [, size] of stdout.matchAll(/codesize (\d+)/g)) bytes += Number(size);
  return bytes;
}

const least = (numbers: readonly number[]): number => Math.min(...numbers);

function table(all: readonly (Row | LostRow)[]): string {
  const rows = all.filter((row): row is Row => !isLost(row));
  const show = (n: number | undefined, digits = 1): string => (n === undefined || !Number.isFinite(n) ? '-' : n.toFixed(digits));
  const peer = rows.find((row) => row.engine === 'v8-turbofan');
  const ratio = (mine: number, theirs: number | undefined): string => (theirs === undefined || theirs === 0 || !Number.isFinite(mine) ? '-' : (mine / theirs).toFixed(2));
  const lines = [
    `${'engine'.padEnd(24)}${'cold ms'.padStart(10)}${'warm ms'.padStart(10)}${'run ms'.padStart(10)}${'code B'.padStart(10)}${'inst. µs'.padStart(10)}${'peak MB'.padStart(9)}${'compile'.padStart(9)}${'run'.padStart(7)}`,
    ...rows.map((row) =>
      [
        row.engine.padEnd(24),
        show(row.compile_ms[0]).padStart(10),
        show(least(row.compile_ms)).padStart(10),
        show(least(row.run_ms)).padStart(10),
        show(row.code_bytes, 0).padStart(10),
        show(row.instantiate_us).padStart(10),
        show(row.peak_rss_bytes / 1e6, 0).padStart(9),
        ratio(least(row.compile_ms), peer && least(peer.compile_ms)).padStart(9),
        ratio(least(row.run_ms), peer && least(peer.run_ms)).padStart(7),
        row.outcome === 'values' || row.outcome === 'none' || row.outcome === 'exit' ? '' : `  ${row.outcome}`,
      ].join(''),
    ),
    ...all.flatMap((row) => (isLost(row) ? [`${row.engine.padEnd(24)}  could not be measured: ${row.lost}`] : [])),
    'CPU time, least of all rounds; cold is the first compilation in a fresh process; the last two columns are ratios to v8-turbofan',
  ];
  return lines.join('\n');
}
