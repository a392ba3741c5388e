// The reference interpreter as an engine. Glue only: values and outcomes change their spelling, nothing else happens.

import * as interp from '../../../interpreter/index.ts';
import type { CompileResult, Engine, EngineFunctionType, EngineInstance, EngineMemory, EngineModule, EngineStore, Extern, ExternKind, HostFunction, ImportResolver, InstantiateResult, Outcome, Snapshot, StoreBudgets, StoreOptions, TypeHome, TypeText } from '../engine.ts';
import { HostException, HostExit, HostTrap } from '../engine.ts';
import type { Value } from '../value.ts';

const kinds: Readonly<Record<interp.ExternKind, ExternKind>> = { func: 'function', memory: 'memory', table: 'table', global: 'global', tag: 'tag' };

class InterpreterModule implements EngineModule {
  readonly checked: interp.CheckedModule;
  readonly imports: EngineModule['imports'];
  readonly exports: EngineModule['exports'];
  constructor(checked: interp.CheckedModule) {
    this.checked = checked;
    this.imports = interp.moduleImports(checked).map(({ module, name, kind }) => ({ module, name, kind: kinds[kind] }));
    this.exports = interp.moduleExports(checked).map(({ name, kind, type }) => (type === undefined ? { name, kind: kinds[kind] } : { name, kind: kinds[kind], type }));
  }
}

type TrapOutcome = Extract<interp.Outcome, { kind: 'trap' }>;

/** Host values by number, one object each, so that identity holds within a store. */
class World {
  readonly store: interp.Store;
  readonly fuel: number | undefined;
  /** Tags by the name under which they were first exported. */
  readonly tagNames = new Map<interp.TagInstance, string>();
  private readonly hostValues = new Map<number, interp.HostReference>();

  constructor(options: StoreOptions, relaxed: interp.RelaxedChoices | undefined) {
    const { trace, onAccess } = options;
    const listener: interp.AccessListener | undefined = onAccess === undefined ? undefined : (kind, { number }, address, width) => onAccess({ kind, memory: number, address, width });
    this.store = interp.createStore({ ...options.budgets, ...(relaxed === undefined ? {} : { relaxed }) }, listener);
    this.fuel = options.fuel;
    if (trace !== undefined) interp.trace(this.store, (step) => trace(interp.showStep(step)));
  }

  inward(value: Value): interp.Value {
    switch (value.type) {
      case 'i32': return interp.i32(value.bits);
      case 'i64': return interp.i64(value.bits);
      case 'f32': return interp.f32(value.bits);
      case 'f64': return interp.f64(value.bits);
      case 'v128': return interp.v128(value.bits);
      case 'ref': break;
    }
    switch (value.kind) {
      case 'null': return interp.ref(null);
      case 'i31': return interp.ref(value.value);
      case 'extern': return interp.ref(this.hostValue(value.id));
      default:
        if (!isReference(value.handle)) throw new TypeError('interp: a reference of another engine');
        return interp.ref(value.handle);
    }
  }

  outward(value: interp.Value): Value {
    switch (value.type) {
      case 'i32': return { type: 'i32', bits: value.value };
      case 'i64': return { type: 'i64', bits: value.value };
      case 'f32': return { type: 'f32', bits: value.value };
      case 'f64': return { type: 'f64', bits: value.value };
      case 'v128': return { type: 'v128', bits: value.value };
      case 'ref': return outwardReference(value.value);
    }
  }

  outcome(outcome: interp.Outcome): Outcome {
    switch (outcome.kind) {
      case 'values': return { kind: 'values', values: outcome.values.map((value) => this.outward(value)) };
      case 'trap': return new Trapped(outcome);
      case 'exhaustion': return new Exhausted(outcome, this);
      case 'exception': return { kind: 'exception', tag: this.tagNames.get(outcome.exception.tag) ?? '', values: outcome.payload.map((value) => this.outward(value)) };
      case 'host-error': {
        const { error } = outcome;
        if (error instanceof HostExit) return { kind: 'exit', code: error.code };
        if (error instanceof HostTrap) return { kind: 'trap', trap: error.trap };
        throw error;
      }
    }
  }

