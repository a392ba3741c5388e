// Between the lab's values and the slots of the runtime. External references are known by the numbers the harness gave them.

import { slotAt, type FunctionType, type ReferenceType, type Slots, type ValueType } from '../../../compiler/inside.ts';
import { RuntimeFunction, type Store } from '../../../compiler/index.ts';
import type { EngineFunctionType, TypeText } from '../engine.ts';
import { nullReference, type ReferenceValue, type Value } from '../value.ts';

const valueTypes: Readonly<Record<string, ValueType>> = { i32: 'i32', i64: 'i64', f32: 'f32', f64: 'f64', funcref: 'funcref', externref: 'externref' };

/** The compiler's type of that spelling; undefined for types it does not have. */
export function maybeValueType(type: TypeText): ValueType | undefined {
  return Object.hasOwn(valueTypes, type) ? valueTypes[type] : undefined;
}

/** The compiler's function type, unless it has types the compiler does not have. */
export function maybeFunctionType(type: EngineFunctionType): FunctionType | undefined {
  const params = type.params.map(maybeValueType);
  const results = type.results.map(maybeValueType);
  return allThere(params) && allThere(results) ? { params, results } : undefined;
}

function allThere(types: (ValueType | undefined)[]): types is ValueType[] {
  return !types.includes(undefined);
}

/** Writes a value of `type` at byte `at` of the slots' buffer. */
export function writeSlot(store: Store, slots: Slots, at: number, type: ValueType, value: Value): void {
  if (value.type !== type && (value.type !== 'ref' || (type !== 'funcref' && type !== 'externref'))) throw new Error(`a ${value.type} where a ${type} is wanted`);
  switch (value.type) {
    case 'i32': return slots.setI32(at, value.bits);
    case 'f32': return slots.setReference(at, value.bits);
    case 'i64': case 'f64': return slots.setI64(at, value.bits);
    case 'ref': return slots.setReference(at, referenceOf(store, value));
  }
}

/** A reference as compiled code holds it. */
export function referenceOf(store: Store, value: ReferenceValue): number {
  if (value.kind === 'null') return 0;
  if (value.kind === 'extern') return store.handleOf(value.id);
  if (value.kind === 'function' && value.handle instanceof RuntimeFunction) return value.handle.descriptor;
  throw new Error(`a reference of kind ${value.kind} is none of this engine's`);
}

export function readSlot(store: Store, slots: Slots, at: number, type: ValueType): Value {
  switch (type) {
    case 'i32': return { type, bits: slots.i32(at) };
    case 'i64': return { type, bits: slots.i64(at) };
    case 'f32': return { type, bits: slots.u32(at) };
    case 'f64': return { type, bits: slots.u64(at) };
    case 'funcref': case 'externref': return toReference(store, type, slots.reference(at));
  }
}

/** The lab's view of a reference that compiled code holds. */
export function toReference(store: Store, type: ReferenceType, reference: number): ReferenceValue {
  if (reference === 0) return nullReference;
  if (type === 'funcref') return { type: 'ref', kind: 'function', handle: store.functionOf(reference) };
  const external = store.externalOf(reference);
  if (typeof external !== 'number') throw new Error('an external reference that the harness did not make');
  return { type: 'ref', kind: 'extern', id: external };
}

export function readSlots(store: Store, slots: Slots, start: number, types: readonly ValueType[]): Value[] {
  return types.map((type, i) => readSlot(store, slots, slotAt(start, i), type));
}

export function writeSlots(store: Store, slots: Slots, start: number, types: readonly ValueType[], values: readonly Value[]): void {
  if (values.length !== types.length) throw new Error(`${values.length} values where ${types.length} are wanted`);
  types.forEach((type, i) => {
    const value = values[i];
    if (value !== undefined) writeSlot(store, slots, slotAt(start, i), type, value);
  });
}
