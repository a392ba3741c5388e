// The block of memory through which compiled code reaches its instance, and the one through which an instance reaches its store.
// A pinned register holds the address of the vmctx in all compiled code. All fields are 8 bytes, little-endian; addresses are absolute.
// Both blocks are made and filled by `runtime/`, addressed by `translate/` (as `vmctx + offset` loads) and by `emit/` (trampolines).
//
//   vmctx: header | libcalls | signatures | memories | tables | imported globals | defined globals | imported functions | function references
//
// What never changes after instantiation may be loaded once and kept (flag `readonly` on the load):
// everything except defined globals' cells and the lengths inside memory and table definitions.

import { libcalls } from './libcalls.ts';

/** Byte offsets in the header of a vmctx. */
export const vmctxHeader = {
  /** `vmctxMagic`; the signal handler and the trampolines' assertions look at it. */
  magic: 0,
  /** Address of the store context. */
  store: 8,
  /** Lowest address the stack pointer may take; compared in prologues. */
  stackLimit: 16,
  /** Address of the code to `call` for an explicit trap: the call's last byte names the trap. */
  trapExit: 24,
  /** Number the runtime knows the instance by. */
  instance: 32,
  size: 48,
} as const;

export const vmctxMagic = 0x41535341n; // "ASSA"

/** Byte offsets in a store context; one per store and thread. */
export const storeContext = {
  /** Native stack pointer of the innermost entry frame; 0 outside compiled code. The trap exit restores it. */
  entryStack: 0,
  /** The host's own stack pointer at the innermost entry; host calls run on it. */
  hostStack: 8,
  /** Where the next entry begins on the store's own stack, growing downwards. */
  wasmStack: 16,
  /** Lowest address the stack pointer may take. */
  stackLimit: 24,
  /** Filled by the trap exit or the signal handler: pc of the trapping instruction, for an explicit trap the last byte of its call (return address - 1). */
  trapPc: 32,
  /** Faulting address, when a signal brought it. */
  trapAddress: 40,
  /** Signal number, or 0 for an explicit trap. */
  trapSignal: 48,
  /** Set by the host before it answers "failed": a trap code for the runtime to report. */
  hostTrap: 56,
  /** Address of the C function `host(context, argumentBlock, number) -> 0 | 1` for imports and library calls. */
  hostCallback: 64,
  /** Trap exit's address, for trampolines whose context is not a vmctx. */
  trapExit: 72,
  /** 32 bits: set to 1 by the host when `hostCallback` ran to its end; processors that can lose a callback look at it. */
  hostDone: 80,
  /** 64 bits, signed: wasm instructions that may still be executed, for code that counts them; negative after it ran out. */
  fuel: 88,
  size: 128,
} as const;

/** Byte offsets in the context of a host function; stands where a vmctx stands for a wasm function. */
export const hostContext = {
  magic: 0,
  store: 8,
  /** Number the runtime knows the host function by. */
  function: 16,
  size: 32,
} as const;

/** A function reference is the address of such a descriptor, or 0 for null. */
export const functionDescriptor = {
  code: 0,
  /** Address of the vmctx or host context the code runs with. */
  vmctx: 8,
  /** Store-wide number of the function's type; equal types have equal numbers. */
  signature: 16,
  size: 32,
} as const;

/** A memory's mutable part; `memoryEntry.definition` points at it. */
export const memoryDefinition = { byteLength: 0, size: 16 } as const;
/** A table's mutable part: length in elements. Each element is 8 bytes: a descriptor's address, or an external reference's handle; 0 is null. */
export const tableDefinition = { length: 0, size: 16 } as const;

/** In the vmctx, per memory: base address of byte 0 (never moves) and address of its definition. */
export const memoryEntry = { base: 0, definition: 8, size: 16 } as const;
/** In the vmctx, per table: address of element 0 (never moves) and address of its definition. */
export const tableEntry = { base: 0, definition: 8, size: 16 } as const;
/** In the vmctx, per imported function. */
export const functionEntry = { code: 0, vmctx: 8, size: 16 } as const;
/** A global's cell: 16 bytes, little-endian, 32-bit values in the low half of the first 8 bytes. */
export const globalCell = 16;

/** Bytes reserved for a 32-bit memory: any 32-bit index plus any 32-bit offset plus the widest access, rounded to pages. */
export const memoryReservation = 2 ** 33 + 65536;

/** Slot of the argument block through which hosts and compiled code exchange parameters and results: value `i` is at `i * argumentSlot`. */
export const argumentSlot = 16;

export interface VmctxCounts {
  readonly types: number;
  readonly memories: number;
  readonly tables: number;
  readonly importedGlobals: number;
  readonly definedGlobals: number;
  readonly importedFunctions: number;
  readonly functions: number;
}

/** Byte offsets of the variable part of one module's vmctx. */
export interface VmctxLayout {
  /** Code address of library call `number`. */
  libcall(number: number): number;
  /** Store-wide signature number (8 bytes, compare the low 32 bits) of type `index`. */
  signature(index: number): number;
  memory(index: number): number;
  table(index: number): number;
  /** Cell (defined) or pointer to the cell (imported) of global `index`. */
  global(index: number): { readonly offset: number; readonly imported: boolean };
  importedFunction(index: number): number;
  /** Address of the descriptor of function `index`, any function of the index space. */
  functionReference(index: number): number;
  readonly size: number;
}

/** Places everything a module's vmctx holds. */
export function layoutVmctx(counts: VmctxCounts): VmctxLayout {
  const libcallStart = vmctxHeader.size;
  const signatureStart = libcallStart + 8 * Object.keys(libcalls).length;
  const memoryStart = align16(signatureStart + 8 * counts.types);
  const tableStart = memoryStart + memoryEntry.size * counts.memories;
  const importedGlobalStart = tableStart + tableEntry.size * counts.tables;
  const definedGlobalStart = align16(importedGlobalStart + 8 * counts.importedGlobals);
  const importedFunctionStart = definedGlobalStart + globalCell * counts.definedGlobals;
  const referenceStart = importedFunctionStart + functionEntry.size * counts.importedFunctions;
  return {
    libcall: (number) => libcallStart + 8 * number,
    signature: (index) => signatureStart + 8 * index,
    memory: (index) => memoryStart + memoryEntry.size * index,
    table: (index) => tableStart + tableEntry.size * index,
    global: (index) =>
      index < counts.importedGlobals
        ? { offset: importedGlobalStart + 8 * index, imported: true }
        : { offset: definedGlobalStart + globalCell * (index - counts.importedGlobals), imported: false },
    importedFunction: (index) => importedFunctionStart + functionEntry.size * index,
    functionReference: (index) => referenceStart + 8 * index,
    size: align16(referenceStart + 8 * counts.functions),
  };
}

function align16(offset: number): number {
  return (offset + 15) & ~15;
}
