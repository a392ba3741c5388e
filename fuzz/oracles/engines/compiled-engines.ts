// Our compiler's engines by name: `ir` and `ir-opt` evaluate the SSA IR before and after the mid-end, `x86-64` runs machine code on this CPU.
// Options follow the name in any order: `none` or `speed`, `guard` or `explicit`, `single-pass` or `backtracking`.
// An engine with a planted fault is made by the same functions, with `faults` in the options.

import { compile, threadCpu, whyNoCpu } from '../../../compiler/index.ts';
import type { Artifact, CompileOptions, Processor } from '../../../compiler/index.ts';
import { EvaluatedProcessor, type IrFunction } from '../../../compiler/inside.ts';
import type { Engine, StoreOptions } from '../engine.ts';
import { compiledEngine } from './compiled.ts';

const version = '0.1.0';

/** Compile options by the words after an engine's name; undefined for a word that is none. */
export function maybeCompileOptions(words: readonly string[]): CompileOptions | undefined {
  let options: CompileOptions = {};
  for (const word of words) {
    if (word === 'none' || word === 'speed') options = { ...options, opt: word };
    else if (word === 'guard' || word === 'explicit') options = { ...options, bounds: word };
    else if (word === 'single-pass' || word === 'backtracking') options = { ...options, regalloc: word };
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
    processor: ({ fuel }: StoreOptions): Processor => new EvaluatedProcessor(fuel === undefined ? { functionsOf, name } : { functionsOf, name, fuel }),
    compile: (bytes) => {
      const result = compile(bytes, { ...options, until: 'ir', keepIr: true });
      if (result.ok) irOf.set(result.artifact, result.ir);
      return result;
    },
  });
}

/** Machine code for this CPU, in this process. */
export function nativeEngine(name: string, options: CompileOptions): Engine {
  return compiledEngine({
    name,
    version,
    availability: () => {
      const reason = whyNoCpu();
      return reason === undefined ? { available: true } : { available: false, reason };
    },
    processor: () => threadCpu(),
    compile: (bytes) => compile(bytes, { ...options, target: 'x86-64' }),
  });
}
