// Value types, as a generator speaks of them: numbers, the vector, the abstract references, and references to types that the module defines.
// A concrete reference is spelled `null N` or `ref N`, N being the type's index. What is defined here is drawn before anything refers to it.

import type { ByteWriter } from './writer.ts';

export type NumericType = 'i32' | 'i64' | 'f32' | 'f64';
export type AbstractReference = 'funcref' | 'externref' | 'exnref' | 'anyref' | 'eqref' | 'i31ref' | 'structref' | 'arrayref';
export type ConcreteReference = `null ${number}` | `ref ${number}`;
export type ReferenceType = AbstractReference | ConcreteReference;
export type ValueType = NumericType | 'v128' | ReferenceType;

/** What a field or an element is stored as; the packed ones are read and written as i32. */
export type StorageType = ValueType | 'i8' | 'i16';

export interface Field {
  readonly storage: StorageType;
  readonly mutable: boolean;
}

/** A type with an index of its own. Standard: 2.3 "Types". */
export type DefinedType =
  | { readonly kind: 'function'; readonly params: readonly ValueType[]; readonly results: readonly ValueType[] }
  /** An array has one field. */
  | { readonly kind: 'struct' | 'array'; readonly fields: readonly Field[]; readonly supertype: number | undefined; readonly isFinal: boolean };

const codesOf: Readonly<Record<NumericType | AbstractReference | 'v128' | 'i8' | 'i16', number>> = {
  i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, i8: 0x78, i16: 0x77,
  funcref: 0x70, externref: 0x6f, anyref: 0x6e, eqref: 0x6d, i31ref: 0x6c, structref: 0x6b, arrayref: 0x6a, exnref: 0x69,
};

export function isNumeric(type: StorageType): type is NumericType {
  return type === 'i32' || type === 'i64' || type === 'f32' || type === 'f64';
}

export function isReference(type: StorageType): type is ReferenceType {
  return !isNumeric(type) && type !== 'v128' && type !== 'i8' && type !== 'i16';
}

export function isConcrete(type: StorageType): type is ConcreteReference {
  return type.charCodeAt(type.indexOf(' ') + 1) <= 0x39 && type.includes(' ');
}

/** The index in a concrete reference. */
export function indexOf(type: ConcreteReference): number {
  return Number(type.slice(type.indexOf(' ') + 1));
}

/** Whether null is no value of it; of the abstract references only the nullable ones are used. */
export function isNonNull(type: StorageType): type is `ref ${number}` {
  return type.startsWith('ref ');
}

export function nullable(type: ConcreteReference): `null ${number}` {
  return `null ${indexOf(type)}`;
}

export function nonNull(type: ConcreteReference): `ref ${number}` {
  return `ref ${indexOf(type)}`;
}

/** Writes a value type or a storage type. */
export function writeType(out: ByteWriter, type: StorageType): void {
  if (!isConcrete(type)) {
    out.u8(codesOf[type]);
    return;
  }
  out.u8(isNonNull(type) ? 0x64 : 0x63);
  out.s32(indexOf(type));
}

/** Writes the heap type of a reference type. */
export function writeHeapType(out: ByteWriter, type: ReferenceType): void {
  if (isConcrete(type)) out.s32(indexOf(type));
  else out.u8(codesOf[type]);
}

/** Whether the struct or array with index `lower` is a declared subtype of the one with index `upper`, or the same. */
export function isBelow(defined: readonly DefinedType[], lower: number, upper: number): boolean {
  for (let at: number | undefined = lower; at !== undefined; ) {
    if (at === upper) return true;
    const type: DefinedType | undefined = defined[at];
    at = type === undefined || type.kind === 'function' ? undefined : type.supertype;
  }
  return false;
}

function writeTypes(out: ByteWriter, types: readonly ValueType[]): void {
  out.u32(types.length);
  for (const type of types) writeType(out, type);
}

/** Writes a defined type, its supertypes in front. */
export function writeDefined(out: ByteWriter, type: DefinedType): void {
  if (type.kind === 'function') {
    out.u8(0x60);
    writeTypes(out, type.params);
    writeTypes(out, type.results);
    return;
  }
  if (!type.isFinal || type.supertype !== undefined) {
    out.u8(type.isFinal ? 0x4f : 0x50);
    out.u32(type.supertype === undefined ? 0 : 1);
    if (type.supertype !== undefined) out.u32(type.supertype);
  }
  out.u8(type.kind === 'struct' ? 0x5f : 0x5e);
  if (type.kind === 'struct') out.u32(type.fields.length);
  for (const { storage, mutable } of type.fields) {
    writeType(out, storage);
    out.u8(mutable ? 1 : 0);
  }
}
