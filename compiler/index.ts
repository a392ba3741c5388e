// The door for everyone: bytes in, artifact out.

import * as header from './object/c-header.ts';
import * as relocatable from './object/relocatable.ts';
import * as shared from './object/shared.ts';
import { initialValuesOf } from './runtime/constant-expressions.ts';
import { type Artifact, type Compilation, type CompileOptions, type ModuleFault, compileModule, moduleFaultOf, platformOf } from './pipeline.ts';

export { type Artifact, type Compilation, type CompileOptions, type Fault, type Level, type ModuleFault, type Processor, type StageName, Unsupported, validate } from './pipeline.ts';
export { isIdentifier } from './object/module-parts.ts';
export { hostFeatures } from './runtime/cpu/features.ts';
export { whyNoCpu, openCpu, threadCpu } from './runtime/cpu/cpu.ts';
export { RuntimeFunction, RuntimeGlobal, RuntimeMemory, RuntimeTable, type RuntimeExtern } from './runtime/externs.ts';
export { ResourceExhausted, UnknownFault } from './runtime/faults.ts';
export type { Instance } from './runtime/instance.ts';
export { LoadedModule } from './runtime/module.ts';
export { Store, type CallOutcome, type CallResult, type PreparedCall, type StoreBudget } from './runtime/store.ts';
export { openRunner, threadRunner, type Runner, type RunnerOptions } from './runtime/runner/runner.ts';
export { whyNoRunner } from './runtime/runner/emulator.ts';
export { RunnerLost, type LossReason } from './runtime/runner/lost.ts';
export { callFunction, hostCallOf, readElement, readGlobal, writeGlobal } from './runtime/values.ts';

export type CompileResult = ({ readonly ok: true } & Compilation) | { readonly ok: false; readonly fault: ModuleFault };

/** Compiles a module, or says why it is refused. What it throws is a bug of ours. */
export function compile(bytes: Uint8Array, options: CompileOptions = {}): CompileResult {
  try {
    return { ok: true, ...compileModule(bytes, options) };
  } catch (error) {
    return { ok: false, fault: moduleFaultOf(error) };
  }
}

/** A relocatable object file of an artifact; its global symbols begin with `prefix` and an underscore. */
export function writeRelocatable(artifact: Artifact, prefix?: string): Uint8Array {
  return relocatable.writeRelocatable(artifact, platformOf(artifact), prefix);
}

/** A C header for the object of an artifact that is written with the same prefix. Throws `Unsupported` for what it cannot lay out. */
export function writeHeader(artifact: Artifact, prefix = 'wasm'): string {
  return header.writeHeader(artifact, prefix, initialValuesOf(artifact.manifest));
}

/** A shared object of this name from an artifact; its global symbols begin with `prefix` and an underscore. */
export function writeShared(artifact: Artifact, name: string, prefix?: string): Uint8Array {
  return shared.writeShared(artifact, platformOf(artifact), name, prefix);
}
