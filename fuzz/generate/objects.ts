// Structs and arrays: how they are made, and how their fields are reached.

import type { Body } from './body.ts';
import { isDefaultable } from './defined.ts';
import { codes } from './instructions.ts';
import { type DefinedType, indexOf, isBelow, isConcrete, isNumeric, isReference, type ReferenceType, type StorageType, type ValueType } from './types.ts';

export type ObjectType = Exclude<DefinedType, { kind: 'function' }>;

export function objectType(b: Body, index: number): ObjectType | undefined {
  const type = b.swarm.defined[index];
  return type === undefined || type.kind === 'function' ? undefined : type;
}

/** Indices of the structs and arrays that are of a reference type. */
export function objectsOf(b: Body, type: ReferenceType): number[] {
  const { defined } = b.swarm;
  return defined.flatMap(({ kind }, index) => {
    if (kind === 'function') return [];
    if (isConcrete(type)) return isBelow(defined, index, indexOf(type)) ? [index] : [];
    return type === 'anyref' || type === 'eqref' || type === `${kind}ref` ? [index] : [];
  });
}

/** What a field holds once it is on the stack. */
export function unpacked(storage: StorageType): ValueType {
  return storage === 'i8' || storage === 'i16' ? 'i32' : storage;
}

/** Bytes of an element that data segments can fill; 0 for references. */
function widthOf(storage: StorageType): number {
  switch (storage) {
    case 'i8': return 1;
    case 'i16': return 2;
    case 'i32': case 'f32': return 4;
    case 'i64': case 'f64': return 8;
    case 'v128': return 16;
    default: return 0;
  }
}

/** A segment that may fill an array, by kind and index. */
export function maybeSegment(b: Body, storage: StorageType): { readonly kind: 'data' | 'elements'; readonly index: number } | undefined {
  const { dataSegments, elementSegments } = b.shape;
  if (widthOf(storage) > 0) return dataSegments === 0 ? undefined : { kind: 'data', index: b.c.draw(dataSegments) };
  const usable = elementSegments.flatMap(({ type }, index) => (type === storage ? [index] : []));
  const index = usable[b.c.draw(usable.length)];
  return index === undefined ? undefined : { kind: 'elements', index };
}

/** Makes a struct or an array of exactly this type. */
export function writeNew(b: Body, index: number, depth: number): void {
  const { c } = b;
  const type = objectType(b, index);
  if (type === undefined || depth <= 0 || b.budget <= 0) {
    b.zero(`ref ${index}`);
    return;
  }
  const mayDefault = isDefaultable(type) && c.draw(4) === 3;
  if (type.kind === 'struct') {
    if (!mayDefault) for (const { storage } of type.fields) b.expression(unpacked(storage), depth - 2);
    b.opIndex(mayDefault ? codes.structNewDefault : codes.structNew, index);
    return;
  }
  const storage = type.fields[0]?.storage ?? 'i32';
  switch (c.draw(4)) {
    case 0:
    case 1: {
      if (!mayDefault) b.expression(unpacked(storage), depth - 1);
      writeLength(b, depth);
      b.opIndex(mayDefault ? codes.arrayNewDefault : codes.arrayNew, index);
      return;
    }
    case 2: {
      const segment = maybeSegment(b, storage);
      if (segment === undefined || (b.isGuarded() && c.draw(4) > 0)) break;
      b.i32Const(c.draw(3));
      b.i32Const(b.swarm.trapping === 0 ? c.draw(2) : c.draw(6));
      b.opIndex(segment.kind === 'data' ? codes.arrayNewData : codes.arrayNewElem, index);
      b.out.u32(segment.index);
      return;
    }
    default:
  }
  const count = 1 + c.draw(4);
  for (let i = 0; i < count; i++) b.expression(unpacked(storage), depth - 2);
  b.opIndex(codes.arrayNewFixed, index);
  b.out.u32(count);
}

/** A length of one or more; none at all, or one that no engine grants, where trapping is welcome. */
function writeLength(b: Body, depth: number): void {
  if (b.swarm.trapping === 2 && b.c.draw(16) === 15) b.i32Const([0, -1, 0x7fffffff][b.c.draw(3)] ?? 0);
  else if (b.c.draw(2) === 0) b.i32Const(1 + b.c.draw(12));
  else {
    b.expression('i32', depth - 1);
    b.i32Const(15);
    b.op(codes.i32And);
    b.i32Const(1);
    b.op(codes.i32Or);
  }
}

/** Leaves a reference to the type with this index, not null where traps are guarded against. */
export function writeObject(b: Body, index: number, depth: number): void {
  b.expression(b.isGuarded() ? `ref ${index}` : `null ${index}`, depth);
}

/** Leaves an array and an index that is mostly inside. */
export function writeElement(b: Body, index: number, depth: number): void {
  writeObject(b, index, depth);
  if (b.c.draw(3) === 0) b.i32Const(0);
  else if (b.isGuarded() && b.hasLocal(`null ${index}`)) {
    const scratch = b.scratch(`null ${index}`);
    b.opIndex(codes.localTee, scratch);
    b.expression('i32', depth - 1);
    b.opIndex(codes.localGet, scratch);
    b.op(codes.arrayLen);
    b.op(codes.i32RemU);
  } else b.expression('i32', depth - 1);
}

/** A place in a struct or an array. */
export interface Place {
  readonly index: number;
  readonly type: ObjectType;
  readonly field: number;
  readonly storage: StorageType;
}

/** Places whose contents, on the stack, are of exactly this type; all of them when none is given. */
export function placesOf(b: Body, type: ValueType | undefined, isToBeSet: boolean): Place[] {
  return b.swarm.defined.flatMap((owner, index) => {
    if (owner.kind === 'function') return [];
    return owner.fields.flatMap(({ storage, mutable }, field) =>
      (type === undefined || unpacked(storage) === type) && (mutable || !isToBeSet) ? [{ index, type: owner, field, storage }] : []);
  });
}

export function isHeapReference(type: ValueType, b: Body): type is ReferenceType {
  if (isNumeric(type) || !isReference(type)) return false;
  if (isConcrete(type)) return objectType(b, indexOf(type)) !== undefined;
  return type !== 'funcref' && type !== 'externref' && type !== 'exnref';
}
