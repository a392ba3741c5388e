// The door of the reference interpreter.
// Chapter: "Appendix", section "Embedding": module_decode, module_validate, module_instantiate, func_invoke, and access to memories, tables, globals, tags.
//
//   const module = decode(bytes);            'module' | 'malformed'
//   const checked = validate(module);        'checked' | 'invalid' | 'unsupported'
//   const store = createStore({ fuel: 1e9 });
//   const linked = instantiate(store, checked, (module, name) => …);   'instance' | 'link' | any failing outcome
//   invoke(store, linked.instance.exports.get('f'), [i32(1)]);         'values' | 'trap' | 'exhaustion' | 'exception' | 'host-error'
//
// Everything returned is a value with a `kind`; only faults of the interpreter itself are thrown.
import { decodeModule } from './decode.ts';
import { validateModule } from './validate.ts';
import { instantiateModule } from './instantiate.ts';
import type { ImportResolver } from './instantiate.ts';
import { invokeFunction, outcomeOf, withFuel } from './invoke.ts';
import { ExceptionInstance, FunctionInstance, GlobalInstance, Store, TagInstance } from './store.ts';
import type { AccessListener, ExternInstance, HostFunction, Instance, TableInstance } from './store.ts';
import type { MemoryInstance } from './memory.ts';
import { createMemory } from './memory.ts';
import { createTable, growTable } from './tables.ts';
import { LinkFailure, ThrownException } from './outcome.ts';
import type { ExhaustionOutcome, Invalid, LinkError, Malformed, Outcome, Unsupported, Values } from './outcome.ts';
import { traceStore } from './trace.ts';
import type { Step } from './trace.ts';
import { snapshotInstance } from './snapshot.ts';
import type { InstanceSnapshot } from './snapshot.ts';
import type { CheckedModule } from './context.ts';
import type { ExternKind, Module } from './syntax.ts';
import type { Reference, Value } from './values.ts';
import type { StoreLimits } from './limits.ts';
import { defaultLimits } from './limits.ts';
import type { CompositeType, GlobalType, Limits, TableType, ValueType } from './types.ts';
import { parseType, showType } from './types.ts';
import { readGlobal, writeGlobal } from './marshal.ts';

export { HostReference, f32, f64, i32, i64, ref, referenceKind, v128 } from './values.ts';
export type { Reference, Value } from './values.ts';
export { Exhaustion, ThrownException, Trap } from './outcome.ts';
export type { Activation, CallStack, ExhaustionKind, ExhaustionOutcome, Invalid, LinkError, Malformed, Outcome, TrapKind, Unsupported, Values } from './outcome.ts';
export type { AccessKind, AccessListener, ExternInstance, HostFunction, Instance, Store } from './store.ts';
export { ArrayInstance, ExceptionInstance, FunctionInstance, GlobalInstance, StructInstance, TableInstance, TagInstance } from './store.ts';
export { MemoryInstance, mostMemoryBytes } from './memory.ts';
export type { CheckedModule } from './context.ts';
export type { ExternKind, Module } from './syntax.ts';
export type { StoreLimits } from './limits.ts';
export type { ImportResolver } from './instantiate.ts';
export type { GlobalType, Limits, TableType, ValueType } from './types.ts';
export { showType } from './types.ts';
export { showStep } from './trace.ts';
export type { Step } from './trace.ts';
export type { InstanceSnapshot } from './snapshot.ts';
export type { RelaxedChoices } from './relaxed.ts';
export { prefixedInstruction, prefixedOpcode, singleInstruction } from './instructions.ts';
export type { Immediate, Instruction } from './instructions.ts';
export type { Expression } from './syntax.ts';

/** Decodes a binary module; `bytes` must not change afterwards. */
export function decode(bytes: Uint8Array): Module | Malformed {
  return decodeModule(bytes);
}

/** Validates a decoded module. `message` begins with the standard's words for the fault. */
export function validate(module: Module): CheckedModule | Invalid | Unsupported {
  return validateModule(module);
}

export interface ExternDescription { readonly name: string; readonly kind: ExternKind; readonly type: FunctionTypeText | undefined }
export interface ImportDescription extends ExternDescription { readonly module: string }

/** Parameter and result types in the text format's spelling; `$n` is a type index of the module, or of the store for an instance. */
export interface FunctionTypeText { readonly params: readonly string[]; readonly results: readonly string[] }

function typeText(composite: CompositeType | undefined): FunctionTypeText | undefined {
  return composite?.kind === 'func' ? { params: composite.params.map(showType), results: composite.results.map(showType) } : undefined;
}

/** What a module imports, in order. */
export function moduleImports({ context: { module } }: CheckedModule): ImportDescription[] {
  return module.imports.map(({ module: from, name, type }) => (
    { module: from, name, kind: type.kind, type: type.kind === 'func' ? typeText(module.types[type.typeIndex]?.composite) : undefined }));
}

/** What a module exports, in order. */
export function moduleExports({ context: { module } }: CheckedModule): ExternDescription[] {
  return module.exports.map(({ name, kind, index }) => (
    { name, kind, type: kind === 'func' ? typeText(module.types[module.functions[index] ?? -1]?.composite) : undefined }));
}

/** The type of a function instance. */
export function functionType(func: FunctionInstance): FunctionTypeText {
  const { params, results } = func.signature;
  return { params: params.map(showType), results: results.map(showType) };
}

