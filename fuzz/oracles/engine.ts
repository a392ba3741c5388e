// An engine is anything that takes module bytes and calls, and answers with outcomes. Scripts, differential runs and benchmarks
// all speak to engines through this interface, and to nothing behind it.
//
// A store is one isolated world: its instances may share memories, tables, globals and functions. Everything is synchronous.
// Every method is total: module faults, link errors, traps and exhaustion are values. What an engine throws is a fault of the engine (a crash).

import type { Stopwatch } from './stopwatch.ts';
import type { Value } from './value.ts';

/** Type names as in the text format: `i32 i64 f32 f64 v128 funcref externref`, and for 3.0 `(ref null $3)` in canonical spelling. */
export type TypeText = string;

export interface EngineFunctionType {
  readonly params: readonly TypeText[];
  readonly results: readonly TypeText[];
}

export type Outcome =
  | { readonly kind: 'values'; readonly values: readonly Value[] }
  /** `trap` is the test suite's wording without detail, e.g. `integer divide by zero`; `undefined` when the engine cannot tell which. */
  | { readonly kind: 'trap'; readonly trap: string | undefined; readonly detail?: string }
  /** Stack, fuel or a limit of the engine ran out: not comparable between engines. `budget` names the one that a store can be given more of. */
  | { readonly kind: 'exhaustion'; readonly what: 'stack' | 'fuel' | 'memory'; readonly budget?: keyof StoreBudgets | undefined; readonly detail?: string }
  /** A wasm exception left the outermost function. */
  | { readonly kind: 'exception'; readonly tag: string; readonly values: readonly Value[] }
  /** The host function it called ended the program (WASI `proc_exit`). */
  | { readonly kind: 'exit'; readonly code: number };

export type CompileResult =
  | { readonly kind: 'compiled'; readonly module: EngineModule }
  | { readonly kind: 'malformed' | 'invalid'; readonly message: string; readonly offset: number | undefined }
  | { readonly kind: 'unsupported'; readonly feature: string; readonly offset: number | undefined };

export type InstantiateResult =
  | { readonly kind: 'instance'; readonly instance: EngineInstance }
  | { readonly kind: 'link'; readonly message: string }
  /** The start function or an active segment stopped it. */
  | { readonly kind: 'stopped'; readonly outcome: Outcome };

export interface EngineModule {
  /** Size of the machine code made from it, for engines that make some and tell. */
  readonly codeBytes?: number;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: ExternKind }[];
  readonly exports: readonly { readonly name: string; readonly kind: ExternKind; readonly type?: EngineFunctionType }[];
}

export type ExternKind = 'function' | 'memory' | 'table' | 'global' | 'tag';

/** Something that can be imported: made by the same store, from an instance's exports or by its `host…` methods. */
export interface Extern {
  readonly kind: ExternKind;
  /** The engine's own object. */
  readonly handle: unknown;
}

/** A call from wasm to the harness. May throw `HostExit` or `HostTrap`. */
export type HostFunction = (args: readonly Value[]) => readonly Value[];

/** Thrown by a host function to end the program; becomes an `exit` outcome. */
export class HostExit extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.name = 'HostExit';
    this.code = code;
  }
}

/** Thrown by a host function to trap. */
export class HostTrap extends Error {
  readonly trap: string;
  constructor(trap: string) {
    super(trap);
    this.name = 'HostTrap';
    this.trap = trap;
  }
}

/** Thrown by a host function to raise a wasm exception with a tag of the same store. */
export class HostException extends Error {
  readonly tag: Extern;
  readonly values: readonly Value[];
  constructor(tag: Extern, values: readonly Value[]) {
    super('exception of the host');
    this.name = 'HostException';
    this.tag = tag;
    this.values = values;
  }
}

/** Where a type lives that its text alone does not name: an index in a module. */
export interface TypeHome {
  readonly module: EngineModule;
  readonly type: number;
}

export type ImportResolver = (module: string, name: string) => Extern | undefined;

export interface EngineMemory {
  readonly pages: number;
  /** The bytes as they are now, in place: valid until the memory grows. */
  bytes(): Uint8Array;
}

/** State that counts as behaviour: all of it, exported or not, where the engine can see it. */
export interface Snapshot {
  /** By memory index, imports first. Perhaps in place: true until something runs again or the store is disposed of. */
  readonly memories: readonly Uint8Array[];
  /** The memories are fresh from the system, most of them never touched: see `memories.ts`. */
  readonly isSparse?: boolean;
  readonly globals: readonly Value[];
  /** Function references appear by index in the module's index space where the engine knows it. */
  readonly tables: readonly (readonly Value[])[];
}

