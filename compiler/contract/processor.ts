// What executes code and holds its data: this process's CPU, the evaluator of the SSA IR, or a runner in another process.
// The runtime makes instances against this interface alone, so that all of them share one way of linking and instantiating.
// Addresses are JS numbers: user space ends far below 2^53.

import type { Artifact } from './artifact.ts';

/** Zeroed, readable and writable bytes at a fixed address. */
export interface DataRegion {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A range of addresses of which a prefix is accessible; touching the rest faults. */
export interface Reservation {
  readonly address: number;
  readonly byteLength: number;
  /** Bytes accessible from the start. */
  readonly committed: number;
  /** The accessible bytes; a new view after each growth, the old one stays valid for its length. */
  readonly bytes: Uint8Array;
  /** Makes the first `byteLength` bytes accessible, new ones zero; false when the system refuses. */
  commit(byteLength: number): boolean;
  release(): void;
}

export interface LoadedCode {
  /** Code address of function `index` of the module's index space; imports have none. */
  functionAddress(index: number): number;
  entryAddress(signature: number): number;
  hostTrampoline(signature: number): number;
  libcallTrampoline(number: number): number;
  readonly trapExit: number;
  release(): void;
}

/** What came of one call into compiled code. */
export type CallEnd =
  | { readonly end: 'returned' }
  /** `origin` is a wasm byte offset or -1; `address` the faulting address or undefined, and `pc` then the instruction's own where the processor has one. */
  | { readonly end: 'trapped'; readonly trap: number; readonly origin: number; readonly address: number | undefined; readonly pc?: number };

/** One call of several: what `Processor.call` takes. */
export interface CallRequest {
  readonly entry: number;
  readonly code: number;
  readonly vmctx: number;
  readonly block: DataRegion;
}

/** Where in loaded code an address lies, for reports. */
export interface CodePlace {
  /** Index of the function, where it is in one. */
  readonly func: number | undefined;
  /** Bytes from the start of the artifact's code. */
  readonly codeOffset: number;
}

/** Answers a call from compiled code: reads parameters from and writes results to the argument block. False: failed, the store context says how. */
export type HostHandler = (context: number, block: DataRegion, number: number) => boolean;

export interface Processor {
  readonly name: string;
  allocate(byteLength: number): DataRegion;
  /** Frees what `allocate` gave. */
  free(region: DataRegion): void;
  /** Addresses; `first` is how much of them will be committed first, if that is known. */
  reserve(byteLength: number, first?: number): Reservation;
  load(artifact: Artifact): LoadedCode;
  /** Prepares the store's own stack and fills the processor's fields of its store context. */
  openStore(store: DataRegion, handler: HostHandler): { release(): void };
  /** Calls `code` with `vmctx` through the entry trampoline; parameters and results lie in `block`. */
  call(entry: number, code: number, vmctx: number, block: DataRegion): CallEnd;
  /**
   * Makes calls one after the other as `call` would and answers what came of each; fewer when it stopped after one that a host error or a time-out
   * ended, or when there are more than it makes at once. Absent where a call alone costs no more.
   */
  callAll?(calls: readonly CallRequest[]): CallEnd[];
  /** Absent on processors whose code addresses mean nothing. */
  maybePlaceOf?(pc: number): CodePlace | undefined;
  dispose(): void;
}
