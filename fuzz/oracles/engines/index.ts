// The engines by name. A name is a base and options, `x86-64:none:explicit`; the base finds the row, the row's loader reads the options.
// An engine's file is imported only when that engine is asked for, so that no engine can break another's start.

import type { CompileOptions, Fault, StageName, TargetName } from '../../../compiler/inside.ts';
import type { Engine } from '../engine.ts';

export interface EngineRow {
  readonly base: string;
  /** One line on what it is. */
  readonly summary: string;
  /** Full names worth listing and running by default. */
  readonly names: readonly string[];
  /** Full names that take part in a campaign unless it says otherwise. */
  readonly campaign: readonly string[];
  /** Full names that take turns at some of such a campaign's modules, and see every one on which others disagree. */
  readonly occasional: readonly string[];
  /** Throws `UnknownEngine` on options it does not know. `inside` is for our compiler. */
  readonly load: (name: string, options: readonly string[], inside: Inside) => Promise<Engine>;
}

/** What the lab puts into an engine of our compiler: faults, and a control that limits and watches what it does. */
export type Inside = Pick<CompileOptions, 'faults' | 'control'>;

/** No engine is called so; the message lists those there are. */
export class UnknownEngine extends Error {
  constructor(name: string) {
    super(`no engine is called '${name}'; there are: ${engineNames().join(', ')}`);
    this.name = 'UnknownEngine';
  }
}

function withoutOptions(name: string, options: readonly string[], engine: Engine): Engine {
  if (options.length > 0) throw new UnknownEngine(name);
  return engine;
}

async function evaluated(name: string, words: readonly string[], opt: 'none' | 'speed', inside: Inside): Promise<Engine> {
  const engines = await import('./compiled-engines.ts');
  const options = engines.maybeCompileOptions(words);
  if (options === undefined || options.opt !== undefined) throw new UnknownEngine(name);
  return engines.evaluatedEngine(name, { ...options, opt, ...inside });
}

async function inRunner(name: string, target: TargetName, words: readonly string[], inside: Inside): Promise<Engine> {
  const options = (await import('./compiled-engines.ts')).maybeCompileOptions(words);
  if (options === undefined) throw new UnknownEngine(name);
  return (await import('./runner-engines.ts')).runnerEngine(name, target, { ...options, ...inside });
}

export const engineRows: readonly EngineRow[] = [
  {
    base: 'interp',
    summary: 'the reference interpreter, written from the standard',
    names: ['interp'],
    campaign: ['interp'],
    occasional: [],
    load: async (name, options) => {
      const { interpreterEngine, relaxedLikeX86 } = await import('./interpreter.ts');
      return options.join(':') === 'relaxed-x86' ? relaxedLikeX86 : withoutOptions(name, options, interpreterEngine);
    },
  },
  {
    base: 'v8',
    summary: "Node's own WebAssembly",
    names: ['v8'],
    campaign: ['v8'],
    occasional: [],
    load: async (name, options) => withoutOptions(name, options, (await import('./v8.ts')).v8Engine),
  },
  {
    base: 'ir',
    summary: 'the evaluator of our SSA IR, as translated',
    names: ['ir'],
    campaign: [],
    occasional: ['ir'],
    load: (name, options, inside) => evaluated(name, options, 'none', inside),
  },
  {
    base: 'ir-opt',
    summary: 'the evaluator of our SSA IR, after the mid-end',
    names: ['ir-opt'],
    campaign: [],
    occasional: ['ir-opt'],
    load: (name, options, inside) => evaluated(name, options, 'speed', inside),
  },
  {
    base: 'x86-64',
    summary: 'our machine code on this CPU',
    names: ['x86-64', 'x86-64:none', 'x86-64:explicit', 'x86-64:none:explicit', 'x86-64:backtracking', 'x86-64:explicit:backtracking'],
    campaign: ['x86-64', 'x86-64:none'],
    occasional: ['x86-64:explicit', 'x86-64:none:explicit', 'x86-64:backtracking', 'x86-64:explicit:backtracking'],
    load: async (name, words, inside) => {
      const engines = await import('./compiled-engines.ts');
      const options = engines.maybeCompileOptions(words);
      if (options === undefined) throw new UnknownEngine(name);
      return engines.nativeEngine(name, { ...options, ...inside });
    },
  },
  {
    base: 'x86-64-isolated',
    summary: 'our machine code in a process of its own',
    names: ['x86-64-isolated'],
    campaign: [],
    occasional: ['x86-64-isolated'],
    load: (name, words, inside) => inRunner(name, 'x86-64', words, inside),
  },
  {
    base: 'aarch64',
    summary: 'our AArch64 code in a process of its own, under qemu-user on other CPUs',
    names: ['aarch64', 'aarch64:none', 'aarch64:explicit', 'aarch64:none:explicit'],
    campaign: [],
    occasional: ['aarch64', 'aarch64:none:explicit'],
    load: (name, words, inside) => inRunner(name, 'aarch64', words, inside),
  },
  {
    base: 'riscv64',
    summary: 'our RISC-V code in a process of its own, under qemu-user on other CPUs',
    names: ['riscv64', 'riscv64:none', 'riscv64:explicit', 'riscv64:none:explicit'],
    campaign: [],
    occasional: ['riscv64', 'riscv64:none:explicit'],
    load: (name, words, inside) => inRunner(name, 'riscv64', words, inside),
  },
  {
    base: 'wabt',
    summary: "wabt's wasm-interp: all but garbage collection; runs modules that stand alone",
    names: ['wabt'],
    campaign: [],
    occasional: [],
    load: async (name, options) => withoutOptions(name, options, (await import('../foreign/wabt-interpreter.ts')).wabtEngine),
  },
  {
    base: 'binaryen',
    summary: "Binaryen's interpreter: all of Wasm 3.0; runs modules that stand alone",
    names: ['binaryen'],
    campaign: [],
    occasional: [],
    load: async (name, options) => withoutOptions(name, options, (await import('../foreign/binaryen-interpreter.ts')).binaryenEngine),
  },
  {
    base: 'webassemblyjs',
    summary: 'the JavaScript interpreter of that package: the MVP; runs modules that stand alone',
    names: ['webassemblyjs'],
    campaign: [],
    occasional: [],
    load: async (name, options) => withoutOptions(name, options, (await import('../foreign/webassemblyjs-interpreter.ts')).webassemblyjsEngine),
  },
];

/** All names that `assay engines` lists. */
export function engineNames(): string[] {
  return engineRows.flatMap((row) => row.names);
}

/** The engines of a campaign; the first is the reference. */
export const campaignEngines: readonly string[] = engineRows.flatMap((row) => row.campaign);

/** The engines that see only some of a campaign's modules. */
export const occasionalEngines: readonly string[] = engineRows.flatMap((row) => row.occasional);

/** The engine of that name, available or not, with faults planted where it is our compiler. Throws `UnknownEngine`. */
export async function openEngine(name: string, faults: readonly Fault[] = [], inside: Omit<Inside, 'faults'> = {}): Promise<Engine> {
  const [base, ...options] = name.split(':');
  const row = engineRows.find((candidate) => candidate.base === base);
  if (row === undefined) throw new UnknownEngine(name);
  return await row.load(name, options, { ...inside, faults });
}

/** The IR evaluated as it stands after one stage of the mid-end. */
export async function openAfterStage(stage: StageName, faults: readonly Fault[]): Promise<Engine> {
  return (await import('./compiled-engines.ts')).engineAfterStage(stage, { faults });
}
