// Values as the host holds them, by their bits, and their places in argument blocks, globals and tables.
//   i32: int32 number · i64: bigint · f32: uint32 bits · f64: uint64 bits as bigint · funcref: RuntimeFunction or null · externref: anything, null is null

import type { FunctionType, ReferenceType, ValueType } from '../contract/manifest.ts';
import { bug, unreachable } from '../base/errors.ts';
import { slotAt, type Slots } from './cells.ts';
import { RuntimeFunction, type HostCall, type RuntimeGlobal, type RuntimeTable } from './externs.ts';
import type { CallOutcome, Store } from './store.ts';

/** The value in the slot at byte `at` of the buffer. */
export function readValue(store: Store, slots: Slots, at: number, type: ValueType): unknown {
  switch (type) {
    case 'i32': return slots.i32(at);
    case 'i64': return slots.i64(at);
    case 'f32': return slots.u32(at);
    case 'f64': return slots.u64(at);
    case 'funcref': return store.functionOf(slots.reference(at));
    case 'externref': return store.externalOf(slots.reference(at));
    default: return unreachable(type);
  }
}

/** Writes a value; one that is not of the type is a fault of the caller. */
export function writeValue(store: Store, slots: Slots, at: number, type: ValueType, value: unknown): void {
  if (typeof value === 'number' && type === 'i32') slots.setI32(at, value);
  else if (typeof value === 'number' && type === 'f32') slots.setReference(at, value >>> 0);
  else if (typeof value === 'bigint' && (type === 'i64' || type === 'f64')) slots.setI64(at, value);
  else if (type === 'funcref' || type === 'externref') slots.setReference(at, referenceOf(store, type, value));
  else bug(`a host value is no ${type}`, typeof value);
}

/** A reference as compiled code holds it. */
export function referenceOf(store: Store, type: ReferenceType, value: unknown): number {
  if (type === 'externref') return store.handleOf(value);
  if (value === null) return 0;
  if (value instanceof RuntimeFunction) return value.descriptor;
  return bug('a host value is no funcref', typeof value);
}

/** Calls a function with values; results are there when it returned. Throws what a host function threw. */
export function callFunction(store: Store, callee: RuntimeFunction, args: readonly unknown[]): { readonly outcome: CallOutcome; readonly results: readonly unknown[] } {
  const { params, results } = callee.type;
  if (args.length !== params.length) bug(`a call with ${args.length} arguments of a function with ${params.length} parameters`);
  const { region, slots, start } = store.openBlock(Math.max(params.length, results.length));
  try {
    for (let i = 0; i < params.length; i++) writeValue(store, slots, slotAt(start, i), params[i] ?? 'i32', args[i]);
    const outcome = store.enter(callee, { region, slots, start });
    if (outcome.kind !== 'returned') return { outcome, results: [] };
    return { outcome, results: results.map((type, i) => readValue(store, slots, slotAt(start, i), type)) };
  } finally {
    store.closeBlock();
  }
}

/** A host function over values, in the form a store wants it. */
export function hostCallOf(store: Store, type: FunctionType, call: (args: readonly unknown[]) => readonly unknown[]): HostCall {
  const { params, results } = type;
  return (slots, start) => {
    const answers = call(params.map((param, i) => readValue(store, slots, slotAt(start, i), param)));
    if (answers.length !== results.length) bug(`a host function answered ${answers.length} values, its type has ${results.length}`);
    for (let i = 0; i < results.length; i++) writeValue(store, slots, slotAt(start, i), results[i] ?? 'i32', answers[i]);
  };
}

export function readGlobal(store: Store, global: RuntimeGlobal): unknown {
  return readValue(store, global.slots, global.at, global.type.type);
}

export function writeGlobal(store: Store, global: RuntimeGlobal, value: unknown): void {
  writeValue(store, global.slots, global.at, global.type.type, value);
}

/** The element at `index`, which must be below the length. */
export function readElement(store: Store, table: RuntimeTable, index: number): unknown {
  return table.type.element === 'funcref' ? store.functionOf(table.at(index)) : store.externalOf(table.at(index));
}
