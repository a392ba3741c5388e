// Node's own WebAssembly as an engine: all of Wasm 3.0 and threads. Exact to the bit by way of adapter modules (`v8-adapters.ts`).
// It sees exports only: a snapshot exists when the module exports all of its memories, tables and globals.
// It has no fuel: modules must end by themselves.

import {
  HostException, HostExit, HostTrap, type Availability, type CompileResult, type Engine, type EngineFunctionType, type EngineInstance, type EngineMemory,
  type EngineModule, type EngineStore, type Extern, type HostFunction, type ImportResolver, type InstantiateResult, type Outcome, type Snapshot, type StoreOptions, type TypeHome, type TypeText,
} from '../engine.ts';
import { maybeSetGlobal, readModuleInterface, type InterfaceFunctionType, type ModuleInterface } from '../module-interface.ts';
import { refuel } from '../observe.ts';
import type { Value } from '../value.ts';
import { apiName, callThrough, type Crossing, lower, type LoweredFunction, needsBits, needsLift, newMemory, newTable, numericGlobal, releaseLowered, takeLowered } from './v8-adapters.ts';
import { Face } from './v8-face.ts';
import { outcomeOf, refusalOf } from './v8-outcomes.ts';
import { BitReader, floatOf, HostValues, maybePlain, plainFloat, pushBits, toReference } from './v8-values.ts';

class V8Module implements EngineModule {
  readonly compiled: WebAssembly.Module;
  readonly shape: ModuleInterface;
  readonly imports: EngineModule['imports'];
  readonly exports: EngineModule['exports'];
  /** The exported global that `refuel` sets, where it does nothing else: V8 takes longer to compile a function for its first call than to set a global. */
  readonly tank: string | undefined;
  constructor(compiled: WebAssembly.Module, shape: ModuleInterface, bytes: Uint8Array) {
    this.compiled = compiled;
    this.shape = shape;
    this.tank = maybeTank(bytes, shape);
    this.imports = shape.imports;
    this.exports = shape.exports.map(({ name, kind, index }) => {
      const type = kind === 'function' ? functionTypeAt(shape, index) : undefined;
      return type === undefined ? { name, kind } : { name, kind, type };
    });
  }
}

/** The name of the i32 global that is set by the function `refuel`, both exported by the module that has them. */
function maybeTank(bytes: Uint8Array, { imports, exports, globals }: ModuleInterface): string | undefined {
  const setter = exports.find(({ name, kind }) => name === refuel.name && kind === 'function');
  if (setter === undefined) return undefined;
  const own = setter.index - imports.filter(({ kind }) => kind === 'function').length;
  const global = own < 0 ? undefined : maybeSetGlobal(bytes, own);
  return global !== undefined && globals[global]?.type === 'i32' ? exports.find(({ kind, index }) => kind === 'global' && index === global)?.name : undefined;
}

function functionTypeAt(shape: ModuleInterface, index: number): InterfaceFunctionType | undefined {
  return shape.types[shape.functions[index] ?? -1];
}

/** What the harness threw inside a host function, kept while V8 unwinds. */
class Pending {
  readonly flag = new WebAssembly.Global({ value: 'i32', mutable: true }, 0);
  private error: unknown = undefined;
  set(error: unknown): void {
    this.error = error;
    this.flag.value = 1;
  }
  get waiting(): boolean {
    return this.flag.value === 1;
  }
  take(): unknown {
    const error = this.error;
    this.error = undefined;
    this.flag.value = 0;
    return error;
  }
}

/** One for all stores, so that lowered functions can go from one to the next: V8 has come back to the harness before another store runs. */
const pending = new Pending();

/** How an exported function is called. */
interface Way {
  readonly type: InterfaceFunctionType;
  readonly exported: Crossing;
  /** JavaScript's numbers carry its results, and its arguments where none is a NaN. */
  readonly isPlain: boolean;
  /** Takes and answers crossing forms; made when it is needed. */
  through: Crossing | undefined;
}