  /** What ran out, and how much there was of it. */
  boundOf({ reason, depth }: interp.ExhaustionOutcome): string {
    const { limits } = this.store;
    switch (reason) {
      case 'fuel exhausted': return `${reason}: ${this.fuel ?? limits.fuel} instructions`;
      case 'call stack exhausted': return `${reason}: ${depth} calls deep`;
      case 'memory budget exhausted': return `${reason}: ${mebibytes(limits.memoryBytes)} for all memories, of which one has at most ${mebibytes(interp.mostMemoryBytes)}`;
      case 'table budget exhausted': return `${reason}: ${limits.tableElements} elements for all tables`;
      case 'heap budget exhausted': return `${reason}: ${mebibytes(limits.heapBytes)} for all structures and arrays ever made`;
      case 'blocked for ever': return `${reason}: a wait without timeout, and no other thread to end it`;
    }
  }

  private hostValue(id: number): interp.HostReference {
    const known = this.hostValues.get(id);
    if (known !== undefined) return known;
    const made = new interp.HostReference(id);
    this.hostValues.set(id, made);
    return made;
  }
}

/** The call stack costs a second translation: it is worked out when somebody reads it. */
class Trapped {
  readonly kind = 'trap';
  readonly trap: interp.TrapKind;
  private readonly outcome: TrapOutcome;
  constructor(outcome: TrapOutcome) {
    this.trap = outcome.trap;
    this.outcome = outcome;
  }
  get detail(): string { return detailOf(this.outcome); }
}

class Exhausted {
  readonly kind = 'exhaustion';
  readonly what: 'stack' | 'fuel' | 'memory';
  readonly budget: keyof StoreBudgets | undefined;
  private readonly outcome: interp.ExhaustionOutcome;
  private readonly world: World;
  constructor(outcome: interp.ExhaustionOutcome, world: World) {
    const { reason } = outcome;
    this.what = reason === 'call stack exhausted' ? 'stack' : reason === 'fuel exhausted' ? 'fuel' : 'memory';
    this.budget = budgets[reason];
    this.outcome = outcome;
    this.world = world;
  }
  get detail(): string { return [this.world.boundOf(this.outcome), ...maybeCalls(this.outcome)].join('; '); }
}

/** Frames shown of a deep stack. */
const innermost = 12;
const outermost = 4;

const budgets: Readonly<Partial<Record<interp.ExhaustionKind, keyof StoreBudgets>>> = {
  'memory budget exhausted': 'memoryBytes', 'table budget exhausted': 'tableElements', 'heap budget exhausted': 'heapBytes',
};

const mebibytes = (bytes: number): string => `${bytes / 2 ** 20} MiB`;

/** What the trap adds to its kind, then who called whom. */
function detailOf(outcome: TrapOutcome): string {
  const { trap, message } = outcome;
  return [...(message === trap ? [] : [message]), ...maybeCalls(outcome)].join('; ');
}

/** Who called whom, innermost first, in one string; nothing where nothing ran. */
function maybeCalls({ stack, depth }: interp.CallStack): string[] {
  const left = depth - innermost - outermost;
  const frames = left > 1 ? [...frameNames(stack.slice(0, innermost)), `${left} more`, ...frameNames(stack.slice(-outermost))] : frameNames(stack);
  return frames.length === 0 ? [] : [`in ${frames.join(', called from ')}`];
}

/** Functions and places; what recurs at once is named once. */
function frameNames(stack: readonly interp.Activation[]): string[] {
  const runs: { readonly place: string; times: number }[] = [];
  for (const { functionIndex, name, offset } of stack) {
    const place = `${name === undefined ? `function ${functionIndex}` : `$${name}`} at byte ${offset}`;
    const last = runs.at(-1);
    if (last?.place === place) last.times++;
    else runs.push({ place, times: 1 });
  }
  return runs.map(({ place, times }) => (times === 1 ? place : `${place} (${times} times)`));
}

function isReference(handle: unknown): handle is interp.Reference {
  return handle instanceof interp.FunctionInstance || handle instanceof interp.StructInstance || handle instanceof interp.ArrayInstance
    || handle instanceof interp.ExceptionInstance || handle instanceof interp.HostReference;
}

