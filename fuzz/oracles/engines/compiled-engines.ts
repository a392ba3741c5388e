// Our compiler's engines by name: `ir` and `ir-opt` evaluate the SSA IR before and after the mid-end, those called like targets run machine code.
// Options follow the name in any order: `none` or `speed`, `guard` or `explicit`, `single-pass` or `backtracking`,
// `unproved` to leave out the check of allocations, which benchmarks do; `fuel` to count instructions also where no store limits them. CPU features: those that are named, none with `baseline`; where nothing is
// said, all that this CPU has for code that runs on it, none for code that is emulated.
// An engine with a planted fault is made by the same functions, with `faults` in the options.

import { compile, hostFeatures, threadCpu, whyNoCpu } from '../../../compiler/index.ts';
import type { Artifact, CompileOptions, CompileResult, Processor } from '../../../compiler/index.ts';
import { CountingControl, EvaluatedProcessor, FrontEnd, type IrFunction, maybeTargetOn, parseFunction, printFunction, ruleNamesOf, type StageName, type TargetName, targetOf } from '../../../compiler/inside.ts';
import type { Engine, EngineStatistics, StoreOptions } from '../engine.ts';
import { compiledEngine } from './compiled.ts';

const version = '0.1.0';

/** Compile options by the words after an engine's name, which may name these CPU features; undefined for a word that is none. */
export function maybeCompileOptions(words: readonly string[], known: readonly string[] = []): CompileOptions | undefined {
  let options: CompileOptions = {};
  for (const word of words) {
    if (word === 'none' || word === 'speed') options = { ...options, opt: word };
    else if (word === 'guard' || word === 'explicit') options = { ...options, bounds: word };
    else if (word === 'single-pass' || word === 'backtracking') options = { ...options, regalloc: word };
    else if (word === 'unproved') options = { ...options, check: false };
    else if (word === 'fuel') options = { ...options, fuel: true };
    else if (word === 'baseline') options = { ...options, features: [] };
    else if (known.includes(word)) options = { ...options, features: [...(options.features ?? []), word] };
    else return undefined;
  }
  return options;
}

/** The IR on its evaluator, as the mid-end leaves it under these options. */
export function evaluatedEngine(name: string, options: CompileOptions): Engine {
  const irOf = new WeakMap<Artifact, readonly IrFunction[]>();
  const functionsOf = (artifact: Artifact): readonly IrFunction[] => irOf.get(artifact) ?? [];
  return compiledEngine({
    name,
    version,
    availability: () => ({ available: true }),
    honours: ['onAccess'],
    processor: ({ onAccess }: StoreOptions): Processor => new EvaluatedProcessor({
      functionsOf,
      name,
      ...(onAccess === undefined ? {} : { onMemoryAccess: (kind, memory, address, width) => onAccess({ kind, memory, address, width }) }),
    }),
    compile: (bytes, _stopwatch, fuel) => {
      const result = compile(bytes, { fuel, ...options, until: 'ir', keepIr: true });
      if (result.ok) irOf.set(result.artifact, result.ir);
      return result;
    },
  });
}

/** The IR on its evaluator, as one stage of the mid-end leaves it. */
export function engineAfterStage(stage: StageName, options: CompileOptions): Engine {
  return stageEngine(stage, (bytes, fuel) => {
    const [result, texts] = textsOfStages(bytes, { fuel, ...options }, (reached) => reached === stage);
    return { result, functions: () => (texts.get(stage) ?? []).map(parseFunction) };
  });
}

/** The same for each of these stages in turn, with one compilation for all; stages that change nothing are left out. */
export function* evaluatedStages(stages: readonly StageName[], module: Uint8Array, options: CompileOptions): Generator<{ readonly stage: StageName; readonly engine: Engine } | 'refused' | 'threw'> {
  let compiled: ReturnType<typeof textsOfStages>;
  try {
    compiled = textsOfStages(module, options, (reached) => stages.includes(reached));
  } catch {
    yield 'threw';
    return;
  }
  const [result, texts] = compiled;
  if (!result.ok) {
    yield 'refused';
    return;
  }
  let before = '';
  for (const stage of stages) {
    const own = texts.get(stage) ?? [];
    const whole = own.join('\n');
    if (whole === before) continue;
    before = whole;
    yield { stage, engine: stageEngine(stage, () => ({ result, functions: () => own.map(parseFunction) })) };
  }
}

