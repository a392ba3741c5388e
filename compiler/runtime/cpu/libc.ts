// The door to the operating system: libc functions and raw addresses, by way of koffi. Nothing else in the repository loads native code.
// koffi is loaded at the first use, so that importing this file costs and breaks nothing where it cannot work.
// Addresses are numbers; the kernel gives user space 47 bits.

import { openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { bug } from '../../base/errors.ts';
import { maybeTargetOn, targetOf } from '../../isa/index.ts';

export const protection = { none: 0, readWrite: 3, readExecute: 5 } as const;
const mapPrivateAnonymous = 0x22;
const mapNoReserve = 0x4000;
const adviseDontNeed = 4;
/** What `mmap` answers when it fails. */
const mapFailed = -1;

/** Where the runtime's pools take memory from: this process, or one that runs elsewhere and shares it. */
export type MemorySource = Pick<Libc, 'maybeMap' | 'unmap' | 'protect' | 'discard' | 'view'>;

export const systemPageBytes = 4096;

/** Signals by their numbers on Linux. */
export const signals = { SIGILL: 4, SIGBUS: 7, SIGFPE: 8, SIGSEGV: 11 } as const;

export interface Libc {
  /** Maps fresh zeroed memory without reserving swap for it; undefined when the system refuses. */
  maybeMap(byteLength: number, protection: number): number | undefined;
  unmap(address: number, byteLength: number): void;
  /** False when the system refuses. */
  protect(address: number, byteLength: number, protection: number): boolean;
  /** Makes pages read as zeros again; their memory goes back to the system. */
  discard(address: number, byteLength: number): void;
  /** A view of memory; it stays usable exactly as long as the memory is mapped. */
  view(address: number, byteLength: number): ArrayBuffer;
  /** Where bytes lie that are no copy: those of a view or of a WebAssembly memory. */
  addressIn(bytes: Uint8Array): number;
  /** Copies bytes to an address. */
  write(address: number, bytes: Uint8Array): void;
  /** Copies bytes to an address whose pages are not writable and stay so; false where the system does not let a process do that to itself. */
  force(address: number, bytes: Uint8Array): boolean;
  /** A file in memory, of this length as far as anyone may map it; it ends with its last descriptor. */
  memoryFile(name: string, byteLength: number): number;
  closeFile(descriptor: number): void;
  /** Maps a stretch of a file for reading and writing, shared with whoever else maps it; undefined when the system refuses. */
  maybeMapFile(descriptor: number, offset: number, byteLength: number): number | undefined;
  /** Makes a stretch of a file in memory read as zeros, wherever it is mapped; its memory goes back to the system. */
  discardFile(descriptor: number, offset: number, byteLength: number): void;
  /** Sleeps while the 32-bit word at `address` is `expected`, for as long as the `struct timespec` at `patience` says; true when that time is over. */
  sleepOn(address: number, expected: number, patience: number): boolean;
  /** Wakes who sleeps on the word at `address`, in any process. */
  wake(address: number): void;
  /** What ended a child process that nobody has waited for yet: a signal or an exit status; undefined while it runs. */
  maybeEndOf(pid: number): string | undefined;
  /** `struct sigaction` of `signal`, 152 bytes, into `old`; installs `action` where given. */
  sigaction(signal: number, action: Uint8Array | null, old: Uint8Array | null): void;
  sigaltstack(stack: Uint8Array | null, old: Uint8Array | null): void;
  /** Runs `action` while no other thread of the process is in one; the lock is that of libc's standard input, the one lock all threads can name. */
  exclusively<Result>(action: () => Result): Result;
  /** Address of a libc function. */
  addressOf(name: string): number;
  /** The C function `int f(void)` at an address. */
  callable(address: number): () => number;
  /** A C function `int f(address context, address block, int32 number)` that calls `handler`; freed by `release`. */
  callback(handler: (context: number, block: number, number: number) => number): { readonly address: number; release(): void };
}

/** Why native code cannot run in this process, or undefined. */
export function whyNoNativeCode(platform: string = process.platform): string | undefined {
  if (platform !== 'linux') return `native code in process needs Linux; this is ${platform}`;
  return whyNoSystem();
}

/** Why this process cannot call the system at all, or undefined. */
export function whyNoSystem(): string | undefined {
  if (process.platform !== 'linux') return `native code needs Linux; this is ${process.platform}`;
  try {
    libc();
    return undefined;
  } catch (error) {
    return `koffi does not load: ${error instanceof Error ? error.message : String(error)}`;
  }
}

let opened: Libc | undefined;
let ownMemory: number | undefined;

/** Opens libc; throws where koffi cannot load. */
export function libc(): Libc {
  opened ??= open();
  return opened;
}

function open(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const library = koffi.load(null);
  const mmap = library.func('int64_t mmap(int64_t address, int64_t length, int protection, int flags, int fd, int64_t offset)') as NativeNumber;
  const munmap = library.func('int munmap(int64_t address, int64_t length)') as NativeNumber;
  const mprotect = library.func('int mprotect(int64_t address, int64_t length, int protection)') as NativeNumber;
  const madvise = library.func('int madvise(int64_t address, int64_t length, int advice)') as NativeNumber;
  const memfdCreate = library.func('int memfd_create(const char *name, int flags)') as NativeNumber;
  const ftruncate = library.func('int ftruncate(int fd, int64_t length)') as NativeNumber;
  const close = library.func('int close(int fd)') as NativeNumber;
  const fallocate = library.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)') as NativeNumber;
  const syscall = library.func('int64_t syscall(int64_t number, int64_t address, int64_t operation, int64_t value, int64_t patience)') as NativeNumber;
  const waitid = library.func('int waitid(int kind, int id, void *information, int options)') as NativeNumber;
  const host = maybeTargetOn(process.arch);
  const futexNumber = (): number => (host === undefined ? bug('no system call numbers are known for this CPU', process.arch) : targetOf(host).platform.futex);
  const sigaction = library.func('int sigaction(int signal, const void *action, void *old)') as NativeNumber;
  const sigaltstack = library.func('int sigaltstack(const void *stack, void *old)') as NativeNumber;
  const memcpy = library.func('int64_t memcpy(int64_t to, const void *from, int64_t length)') as NativeNumber;
  const memmove = library.func('int64_t memmove(void *to, const void *from, int64_t length)') as NativeNumber;
  const flockfile = library.func('void flockfile(int64_t file)') as NativeNumber;
  const funlockfile = library.func('void funlockfile(int64_t file)') as NativeNumber;
  const standardInput = Number(koffi.decode(library.symbol('stdin'), 'uint64_t'));
  const entry = koffi.proto('int assay_entry(void)');
  const callback = koffi.pointer(koffi.proto('int assay_callback(int64_t context, int64_t block, int number)'));
  const check = (result: number, what: string): void => {
    if (result !== 0) throw new Error(`${what} failed: errno ${koffi.errno()}`);
  };
  return {
    maybeMap: (byteLength, prot) => {
      const address = mmap(0, byteLength, prot, mapPrivateAnonymous | mapNoReserve, -1, 0);
      return address === mapFailed ? undefined : address;
    },
    unmap: (address, byteLength) => check(munmap(address, byteLength), 'munmap'),
    protect: (address, byteLength, prot) => mprotect(address, byteLength, prot) === 0,
    discard: (address, byteLength) => check(madvise(address, byteLength, adviseDontNeed), 'madvise'),
    view: (address, byteLength) => koffi.view(BigInt(address), byteLength),
    addressIn: (bytes) => memmove(bytes, bytes, 0),
    write: (address, bytes) => void memcpy(address, bytes, bytes.byteLength),
    force: (address, bytes) => {
      try {
        // proc(5): writing to `mem` passes over the protection of private mappings, as for a debugger that sets a breakpoint.
        ownMemory ??= openSync('/proc/self/mem', 'r+');
        return writeSync(ownMemory, bytes, 0, bytes.byteLength, address) === bytes.byteLength;
      } catch {
        return false;
      }
    },
    memoryFile: (name, byteLength) => {
      const descriptor = memfdCreate(name, closeOnExec);
      if (descriptor < 0) throw new Error(`memfd_create failed: errno ${koffi.errno()}`);
      check(ftruncate(descriptor, byteLength), 'ftruncate');
      return descriptor;
    },
    closeFile: (descriptor) => check(close(descriptor), 'close'),
    maybeMapFile: (descriptor, offset, byteLength) => {
      const address = mmap(0, byteLength, protection.readWrite, mapShared | mapNoReserve, descriptor, offset);
      return address === mapFailed ? undefined : address;
    },
    discardFile: (descriptor, offset, byteLength) => check(fallocate(descriptor, punchHole, offset, byteLength), 'fallocate'),
    sleepOn: (address, expected, patience) => syscall(futexNumber(), address, futexOperations.wait, expected, patience) === -1 && koffi.errno() === timedOut,
    wake: (address) => void syscall(futexNumber(), address, futexOperations.wake, 1, 0),
    maybeEndOf: (pid) => {
      const information = new Int32Array(32);
      if (waitid(waitFor.process, pid, information, waitFor.options) !== 0) return 'gone';
      if (information[4] !== pid) return undefined;
      return information[2] === 1 ? `exit status ${information[6]}` : `signal ${information[6]}`;
    },
    sigaction: (signal, action, old) => check(sigaction(signal, action, old), 'sigaction'),
    sigaltstack: (stack, old) => check(sigaltstack(stack, old), 'sigaltstack'),
    exclusively: (action) => {
      flockfile(standardInput);
      try {
        return action();
      } finally {
        funlockfile(standardInput);
      }
    },
    addressOf: (name) => Number(koffi.address(library.symbol(name))),
    callable: (address) => koffi.decode(BigInt(address), entry) as () => number,
    callback: (handler) => {
      const pointer = koffi.register(handler, callback);
      return { address: Number(koffi.address(pointer)), release: () => koffi.unregister(pointer) };
    },
  };
}

const futexOperations = { wait: 0, wake: 1 } as const;
const timedOut = 110;
const mapShared = 1;
const closeOnExec = 1;
/** FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE */
const punchHole = 3;
/** `waitid`: P_PID; WNOHANG | WEXITED | WNOWAIT; `siginfo_t` has si_code at 8, the pid at 16, the status at 24 (CLD_EXITED is 1). */
const waitFor = { process: 1, options: 1 | 4 | 0x01000000 } as const;

type NativeNumber = (...values: unknown[]) => number;