export interface EngineInstance {
  readonly exports: readonly { readonly name: string; readonly kind: ExternKind }[];
  maybeExport(name: string): Extern | undefined;
  /** Type of an exported function. */
  functionType(name: string): EngineFunctionType;
  invoke(name: string, args: readonly Value[]): Outcome;
  /** `invoke` for one call after the other, up to the first that ends in exhaustion or exit; undefined where calls one by one cost no more. */
  maybeInvokeAll?(calls: readonly { readonly name: string; readonly args: readonly Value[] }[]): readonly Outcome[] | undefined;
  readGlobal(name: string): Value;
  memory(name: string): EngineMemory;
  /** Undefined when the engine sees only exports; the harness then compares what is exported. */
  maybeSnapshot(): Snapshot | undefined;
}

/** What all instances of a store may use together; what is absent keeps the engine's own bound. */
export interface StoreBudgets {
  /** Bytes of all memories. */
  readonly memoryBytes?: number;
  /** Elements of all tables. */
  readonly tableElements?: number;
  /** Bytes of all structures and arrays ever allocated. */
  readonly heapBytes?: number;
}

/** One access of an instruction to a memory. Bulk instructions, segments and the host are not among them. */
export interface MemoryAccess {
  readonly kind: 'load' | 'store' | 'modify';
  /** How many memories were made in the store before this one: the same whatever index it goes by, and on every engine. */
  readonly memory: number;
  /** Of its first byte. */
  readonly address: number;
  /** In bytes. */
  readonly width: number;
}

export interface StoreOptions {
  /** Wasm instructions a call from outside may execute, counted as in the interpreter's README; absent: unlimited, and our compiler's code does not count. */
  readonly fuel?: number;
  /** Which NaN a float result is need not be told: any stands for all. */
  readonly anyNaN?: boolean;
  /** Is told which phase begins, and by our compiler how long its stages took. */
  readonly stopwatch?: Stopwatch;
  /** Called with a line for each instruction before it runs (function, offset, opcode, operands). */
  readonly trace?: (line: string) => void;
  /** Called with each access that its checks have let pass. */
  readonly onAccess?: (access: MemoryAccess) => void;
  readonly budgets?: StoreBudgets;
}

export interface EngineStore {
  /** Its memories are another process's: what a snapshot shows in place is gone when that ends. */
  readonly isRemote?: boolean;
  compile(bytes: Uint8Array): CompileResult;
  instantiate(module: EngineModule, imports: ImportResolver): InstantiateResult;
  /** `home` is wanted for types that refer to other types of a module, or stand in a group with them. */
  hostFunction(type: EngineFunctionType, call: HostFunction, home?: TypeHome): Extern;
  /** Limits in pages. */
  hostMemory(min: number, max: number | undefined, options?: { readonly shared?: boolean; readonly index?: 'i32' | 'i64' }): Extern;
  hostTable(element: TypeText, min: number, max: number | undefined, options?: { readonly index?: 'i32' | 'i64' }): Extern;
  hostGlobal(type: TypeText, mutable: boolean, value: Value): Extern;
  /** Absent on engines without exceptions. */
  hostTag?(params: readonly TypeText[]): Extern;
  readMemory(memory: Extern): EngineMemory;
  /** Instructions executed in this store so far; absent where nobody counts. */
  fuelUsed?(): number;
  /** Frees everything; the store and all it made are unusable afterwards. */
  dispose(): void;
}

export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** What an engine counts about itself, from its start on. */
export interface EngineStatistics {
  /** Firings by rule name. */
  readonly fired: ReadonlyMap<string, number>;
  /** Names of all rules there are, fired or not. */
  readonly rules: readonly string[];
  /** Allocation proofs. */
  readonly proofs: { readonly checked: number; readonly failed: number };
}

export interface Engine {
  /** E.g. `interp`, `v8`, `x86-64`, `x86-64:none:explicit`. */
  readonly name: string;
  readonly version: string;
  availability(): Availability;
  /** The options that its stores act on, none if absent: any other is without effect there. */
  readonly honours?: ReadonlySet<keyof StoreOptions>;
  openStore(options?: StoreOptions): EngineStore;
  /** Absent on engines that count nothing. */
  statistics?(): EngineStatistics;
}