/** A store with the given limits; what is not given keeps its default. `onAccess` hears of every access to memory. */
export function createStore(limits: Partial<StoreLimits> = {}, onAccess?: AccessListener): Store {
  return new Store({ ...defaultLimits, ...limits }, onAccess);
}

export interface Instantiated { readonly kind: 'instance'; readonly instance: Instance }

/** Instantiates a module and runs its start function. Imports come from a function or from a record of records. */
export function instantiate(store: Store, module: CheckedModule, imports: ImportResolver | ImportRecord = {}, options: { readonly fuel?: number } = {}): Instantiated | LinkError | Exclude<Outcome, Values> {
  const resolve: ImportResolver = typeof imports === 'function' ? imports : (from, name) => imports[from]?.[name];
  try {
    return { kind: 'instance', instance: withFuel(store, options.fuel, () => instantiateModule(store, module, resolve)) };
  } catch (error) {
    return error instanceof LinkFailure ? { kind: 'link', message: error.message } : outcomeOf(store, error);
  }
}

export type ImportRecord = Readonly<Record<string, Readonly<Record<string, ExternInstance>>>>;

/** Calls a function. `fuel` bounds the instructions of this call. */
export function invoke(store: Store, func: FunctionInstance, args: readonly Value[], options: { readonly fuel?: number } = {}): Outcome {
  return withFuel(store, options.fuel, () => invokeFunction(store, func, args));
}

/** Instructions executed in this store so far. */
export function fuelSpent(store: Store): number {
  return store.machine.spent;
}

/** Calls the listener before each instruction executed in the store from the next call on; `undefined` stops it. */
export function trace(store: Store, listener: ((step: Step) => void) | undefined): void {
  traceStore(store, listener);
}

/** Copies of everything an instance can reach by index: memories, globals, tables. */
export function snapshot(instance: Instance): InstanceSnapshot {
  return snapshotInstance(instance);
}

/** Types in the text format's spelling, such as `i32`, `funcref`, `(ref any)`. */
function typeNamed(text: string): ValueType {
  const type = parseType(text);
  if (type === undefined) throw new TypeError(`not a value type: ${text}`);
  return type;
}

/** A function of the host's, of the given type. */
export function createFunction(store: Store, params: readonly string[], results: readonly string[], host: HostFunction): FunctionInstance {
  const signature = { kind: 'func', params: params.map(typeNamed), results: results.map(typeNamed) } as const;
  return new FunctionInstance(store.space.functionType(signature), signature, undefined, -1, undefined, host);
}

/** A function of the host's, of the type with this index in a module: it may be one that no text alone can name. */
export function createFunctionOf(store: Store, { context }: CheckedModule, typeIndex: number, host: HostFunction): FunctionInstance {
  const types = store.space.adopt(context.space);
  const type = types[context.identities[typeIndex] ?? -1] ?? -1;
  const { composite } = store.space.definition(type);
  if (composite.kind !== 'func') throw new TypeError(`type ${typeIndex} is no function type`);
  return new FunctionInstance(type, composite, undefined, -1, undefined, host);
}

export interface LimitsOptions { readonly minimum: number | bigint; readonly maximum?: number | bigint; readonly wide?: boolean; readonly shared?: boolean }

function limitsOf(options: LimitsOptions): Limits {
  const { minimum, maximum, wide = false, shared = false } = options;
  return { minimum: BigInt(minimum), maximum: maximum === undefined ? undefined : BigInt(maximum), wide, shared };
}

const noBudget = (reason: ExhaustionOutcome['reason']): ExhaustionOutcome => ({ kind: 'exhaustion', reason, stack: [], depth: 0 });

/** A memory; sizes in pages of 64 KiB. */
export function createHostMemory(store: Store, options: LimitsOptions): MemoryInstance | ExhaustionOutcome {
  return createMemory(store, limitsOf(options)) ?? noBudget('memory budget exhausted');
}

/** The bytes of a memory as they are now; growth makes the view stale. */
export function memoryBytes(memory: MemoryInstance): Uint8Array {
  return memory.bytes.subarray(0, memory.size);
}

/** Grows by pages; the old size in pages, or -1. */
export function growMemory(memory: MemoryInstance, pages: number): number {
  return memory.grow(pages);
}

export function createHostTable(store: Store, element: string, options: LimitsOptions, initial: Reference = null): TableInstance | ExhaustionOutcome {
  const type: TableType = { element: typeNamed(element), limits: limitsOf(options) };
  return createTable(store, type, initial) ?? noBudget('table budget exhausted');
}

/** Grows by elements; the old length, or -1. */
export function growHostTable(store: Store, table: TableInstance, elements: number, value: Reference): number {
  return growTable(store, table, elements, value);
}

export function createGlobal(type: string, mutable: boolean, value: Value): GlobalInstance {
  const globalType: GlobalType = { type: typeNamed(type), mutable };
  const global = new GlobalInstance(globalType);
  writeGlobal(global, value);
  return global;
}

export function getGlobal(global: GlobalInstance): Value { return readGlobal(global); }

/** Sets a global, whether or not wasm may. */
export function setGlobal(global: GlobalInstance, value: Value): void { writeGlobal(global, value); }

/** What a host function throws to raise a wasm exception. */
export function exceptionOf(tag: TagInstance, payload: readonly Value[]): ThrownException {
  return new ThrownException(new ExceptionInstance(tag, payload));
}

export function createTag(store: Store, params: readonly string[]): TagInstance {
  const signature = { kind: 'func', params: params.map(typeNamed), results: [] } as const;
  return new TagInstance(store.space.functionType(signature), signature);
}
