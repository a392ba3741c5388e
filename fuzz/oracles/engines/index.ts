// The engines by name. A name is a base and options (engine-name.ts); the base finds the row, the row's loader reads the options.
// An engine's file is imported only when that engine is asked for, so that no engine can break another's start.

import type { Fault, StageName } from '../../../compiler/inside.ts';
import type { Engine } from '../engine.ts';
import type { EngineRow, Inside } from './row.ts';

/** No engine is called so; the message lists those there are. */
export class UnknownEngine extends Error {
  constructor(name: string, known: readonly string[]) {
    super(`no engine is called '${name}'; there are: ${known.join(', ')}`);
    this.name = 'UnknownEngine';
  }
}

const withoutOptions = (options: readonly string[], engine: Engine): Engine | undefined => (options.length > 0 ? undefined : engine);

async function maybeEvaluated(name: string, words: readonly string[], opt: 'none' | 'speed', inside: Inside): Promise<Engine | undefined> {
  const engines = await import('./compiled-engines.ts');
  const options = engines.maybeCompileOptions(words);
  return options === undefined || options.opt !== undefined ? undefined : engines.evaluatedEngine(name, { ...options, opt, ...inside });
}

/** The engines that no target has. */
const commonRows: readonly EngineRow[] = [
  {
    base: 'interp',
    summary: 'the reference interpreter, written from the standard',
    names: ['interp'],
    campaign: ['interp'],
    occasional: [],
    maybeLoad: async (_name, options) => {
      const { interpreterEngine, relaxedLikeX86 } = await import('./interpreter.ts');
      return options.join(':') === 'relaxed-x86' ? relaxedLikeX86 : withoutOptions(options, interpreterEngine);
    },
  },
  {
    base: 'v8',
    summary: "Node's own WebAssembly",
    names: ['v8'],
    campaign: ['v8'],
    occasional: [],
    maybeLoad: async (_name, options) => withoutOptions(options, (await import('./v8.ts')).v8Engine),
  },
  {
    base: 'ir',
    summary: 'the evaluator of our SSA IR, as translated',
    names: ['ir'],
    campaign: [],
    occasional: ['ir'],
    maybeLoad: (name, options, inside) => maybeEvaluated(name, options, 'none', inside),
  },
  {
    base: 'ir-opt',
    summary: 'the evaluator of our SSA IR, after the mid-end',
    names: ['ir-opt'],
    campaign: [],
    occasional: ['ir-opt'],
    maybeLoad: (name, options, inside) => maybeEvaluated(name, options, 'speed', inside),
  },
  {
    base: 'wabt',
    summary: "wabt's wasm-interp: all but garbage collection; runs modules that stand alone",
    names: ['wabt'],
    campaign: [],
    occasional: [],
    maybeLoad: async (_name, options) => withoutOptions(options, (await import('../foreign/wabt-interpreter.ts')).wabtEngine),
  },
  {
    base: 'binaryen',
    summary: "Binaryen's interpreter: all of Wasm 3.0; runs modules that stand alone",
    names: ['binaryen'],
    campaign: [],
    occasional: [],
    maybeLoad: async (_name, options) => withoutOptions(options, (await import('../foreign/binaryen-interpreter.ts')).binaryenEngine),
  },
  {
    base: 'webassemblyjs',
    summary: 'the JavaScript interpreter of that package: the MVP; runs modules that stand alone',
    names: ['webassemblyjs'],
    campaign: [],
    occasional: [],
    maybeLoad: async (_name, options) => withoutOptions(options, (await import('../foreign/webassemblyjs-interpreter.ts')).webassemblyjsEngine),
  },
];

const machine = () => import('./machine-rows.ts');

/** All engines: those above, and those of the targets, whose compiler is loaded to ask. */
export async function engineRows(): Promise<readonly EngineRow[]> {
  return [...commonRows, ...(await machine()).machineRows];
}

/** All names that `assay engines` lists. */
export async function engineNames(): Promise<string[]> {
  return (await engineRows()).flatMap((row) => row.names);
}

/** The engines of a campaign; the first is the reference. */
export async function campaignEngines(): Promise<string[]> {
  return (await engineRows()).flatMap((row) => row.campaign);
}

/** The engines that see only some of a campaign's modules. */
export async function occasionalEngines(): Promise<string[]> {
  return (await engineRows()).flatMap((row) => row.occasional);
}

/** The engine that runs our code on this CPU; the interpreter on a CPU without a backend. */
export async function nativeEngineName(): Promise<string> {
  return (await machine()).hostTarget ?? 'interp';
}

/** The engine of that name, available or not, with faults planted where it is our compiler. Throws `UnknownEngine`. */
export async function openEngine(name: string, faults: readonly Fault[] = [], inside: Omit<Inside, 'faults'> = {}): Promise<Engine> {
  const [base, ...options] = name.split(':');
  const isBase = (row: EngineRow): boolean => row.base === base;
  const row = commonRows.find(isBase) ?? (await machine()).machineRows.find(isBase);
  const engine = await row?.maybeLoad(name, options, { ...inside, faults });
  if (engine === undefined) throw new UnknownEngine(name, await engineNames());
  return engine;
}

/** The IR evaluated as it stands after one stage of the mid-end; `words` are options as behind an engine's name. */
export async function openAfterStage(stage: StageName, faults: readonly Fault[], words: readonly string[] = []): Promise<Engine> {
  const engines = await import('./compiled-engines.ts');
  return engines.engineAfterStage(stage, { ...engines.maybeCompileOptions(words), faults });
}
