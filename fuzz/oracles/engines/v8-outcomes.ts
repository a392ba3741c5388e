// What V8's messages mean in the words of the official test suite.
// V8 has one message where the suite has several; such a trap is reported as `undefined` with V8's words in `detail`.

import type { CompileResult, Outcome } from '../engine.ts';

const trapNames: Readonly<Record<string, string | undefined>> = {
  'unreachable': 'unreachable',
  'divide by zero': 'integer divide by zero',
  'remainder by zero': 'integer divide by zero',
  'divide result unrepresentable': 'integer overflow',
  'memory access out of bounds': 'out of bounds memory access',
  'operation does not support unaligned accesses': 'unaligned atomic',
  'dereferencing a null pointer': 'null reference',
  'illegal cast': 'cast failure',
  'data segment out of bounds': 'out of bounds memory access',
  'array element access out of bounds': 'out of bounds array access',
  'Atomics.wait cannot be called in this context': 'expected shared memory',
  // NaN ("invalid conversion to integer") and too large ("integer overflow") alike.
  'float unrepresentable in integer range': undefined,
  // call_indirect ("undefined element") and table instructions ("out of bounds table access") alike.
  'table index is out of bounds': undefined,
  // table.init ("out of bounds table access") and array instructions ("out of bounds array access") alike.
  'element segment out of bounds': undefined,
  // A null element ("uninitialized element") and a wrong type ("indirect call type mismatch") alike.
  'function signature mismatch': undefined,
  'null function or function signature mismatch': undefined,
};

const atInstantiation: readonly (readonly [RegExp, string])[] = [
  [/data segment \d+ is out of bounds/, 'out of bounds memory access'],
  [/table index is out of bounds|table initializer|element segment/, 'out of bounds table access'],
];

/** The outcome that a V8 exception stands for; undefined for an exception that is none of V8's. */
export function outcomeOf(error: unknown): Outcome | undefined {
  if (error instanceof WebAssembly.RuntimeError) {
    const message = error.message;
    if (message in trapNames) {
      const trap = trapNames[message];
      return trap === undefined ? { kind: 'trap', trap, detail: message } : { kind: 'trap', trap };
    }
    for (const [pattern, trap] of atInstantiation) if (pattern.test(message)) return { kind: 'trap', trap, detail: message };
    return { kind: 'trap', trap: undefined, detail: message };
  }
  if (error instanceof RangeError) {
    return { kind: 'exhaustion', what: error.message.includes('call stack') ? 'stack' : 'memory' };
  }
  return undefined;
}

/** A refused module: V8 does not tell malformed from invalid, so every fault of the module is `invalid` here. */
export function refusalOf(message: string): CompileResult {
  const position = /@\+(\d+)/.exec(message)?.[1];
  const offset = position === undefined ? undefined : Number(position);
  const text = message.replace(/^WebAssembly\.Module\(\): /, '').replace(/ @\+\d+$/, '');
  // 65536 pages are the standard's own limit of a 32-bit memory.
  if (/implementation limit/.test(text) && !text.includes('limit (65536 pages)')) return { kind: 'unsupported', feature: `V8's ${text}`, offset };
  return { kind: 'invalid', message: text, offset };
}
