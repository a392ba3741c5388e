// Runs a module on one engine: an exported function with arguments, or a WASI program with its folders, arguments and streams.

import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Engine, EngineInstance, EngineStore, Outcome, StoreBudgets, StoreOptions } from '../fuzz/oracles/engine.ts';
import { isWholeRun } from '../fuzz/oracles/observe.ts';
import { nativeEngineName, openEngine, UnknownEngine } from '../fuzz/oracles/engines/index.ts';
import { WasiHost, importsWasi, type WasiOptions } from '../fuzz/oracles/wasi/wasi.ts';
import { EnvironmentError, exitCode, newVerb, print, printJson, UsageError, wholeNumber } from './frame.ts';
import { readModuleFile } from './module-file.ts';
import { jsonOf, readArgument, textOf } from './values.ts';

/** What a run came to, in the words of the command line's contract. */
type Ending =
  | { readonly outcome: 'values'; readonly result: Extract<Outcome, { kind: 'values' }> }
  | { readonly outcome: 'trap'; readonly trap: string }
  | { readonly outcome: 'exhaustion' | 'link' | 'exception'; readonly trap: string }
  | { readonly outcome: 'exit'; readonly exitCode: number };

/** An ending, and the instructions it took where the engine counts them. */
type Run = { readonly ending: Ending; readonly fuelUsed: number | undefined };

export interface RunOptions {
  readonly invoke?: string;
  readonly engine: string;
  readonly dir: readonly string[];
  readonly env: readonly string[];
  readonly fuel?: number;
  readonly maxMemory?: number;
  readonly maxTable?: number;
  readonly maxHeap?: number;
  readonly trace?: true;
  readonly json?: true;
}

/** Collects an option that may be given several times. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** `HOST` or `GUEST::HOST`: a folder to preopen, under the name the program sees. */
export function folderOf(text: string): { readonly guest: string; readonly host: string } {
  const [guest = text, host] = text.split('::');
  return host === undefined ? { guest: text === '.' ? '.' : text, host: text } : { guest, host };
}

/** The engine of that name, working here. */
export async function requireEngine(name: string): Promise<Engine> {
  const engine = await openEngine(name).catch((error: unknown) => {
    throw error instanceof UnknownEngine ? new UsageError(error.message) : error;
  });
  const availability = engine.availability();
  if (!availability.available) throw new EnvironmentError(`the engine ${engine.name} does not work here: ${availability.reason}`, 'assay engines lists those that do');
  if (isWholeRun(engine)) throw new UsageError(`${engine.name} runs whole modules that stand alone, not one call: use it with diff, or with fuzz --subject`);
  return engine;
}

export function command(): Command {
  return newVerb('run')
    .argument('<file>', 'a module, binary (.wasm) or text (.wat)')
    .argument('[args...]', "the function's arguments, or the program's (put -- before those that begin with a dash)")
    .option('--invoke <function>', 'the exported function to call; without it, _start of a WASI program')
    .option('--engine <name>', "the engine that runs it (see: assay engines); this CPU's unless given")
    .option('--dir <folder>', 'a folder the program may open, as HOST or GUEST::HOST; may be given several times', collect, [])
    .option('--env <name=value>', "an entry of the program's environment; may be given several times", collect, [])
    .option('--fuel <instructions>', 'stop after this many instructions, where the engine counts them', wholeNumber(1))
    .option('--max-memory <MiB>', 'what all memories together may have; interp refuses memory.grow beyond it', wholeNumber(0))
    .option('--max-table <elements>', 'the same for all tables', wholeNumber(0))
    .option('--max-heap <MiB>', 'what all structures and arrays ever made may come to; interp is exhausted beyond it', wholeNumber(0))
    .option('--trace', 'write every instruction to standard error before it runs (interp only)')
    .action(async (file: string, args: string[], given: Omit<RunOptions, 'engine'> & { readonly engine?: string }) => {
      const options = { ...given, engine: given.engine ?? (await nativeEngineName()) };
      report(options, await runFile(file, args, options));
    });
}

/** The option that gives a store more of each. */
const budgetOptions: Readonly<Record<keyof StoreBudgets, string>> = { memoryBytes: '--max-memory', tableElements: '--max-table', heapBytes: '--max-heap' };

const mebibyte = 2 ** 20;

function storeOptions({ fuel, trace, maxMemory, maxTable, maxHeap }: RunOptions): StoreOptions {
  const budgets: StoreBudgets = {
    ...(maxMemory === undefined ? {} : { memoryBytes: maxMemory * mebibyte }),
    ...(maxTable === undefined ? {} : { tableElements: maxTable }),
    ...(maxHeap === undefined ? {} : { heapBytes: maxHeap * mebibyte }),
  };
  return {
    ...(fuel === undefined ? {} : { fuel }),
    ...(trace === true ? { trace: (line: string) => void process.stderr.write(`${line}\n`) } : {}),
    ...(Object.keys(budgets).length === 0 ? {} : { budgets }),
  };
}

/** What an engine without the ability is said not to do, and which have it. */
const unable: Readonly<Record<'fuel' | 'trace' | 'budgets', string>> = {
  fuel: 'does not count instructions, so --fuel is without effect; interp and the engines of our compiler do',
  trace: 'has no trace; --engine interp has',
  budgets: 'has fixed bounds, so --max-memory, --max-table and --max-heap are without effect; --engine interp takes them',
};

