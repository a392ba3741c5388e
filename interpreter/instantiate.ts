// Makes an instance of a module: checks imports, allocates, initialises, starts.
// Chapter: "Execution", section "Modules", "Allocation" and "Instantiation"; import matching: "Validation", section "Matching", "External Types".
import type { CheckedModule, Context } from './context.ts';
import type { ExternInstance, Store } from './store.ts';
import { FunctionInstance, GlobalInstance, Instance, TagInstance } from './store.ts';
import type { Expression, ExternType } from './syntax.ts';
import type { GlobalType, Limits, TableType, ValueType } from './types.ts';
import { heapOf, indexOfHeap, isDefinedHeap, isRef, mapDefined } from './types.ts';
import { createMemory, initMemory } from './memory.ts';
import { createTable, initTable } from './tables.ts';
import { Emitter } from './compact.ts';
import { compileConstant } from './validate-code.ts';
import { Exhaustion, LinkFailure, bug } from './outcome.ts';
import { callFunction } from './invoke.ts';
import { writeGlobal } from './marshal.ts';
import type { Reference, Value } from './values.ts';

/** Finds what an import names; undefined when there is nothing. */
export type ImportResolver = (module: string, name: string) => ExternInstance | undefined;

/** A type of the module's space as a type of the store's. */
function storeType(instance: Instance, type: ValueType): ValueType {
  return mapDefined(type, (id) => instance.types[id] ?? bug('type not adopted'));
}

function limitsMatch(actual: Limits, wanted: Limits): boolean {
  if (actual.wide !== wanted.wide || actual.shared !== wanted.shared || actual.minimum < wanted.minimum) return false;
  return wanted.maximum === undefined || actual.maximum !== undefined && actual.maximum <= wanted.maximum;
}

function sameType(store: Store, a: ValueType, b: ValueType): boolean {
  return store.space.matches(a, b) && store.space.matches(b, a);
}

/** Whether an external value may serve as an import of the given type; types are the store's. */
function importMatches(instance: Instance, extern: ExternInstance, wanted: ExternType): boolean {
  const { store, context } = instance;
  const typeAt = (typeIndex: number): number => instance.types[context.identities[typeIndex] ?? -1] ?? -1;
  switch (wanted.kind) {
    case 'func': return extern.kind === 'func' && store.space.isSubtype(extern.type, typeAt(wanted.typeIndex));
    case 'memory': return extern.kind === 'memory' && limitsMatch(extern.currentLimits(), wanted.limits);
    case 'tag': return extern.kind === 'tag' && extern.type === typeAt(wanted.typeIndex);
    case 'table': {
      if (extern.kind !== 'table' || !limitsMatch(extern.currentLimits(), wanted.type.limits)) return false;
      return sameType(store, extern.type.element, importedType(instance, wanted.type.element));
    }
    case 'global': {
      if (extern.kind !== 'global' || extern.type.mutable !== wanted.type.mutable) return false;
      const type = importedType(instance, wanted.type.type);
      return wanted.type.mutable ? sameType(store, extern.type.type, type) : store.space.matches(extern.type.type, type);
    }
  }
}

/** A type as the import section wrote it, in the store's space. */
function importedType(instance: Instance, type: ValueType): ValueType {
  return isRef(type) && isDefinedHeap(heapOf(type))
    ? mapDefined(type, () => instance.types[instance.context.identities[indexOfHeap(heapOf(type))] ?? -1] ?? bug('type not adopted'))
    : type;
}

function addImports(instance: Instance, resolve: ImportResolver): void {
  for (const { module, name, type } of instance.context.module.imports) {
    const extern = resolve(module, name);
    if (extern === undefined) throw new LinkFailure(`unknown import "${module}" "${name}"`);
    if (!importMatches(instance, extern, type)) throw new LinkFailure(`incompatible import type for "${module}" "${name}"`);
    switch (extern.kind) {
      case 'func': instance.functions.push(extern); break;
      case 'table': instance.tables.push(extern); break;
      case 'memory': instance.memories.push(extern); break;
      case 'global': instance.globals.push(extern); break;
      case 'tag': instance.tags.push(extern); break;
    }
  }
}

/** Runs a constant expression in the instance as far as it has been built. */
function evaluate(instance: Instance, expression: Expression, type: ValueType): Value {
  const { store, context } = instance;
  const signature = { kind: 'func', params: [], results: [storeType(instance, type)] } as const;
  const func = new FunctionInstance(-1, signature, instance, -1, undefined, undefined);
  func.compact = compileConstant(context, expression, type, new Emitter(false));
  return callFunction(store, func, [])[0] ?? bug('constant without value');
}

