// Our own compiler as an engine: its code on a processor, through the runtime's stores. One adapter for all processors and options;
// what differs is in `CompiledEngineParts`. It sees all state, exported or not.
// What the compiler throws (a bug) and what the runtime throws (an unknown fault) is the engine's crash and passes through.

import { LoadedModule, ResourceExhausted, RuntimeFunction, RuntimeGlobal, RuntimeMemory, RuntimeTable, Store } from '../../../compiler/index.ts';
import type { Artifact, CallOutcome, Instance, ModuleFault, PreparedCall, Processor, RuntimeExtern, StoreBudget } from '../../../compiler/index.ts';
import { trapMessages } from '../../../compiler/inside.ts';
import {
  HostExit, HostTrap, type Availability, type CompileResult, type Engine, type EngineFunctionType, type EngineInstance, type EngineMemory, type EngineModule,
  type EngineStatistics, type EngineStore, type Extern, type HostFunction, type ImportResolver, type InstantiateResult, type Outcome, type Snapshot,
  type StoreOptions, type TypeText,
} from '../engine.ts';
import type { Stopwatch } from '../stopwatch.ts';
import type { Value } from '../value.ts';
import { maybeFunctionType, maybeValueType, readSlot, readSlots, toReference, writeSlot, writeSlots } from './compiled-values.ts';

export interface CompiledEngineParts {
  readonly name: string;
  readonly version: string;
  availability(): Availability;
  /** Tells `stopwatch` how long the stages took; `counts`: the code is to count its instructions. */
  compile(bytes: Uint8Array, stopwatch: Stopwatch | undefined, counts: boolean): { readonly ok: true; readonly artifact: Artifact } | { readonly ok: false; readonly fault: ModuleFault };
  /** The processor a store runs on; may be shared by all stores. */
  processor(options: StoreOptions): Processor;
  /** The processor is another process. */
  readonly isRemote?: boolean;
  /** What the processor makes of the store's options; stopwatch and fuel are ours. */
  readonly honours?: readonly (keyof StoreOptions)[];
  readonly budget?: Partial<StoreBudget>;
  readonly statistics?: () => EngineStatistics;
}

class CompiledModule implements EngineModule {
  readonly codeBytes?: number;
  readonly loaded: LoadedModule;
  readonly imports: EngineModule['imports'];
  readonly exports: EngineModule['exports'];
  constructor(processor: Processor, artifact: Artifact) {
    const { manifest, code } = artifact;
    if (code.length > 0) this.codeBytes = code.length;
    this.loaded = new LoadedModule(processor, artifact);
    this.imports = manifest.imports.map(({ module, name, type }) => ({ module, name, kind: type.kind }));
    this.exports = manifest.exports.map(({ name, kind, index }) => (kind === 'function' ? { name, kind, type: this.loaded.functionType(index) } : { name, kind }));
  }
}

/** Stands for something of the host that this engine cannot make; no import of a module it compiles can match it. */
const unavailable = undefined;

/** Calls that are prepared together. */
const mostAtOnce = 64;

/** Gives each outermost call of a store its fuel and adds up what it took. */
class Tank {
  used = 0;
  private readonly store: Store;
  private readonly perCall: number | undefined;
  private depth = 0;

  constructor(store: Store, perCall: number | undefined) {
    this.store = store;
    this.perCall = perCall;
  }

  get isLimited(): boolean {
    return this.perCall !== undefined;
  }

  during<T>(call: () => T): T {
    if (this.perCall === undefined || this.depth > 0) return call();
    this.store.fuel = this.perCall;
    this.depth++;
    try {
      return call();
    } finally {
      this.depth--;
      this.used += this.perCall - this.store.fuel;
    }
  }
}

class CompiledInstance implements EngineInstance {
  readonly exports: EngineInstance['exports'];
  private readonly store: Store;
  private readonly tank: Tank;
  private readonly instance: Instance;
  private readonly byName = new Map<string, RuntimeExtern>();
  constructor(store: Store, instance: Instance, tank: Tank) {
    const { exports } = instance.module.manifest;
    this.store = store;
    this.tank = tank;
    this.instance = instance;
    this.exports = exports;
    for (const entry of exports) this.byName.set(entry.name, instance.extern(entry));
  }

  maybeExport(name: string): Extern | undefined {
    const found = this.byName.get(name);
    return found === undefined ? undefined : { kind: found.kind, handle: found };
  }

  private exported<Kind extends RuntimeExtern['kind']>(name: string, kind: Kind): Extract<RuntimeExtern, { kind: Kind }> {
    const found = this.byName.get(name);
    if (found?.kind !== kind) throw new Error(`no ${kind} is exported as ${JSON.stringify(name)}`);
    return found as Extract<RuntimeExtern, { kind: Kind }>;
  }

