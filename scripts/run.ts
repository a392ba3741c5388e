// Runs a module on one engine: an exported function with arguments, or a WASI program with its folders, arguments and streams.

import { writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Engine, EngineInstance, Outcome } from '../fuzz/oracles/engine.ts';
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

export interface RunOptions {
  readonly invoke?: string;
  readonly engine: string;
  readonly dir: readonly string[];
  readonly env: readonly string[];
  readonly fuel?: number;
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
    .option('--trace', 'write every instruction to standard error before it runs (interp only)')
    .action(async (file: string, args: string[], given: Omit<RunOptions, 'engine'> & { readonly engine?: string }) => {
      const options = { ...given, engine: given.engine ?? (await nativeEngineName()) };
      const ending = await run(file, args, options);
      report(options, ending);
    });
}

async function run(file: string, args: readonly string[], options: RunOptions): Promise<Ending> {
  const engine = await requireEngine(options.engine);
  if (options.trace === true && !engine.name.startsWith('interp')) throw new UsageError(`${engine.name} has no trace; --engine interp has`);
  const store = engine.openStore({
    ...(options.fuel === undefined ? {} : { fuel: options.fuel }),
    ...(options.trace === true ? { trace: (line: string) => void process.stderr.write(`${line}\n`) } : {}),
  });
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
      return { outcome: 'exhaustion', trap: `${outcome.what} exhausted` };
    case 'exception':
      return { outcome: 'exception', trap: `uncaught exception ${outcome.tag}` };
    case 'exit':
      return { outcome: 'exit', exitCode: outcome.code };
  }
}

function report(options: RunOptions, ending: Ending): void {
  if (options.json === true) {
    const values = ending.outcome === 'values' ? ending.result.values.map(jsonOf) : [];
    const rest = ending.outcome === 'values' ? {} : ending.outcome === 'exit' ? { exitCode: ending.exitCode } : { trap: ending.trap };
    printJson({ engine: options.engine, outcome: ending.outcome, values, ...rest });
  } else if (ending.outcome === 'values') {
    for (const value of ending.result.values) print(textOf(value));
  } else if (ending.outcome !== 'exit') {
    process.stderr.write(`assay run: ${ending.outcome}: ${ending.trap}\n`);
  }
  // A program's own exit code is passed on, as a shell would see it.
  if (ending.outcome === 'exit') process.exitCode = ending.exitCode & 0xff;
  else if (ending.outcome !== 'values') process.exitCode = exitCode.finding;
}