function requireAbilities(engine: Engine, options: StoreOptions): void {
  for (const ability of ['fuel', 'trace', 'budgets'] as const) {
    if (options[ability] !== undefined && engine.honours?.has(ability) !== true) throw new UsageError(`${engine.name} ${unable[ability]}`);
  }
}

/** Runs a module as the verb does; throws `UsageError` for what it or the engine cannot do. */
export async function runFile(file: string, args: readonly string[], options: RunOptions): Promise<Run> {
  const engine = await requireEngine(options.engine);
  const wanted = storeOptions(options);
  requireAbilities(engine, wanted);
  const store = engine.openStore(wanted);
  const ending = await runIn(store, engine, file, args, options);
  return { ending, fuelUsed: store.fuelUsed?.() };
}

async function runIn(store: EngineStore, engine: Engine, file: string, args: readonly string[], options: RunOptions): Promise<Ending> {
  const compiled = store.compile(await readModuleFile(file));
  if (compiled.kind === 'unsupported') throw new UsageError(`${file}: unsupported on ${engine.name}: ${compiled.feature}${at(compiled.offset)}`);
  if (compiled.kind !== 'compiled') throw new UsageError(`${file}: ${compiled.kind}: ${compiled.message}${at(compiled.offset)}`);
  const wasi: WasiOptions = {
    args: [basename(file), ...(options.invoke === undefined ? args : [])],
    environment: options.env,
    stdin: 0,
    stdout: (bytes) => void writeAll(options.json === true ? 2 : 1, bytes),
    stderr: (bytes) => void writeAll(2, bytes),
    folders: options.dir.map(folderOf),
    deterministic: false,
  };
  const host = importsWasi(compiled.module) ? new WasiHost(store, wasi) : undefined;
  const started = store.instantiate(compiled.module, host?.resolver() ?? (() => undefined));
  if (started.kind === 'link') return { outcome: 'link', trap: started.message };
  if (started.kind === 'stopped') return endingOf(started.outcome);
  const { instance } = started;
  host?.attach(instance);
  const name = options.invoke ?? defaultFunction(file, instance);
  if (name !== '_start' && instance.exports.some((e) => e.name === '_initialize' && e.kind === 'function')) {
    const ready = instance.invoke('_initialize', []);
    if (ready.kind !== 'values') return endingOf(ready);
  }
  if (!instance.exports.some((e) => e.name === name && e.kind === 'function')) {
    throw new UsageError(`${file}: no function '${name}' is exported; there are: ${functionNames(instance).join(', ')}`);
  }
  const { params } = instance.functionType(name);
  const given = options.invoke === undefined ? [] : args;
  if (given.length !== params.length) throw new UsageError(`${name} takes ${params.length} arguments (${params.join(', ')}), not ${given.length}`);
  return endingOf(instance.invoke(name, params.map((type, i) => readArgument(type, given[i] ?? ''))));
}

const at = (offset: number | undefined): string => (offset === undefined ? '' : ` at byte ${offset}`);

const functionNames = (instance: EngineInstance): string[] => instance.exports.filter((e) => e.kind === 'function').map((e) => e.name);

function defaultFunction(file: string, instance: EngineInstance): string {
  if (functionNames(instance).includes('_start')) return '_start';
  throw new UsageError(`${file} is no program (it exports no _start): say which function to --invoke: ${functionNames(instance).join(', ')}`);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function endingOf(outcome: Outcome): Ending {
  switch (outcome.kind) {
    case 'values':
      return { outcome: 'values', result: outcome };
    case 'trap':
      return { outcome: 'trap', trap: `${outcome.trap ?? 'trap'}${outcome.detail === undefined ? '' : ` (${outcome.detail})`}` };
    case 'exhaustion':
      return { outcome: 'exhaustion', trap: `${outcome.detail ?? `${outcome.what} exhausted`}${outcome.budget === undefined ? '' : ` (${budgetOptions[outcome.budget]} gives more)`}` };
    case 'exception': {
      const values = outcome.values.length === 0 ? '' : ` (${outcome.values.map(textOf).join(', ')})`;
      return { outcome: 'exception', trap: `uncaught exception ${outcome.tag === '' ? 'of a tag that is not exported' : outcome.tag}${values}` };
    }
    case 'exit':
      return { outcome: 'exit', exitCode: outcome.code };
  }
}

function report(options: RunOptions, { ending, fuelUsed }: Run): void {
  if (options.json === true) {
    const values = ending.outcome === 'values' ? ending.result.values.map(jsonOf) : [];
    const rest = ending.outcome === 'values' ? {} : ending.outcome === 'exit' ? { exitCode: ending.exitCode } : { trap: ending.trap };
    printJson({ engine: options.engine, outcome: ending.outcome, values, ...rest, ...(fuelUsed === undefined ? {} : { fuelUsed }) });
  } else if (ending.outcome === 'values') {
    for (const value of ending.result.values) print(textOf(value));
  } else if (ending.outcome !== 'exit') {
    process.stderr.write(`assay run: ${ending.outcome}: ${ending.trap}\n`);
  }
  // A program's own exit code is passed on, as a shell would see it.
  if (ending.outcome === 'exit') process.exitCode = ending.exitCode & 0xff;
  else if (ending.outcome !== 'values') process.exitCode = exitCode.finding;
}
