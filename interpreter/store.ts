// The store and the instances that live in it.
// Chapter: "Execution", section "Runtime Structure".
import type { Context } from './context.ts';
import type { CompactCode } from './compact.ts';
import { TypeSpace } from './matching.ts';
import type { CompositeType, FunctionType, GlobalType, Limits, TableType } from './types.ts';
import type { FunctionBody } from './syntax.ts';
import type { Reference, Value } from './values.ts';
import type { MemoryInstance } from './memory.ts';
import { Machine } from './machine.ts';
import type { StoreLimits } from './limits.ts';
import { Exhaustion } from './outcome.ts';
import { kindsOf } from './layout.ts';

/** A function supplied by the host; it may throw `Trap`, `ThrownException` or anything else. */
export type HostFunction = (args: readonly Value[], caller: Instance | undefined) => readonly Value[];

/** A function and what it closes over: a module instance, or the host. */
export class FunctionInstance {
  readonly kind = 'func';
  /** Identity in the store's type space. */
  readonly type: number;
  readonly signature: FunctionType;
  readonly instance: Instance | undefined;
  /** Index in the instance's function space; -1 for host functions and constant expressions. */
  readonly index: number;
  readonly body: FunctionBody | undefined;
  readonly host: HostFunction | undefined;
  /** Translated on first call. */
  compact: CompactCode | undefined;

  constructor(type: number, signature: FunctionType, instance: Instance | undefined, index: number, body: FunctionBody | undefined, host: HostFunction | undefined) {
    this.type = type;
    this.signature = signature;
    this.instance = instance;
    this.index = index;
    this.body = body;
    this.host = host;
    this.compact = undefined;
  }
}

export class TableInstance {
  readonly kind = 'table';
  /** The type at creation; its minimum is raised by growth only in `currentLimits`. */
  readonly type: TableType;
  readonly elements: Reference[];

  constructor(type: TableType, elements: Reference[]) {
    this.type = type;
    this.elements = elements;
  }

  currentLimits(): Limits {
    return { ...this.type.limits, minimum: BigInt(this.elements.length) };
  }
}

export class GlobalInstance {
  readonly kind = 'global';
  readonly type: GlobalType;
  /** Bits of a number or vector, low word first. */
  readonly words = new Int32Array(4);
  reference: Reference = null;

  constructor(type: GlobalType) {
    this.type = type;
  }
}

export class TagInstance {
  readonly kind = 'tag';
  readonly type: number;
  readonly signature: FunctionType;
  constructor(type: number, signature: FunctionType) {
    this.type = type;
    this.signature = signature;
  }
}

/** A structure; `cells` as `layout.ts` says. */
export class StructInstance {
  readonly kind = 'struct';
  readonly type: number;
  readonly cells: Reference[];
  constructor(type: number, cells: Reference[]) {
    this.type = type;
    this.cells = cells;
  }
}

/** Elements of an array: numbers in the narrowest typed array (64 and 128 bits as 2 and 4 words), references in a plain one. */
export type ArrayCells = Uint8Array | Uint16Array | Int32Array | Reference[];

export class ArrayInstance {
  readonly kind = 'array';
  readonly type: number;
  readonly elementKind: number;
  readonly length: number;
  readonly cells: ArrayCells;
  constructor(type: number, elementKind: number, length: number, cells: ArrayCells) {
    this.type = type;
    this.elementKind = elementKind;
    this.length = length;
    this.cells = cells;
  }
}

export class ExceptionInstance {
  readonly kind = 'exn';
  readonly tag: TagInstance;
  readonly payload: readonly Value[];
  constructor(tag: TagInstance, payload: readonly Value[]) {
    this.tag = tag;
    this.payload = payload;
  }
}

export type ExternInstance = FunctionInstance | TableInstance | MemoryInstance | GlobalInstance | TagInstance;

/** A module instance. Index spaces hold imports first. */
export class Instance {
  readonly kind = 'instance';
  readonly store: Store;
  readonly context: Context;
  /** Identity in the module's space → identity in the store's. */
  readonly types: Int32Array;
  readonly functions: FunctionInstance[] = [];
  readonly tables: TableInstance[] = [];
  readonly memories: MemoryInstance[] = [];
  readonly globals: GlobalInstance[] = [];
  readonly tags: TagInstance[] = [];
  readonly elements: Reference[][] = [];
  readonly datas: Uint8Array[] = [];
  readonly exports = new Map<string, ExternInstance>();

  constructor(store: Store, context: Context, types: Int32Array) {
    this.store = store;
    this.context = context;
    this.types = types;
  }
}

/** `modify` reads, and perhaps writes, in one step: the atomic operations that do. */
export type AccessKind = 'load' | 'store' | 'modify';

/**
 * Hears of each access of an instruction to a memory, after its checks and before its bytes move. Bulk instructions (`memory.fill`, `memory.copy`,
 * `memory.init`), segments and the host are not told of: the standard leaves open in which steps they move their bytes.
 */
export type AccessListener = (kind: AccessKind, memory: MemoryInstance, address: number, width: number) => void;

/** Everything instances share: types, budgets, and the machine that runs them. */
export class Store {
  readonly kind = 'store';
  readonly limits: StoreLimits;
  /** Fixed for the store's life, since code is written for it: with one, every scalar access takes the slower way. */
  readonly onAccess: AccessListener | undefined;
  readonly space = new TypeSpace();
  readonly machine: Machine;
  /** Memories made so far. */
  memoryCount = 0;
  private memoryBytes = 0;
  private tableElements = 0;
  private heapBytes = 0;
  private readonly kinds: number[][] = [];

  constructor(limits: StoreLimits, onAccess?: AccessListener) {
    this.limits = limits;
    this.onAccess = onAccess;
    this.machine = new Machine(limits);
  }

  /** Takes bytes from the memory budget; false when they are not there. */
  reserveMemory(bytes: number): boolean {
    if (this.memoryBytes + bytes > this.limits.memoryBytes) return false;
    this.memoryBytes += bytes;
    return true;
  }

  reserveTable(elements: number): boolean {
    if (this.tableElements + elements > this.limits.tableElements) return false;
    this.tableElements += elements;
    return true;
  }

  reserveHeap(bytes: number): void {
    this.heapBytes += bytes;
    if (this.heapBytes > this.limits.heapBytes) throw new Exhaustion('heap budget exhausted');
  }

  /** Cell kinds of an aggregate type of this store. */
  kindsOf(type: number): readonly number[] {
    return this.kinds[type] ??= kindsOf(this.space.definition(type).composite);
  }
}

/** The composite type of a structure or array in the store. */
export function compositeOf(store: Store, type: number): CompositeType {
  return store.space.definition(type).composite;
}