  functionType(name: string): EngineFunctionType {
    return this.exported(name, 'function').type;
  }

  invoke(name: string, args: readonly Value[]): Outcome {
    const { store } = this;
    const callee = this.exported(name, 'function');
    const { params, results } = callee.type;
    const block = store.openBlock(Math.max(params.length, results.length));
    try {
      writeSlots(store, block.slots, block.start, params, args);
      const outcome = this.tank.during(() => store.enter(callee, block));
      if (outcome.kind === 'returned') return { kind: 'values', values: readSlots(store, block.slots, block.start, results) };
      return outcomeOf(outcome);
    } catch (error) {
      return outcomeOfThrown(error);
    } finally {
      store.closeBlock();
    }
  }

  maybeInvokeAll(calls: readonly { readonly name: string; readonly args: readonly Value[] }[]): readonly Outcome[] | undefined {
    if (!this.store.takesSeveral || this.tank.isLimited) return undefined;
    const outcomes: Outcome[] = [];
    for (let first = 0; first < calls.length && outcomes.length === first; first += mostAtOnce) {
      outcomes.push(...this.invokeSome(calls.slice(first, first + mostAtOnce)));
      const last = outcomes.at(-1);
      if (last?.kind === 'exhaustion' || last?.kind === 'exit') break;
    }
    return outcomes;
  }

  private invokeSome(calls: readonly { readonly name: string; readonly args: readonly Value[] }[]): Outcome[] {
    const { store } = this;
    const prepared: PreparedCall[] = [];
    try {
      for (const { name, args } of calls) {
        const callee = this.exported(name, 'function');
        const { params, results } = callee.type;
        const block = store.openBlock(Math.max(params.length, results.length));
        prepared.push({ callee, block });
        writeSlots(store, block.slots, block.start, params, args);
      }
      return store.enterAll(prepared).map((result, i) => {
        if (result.kind === 'threw') return outcomeOfThrown(result.error);
        if (result.kind !== 'returned') return outcomeOf(result);
        const call = prepared[i];
        return { kind: 'values', values: call === undefined ? [] : readSlots(store, call.block.slots, call.block.start, call.callee.type.results) };
      });
    } finally {
      for (let i = prepared.length; i > 0; i--) store.closeBlock();
    }
  }

  readGlobal(name: string): Value {
    const { slots, at, type } = this.exported(name, 'global');
    return readSlot(this.store, slots, at, type.type);
  }

  memory(name: string): EngineMemory {
    return memoryOf(this.exported(name, 'memory'));
  }

  maybeSnapshot(): Snapshot {
    const { store, instance } = this;
    return {
      memories: instance.memories.map((memory) => memory.bytes),
      globals: instance.module.manifest.globals.map(({ type }, i) => {
        const { slots, at } = instance.global(i);
        return type === 'funcref' ? this.byIndex(slots.reference(at)) : readSlot(store, slots, at, type);
      }),
      tables: instance.tables.map((table) =>
        Array.from({ length: table.length }, (_, i) => (table.type.element === 'funcref' ? this.byIndex(table.at(i)) : toReference(store, 'externref', table.at(i)))),
      ),
    };
  }

  /** A function reference by its index in this module, if it is there. */
  private byIndex(reference: number): Value {
    const value = toReference(this.store, 'funcref', reference);
    const index = reference === 0 ? undefined : this.instance.maybeIndexOfDescriptor(reference);
    return index === undefined ? value : { type: 'ref', kind: 'function', handle: index };
  }
}

function memoryOf(memory: RuntimeMemory): EngineMemory {
  return {
    get pages() {
      return memory.pages;
    },
    bytes: () => memory.bytes,
  };
}

function outcomeOf(outcome: Exclude<CallOutcome, { readonly kind: 'returned' }>): Outcome {
  return outcome.kind === 'exhaustion' ? outcome : { kind: 'trap', trap: trapMessages[outcome.trap] };
}

function outcomeOfThrown(error: unknown): Outcome {
  if (error instanceof HostExit) return { kind: 'exit', code: error.code };
  if (error instanceof HostTrap) return { kind: 'trap', trap: error.trap };
  if (error instanceof ResourceExhausted) return { kind: 'exhaustion', what: 'memory' };
  // JavaScript's stack, used up by calls that go back and forth between the host and compiled code.
  if (error instanceof RangeError && error.message.includes('call stack')) return { kind: 'exhaustion', what: 'stack' };
  throw error;
}

class CompiledStore implements EngineStore {
  readonly isRemote: boolean;
  private readonly parts: CompiledEngineParts;
  private readonly stopwatch: Stopwatch | undefined;
  private readonly processor: Processor;
  private readonly store: Store;
  private readonly modules: CompiledModule[] = [];
  private readonly tank: Tank;
  fuelUsed?: () => number;

