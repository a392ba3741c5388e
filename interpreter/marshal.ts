// Moves values between the door's form and cells.
// Chapter: none; the representation of `values.ts` on one side, of `machine.ts` on the other.
import type { Value } from './values.ts';
import type { GlobalInstance } from './store.ts';
import type { Machine } from './machine.ts';
import type { ValueType } from './types.ts';
import { F32, F64, I32, I64, V128, showType, slotsOf } from './types.ts';
import { int } from './cells.ts';

/** Reads four words as the value of a type that is no reference. */
export function fromWords(I: Int32Array, index: number, type: ValueType): Value {
  const low = BigInt(int(I, index) >>> 0);
  switch (type) {
    case I32: return { type: 'i32', value: int(I, index) };
    case F32: return { type: 'f32', value: int(I, index) >>> 0 };
    case V128: {
      let value = low;
      for (let i = 1; i < 4; i++) value |= BigInt(int(I, index + i) >>> 0) << BigInt(32 * i);
      return { type: 'v128', value };
    }
    default: {
      const value = BigInt(int(I, index + 1) >>> 0) << 32n | low;
      return type === I64 ? { type: 'i64', value: BigInt.asIntN(64, value) } : { type: 'f64', value };
    }
  }
}

/** Writes a number or vector to words. */
export function toWords(I: Int32Array, index: number, value: Value): void {
  switch (value.type) {
    case 'i32': case 'f32': I[index] = value.value; break;
    case 'i64': case 'f64': case 'v128': {
      const words = value.type === 'v128' ? 4 : 2;
      for (let i = 0; i < words; i++) I[index + i] = Number(value.value >> BigInt(32 * i) & 0xffff_ffffn);
      break;
    }
    case 'ref': break;
  }
}

/** The slot at int index `index` as a value. */
export function readSlot(m: Machine, index: number, type: ValueType): Value {
  return type <= V128 ? fromWords(m.views.I, index, type) : { type: 'ref', value: m.refs[index >> 1] ?? null };
}

export function writeSlot(m: Machine, index: number, value: Value): void {
  if (value.type === 'ref') m.refs[index >> 1] = value.value;
  else toWords(m.views.I, index, value);
}

/** Reads consecutive slots. */
export function readSlots(m: Machine, index: number, types: readonly ValueType[]): Value[] {
  let cursor = index;
  return types.map((type) => {
    const value = readSlot(m, cursor, type);
    cursor += slotsOf(type) * 2;
    return value;
  });
}

/** Writes consecutive slots; returns the int index after the last. */
export function writeSlots(m: Machine, index: number, types: readonly ValueType[], values: readonly Value[]): number {
  let cursor = index;
  types.forEach((type, i) => {
    const value = values[i];
    if (value === undefined || !hasShape(value, type)) throw new TypeError(`value ${i} is not a ${showType(type)}`);
    writeSlot(m, cursor, value);
    cursor += slotsOf(type) * 2;
  });
  return cursor;
}

/** Whether a door value is of the right sort; references are checked for being references only. */
export function hasShape(value: Value, type: ValueType): boolean {
  switch (value.type) {
    case 'i32': return type === I32;
    case 'i64': return type === I64;
    case 'f32': return type === F32;
    case 'f64': return type === F64;
    case 'v128': return type === V128;
    case 'ref': return type > V128;
  }
}

export function readGlobal(global: GlobalInstance): Value {
  return global.type.type <= V128 ? fromWords(global.words, 0, global.type.type) : { type: 'ref', value: global.reference };
}

export function writeGlobal(global: GlobalInstance, value: Value): void {
  if (!hasShape(value, global.type.type)) throw new TypeError(`value is not a ${showType(global.type.type)}`);
  if (value.type === 'ref') global.reference = value.value;
  else toWords(global.words, 0, value);
}
