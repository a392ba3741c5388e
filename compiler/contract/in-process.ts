// The machine code of an ISA that the runtime needs to run compiled code in its own process, in assembly text as the target reads it. It is
// position-independent and keeps to the C calling convention.

/** Byte offsets in the record from which the entry thunk takes its call. */
export const entryRecord = { entry: 0, code: 8, vmctx: 16, block: 24, size: 64 } as const;

export interface InProcessProgram {
  /** `int thunk(void)`: calls `entry(code, vmctx, block)` of the record at this address. A call without parameters is the cheapest one there is. */
  entryThunk(record: number): readonly string[];
  /**
   * What compiled code calls as `host(context, block, number)`: the callback at this address, but answering 0 only if the callback says in the
   * store context, by `hostDone`, that it ran to its end. When JavaScript has no stack left, the callback is not entered at all and its answer is an accident.
   */
  guardedCallback(callback: number): readonly string[];
  /**
   * A three-argument signal handler that gives the signal back to the system, by libc's `signal` at this address: the same fault then ends the process
   * as it would have.
   */
  defaultHandler(signalFunction: number): readonly string[];
  /** Code of the signal handler, see the ISA's signal-handler.ts. */
  signalHandler(addresses: { readonly ranges: number; readonly previous: number }): Uint8Array;
}
