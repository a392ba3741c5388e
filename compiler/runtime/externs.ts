// What instances of one store share with each other and with the host: functions, memories, tables, globals.
// Identity is object identity: whatever way a function, memory, table or global is reached, it is the same object.

import type { FunctionType, GlobalType, Limits, ReferenceType, TableType, ValueType } from '../contract/manifest.ts';
import type { Reservation } from '../contract/processor.ts';
import type { Slots, Words } from './cells.ts';

export const pageBytes = 65536;
/** The most pages a 32-bit memory can have. */
export const mostPages = 65536;

/** A native function behind a wasm function: reads parameters from the slots of the block and writes results there. May throw. */
export type HostCall = (slots: Slots, start: number) => void;

/** Code of an instance. */
export interface CompiledTarget {
  readonly kind: 'compiled';
  readonly entry: number;
  readonly code: number;
  readonly vmctx: number;
}

export interface HostTarget {
  readonly kind: 'host';
  /** Number the store knows it by. */
  readonly number: number;
  /** Address of its context, which stands where a vmctx stands. */
  readonly context: number;
  readonly call: HostCall;
}

export class RuntimeFunction {
  readonly kind = 'function' as const;
  readonly type: FunctionType;
  /** Address of its descriptor; what a reference to it is in compiled code. */
  readonly descriptor: number;
  readonly target: CompiledTarget | HostTarget;
  constructor(type: FunctionType, descriptor: number, target: CompiledTarget | HostTarget) {
    this.type = type;
    this.descriptor = descriptor;
    this.target = target;
  }
}

export class RuntimeMemory {
  readonly kind = 'memory' as const;
  /** In pages; `min` is what it began with. */
  readonly limits: Limits;
  /** Address of its definition. */
  readonly definition: number;
  readonly base: number;
  private readonly reservation: Reservation;
  private readonly definitionWords: Words;
  private readonly definitionOffset: number;
  private readonly budget: number;
  constructor(limits: Limits, reservation: Reservation, definitionWords: Words, definitionOffset: number, budget: number) {
    this.limits = limits;
    this.reservation = reservation;
    this.base = reservation.address;
    this.definitionWords = definitionWords;
    this.definitionOffset = definitionOffset;
    this.definition = definitionWords.address + definitionOffset;
    this.budget = Math.min(budget, limits.max ?? mostPages, mostPages);
  }
  get byteLength(): number {
    return this.definitionWords.addressAt(this.definitionOffset);
  }
  get pages(): number {
    return this.byteLength / pageBytes;
  }
  /** The bytes in place; a view made before a growth keeps its old length. */
  get bytes(): Uint8Array {
    return this.reservation.bytes;
  }
  /** Grows by `delta` pages; answers the old size, or -1 when a limit, the budget or the system refuses. */
  grow(delta: number): number {
    const old = this.pages;
    if (delta === 0) return old;
    const bytes = (old + delta) * pageBytes;
    if (old + delta > this.budget || !this.reservation.commit(bytes)) return -1;
    this.definitionWords.setAddress(this.definitionOffset, bytes);
    return old;
  }
  /** True if `address` is one that compiled code may fault at when it misses this memory. */
  guards(address: number): boolean {
    return address >= this.base && address < this.base + this.reservation.byteLength;
  }
  release(): void {
    this.reservation.release();
  }
}

export class RuntimeTable {
  readonly kind = 'table' as const;
  readonly type: TableType;
  readonly definition: number;
  readonly base: number;
  private readonly reservation: Reservation;
  private readonly definitionWords: Words;
  private readonly definitionOffset: number;
  private readonly budget: number;
  private view: Uint8Array;
  private cells: Uint32Array;
  constructor(type: TableType, reservation: Reservation, definitionWords: Words, definitionOffset: number, budget: number) {
    this.type = type;
    this.reservation = reservation;
    this.base = reservation.address;
    this.definitionWords = definitionWords;
    this.definitionOffset = definitionOffset;
    this.definition = definitionWords.address + definitionOffset;
    this.budget = Math.min(budget, type.max ?? budget);
    this.view = reservation.bytes;
    this.cells = wordsOf(this.view);
  }
  get length(): number {
    return this.definitionWords.addressAt(this.definitionOffset);
  }
  /** The reference at `index`, which must be below the length, as compiled code holds it. */
  at(index: number): number {
    return (this.cells[index * 2] as number) + (this.cells[index * 2 + 1] as number) * 2 ** 32;
  }
  set(index: number, reference: number): void {
    this.cells[index * 2] = reference;
    this.cells[index * 2 + 1] = reference / 2 ** 32;
  }
  fill(start: number, reference: number, count: number): void {
    if (reference === 0) this.cells.fill(0, start * 2, (start + count) * 2);
    else for (let i = start; i < start + count; i++) this.set(i, reference);
  }
  /** Moves `count` elements of `source`, which may be this table and overlap. */
  copyFrom(source: RuntimeTable, to: number, from: number, count: number): void {
    if (source === this) this.cells.copyWithin(to * 2, from * 2, (from + count) * 2);
    else this.cells.set(source.cells.subarray(from * 2, (from + count) * 2), to * 2);
  }
  /** Grows by `delta` elements that hold `reference`; answers the old length or -1. */
  grow(delta: number, reference: number): number {
    const old = this.length;
    if (delta === 0) return old;
    if (old + delta > this.budget || !this.reservation.commit((old + delta) * 8)) return -1;
    if (this.reservation.bytes !== this.view) {
      this.view = this.reservation.bytes;
      this.cells = wordsOf(this.view);
    }
    if (reference !== 0) this.fill(old, reference, delta);
    this.definitionWords.setAddress(this.definitionOffset, old + delta);
    return old;
  }
  release(): void {
    this.reservation.release();
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
}

export class RuntimeGlobal {
  readonly kind = 'global' as const;
  readonly type: GlobalType;
  /** Address of its cell. */
  readonly address: number;
  readonly slots: Slots;
  /** Byte offset of the cell in the buffer of `slots`. */
  readonly at: number;
  constructor(type: GlobalType, address: number, slots: Slots, at: number) {
    this.type = type;
    this.address = address;
    this.slots = slots;
    this.at = at;
  }
}

export type RuntimeExtern = RuntimeFunction | RuntimeMemory | RuntimeTable | RuntimeGlobal;

export function isReference(type: ValueType): type is ReferenceType {
  return type === 'funcref' || type === 'externref';
}
