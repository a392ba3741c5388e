// Linear memories: growth, loads and stores of every width, bulk operations.
// Chapter: "Execution", sections "Runtime Structure" ("Memory Instances") and "Instructions" ("Memory Instructions").
//
// `buffer` may be larger than the memory: capacity grows in steps so that many small `memory.grow` do not copy each time. Bytes beyond
// `size` are zero and never visible; every access compares with `size`, not with the buffer.
// A memory grows only by replacing `buffer`, so whoever caches `view` refreshes it after anything that may grow.
import { Trap } from './outcome.ts';
import type { Limits } from './types.ts';
import type { AccessKind, Store } from './store.ts';
import { int } from './cells.ts';
import type { Views } from './cells.ts';

export const PAGE = 65536;
/** No memory is larger, whatever its type and the budget allow. */
export const mostMemoryBytes = 2 ** 32;

export class MemoryInstance {
  readonly kind = 'memory';
  readonly limits: Limits;
  private readonly store: Store;
  buffer: ArrayBuffer;
  bytes: Uint8Array;
  view: DataView;
  /** Bytes that exist for the program. */
  size: number;
  /** Memories made in its store before it. */
  readonly number: number;

  constructor(store: Store, limits: Limits, buffer: ArrayBuffer) {
    this.store = store;
    this.limits = limits;
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.size = buffer.byteLength;
    this.number = store.memoryCount++;
  }

  pages(): number { return this.size / PAGE; }

  currentLimits(): Limits {
    return { ...this.limits, minimum: BigInt(this.pages()) };
  }

  /** Grows by pages; returns the old size in pages, or -1. Fails beyond the declared maximum, the address range, or the store's budget. */
  grow(delta: number): number {
    const old = this.pages();
    const maximum = Number(this.limits.maximum ?? (this.limits.wide ? 1n << 48n : 1n << 16n));
    const wanted = (old + delta) * PAGE;
    if (old + delta > maximum || wanted > mostMemoryBytes) return -1;
    if (!this.store.reserveMemory(delta * PAGE)) return -1;
    if (wanted > this.buffer.byteLength && !this.enlarge(wanted, maximum * PAGE)) return -1;
    this.size = wanted;
    return old;
  }

  private enlarge(wanted: number, maximum: number): boolean {
    const generous = Math.min(Math.max(wanted, this.buffer.byteLength * 2), maximum, mostMemoryBytes);
    const buffer = allocate(generous) ?? allocate(wanted);
    if (buffer === undefined) return false;
    new Uint8Array(buffer).set(this.bytes.subarray(0, this.size));
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    return true;
  }

  /** Traps unless `length` bytes at `address` exist. */
  require(address: number, length: number): void {
    if (!(address + length <= this.size)) throw new Trap('out of bounds memory access');
  }

  /** `require`, then tells whoever listens of the access. */
  tell(kind: AccessKind, address: number, width: number): void {
    this.require(address, width);
    this.store.onAccess?.(kind, this, address, width);
  }
}

function allocate(bytes: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(bytes);
  } catch (error) {
    // The host has no such block; `memory.grow` may answer -1 for any reason.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A new zeroed memory of the type's minimum; undefined when the budget or the host says no. */
export function createMemory(store: Store, limits: Limits): MemoryInstance | undefined {
  const bytes = Number(limits.minimum) * PAGE;
  if (bytes > mostMemoryBytes || !store.reserveMemory(bytes)) return undefined;
  const buffer = allocate(bytes);
  return buffer === undefined ? undefined : new MemoryInstance(store, limits, buffer);
}

/** An unsigned 64-bit pair as a number; beyond 2^53 it is inexact but still far out of any bounds. */
export function unsignedOf(low: number, high: number): number {
  return (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
}

/** The address operand at an int index of the stack, in the memory's address type. */
export function addressAt(I: Int32Array, index: number, wide: boolean): number {
  return wide ? unsignedOf(int(I, index), int(I, index + 1)) : int(I, index) >>> 0;
}

/** A scalar load (opcodes 0x28..0x35) from any memory, result to the cell pair at `to`. */
export function loadScalar(memory: MemoryInstance, opcode: number, ea: number, views: Views, to: number): void {
  const { view } = memory;
  const { I } = views;
  memory.require(ea, widthOf(opcode));
  switch (opcode) {
    case 0x28: case 0x2a: I[to] = view.getInt32(ea, true); break;
    case 0x29: case 0x2b:
      I[to] = view.getInt32(ea, true);
      I[to + 1] = view.getInt32(ea + 4, true);
      break;
    case 0x2c: I[to] = view.getInt8(ea); break;
    case 0x2d: I[to] = view.getUint8(ea); break;
    case 0x2e: I[to] = view.getInt16(ea, true); break;
    case 0x2f: I[to] = view.getUint16(ea, true); break;
    case 0x30: putSigned(I, to, view.getInt8(ea)); break;
    case 0x31: putUnsigned(I, to, view.getUint8(ea)); break;
    case 0x32: putSigned(I, to, view.getInt16(ea, true)); break;
    case 0x33: putUnsigned(I, to, view.getUint16(ea, true)); break;
    case 0x34: putSigned(I, to, view.getInt32(ea, true)); break;
    case 0x35: putUnsigned(I, to, view.getInt32(ea, true)); break;
  }
}

function putSigned(I: Int32Array, to: number, value: number): void {
  I[to] = value;
  I[to + 1] = value >> 31;
}

function putUnsigned(I: Int32Array, to: number, value: number): void {
  I[to] = value;
  I[to + 1] = 0;
}

/** A scalar store (opcodes 0x36..0x3e) of the cell pair at `from`. */
export function storeScalar(memory: MemoryInstance, opcode: number, ea: number, I: Int32Array, from: number): void {
  const { view } = memory;
  memory.require(ea, widthOf(opcode));
  switch (opcode) {
    case 0x36: case 0x38: case 0x3e: view.setInt32(ea, int(I, from), true); break;
    case 0x37: case 0x39:
      view.setInt32(ea, int(I, from), true);
      view.setInt32(ea + 4, int(I, from + 1), true);
      break;
    case 0x3a: case 0x3c: view.setInt8(ea, int(I, from)); break;
    case 0x3b: case 0x3d: view.setInt16(ea, int(I, from), true); break;
  }
}

/** Bytes accessed by the scalar loads and stores, opcodes 0x28 to 0x3e. */
const widths = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4];
export function widthOf(opcode: number): number { return widths[opcode - 0x28] ?? 16; }

export function fillMemory(memory: MemoryInstance, to: number, value: number, count: number): void {
  memory.require(to, count);
  memory.bytes.fill(value, to, to + count);
}

/** memory.copy; overlapping ranges behave as if copied through a buffer. */
export function copyMemory(target: MemoryInstance, to: number, source: MemoryInstance, from: number, count: number): void {
  source.require(from, count);
  target.require(to, count);
  if (target === source) target.bytes.copyWithin(to, from, from + count);
  else target.bytes.set(source.bytes.subarray(from, from + count), to);
}

/** memory.init from a data segment; a dropped segment is empty. */
export function initMemory(memory: MemoryInstance, to: number, data: Uint8Array, from: number, count: number): void {
  if (from + count > data.length) throw new Trap('out of bounds memory access');
  memory.require(to, count);
  memory.bytes.set(data.subarray(from, from + count), to);
}