  constructor(parts: CompiledEngineParts, options: StoreOptions) {
    this.parts = parts;
    this.stopwatch = options.stopwatch;
    this.isRemote = parts.isRemote === true;
    this.processor = parts.processor(options);
    this.store = new Store(this.processor, parts.budget);
    this.tank = new Tank(this.store, options.fuel);
    if (options.fuel !== undefined) this.fuelUsed = () => this.tank.used;
  }

  compile(bytes: Uint8Array): CompileResult {
    const result = this.parts.compile(bytes, this.stopwatch, this.tank.isLimited);
    if (!result.ok) {
      const { kind, offset, message } = result.fault;
      // The message names the feature and, in brackets, the instruction that needs it; skips are counted by feature.
      return kind === 'unsupported' ? { kind, feature: message.replace(/^unsupported: /, '').replace(/ \(.*\)$/, ''), offset } : { kind, message, offset };
    }
    this.stopwatch?.phase('instantiate');
    const module = new CompiledModule(this.processor, result.artifact);
    this.modules.push(module);
    return { kind: 'compiled', module };
  }

  instantiate(module: EngineModule, imports: ImportResolver): InstantiateResult {
    if (!(module instanceof CompiledModule)) throw new Error(`${this.parts.name}: a module of another engine`);
    try {
      const made = this.tank.during(() => this.store.instantiate(module.loaded, (from, name) => {
        const extern = imports(from, name);
        return extern === undefined ? undefined : runtimeExtern(extern);
      }));
      switch (made.kind) {
        case 'instance': return { kind: 'instance', instance: new CompiledInstance(this.store, made.instance, this.tank) };
        case 'link': return { kind: 'link', message: made.fault.message };
        case 'stopped': return { kind: 'stopped', outcome: outcomeOf(made.outcome) };
      }
    } catch (error) {
      return { kind: 'stopped', outcome: outcomeOfThrown(error) };
    }
  }

  hostFunction(type: EngineFunctionType, call: HostFunction): Extern {
    const known = maybeFunctionType(type);
    if (known === undefined) return { kind: 'function', handle: unavailable };
    const { store } = this;
    const made = store.newHostFunction(known, (slots, start) => {
      writeSlots(store, slots, start, known.results, call(readSlots(store, slots, start, known.params)));
    });
    return { kind: 'function', handle: made };
  }

  hostMemory(min: number, max: number | undefined, options: { readonly shared?: boolean; readonly index?: 'i32' | 'i64' } = {}): Extern {
    if (options.shared === true || options.index === 'i64') return { kind: 'memory', handle: unavailable };
    return { kind: 'memory', handle: this.store.newMemory({ min, max }) };
  }

  hostTable(element: TypeText, min: number, max: number | undefined, options: { readonly index?: 'i32' | 'i64' } = {}): Extern {
    if ((element !== 'funcref' && element !== 'externref') || options.index === 'i64') return { kind: 'table', handle: unavailable };
    return { kind: 'table', handle: this.store.newTable({ element, min, max }, 0) };
  }

  hostGlobal(type: TypeText, mutable: boolean, value: Value): Extern {
    const known = maybeValueType(type);
    if (known === undefined) return { kind: 'global', handle: unavailable };
    const global = this.store.newGlobal({ type: known, mutable });
    writeSlot(this.store, global.slots, global.at, known, value);
    return { kind: 'global', handle: global };
  }

  readMemory(memory: Extern): EngineMemory {
    if (!(memory.handle instanceof RuntimeMemory)) throw new Error(`${this.parts.name}: not a memory`);
    return memoryOf(memory.handle);
  }

  dispose(): void {
    this.store.dispose();
    for (const module of this.modules) module.loaded.release();
  }
}

/** What the harness holds, as the linker wants it; something of the wrong kind never matches. */
function runtimeExtern({ handle }: Extern): RuntimeExtern | 'mismatch' {
  const known = handle instanceof RuntimeFunction || handle instanceof RuntimeMemory || handle instanceof RuntimeTable || handle instanceof RuntimeGlobal;
  return known ? handle : 'mismatch';
}

/** An engine from its parts. */
export function compiledEngine(parts: CompiledEngineParts): Engine {
  return {
    name: parts.name,
    version: parts.version,
    honours: new Set<keyof StoreOptions>(['stopwatch', 'fuel', ...(parts.honours ?? [])]),
    availability: () => parts.availability(),
    openStore: (options = {}) => new CompiledStore(parts, options),
    ...(parts.statistics === undefined ? {} : { statistics: parts.statistics }),
  };
}
