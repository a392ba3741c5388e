// What a runner and its driver share. A runner is a static program that executes compiled code in a process of its own (compiler/runtime/runner):
// it maps one file, which the driver maps too, at `zoneAddress`, and then does what the control page says. Addresses below are of the runner.
//
//   zone:  control page | commands | signal structures | staging | alternate stack | … shared data, where the driver puts it
//
// The word `turn` says whose turn it is, and both sides sleep on it. While it is not the runner's, the runner touches nothing.
//   driver → runner   run `count` commands, or go on from a host callback with `answer`
//   runner → driver   commands done · host callback wanted · ended by a fault outside compiled code
// A batch is a list of commands; a call, or a list of calls, is the last of its batch, because calls nest: compiled code calls the host, whose answer
// may take further batches. What a batch's system calls refused is in `refused`.

import { storeContext } from './vmctx.ts';

/** The first address of the zone, and the part of it that a runner maps by itself. */
export const zoneAddress = 2 ** 44;
export const zoneOwnBytes = 4 * 2 ** 20;
/** Addresses from here on the driver hands out for shared data. */
export const sharedAddress = zoneAddress + 2 ** 32;
/** Memory of the runner's own from here on, for code. */
export const privateAddress = zoneAddress + 2 ** 43;
/** The runner finds the file under this descriptor. */
export const zoneDescriptor = 3;

/** Byte offsets in the control page. All fields are 8 bytes, `turn` is the low 4 of its own. */
export const control = {
  turn: 0,
  kind: 8,
  count: 16,
  /** What a host callback returns to compiled code. */
  answer: 24,
  /** What the call of the latest batch returned. */
  result: 32,
  /** A negated error number if a system call of a batch failed, otherwise 0. */
  refused: 40,
  /** Arguments of a host callback. */
  context: 48,
  block: 56,
  number: 64,
  faultSignal: 72,
  faultPc: 80,
  faultAddress: 88,
  /** Process id of the driver: a runner that has another parent ends. */
  parent: 96,
  /** A `struct timespec`: how long a runner sleeps before it looks at its parent. */
  patience: 104,
  /** How often a runner looks at `turn` before it sleeps, at least 1. */
  looks: 120,
  /** A `struct timespec` for the driver. */
  driverPatience: 128,
} as const;

export const turns = { idle: 0, runner: 1, done: 2, host: 3, fault: 4 } as const;
export const batchKinds = { commands: 0, answer: 1 } as const;

/** A command is a record of 64 bytes: operation, then up to seven words. */
export const commandRecord = { operation: 0, first: 8, size: 64 } as const;
export const operations = {
  /** number, six arguments. */
  systemCall: 0,
  /** -, destination, source, bytes (a multiple of 16, not 0): copies code and makes it visible to execution. */
  copy: 1,
  /** entry, code, vmctx, block. */
  call: 2,
  /** Address of a call list in shared data. */
  calls: 3,
} as const;

/**
 * A call list: a header, then records. The runner counts `remaining` down before each call and ends where it finds 0, so that the driver can end a
 * list early while it answers a host callback. After each call the runner writes what the entry trampoline returned and copies from the store
 * context what the next call would overwrite; these words lie where they lie there. Then it clears the context's `hostTrap`.
 */
export const callList = { remaining: 0, first: 16 } as const;
export const callRecord = {
  entry: 0,
  code: 8,
  vmctx: 16,
  block: 24,
  trapPc: storeContext.trapPc,
  trapAddress: storeContext.trapAddress,
  trapSignal: storeContext.trapSignal,
  hostTrap: storeContext.hostTrap,
  result: 64,
  /** Address of the store context. */
  store: 72,
  size: 80,
} as const;
/** What the runner copies. */
export const copiedWords: readonly number[] = [callRecord.trapPc, callRecord.trapAddress, callRecord.trapSignal, callRecord.hostTrap];

/** Offsets of the parts of the zone that are the runner's own. */
export const zone = {
  commands: 4096,
  commandCount: 64,
  /** The signal handler's table of code ranges. */
  ranges: 16384,
  /** Arguments of the system calls that install the signal handler. */
  signalAction: 20480,
  signalStack: 20544,
  staging: 2 ** 20,
  stagingBytes: 2 ** 20,
  alternateStack: 2 ** 21,
  alternateStackBytes: 65536,
} as const;