function outwardReference(reference: interp.Reference): Value {
  if (reference === null) return { type: 'ref', kind: 'null' };
  if (typeof reference === 'number') return { type: 'ref', kind: 'i31', value: reference };
  switch (reference.kind) {
    case 'func': return { type: 'ref', kind: 'function', handle: reference };
    case 'exn': return { type: 'ref', kind: 'exception', handle: reference };
    case 'struct': case 'array': return { type: 'ref', kind: reference.kind, handle: reference };
    case 'host':
      return typeof reference.value === 'number' ? { type: 'ref', kind: 'extern', id: reference.value } : { type: 'ref', kind: 'any', handle: reference };
  }
}

class InterpreterMemory implements EngineMemory {
  private readonly memory: interp.MemoryInstance;
  constructor(memory: interp.MemoryInstance) {
    this.memory = memory;
  }
  get pages(): number { return this.memory.pages(); }
  bytes(): Uint8Array { return interp.memoryBytes(this.memory); }
}

class InterpreterInstance implements EngineInstance {
  readonly exports: EngineInstance['exports'];
  private readonly instance: interp.Instance;
  private readonly world: World;
  private indices: Map<interp.FunctionInstance, number> | undefined;

  constructor(instance: interp.Instance, module: InterpreterModule, world: World) {
    this.instance = instance;
    this.exports = module.exports;
    this.world = world;
    for (const [name, extern] of instance.exports) {
      if (extern.kind === 'tag' && !world.tagNames.has(extern)) world.tagNames.set(extern, name);
    }
  }

  maybeExport(name: string): Extern | undefined {
    const handle = this.instance.exports.get(name);
    return handle === undefined ? undefined : { kind: kinds[handle.kind], handle };
  }

  private function(name: string): interp.FunctionInstance {
    const extern = this.instance.exports.get(name);
    if (extern?.kind !== 'func') throw new Error(`no function is exported as ${JSON.stringify(name)}`);
    return extern;
  }

  functionType(name: string): EngineFunctionType {
    return interp.functionType(this.function(name));
  }

  invoke(name: string, args: readonly Value[]): Outcome {
    const { world } = this;
    const options = world.fuel === undefined ? {} : { fuel: world.fuel };
    return world.outcome(interp.invoke(world.store, this.function(name), args.map((arg) => world.inward(arg)), options));
  }

  readGlobal(name: string): Value {
    const extern = this.instance.exports.get(name);
    if (extern?.kind !== 'global') throw new Error(`no global is exported as ${JSON.stringify(name)}`);
    return this.world.outward(interp.getGlobal(extern));
  }

  memory(name: string): EngineMemory {
    const extern = this.instance.exports.get(name);
    if (extern?.kind !== 'memory') throw new Error(`no memory is exported as ${JSON.stringify(name)}`);
    return new InterpreterMemory(extern);
  }

  maybeSnapshot(): Snapshot {
    const { memories, globals, tables } = this.instance;
    return {
      memories: memories.map((memory) => interp.memoryBytes(memory)),
      globals: globals.map((global) => this.byIndex(interp.getGlobal(global))),
      tables: tables.map((table) => table.elements.map((element) => this.byIndex(interp.ref(element)))),
    };
  }

  /** A function reference by its index in this instance, if it has one; anything else as it is. */
  private byIndex(value: interp.Value): Value {
    if (value.type !== 'ref' || !(value.value instanceof interp.FunctionInstance)) return this.world.outward(value);
    if (this.indices === undefined) {
      this.indices = new Map();
      for (const [index, func] of this.instance.functions.entries()) if (!this.indices.has(func)) this.indices.set(func, index);
    }
    return { type: 'ref', kind: 'function', handle: this.indices.get(value.value) ?? value.value };
  }
}

class InterpreterStore implements EngineStore {
  private readonly world: World;
  constructor(options: StoreOptions, relaxed: interp.RelaxedChoices | undefined) {
    this.world = new World(options, relaxed);
  }

  compile(bytes: Uint8Array): CompileResult {
    const module = interp.decode(bytes);
    if (module.kind === 'malformed') return module;
    const checked = interp.validate(module);
    return checked.kind === 'checked' ? { kind: 'compiled', module: new InterpreterModule(checked) } : checked;
  }

