// The compiler as a table of stages, and the one seam through which everything looks into a compilation, limits it, varies it or breaks it.
//
//   bytes → module        decode, validate          (per module; malformed and invalid modules end here)
//   body  → IR            translate                 (per function, like all that follows; body faults end here)
//   IR    → IR            the passes of `passes`    (opt `speed`)
//
// Verification, dumps, timing, fuel, choices and fault injection happen here and nowhere else: the stages do not know of them.
// A fault is a replacement rule or a transformer of what a stage leaves, registered from outside, so that no source of the compiler holds an
// "if buggy" branch. A `Bug` thrown by a stage gets the stage and function added here and goes on.

import { type Control, CountingControl } from './base/control.ts';
import { Bug } from './base/errors.ts';
import type { AllocatorName, Artifact, BoundsMode, OptimisationLevel, TargetName } from './contract/artifact.ts';
import { libcalls } from './contract/libcalls.ts';
import type { IrFunction } from './ir/function.ts';
import { expectVerified } from './ir/verify.ts';
import { manifestOf } from './translate/manifest.ts';
import { type PreparedModule, prepareModule } from './translate/prepare.ts';
import { Translator } from './translate/translate.ts';
import { decodeModule } from './wasm/decode.ts';
import { validateModule } from './wasm/validate.ts';

/** A function as a stage leaves it. */
export type Level = { readonly level: 'ir'; readonly f: IrFunction };

export type StageName = 'translate';

/** Changes what a stage leaves, in place or by answering something else. */
export interface TransformerFault {
  readonly kind: 'transformer';
  /** What the fault is called in reports. */
  readonly name: string;
  readonly stage: StageName;
  transform(level: Level): Level;
}

export type Fault = TransformerFault;

export interface CompileOptions {
  readonly target?: TargetName;
  readonly opt?: OptimisationLevel;
  readonly regalloc?: AllocatorName;
  readonly bounds?: BoundsMode;
  /** Mask the addresses of explicitly checked accesses; on unless said otherwise. */
  readonly spectre?: boolean;
  /** `between`: after every stage; `ends`: after translation and after the last pass. */
  readonly verify?: 'between' | 'ends';
  /** Go no further than the IR after the mid-end; the artifact then has no code. */
  readonly until?: 'ir' | 'code';
  /** Keep the IR of every function in the result. */
  readonly keepIr?: boolean;
  /** Called with what each stage leaves of each function; must not change it. */
  readonly inspect?: (stage: StageName, func: number, level: Level) => void;
  readonly control?: Control;
  readonly faults?: readonly Fault[];
  /** Milliseconds of any origin; given, the time of each stage is added up. */
  readonly clock?: () => number;
}

export interface Compilation {
  readonly artifact: Artifact;
  /** The IR after the mid-end, if it was to be kept. */
  readonly ir: readonly IrFunction[];
  /** Milliseconds per stage, if there was a clock. */
  readonly stageMs: ReadonlyMap<StageName | 'decode', number>;
}

/** Runs stages with everything the seam adds. */
class Run {
  readonly control: Control;
  readonly stageMs = new Map<StageName | 'decode', number>();
  private readonly options: CompileOptions;
  constructor(options: CompileOptions) {
    this.options = options;
    this.control = options.control ?? new CountingControl();
  }

  timed<T>(stage: StageName | 'decode', work: () => T): T {
    const { clock } = this.options;
    if (clock === undefined) return work();
    const start = clock();
    const result = work();
    this.stageMs.set(stage, (this.stageMs.get(stage) ?? 0) + clock() - start);
    return result;
  }

  /** Runs one stage of function `func`, then faults, verification and inspection. */
  stage(stage: StageName, func: number, work: () => Level): Level {
    try {
      let level = this.timed(stage, work);
      for (const fault of this.options.faults ?? []) if (fault.kind === 'transformer' && fault.stage === stage) level = fault.transform(level);
      this.verify(stage, level);
      this.options.inspect?.(stage, func, level);
      return level;
    } catch (error) {
      if (error instanceof Bug && error.stage === undefined) error.stage = `${stage}, function ${func}`;
      throw error;
    }
  }

  private verify(stage: StageName, level: Level): void {
    if (this.options.verify === 'between' || stage === 'translate') expectVerified(level.f, stage);
  }
}

/** Compiles a module. Throws `InvalidModule`, `Unsupported`, or a `Bug` of ours. */
export function compileModule(bytes: Uint8Array, options: CompileOptions): Compilation {
  const run = new Run(options);
  const prepared = run.timed('decode', () => {
    const module = decodeModule(bytes);
    validateModule(module);
    return prepareModule(module, { bounds: options.bounds ?? 'guard', spectre: options.spectre ?? true });
  });
  const translator = new Translator(prepared);
  const ir: IrFunction[] = [];
  const { module } = prepared;
  for (let index = module.importedFunctions; index < module.functions.length; index++) {
    const level = run.stage('translate', index, () => ({ level: 'ir', f: translator.translate(index) }));
    ir.push(level.f);
  }
  return { artifact: artifactWithoutCode(prepared, options), ir, stageMs: run.stageMs };
}

function artifactWithoutCode(prepared: PreparedModule, options: CompileOptions): Artifact {
  const { signatures, typeSignatures } = prepared;
  const nothing = new Int32Array();
  const nowhere = new Int32Array(signatures.length).fill(-1);
  return {
    target: options.target ?? 'x86-64',
    bounds: options.bounds ?? 'guard',
    manifest: manifestOf(prepared.module),
    code: new Uint8Array(),
    functions: [],
    traps: { pc: nothing, code: new Uint8Array(), origin: nothing },
    origins: { pc: nothing, origin: nothing },
    signatures,
    typeSignatures,
    entryTrampolines: nowhere,
    hostTrampolines: nowhere,
    libcallTrampolines: Object.fromEntries(Object.keys(libcalls).map((name) => [name, -1])) as Artifact['libcallTrampolines'],
    trapExit: -1,
    trapExitAfterSignal: -1,
  };
}