/** Later passes change the same function in place, so what a stage leaves is kept as text. */
function textsOfStages(bytes: Uint8Array, options: CompileOptions, wants: (stage: StageName) => boolean): readonly [CompileResult, ReadonlyMap<StageName, readonly string[]>] {
  const texts = new Map<StageName, string[]>();
  const result = compile(bytes, {
    ...options,
    opt: 'speed',
    until: 'ir',
    inspect: (reached, _index, level) => {
      if (level.level !== 'ir' || !wants(reached)) return;
      const list = texts.get(reached) ?? [];
      list.push(printFunction(level.f));
      texts.set(reached, list);
    },
  });
  return [result, texts];
}

function stageEngine(stage: StageName, make: (bytes: Uint8Array, fuel: boolean) => { readonly result: CompileResult; readonly functions: () => readonly IrFunction[] }): Engine {
  const irOf = new WeakMap<Artifact, readonly IrFunction[]>();
  const functionsOf = (artifact: Artifact): readonly IrFunction[] => irOf.get(artifact) ?? [];
  return compiledEngine({
    name: `ir after ${stage}`,
    version,
    availability: () => ({ available: true }),
    processor: () => new EvaluatedProcessor({ functionsOf, name: stage }),
    compile: (bytes, _stopwatch, fuel) => {
      const { result, functions } = make(bytes, fuel);
      if (result.ok) irOf.set(result.artifact, functions());
      return result;
    },
  });
}

/** Machine code of `target`, which is to be this CPU's, in this process. */
export function nativeEngine(name: string, target: TargetName, options: CompileOptions): Engine {
  const foreign = isThisCpu(target) ? undefined : `this CPU does not run ${target} code in process`;
  return machineEngine(name, target, options, { whyNot: () => whyNoCpu() ?? foreign, processor: () => threadCpu() });
}

const isThisCpu = (target: TargetName): boolean => maybeTargetOn(process.arch) === target;

/** What executes machine code, or why it cannot. */
export interface Machine {
  whyNot(): string | undefined;
  processor(): Processor;
  readonly isRemote?: boolean;
}

/** The optional features that code run here may use: what the CPU has; on an emulated one, none unless an engine's name says otherwise. */
export function usableFeatures(target: TargetName): readonly string[] {
  return isThisCpu(target) ? targetOf(target).features.filter((feature) => hostFeatures().has(feature)) : [];
}

/** Why code with these features does not run here, or undefined; emulators are taken to have all there are. */
function whyNoFeatures(target: TargetName, wanted: readonly string[]): string | undefined {
  const missing = isThisCpu(target) ? wanted.filter((feature) => !hostFeatures().has(feature)) : [];
  return missing.length === 0 ? undefined : `this CPU does not name ${missing.join(', ')}`;
}

/**
 * All engines here compile the same module one after the other: what comes before selection is done once for each set of options. The IR engines
 * stay by themselves, so that each module's IR is made twice and by separate runs where they take part.
 */
const frontEnd = new FrontEnd();

/** Machine code of a target on a machine. Every allocation is proved; what the rules and proofs came to is counted over the engine's life. */
export function machineEngine(name: string, target: TargetName, options: CompileOptions, machine: Machine): Engine {
  const control = new CountingControl();
  const proofs = { checked: 0, failed: 0 };
  const features = usableFeatures(target);
  return compiledEngine({
    name,
    version,
    availability: () => {
      const reason = machine.whyNot() ?? whyNoFeatures(target, options.features ?? []);
      return reason === undefined ? { available: true } : { available: false, reason };
    },
    processor: () => machine.processor(),
    isRemote: machine.isRemote === true,
    compile: (bytes, stopwatch, fuel) => {
      try {
        const result = compile(bytes, { control, fuel, check: true, features, frontEnd, ...options, target, ...(stopwatch === undefined ? {} : { clock: () => stopwatch.now() }) });
        if (result.ok) stopwatch?.stages(result.stageMs);
        if (result.ok) proofs.checked += result.proofs.length;
        return result;
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('allocation refuted')) proofs.failed++;
        throw error;
      }
    },
    statistics: (): EngineStatistics => ({ fired: control.firings, rules: ruleNamesOf(target), proofs }),
  });
}