/** State shared by a store's instances. */
interface World {
  readonly host: HostValues;
  /** Which NaN a float result is need not be told. */
  readonly anyNaN: boolean;
  /** From the exports of all instances; a tag is named by the first of them, and two may have one name. */
  readonly tags: Map<WebAssembly.Tag, { readonly text: string; readonly type: EngineFunctionType; readonly owner: V8Instance }>;
  /** Where a function object is at home, for those that were exported or imported. */
  readonly homes: Map<object, V8Instance>;
}

class V8Instance implements EngineInstance {
  readonly exports: EngineInstance['exports'];
  private readonly native: WebAssembly.Instance['exports'];
  private readonly module: V8Module;
  private readonly world: World;
  private readonly indices = new Map<string, number>();
  private readonly ways = new Map<string, Way>();
  /** Made when something is met that JavaScript cannot carry. */
  private face: Face | undefined = undefined;
  private readonly functionIndices = new Map<unknown, number>();

  constructor(native: WebAssembly.Instance, module: V8Module, imported: readonly Extern[], world: World) {
    this.native = native.exports;
    this.module = module;
    this.world = world;
    this.exports = module.exports;
    imported.forEach(({ kind, handle }, i) => {
      const index = module.shape.imports[i]?.index;
      if (kind === 'function' && index !== undefined && !this.functionIndices.has(handle)) this.functionIndices.set(handle, index);
    });
    for (const { name, kind, index } of module.shape.exports) {
      this.indices.set(name, index);
      const handle = this.native[name];
      if (kind === 'function' && typeof handle === 'function') {
        if (!this.functionIndices.has(handle)) this.functionIndices.set(handle, index);
        if (!world.homes.has(handle)) world.homes.set(handle, this);
      }
      if (kind === 'tag' && handle instanceof WebAssembly.Tag) {
        const type = module.shape.types[module.shape.tags[index] ?? -1];
        if (type !== undefined && !world.tags.has(handle)) world.tags.set(handle, { text: name, type, owner: this });
      }
    }
  }

  maybeExport(name: string): Extern | undefined {
    const entry = this.exports.find((e) => e.name === name);
    return entry === undefined ? undefined : { kind: entry.kind, handle: this.native[name] };
  }

  functionType(name: string): EngineFunctionType {
    return this.typeOf(name);
  }

  private typeOf(name: string): InterfaceFunctionType {
    const type = functionTypeAt(this.module.shape, this.indices.get(name) ?? -1);
    if (type === undefined || typeof this.native[name] !== 'function') throw new Error(`no function is exported as ${JSON.stringify(name)}`);
    return type;
  }

  invoke(name: string, args: readonly Value[]): Outcome {
    if (name === refuel.name && this.hasRefuelled(args)) return { kind: 'values', values: [] };
    const way = this.ways.get(name) ?? this.wayTo(name);
    const { type, exported } = way;
    const plain = way.isPlain ? this.maybePlainArguments(args) : undefined;
    let answer: unknown;
    try {
      if (plain !== undefined) answer = exported(...plain);
      else {
        const bits: unknown[] = [];
        for (const arg of args) pushBits(bits, arg, this.world.host);
        answer = (way.through ??= this.through(name, type, exported))(...bits);
      }
    } catch (error) {
      return outcomeOfThrown(error, this.world);
    }
    return { kind: 'values', values: plain === undefined ? valuesOf(type.results, answer) : plainValues(type.results, answer) };
  }

  /** Fills the tank without a call, if that is all that the function does. */
  private hasRefuelled(args: readonly Value[]): boolean {
    const { tank } = this.module;
    const [fuel] = args;
    if (tank === undefined || fuel?.type !== 'i32') return false;
    (this.native[tank] as WebAssembly.Global).value = fuel.bits;
    return true;
  }

  /** Arguments as JavaScript carries them, unless one is a NaN. */
  private maybePlainArguments(args: readonly Value[]): unknown[] | undefined {
    const plain: unknown[] = [];
    for (const arg of args) {
      const one = maybePlain(arg, this.world.host);
      if (one === undefined) return undefined;
      plain.push(one);
    }
    return plain;
  }

