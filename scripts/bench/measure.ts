// Measures one engine on one module, alone in its process: compile time, instantiation, run time, code size, peak memory.
// Started by the bench verb with a JSON description as its only argument; prints a JSON result as its last line.
//
// Times are CPU time of the whole process (all threads, garbage collection included) unless named otherwise, so that a busy machine
// distorts ratios little. Each compilation gets the module with a fresh custom section, since V8 answers repeated bytes from a cache.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { EngineInstance, EngineModule, EngineStore, Extern, ImportResolver, Outcome } from '../../fuzz/oracles/engine.ts';
import { openEngine } from '../../fuzz/oracles/engines/index.ts';
import { WasiHost } from '../../fuzz/oracles/wasi/wasi.ts';
import { readArgument } from '../values.ts';

export interface Task {
  readonly file: string;
  /** Name of the engine in the registry. */
  readonly engine: string;
  readonly invoke: string | undefined;
  readonly args: readonly string[];
  readonly folders: readonly { readonly guest: string; readonly host: string }[];
  /** Path of the file that is the program's standard input, if any. */
  readonly stdin: string | undefined;
  readonly compiles: number;
  readonly runs: number;
}

export interface Measurement {
  readonly compile_ms: readonly number[];
  readonly run_ms: readonly number[];
  readonly instantiate_us: number;
  readonly peak_rss_bytes: number;
  /** Bytes of machine code, where the engine tells. */
  readonly code_bytes: number | undefined;
  /** What the run came to, so that a failed one is not taken for a fast one. */
  readonly outcome: Outcome['kind'] | 'link' | 'none';
}

const cpuMilliseconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The module with a custom section of its own at the end: `\0`, size, name "n", four bytes of number. */
function withNonce(bytes: Uint8Array, nonce: number): Uint8Array {
  const made = new Uint8Array(bytes.length + 8);
  made.set(bytes);
  made.set([0, 6, 1, 0x6e], bytes.length);
  new DataView(made.buffer).setUint32(bytes.length + 4, nonce, true);
  return made;
}

/** Times between the module's calls of `bench.start` and `bench.end`, if it imports them. */
class Stopwatch {
  private startedAt: number | undefined = undefined;
  elapsed: number | undefined = undefined;
  externs(store: EngineStore): ImportResolver {
    const type = { params: [], results: [] };
    const start = store.hostFunction(type, () => {
      this.startedAt = cpuMilliseconds();
      return [];
    });
    const end = store.hostFunction(type, () => {
      this.elapsed = cpuMilliseconds() - (this.startedAt ?? cpuMilliseconds());
      return [];
    });
    const byName: Record<string, Extern> = { start, end };
    return (module, name) => (module === 'bench' ? byName[name] : undefined);
  }
}

function instantiate(store: EngineStore, module: EngineModule, task: Task, watch: Stopwatch): EngineInstance | 'link' | Outcome {
  const host = new WasiHost(store, {
    args: [basename(task.file), ...(task.invoke === undefined ? task.args : [])],
    environment: [],
    stdin: task.stdin === undefined ? new Uint8Array() : readFileSync(task.stdin),
    stdout: () => undefined,
    stderr: () => undefined,
    folders: task.folders,
    deterministic: true,
  });
  const started = store.instantiate(module, host.resolver(watch.externs(store)));
  if (started.kind === 'link') return 'link';
  if (started.kind === 'stopped') return started.outcome;
  host.attach(started.instance);
  return started.instance;
}

function runOnce(instance: EngineInstance, task: Task): Outcome {
  if (task.invoke === undefined) return instance.invoke('_start', []);
  const { params } = instance.functionType(task.invoke);
  return instance.invoke(task.invoke, params.map((type, i) => readArgument(type, task.args[i] ?? '')));
}

/** Median of at least one number. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

async function measure(task: Task): Promise<Measurement> {
  const bytes = readFileSync(task.file);
  const engine = await openEngine(task.engine);
  const compile_ms: number[] = [];
  let codeBytes: number | undefined;
  for (let i = 0; i < task.compiles; i++) {
    const fresh = withNonce(bytes, i);
    const store = engine.openStore();
    const start = cpuMilliseconds();
    const compiled = store.compile(fresh);
    compile_ms.push(cpuMilliseconds() - start);
    if (compiled.kind !== 'compiled') throw new Error(compiled.kind === 'unsupported' ? `unsupported: ${compiled.feature}` : `${compiled.kind}: ${compiled.message}`);
    codeBytes = compiled.module.codeBytes;
    store.dispose();
  }
  const run_ms: number[] = [];
  const instantiations: number[] = [];
  let outcome: Measurement['outcome'] = 'none';
  for (let i = 0; i < task.runs; i++) {
    const store = engine.openStore();
    const compiled = store.compile(bytes);
    if (compiled.kind !== 'compiled') throw new Error(compiled.kind);
    const watch = new Stopwatch();
    const before = performance.now();
    const instance = instantiate(store, compiled.module, task, watch);
    instantiations.push((performance.now() - before) * 1000);
    if (typeof instance === 'string') {
      outcome = 'link';
      break;
    }
    if ('kind' in instance) {
      outcome = instance.kind;
      break;
    }
    const isRunnable = instance.exports.some((e) => e.kind === 'function' && e.name === (task.invoke ?? '_start'));
    if (isRunnable) {
      const start = cpuMilliseconds();
      outcome = runOnce(instance, task).kind;
      run_ms.push(watch.elapsed ?? cpuMilliseconds() - start);
    }
    store.dispose();
  }
  return {
    compile_ms,
    run_ms,
    instantiate_us: median(instantiations),
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    code_bytes: codeBytes,
    outcome,
  };
}

const described = process.argv[2];
if (described === undefined) throw new TypeError('measure.ts is started by the bench verb');
const result = await measure(JSON.parse(described) as Task);
process.stdout.write(`\n${JSON.stringify(result)}\n`);