function evaluateReference(instance: Instance, expression: Expression, type: ValueType): Reference {
  const value = evaluate(instance, expression, type);
  return value.type === 'ref' ? value.value : bug('reference expected');
}

/** An address computed by a constant expression, in the address type of its memory or table. */
function evaluateAddress(instance: Instance, expression: Expression, wide: boolean): number {
  const value = evaluate(instance, expression, wide ? 2 : 1);
  return value.type === 'i64' ? Number(BigInt.asUintN(64, value.value)) : value.type === 'i32' ? value.value >>> 0 : bug('address expected');
}

function allocate(instance: Instance): void {
  const { store, context } = instance;
  const { module } = context;
  const identity = (id: number): number => instance.types[id] ?? bug('type not adopted');
  module.bodies.forEach((body, i) => {
    const index = module.importedFunctions + i;
    const type = identity(context.functions[index] ?? -1);
    instance.functions.push(new FunctionInstance(type, store.space.func(type), instance, index, body, undefined));
  });
  for (const { limits } of module.memories.slice(instance.memories.length)) {
    instance.memories.push(createMemory(store, limits) ?? exhausted('memory budget exhausted'));
  }
  for (const id of context.tags.slice(instance.tags.length)) {
    instance.tags.push(new TagInstance(identity(id), store.space.func(identity(id))));
  }
  module.globals.forEach(({ initial }, i) => {
    const type = context.globals[i];
    if (initial === undefined || type === undefined) return;
    const globalType: GlobalType = { type: storeType(instance, type.type), mutable: type.mutable };
    const value = evaluate(instance, initial, type.type);
    const global = new GlobalInstance(globalType);
    writeGlobal(global, value);
    instance.globals.push(global);
  });
  const importedTables = instance.tables.length;
  module.tables.slice(importedTables).forEach(({ initial }, i) => {
    const type = context.tables[importedTables + i] ?? bug('no table type');
    const tableType: TableType = { limits: type.limits, element: storeType(instance, type.element) };
    const value = initial === undefined ? null : evaluateReference(instance, initial, type.element);
    instance.tables.push(createTable(store, tableType, value) ?? exhausted('table budget exhausted'));
  });
}

function exhausted(reason: 'memory budget exhausted' | 'table budget exhausted'): never {
  throw new Exhaustion(reason);
}

function addSegments(instance: Instance): void {
  const { context } = instance;
  const { module } = context;
  module.elements.forEach((segment, i) => {
    const type = context.elements[i] ?? 0;
    const references: Reference[] = segment.functions?.map((index) => instance.functions[index] ?? null)
      ?? segment.expressions?.map((expression) => evaluateReference(instance, expression, type)) ?? [];
    instance.elements.push(references);
  });
  for (const { start, end } of module.datas) instance.datas.push(module.bytes.subarray(start, end));
}

function addExports(instance: Instance): void {
  for (const { name, kind, index } of instance.context.module.exports) {
    const spaces: Record<typeof kind, readonly ExternInstance[]> = {
      func: instance.functions, table: instance.tables, memory: instance.memories, global: instance.globals, tag: instance.tags,
    };
    instance.exports.set(name, spaces[kind][index] ?? bug('export of nothing'));
  }
}

/** Copies active segments, elements before data, and drops what has been used up. */
function initialise(instance: Instance): void {
  const { module } = instance.context;
  module.elements.forEach((segment, i) => {
    if (segment.at !== undefined) {
      const table = instance.tables[segment.table] ?? bug('no table');
      const elements = instance.elements[i] ?? [];
      initTable(table, evaluateAddress(instance, segment.at, table.type.limits.wide), elements, 0, elements.length);
    }
    if (segment.mode !== 'passive') instance.elements[i] = [];
  });
  module.datas.forEach((segment, i) => {
    if (segment.at === undefined) return;
    const memory = instance.memories[segment.memory] ?? bug('no memory');
    const bytes = instance.datas[i] ?? bug('no data');
    initMemory(memory, evaluateAddress(instance, segment.at, memory.limits.wide), bytes, 0, bytes.length);
    instance.datas[i] = new Uint8Array(0);
  });
}

/**
 * Instantiates a module. Throws `LinkFailure` when imports do not fit, and whatever initialisation or the start function ends with;
 * what was written to imported tables and memories before that stays written.
 */
export function instantiateModule(store: Store, checked: CheckedModule, resolve: ImportResolver): Instance {
  const context: Context = checked.context;
  const instance = new Instance(store, context, store.space.adopt(context.space));
  addImports(instance, resolve);
  allocate(instance);
  addSegments(instance);
  addExports(instance);
  initialise(instance);
  const { start } = context.module;
  if (start !== undefined) callFunction(store, instance.functions[start.func] ?? bug('no start function'), []);
  return instance;
}