  private theFace(): Face {
    this.face ??= new Face(this.module.shape, this.native);
    return this.face;
  }

  private wayTo(name: string): Way {
    const type = this.typeOf(name);
    const isOpen = (one: TypeText): boolean => (isFloat(one) ? this.world.anyNaN : !needsBits(one));
    const isPlain = !needsLift(type) || (type.simple && type.params.every((one) => isFloat(one) || !needsBits(one)) && type.results.every(isOpen));
    const way: Way = { type, exported: this.native[name] as Crossing, isPlain, through: undefined };
    this.ways.set(name, way);
    return way;
  }

  private through(name: string, type: InterfaceFunctionType, exported: Crossing): Crossing {
    if (!needsLift(type)) return exported;
    if (!type.simple) return this.theFace().maybeFunction(name) ?? exported;
    const through = callThrough(type);
    return (...bits) => through(exported, ...bits);
  }

  /** What an exception with an exported tag carries. */
  payload(tag: string, types: readonly TypeText[], exception: unknown): Value[] {
    return types.length === 0 ? [] : valuesOf(types, this.theFace().payload(tag, exception));
  }

  readGlobal(name: string): Value {
    const type = this.module.shape.globals[this.indices.get(name) ?? -1];
    const global = this.native[name];
    if (type === undefined || !(global instanceof WebAssembly.Global)) throw new Error(`no global is exported as ${JSON.stringify(name)}`);
    if (!needsBits(type.type)) return valueOf(type.type, global.value);
    const float = isFloat(type.type) ? floatOf(type.type, global.value) : undefined;
    if (float !== undefined) return float;
    return valueOf(type.type, this.theFace().global(name));
  }

  memory(name: string): EngineMemory {
    const memory = this.native[name];
    if (!(memory instanceof WebAssembly.Memory)) throw new Error(`no memory is exported as ${JSON.stringify(name)}`);
    return new V8Memory(memory);
  }

  maybeSnapshot(): Snapshot | undefined {
    const { shape } = this.module;
    const memories = new Array<string | undefined>(shape.memories.length).fill(undefined);
    const tables = new Array<string | undefined>(shape.tables.length).fill(undefined);
    const globals = new Array<string | undefined>(shape.globals.length).fill(undefined);
    for (const { name, kind, index } of shape.exports) {
      if (kind === 'memory') memories[index] = name;
      else if (kind === 'table') tables[index] = name;
      else if (kind === 'global') globals[index] = name;
    }
    if (!allNamed(memories) || !allNamed(tables) || !allNamed(globals)) return undefined;
    return {
      memories: memories.map((name) => this.memory(name).bytes()),
      // V8 maps each memory anew.
      isSparse: true,
      globals: globals.map((name) => this.byIndex(this.readGlobal(name))),
      tables: tables.map((name) => this.readTable(name)),
    };
  }

  private readTable(name: string): Value[] {
    const table = this.native[name];
    if (!(table instanceof WebAssembly.Table)) throw new Error(`no table is exported as ${JSON.stringify(name)}`);
    const { element } = this.module.shape.tables[this.indices.get(name) ?? -1] ?? {};
    if (element !== undefined && needsBits(element)) return Array.from({ length: Number(table.length) }, (_, i) => valueOf(element, this.theFace().element(name, i)));
    const wide = typeof table.length === 'bigint';
    return Array.from({ length: Number(table.length) }, (_, i) => this.byIndex(toReference(table.get(wide ? BigInt(i) : i))));
  }

  /** A function reference by its index here, if it is this instance's; else as it is. The name of an exported function is its index (JS API, "Exported Functions"). */
  private byIndex(value: Value): Value {
    if (value.type !== 'ref' || value.kind !== 'function' || typeof value.handle !== 'function') return value;
    const known = this.functionIndices.get(value.handle);
    if (known !== undefined) return { ...value, handle: known };
    const home = this.world.homes.get(value.handle);
    if (home !== undefined && home !== this) return value;
    const index = Number(value.handle.name);
    return Number.isInteger(index) ? { ...value, handle: index } : value;
  }
}

