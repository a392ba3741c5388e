// What can come out of a module or a call, and how each way of failing is told apart.
// Chapter: "Execution", section "Runtime Structure", "Results"; "Appendix", section "Embedding" (errors an embedder sees).
// Four failures are never confused: a *malformed* module (binary grammar), an *invalid* one (validation), a *link* error
// (instantiation refused), and a *trap* (the program's own fault). *Exhaustion* is none of them: the machine ran out of fuel,
// stack or space, and another machine need not have.
import type { Value, HostReference } from './values.ts';
import type { ExceptionInstance } from './store.ts';

/** The names the official test suite uses for traps; every trap this interpreter makes has one of them. */
export type TrapKind =
  | 'unreachable'
  | 'integer divide by zero'
  | 'integer overflow'
  | 'invalid conversion to integer'
  | 'out of bounds memory access'
  | 'out of bounds table access'
  | 'out of bounds array access'
  | 'undefined element'
  | 'uninitialized element'
  | 'indirect call type mismatch'
  | 'null reference'
  | 'null function reference'
  | 'null structure reference'
  | 'null array reference'
  | 'null i31 reference'
  | 'null exception reference'
  | 'cast failure'
  | 'unaligned atomic'
  | 'expected shared memory'
  | 'host';

/** Why the machine gave up. Not comparable between engines. */
export type ExhaustionKind =
  | 'fuel exhausted'
  | 'call stack exhausted'
  | 'memory budget exhausted'
  | 'table budget exhausted'
  | 'heap budget exhausted'
  | 'blocked for ever';

/** One activation on the call stack: function index in its module, and the byte offset of the instruction it had reached. */
export interface Activation {
  readonly functionIndex: number;
  readonly offset: number;
  readonly name: string | undefined;
}

/** Who called whom, innermost first. Of a deep stack the middle is left out: `depth` counts all activations, `stack` may hold fewer. */
export interface CallStack { readonly stack: readonly Activation[]; readonly depth: number }

export interface Values { readonly kind: 'values'; readonly values: readonly Value[] }
export interface TrapOutcome extends CallStack { readonly kind: 'trap'; readonly trap: TrapKind; readonly message: string }
export interface ExhaustionOutcome extends CallStack { readonly kind: 'exhaustion'; readonly reason: ExhaustionKind }
export interface ExceptionOutcome { readonly kind: 'exception'; readonly exception: ExceptionInstance; readonly payload: readonly Value[] }
export interface LinkError { readonly kind: 'link'; readonly message: string }
export interface HostError extends CallStack { readonly kind: 'host-error'; readonly error: unknown }

/** What a call ends with. `host-error` carries back whatever a host function threw that was neither a trap nor a wasm exception. */
export type Outcome = Values | TrapOutcome | ExhaustionOutcome | ExceptionOutcome | HostError;

export interface Malformed { readonly kind: 'malformed'; readonly offset: number; readonly message: string }
export interface Invalid { readonly kind: 'invalid'; readonly offset: number; readonly message: string }
export interface Unsupported { readonly kind: 'unsupported'; readonly offset: number; readonly feature: string }

/** Thrown inside the decoder; becomes a `Malformed` value at the door. */
export class MalformedModule extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Thrown inside the validator; becomes an `Invalid` value at the door. */
export class InvalidModule extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** Thrown where a well-formed module exceeds a limit or uses a feature that was switched off. */
export class UnsupportedModule extends Error {
  readonly offset: number;
  readonly feature: string;
  constructor(offset: number, feature: string) {
    super(`unsupported: ${feature}`);
    this.offset = offset;
    this.feature = feature;
  }
}

/** A trap on its way to the door. Host functions may throw it to trap the guest. */
export class Trap extends Error {
  readonly kind: TrapKind;
  constructor(kind: TrapKind, detail?: string) {
    // Where it happened is told by the machine; a walk over JavaScript's frames would cost more than most calls.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(detail === undefined ? kind : `${kind}: ${detail}`);
    Error.stackTraceLimit = limit;
    this.kind = kind;
  }
}

/** A resource ran out. */
export class Exhaustion extends Error {
  readonly reason: ExhaustionKind;
  constructor(reason: ExhaustionKind) {
    super(reason);
    this.reason = reason;
  }
}

/** Instantiation was refused before any code ran. */
export class LinkFailure extends Error {}

/** A wasm exception crossing JavaScript frames: uncaught on its way out, or thrown by a host function on its way in. */
export class ThrownException extends Error {
  readonly exception: ExceptionInstance;
  constructor(exception: ExceptionInstance) {
    super('wasm exception');
    this.exception = exception;
  }
}

/** A fault of the interpreter itself; nothing catches it. */
export function bug(what: string): never {
  throw new Error(`interpreter bug: ${what}`);
}

/** Ends an exhaustive switch. */
export function unreachable(x: never): never {
  return bug(`unexpected ${String(x)}`);
}

export type { HostReference };
