// What compiling a module yields: position-independent code with everything a loader needs, and nothing else.
// All instances of a module share one loaded copy; what differs between instances is behind the vmctx.
// Offsets are in bytes from the start of `code`.

import type { LibcallName, MachineType } from './libcalls.ts';
import type { Manifest } from './manifest.ts';

export type BoundsMode = 'guard' | 'explicit';
export type OptimisationLevel = 'none' | 'speed';
export type AllocatorName = 'single-pass' | 'backtracking';

/** A signature in the types of compiled code: references are i64. */
export interface Signature {
  readonly params: readonly MachineType[];
  readonly results: readonly MachineType[];
}

export interface CompiledFunction {
  /** Index in the module's function index space; an import has no entry. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Bytes of stack a call takes, return address included. */
  readonly frameBytes: number;
}

/** Where code can trap. Three columns of equal length, sorted by `pc`. */
export interface TrapTable {
  /** Offset of the faulting instruction, or for an explicit trap of the last byte of its call; the return address may be the place of another trap. */
  readonly pc: Int32Array;
  readonly code: Uint8Array;
  /** Byte offset in the wasm module of the instruction that trapped. */
  readonly origin: Int32Array;
}

export interface Artifact {
  /** Name of the target whose code this is, a key of the table in isa/index.ts. */
  readonly target: string;
  /** CPU features the code uses beyond the target's baseline; the loader must find all of them. */
  readonly features: readonly string[];
  readonly bounds: BoundsMode;
  readonly manifest: Manifest;
  readonly code: Uint8Array;
  readonly functions: readonly CompiledFunction[];
  readonly traps: TrapTable;
  /** Code offset → wasm offset, sorted by `pc`; for tracebacks and `explain`. */
  readonly origins: { readonly pc: Int32Array; readonly origin: Int32Array };
  /** Distinct signatures of the module's types in compiled code; `typeSignatures[t]` indexes it. */
  readonly signatures: readonly Signature[];
  readonly typeSignatures: readonly number[];
  /**
   * Per signature, the offset of `entry(code, vmctx, argumentBlock) -> 0 | 1`, C calling convention: switches to the store's stack, loads the
   * parameters from the block, calls, stores the results in the block. Answers 1 after a trap, whose place is then in the store context.
   */
  readonly entryTrampolines: Int32Array;
  /** Per signature, the offset of the code behind a host function: parameters to a block, `hostCallback(context, block, -1)`, results back. */
  readonly hostTrampolines: Int32Array;
  /** Per library call, the same with its number. */
  readonly libcallTrampolines: Record<LibcallName, number>;
  /** Offset of the code that an explicit trap calls; the signal handler jumps to `trapExitAfterSignal`. */
  readonly trapExit: number;
  readonly trapExitAfterSignal: number;
}