function allNamed(names: (string | undefined)[]): names is string[] {
  return !names.includes(undefined);
}

class V8Memory implements EngineMemory {
  private readonly memory: WebAssembly.Memory;
  private view: Uint8Array = new Uint8Array(0);
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }
  get pages(): number {
    return this.memory.buffer.byteLength / 65536;
  }
  bytes(): Uint8Array {
    if (this.view.buffer !== this.memory.buffer) this.view = new Uint8Array(this.memory.buffer);
    return this.view;
  }
}

function isFloat(type: TypeText): type is 'f32' | 'f64' {
  return type === 'f32' || type === 'f64';
}

/** Results of a plain call, of which only floats differ from their crossing forms. */
function plainValues(types: readonly TypeText[], answer: unknown): Value[] {
  if (types.length === 0) return [];
  const answers = types.length === 1 ? [answer] : (answer as readonly unknown[]);
  return types.map((type, i) => (isFloat(type) ? plainFloat(type, answers[i]) : valueOf(type, answers[i])));
}

function valuesOf(types: readonly TypeText[], answer: unknown): Value[] {
  if (types.length === 0) return [];
  const first = types[0];
  if (types.length === 1 && first !== undefined && first !== 'v128') return [valueOf(first, answer)];
  const reader = new BitReader(answer as readonly unknown[]);
  return types.map((type) => reader.next(type));
}

function valueOf(type: TypeText, bits: unknown): Value {
  return new BitReader(type === 'v128' ? (bits as readonly unknown[]) : [bits]).next(type);
}

function outcomeOfThrown(thrown: unknown, world: World): Outcome {
  const error = pending.waiting ? pending.take() : thrown;
  if (error instanceof HostExit) return { kind: 'exit', code: error.code };
  if (error instanceof HostTrap) return { kind: 'trap', trap: error.trap };
  if (error instanceof WebAssembly.Exception) return exceptionOutcome(error, world);
  const outcome = outcomeOf(error);
  if (outcome === undefined) throw error;
  return outcome;
}

function exceptionOutcome(error: WebAssembly.Exception, world: World): Outcome {
  for (const [tag, { text, type, owner }] of world.tags) {
    if (error.is(tag)) return { kind: 'exception', tag: text, values: owner.payload(text, type.params, error) };
  }
  return { kind: 'exception', tag: '', values: [] };
}

class V8Store implements EngineStore {
  private readonly lowered: LoweredFunction[] = [];
  private readonly world: World;

  constructor({ anyNaN }: StoreOptions) {
    this.world = { host: new HostValues(), anyNaN: anyNaN === true, tags: new Map(), homes: new Map() };
  }


