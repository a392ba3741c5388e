// The same bytes and options give the same artifact: compiled again, after something else has been compiled in between, with options written in another order.
//
// What breaks it are caches that keep more than they should, sets walked in order of insertion, and buffers that are not as empty as they look.

import { compile } from '../../../compiler/index.ts';
import type { Artifact } from '../../../compiler/index.ts';
import type { CompileOptions, Fault } from '../../../compiler/inside.ts';
import { configurationAt } from './configurations.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

/** Compiled in between; whatever was asked about last. */
let previous: Uint8Array | undefined;

const parts = ['code', 'functions', 'traps', 'origins', 'signatures', 'typeSignatures', 'entryTrampolines', 'hostTrampolines', 'libcallTrampolines', 'trapExit', 'trapExitAfterSignal', 'features', 'manifest'] as const satisfies readonly (keyof Artifact)[];

function show(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    return ArrayBuffer.isView(inner) ? Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength).toString('hex') : inner;
  });
}

function reversed(options: CompileOptions): CompileOptions {
  return Object.fromEntries(Object.entries(options).reverse());
}

/** The first part of two artifacts that differs; undefined when none does. */
export function firstDifference(a: Artifact, b: Artifact): string | undefined {
  return parts.find((part) => show(a[part]) !== show(b[part]));
}

function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict {
  const { name, options } = configurationAt(turn);
  const between = previous ?? module;
  previous = module;
  try {
    const first = compile(module, { ...options, faults });
    if (!first.ok) return { verdict: 'incomparable', reason: first.fault.message };
    compile(between, { ...options, faults });
    const second = compile(module, { ...reversed(options), faults });
    if (!second.ok) return { verdict: 'disagree', culprit: name, fingerprint: 'refused', detail: `compiled once, then refused: ${second.fault.message}` };
    const part = firstDifference(first.artifact, second.artifact);
    return part === undefined ? { verdict: 'agree' } : { verdict: 'disagree', culprit: name, fingerprint: part, detail: `two compilations with equal options differ in ${part}` };
  } catch (error) {
    return { verdict: 'incomparable', reason: error instanceof Error && error.name === 'Bug' ? 'the compiler threw' : String(error) };
  }
}

export const determinism: CompilationOracle = { name: 'determinism', summary: 'compiling again gives the same artifact', every: 64, ask };
