// The runner of an ISA: a program that does what contract/runner.ts says, in assembly text as the target reads it, with labels
// (`name:`) and uses of them (`@name`). It needs nothing but Linux: the file mapped at `zoneAddress`, and system calls.

export const runnerSystemCalls = ['mmap', 'munmap', 'mprotect', 'rt_sigaction', 'sigaltstack', 'prctl'] as const;
export type RunnerSystemCall = (typeof runnerSystemCalls)[number];

export interface RunnerProgram {
  /**
   * Position-independent. Labels: `start`, entered as the kernel enters a program; `hostCallback(context, block, number) -> 0 | 1`; `fatal`, a signal
   * handler of three arguments for faults that are not compiled code's; `restorer`, where the kernel wants one.
   */
  readonly lines: readonly string[];
  /** The system calls that the driver asks for, by their numbers on this ISA. */
  readonly systemCalls: Readonly<Record<RunnerSystemCall, number>>;
  /** Position-independent code of a signal handler, see the ISA's signal-handler.ts. */
  signalHandler(addresses: { readonly ranges: number; readonly previous: number }): Uint8Array;
}