  compile(bytes: Uint8Array): CompileResult {
    let compiled: WebAssembly.Module;
    try {
      compiled = new WebAssembly.Module(bytes);
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) return refusalOf(error.message);
      if (error instanceof RangeError) return { kind: 'unsupported', feature: `V8's ${error.message}`, offset: undefined };
      throw error;
    }
    return { kind: 'compiled', module: new V8Module(compiled, readModuleInterface(bytes), bytes) };
  }

  instantiate(module: EngineModule, imports: ImportResolver): InstantiateResult {
    if (!(module instanceof V8Module)) throw new Error('v8: a module of another engine');
    const byModule: Record<string, Record<string, unknown>> = Object.create(null) as Record<string, Record<string, unknown>>;
    const imported: Extern[] = [];
    for (const { module: from, name } of module.shape.imports) {
      const extern = imports(from, name);
      if (extern === undefined) return { kind: 'link', message: 'unknown import' };
      const names = (byModule[from] ??= Object.create(null) as Record<string, unknown>);
      names[name] = extern.handle;
      imported.push(extern);
    }
    let native: WebAssembly.Instance;
    try {
      native = new WebAssembly.Instance(module.compiled, byModule);
    } catch (error) {
      if (error instanceof WebAssembly.LinkError) return { kind: 'link', message: 'incompatible import type' };
      return { kind: 'stopped', outcome: outcomeOfThrown(error, this.world) };
    }
    return { kind: 'instance', instance: new V8Instance(native, module, imported, this.world) };
  }

  hostFunction(type: EngineFunctionType, call: HostFunction, home?: TypeHome): Extern {
    const { host } = this.world;
    const { params, results } = type;
    const fromWasm = (...bits: unknown[]): unknown => {
      try {
        const reader = new BitReader(bits);
        const answers = call(params.map((param) => reader.next(param)));
        if (answers.length !== results.length) throw new Error(`a host function answered ${answers.length} values, its type has ${results.length}`);
        const out: unknown[] = [];
        for (const answer of answers) pushBits(out, answer, host);
        return out.length === 1 ? out[0] : out;
      } catch (error) {
        if (error instanceof HostException && error.tag.handle instanceof WebAssembly.Tag) throw exceptionFrom(error.tag.handle, error.values, host);
        pending.set(error);
        throw error;
      }
    };
    if (home?.module instanceof V8Module) return { kind: 'function', handle: lower(fromWasm, type, pending.flag, { shape: home.module.shape, type: home.type }) };
    const made = takeLowered(fromWasm, type, pending.flag);
    this.lowered.push(made);
    return { kind: 'function', handle: made.handle };
  }

  hostTag(params: readonly TypeText[]): Extern {
    return { kind: 'tag', handle: new WebAssembly.Tag({ parameters: params.map(apiName) }) };
  }

  hostMemory(min: number, max: number | undefined, options: { readonly shared?: boolean; readonly index?: 'i32' | 'i64' } = {}): Extern {
    return { kind: 'memory', handle: newMemory(limitsOf(min, max, options)) };
  }

  hostTable(element: TypeText, min: number, max: number | undefined, options: { readonly index?: 'i32' | 'i64' } = {}): Extern {
    return { kind: 'table', handle: newTable(element, limitsOf(min, max, options)) };
  }

  hostGlobal(type: TypeText, mutable: boolean, value: Value): Extern {
    if (value.type !== 'ref') return { kind: 'global', handle: numericGlobal(value.type, mutable, BigInt(value.bits)) };
    const bits: unknown[] = [];
    pushBits(bits, value, this.world.host);
    return { kind: 'global', handle: new WebAssembly.Global({ value: apiName(type), mutable }, bits[0]) };
  }

  readMemory(memory: Extern): EngineMemory {
    if (!(memory.handle instanceof WebAssembly.Memory)) throw new Error('v8: not a memory');
    return new V8Memory(memory.handle);
  }

  dispose(): void {
    // V8 collects what is no longer reachable.
    for (const lowered of this.lowered.splice(0)) releaseLowered(lowered);
  }
}

/** An exception whose payload JavaScript can spell: no NaN, no vector. */
function exceptionFrom(tag: WebAssembly.Tag, values: readonly Value[], host: HostValues): WebAssembly.Exception {
  return new WebAssembly.Exception(tag, values.map((value) => maybePlain(value, host)));
}

function limitsOf(min: number, max: number | undefined, options: { readonly shared?: boolean; readonly index?: 'i32' | 'i64' }): Parameters<typeof newMemory>[0] {
  return { min: BigInt(min), max: max === undefined ? undefined : BigInt(max), shared: options.shared ?? false, index: options.index ?? 'i32' };
}

/** Node's own engine. */
export const v8Engine: Engine = {
  name: 'v8',
  version: process.versions.v8,
  availability(): Availability {
    if (typeof WebAssembly !== 'object') return { available: false, reason: 'this Node runs without WebAssembly' };
    return { available: true };
  },
  honours: new Set(['anyNaN'] as const),
  openStore: (options = {}) => new V8Store(options),
};
