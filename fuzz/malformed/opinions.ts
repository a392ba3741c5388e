// What the compiler's front end, the interpreter's and V8's validators say of some bytes, and what to make of a difference.
//
// The compiler may never accept what another one rejects, nor reject what is valid and supported. The differences below are known, each for a
// reason that lies outside the compiler's front end; every other one is a finding.

import { Translator, decodeModule, moduleFaultOf, prepareModule, printFaults, validateModule, verifyFunction } from '../../compiler/inside.ts';
import type { ModuleFault } from '../../compiler/inside.ts';
import { decode, validate } from '../../interpreter/index.ts';

export interface Opinion {
  readonly kind: 'valid' | 'malformed' | 'invalid' | 'unsupported';
  readonly message: string;
}

/** Decodes, validates and translates, as compiling does; translated functions must satisfy the IR verifier. Throws for faults of the compiler. */
export function askCompiler(bytes: Uint8Array): Opinion & { readonly offset: number } {
  let fault: ModuleFault | undefined;
  try {
    const module = decodeModule(bytes);
    validateModule(module);
    const translator = new Translator(prepareModule(module, { bounds: 'explicit', spectre: true }));
    for (let index = module.importedFunctions; index < module.functions.length; index++) {
      const faults = verifyFunction(translator.translate(index));
      if (faults.length > 0) throw new Error(`translation breaks the IR's rules: ${printFaults(faults)}`);
    }
  } catch (error) {
    fault = moduleFaultOf(error);
  }
  return fault ?? { kind: 'valid', message: '', offset: -1 };
}

export function askInterpreter(bytes: Uint8Array): Opinion {
  const module = decode(bytes);
  if (module.kind === 'malformed') return { kind: 'malformed', message: module.message };
  const checked = validate(module);
  switch (checked.kind) {
    case 'checked':
      return { kind: 'valid', message: '' };
    case 'invalid':
      return { kind: 'invalid', message: checked.message };
    case 'unsupported':
      return { kind: 'unsupported', message: checked.feature };
  }
}

export function askV8(bytes: Uint8Array): Opinion {
  const copy = new Uint8Array(bytes);
  if (WebAssembly.validate(copy)) return { kind: 'valid', message: '' };
  try {
    return { kind: 'invalid', message: `validate refuses what compiles to ${String(new WebAssembly.Module(copy))}` };
  } catch (error) {
    return { kind: 'invalid', message: error instanceof Error ? error.message.replace(/^WebAssembly\.Module\(\): /, '') : String(error) };
  }
}

/** A kind of difference that is understood. */
export interface KnownDifference {
  readonly name: string;
  /** Why the compiler is right, or at liberty. */
  readonly reason: string;
  readonly matches: (compiler: Opinion, other: Opinion) => boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    name: 'unsupported feature',
    reason: 'The module needs a proposal that the compiler refuses by name, as it must; the other one has it.',
    matches: (compiler, other) => compiler.kind === 'unsupported' && other.kind === 'valid',
  },
  {
    name: 'limit of V8',
    reason: 'The standard allows it, V8 does not: an initial table of more than 10,000,000 elements, or another number beyond its implementation limits.',
    matches: (compiler, other) => compiler.kind === 'valid' && /larger than (implementation limit|internal limit)|exceeds (implementation|internal) limit|maximum (number|size) of/.test(other.message),
  },
  {
    name: 'element segments of number types',
    reason: 'V8 lets a passive or declarative element segment without elements have a number type; the standard demands a reference type (5.5.12).',
    matches: (compiler, other) => compiler.kind === 'malformed' && compiler.message === 'malformed reference type' && other.kind === 'valid',
  },
];

/** The known difference this is; undefined for agreement and for findings. */
export function maybeKnownDifference(compiler: Opinion, other: Opinion): KnownDifference | undefined {
  return knownDifferences.find((known) => known.matches(compiler, other));
}

/** Two opinions differ when one accepts and the other does not. Why both refuse, and in which words, is not compared. */
export function differ(one: Opinion, other: Opinion): boolean {
  return (one.kind === 'valid') !== (other.kind === 'valid');
}