  instantiate(module: EngineModule, imports: ImportResolver): InstantiateResult {
    if (!(module instanceof InterpreterModule)) throw new Error('interp: a module of another engine');
    const { world } = this;
    const result = interp.instantiate(world.store, module.checked, (from, name) => {
      const extern = imports(from, name);
      return extern === undefined ? undefined : externOf(extern);
    }, world.fuel === undefined ? {} : { fuel: world.fuel });
    switch (result.kind) {
      case 'instance': return { kind: 'instance', instance: new InterpreterInstance(result.instance, module, world) };
      case 'link': return result;
      default: return { kind: 'stopped', outcome: world.outcome(result) };
    }
  }

  hostFunction(type: EngineFunctionType, call: HostFunction, home?: TypeHome): Extern {
    const { world } = this;
    const host: interp.HostFunction = (args) => {
      try {
        return call(args.map((arg) => world.outward(arg))).map((value) => world.inward(value));
      } catch (error) {
        if (error instanceof HostException && error.tag.handle instanceof interp.TagInstance) throw interp.exceptionOf(error.tag.handle, error.values.map((value) => world.inward(value)));
        throw error;
      }
    };
    const module = home?.module;
    const handle = home !== undefined && module instanceof InterpreterModule
      ? interp.createFunctionOf(world.store, module.checked, home.type, host)
      : interp.createFunction(world.store, type.params, type.results, host);
    return { kind: 'function', handle };
  }

  hostTag(params: readonly TypeText[]): Extern {
    return { kind: 'tag', handle: interp.createTag(this.world.store, params) };
  }

  hostMemory(min: number, max: number | undefined, options: { readonly shared?: boolean; readonly index?: 'i32' | 'i64' } = {}): Extern {
    const made = interp.createHostMemory(this.world.store, { ...limitsOf(min, max, options.index), shared: options.shared ?? false });
    if (made.kind === 'exhaustion') throw new Error(`interp: ${made.reason}`);
    return { kind: 'memory', handle: made };
  }

  hostTable(element: TypeText, min: number, max: number | undefined, options: { readonly index?: 'i32' | 'i64' } = {}): Extern {
    const made = interp.createHostTable(this.world.store, element, limitsOf(min, max, options.index));
    if (made.kind === 'exhaustion') throw new Error(`interp: ${made.reason}`);
    return { kind: 'table', handle: made };
  }

  hostGlobal(type: TypeText, mutable: boolean, value: Value): Extern {
    return { kind: 'global', handle: interp.createGlobal(type, mutable, this.world.inward(value)) };
  }

  readMemory(memory: Extern): EngineMemory {
    if (!(memory.handle instanceof interp.MemoryInstance)) throw new Error('interp: not a memory');
    return new InterpreterMemory(memory.handle);
  }

  fuelUsed(): number {
    return interp.fuelSpent(this.world.store);
  }

  dispose(): void {
    // The host collects what is no longer reachable.
  }
}

function externOf({ handle }: Extern): interp.ExternInstance {
  const ours = handle instanceof interp.FunctionInstance || handle instanceof interp.MemoryInstance || handle instanceof interp.TableInstance
    || handle instanceof interp.GlobalInstance || handle instanceof interp.TagInstance;
  if (!ours) throw new Error('interp: an import of another engine');
  return handle;
}

function limitsOf(min: number, max: number | undefined, index: 'i32' | 'i64' = 'i32'): interp.LimitsOptions {
  return max === undefined ? { minimum: min, wide: index === 'i64' } : { minimum: min, maximum: max, wide: index === 'i64' };
}

/** The interpreter with these results of relaxed vector instructions. */
export function engineNamed(name: string, relaxed: interp.RelaxedChoices | undefined): Engine {
  const honours = new Set(['fuel', 'trace', 'onAccess', 'budgets'] as const);
  return { name, version: '3.0', honours, availability: () => ({ available: true }), openStore: (options = {}) => new InterpreterStore(options, relaxed) };
}

/** The reference interpreter, in the deterministic profile. */
export const interpreterEngine: Engine = engineNamed('interp', undefined);

/**
 * The same with the results that V8 gives for relaxed vector instructions on x86-64 with FMA and AVX2, measured; all of them permitted. Outside its set
 * of choices V8 selects i16x8 lanes by bytes and sums i32x4 dot products without the intermediate saturation.
 */
export const relaxedLikeX86: Engine = engineNamed('interp:relaxed-x86', {
  fmadd: 1, fmin: 2, fmax: 2, idot: 1, iq15mulr: 1, truncU: 0, truncS: 1, swizzle: 1, laneselect: 1,
});
