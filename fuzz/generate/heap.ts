// Structs, arrays and i31: small graphs of them, read, written, compared and cast. Standard: 4.4.2 to 4.4.6.

import type { Body, Form, Production } from './body.ts';
import { writeCast, writeFailingCast, writeTest } from './casts.ts';
import { codes } from './instructions.ts';
import { isHeapReference, maybeSegment, objectsOf, objectType, placesOf, unpacked, writeElement, writeNew, writeObject } from './objects.ts';
import type { ReferenceType, StorageType, ValueType } from './types.ts';

function isOn(b: Body): boolean {
  return b.swarm.features.collected;
}

function writeMade(b: Body, type: ValueType, depth: number): void {
  if (!isHeapReference(type, b)) return;
  const candidates = objectsOf(b, type);
  const index = candidates[b.c.draw(candidates.length)];
  if (index === undefined) b.zero(type);
  else writeNew(b, index, depth);
}

function writeRead(b: Body, type: ValueType, depth: number): void {
  const places = placesOf(b, type, false);
  const place = places[b.c.draw(places.length)];
  if (place === undefined) {
    b.zero(type);
    return;
  }
  const { index, field, storage } = place;
  const isStruct = place.type.kind === 'struct';
  if (isStruct) writeObject(b, index, depth - 1);
  else writeElement(b, index, depth - 1);
  const isPacked = storage === 'i8' || storage === 'i16';
  const variant = isPacked ? 1 + b.c.draw(2) : 0;
  b.opIndex((isStruct ? codes.structGet : codes.arrayGet) + variant, index);
  if (isStruct) b.out.u32(field);
}

/** A heap type to cast to, null or not. */
function drawTarget(b: Body): ReferenceType {
  const { c, swarm } = b;
  const index = swarm.signatures + c.draw(swarm.defined.length - swarm.signatures);
  switch (c.draw(8)) {
    case 0: return 'i31ref';
    case 1: return 'structref';
    case 2: return 'arrayref';
    case 3: return 'eqref';
    case 4:
    case 5: return `null ${index}`;
    default: return `ref ${index}`;
  }
}

function arrays(b: Body): number[] {
  return b.swarm.defined.flatMap(({ kind }, index) => (kind === 'array' ? [index] : []));
}

function writeQuestion(b: Body, depth: number): void {
  const { c } = b;
  switch (c.draw(5)) {
    case 0:
      b.expression('eqref', depth - 1);
      if (c.draw(4) === 3) {
        // The same reference on both sides, if nothing in between comes along.
        b.opIndex(codes.localTee, b.scratch('eqref'));
        b.opIndex(codes.localGet, b.scratch('eqref'));
      } else b.expression('eqref', depth - 1);
      b.op(codes.refEq);
      return;
    case 1:
    case 2:
      writeTest(b, drawTarget(b), depth);
      return;
    case 3: {
      if (b.isGuarded()) {
        b.expression('i32', depth - 1);
        b.op(codes.refI31);
      } else b.expression('i31ref', depth - 1);
      b.op(c.draw(2) === 0 ? codes.i31GetS : codes.i31GetU);
      return;
    }
    default: {
      const list = arrays(b);
      const index = list[c.draw(list.length)];
      if (index !== undefined) writeObject(b, index, depth - 1);
      else if (b.isGuarded()) {
        b.zero('i32');
        return;
      } else b.expression('arrayref', depth - 1);
      b.op(codes.arrayLen);
    }
  }
}

function writeSet(b: Body, depth: number): void {
  const places = placesOf(b, undefined, true);
  const place = places[b.c.draw(places.length)];
  if (place === undefined) return;
  const { index, field, storage } = place;
  const isStruct = place.type.kind === 'struct';
  if (isStruct) writeObject(b, index, depth - 1);
  else writeElement(b, index, depth - 1);
  b.expression(unpacked(storage), depth - 1);
  b.opIndex(isStruct ? codes.structSet : codes.arraySet, index);
  if (isStruct) b.out.u32(field);
}

/** Leaves a start inside the array most of the time, and a short length. */
function writeStart(b: Body, depth: number): void {
  if (b.swarm.trapping > 0 && b.c.draw(12) === 11) b.expression('i32', depth - 1);
  else b.i32Const(b.c.draw(b.swarm.trapping > 0 ? 4 : 1));
}

function writeBulk(b: Body, depth: number): void {
  const { c } = b;
  const list = placesOf(b, undefined, true).filter(({ type }) => type.kind === 'array');
  const place = list[c.draw(list.length)];
  if (place === undefined) return;
  const { index, storage } = place;
  const segment = maybeSegment(b, storage);
  const kind = c.draw(segment === undefined ? 2 : 3);
  if (kind === 1) {
    writeCopy(b, index, storage, depth);
    return;
  }
  writeObject(b, index, depth - 1);
  writeStart(b, depth);
  if (kind === 0) {
    b.expression(unpacked(storage), depth - 1);
    writeStart(b, depth);
    b.opIndex(codes.arrayFill, index);
    return;
  }
  b.i32Const(c.draw(3));
  b.i32Const(c.draw(b.swarm.trapping > 0 ? 4 : 1));
  b.opIndex(segment?.kind === 'elements' ? codes.arrayInitElem : codes.arrayInitData, index);
  b.out.u32(segment?.index ?? 0);
}

/** Where the source may be null, nothing else can trap: which of two reasons an engine names is its own affair. */
function writeCopy(b: Body, index: number, storage: StorageType, depth: number): void {
  const sources = arrays(b).filter((other) => objectType(b, other)?.fields[0]?.storage === storage);
  const from = sources[b.c.draw(sources.length)] ?? index;
  const mayBeNull = !b.isGuarded() && b.c.draw(2) === 1;
  const start = (): void => {
    if (mayBeNull) b.i32Const(0);
    else writeStart(b, depth);
  };
  if (mayBeNull) b.expression(`ref ${index}`, depth - 1);
  else writeObject(b, index, depth - 1);
  start();
  b.expression(mayBeNull ? `null ${from}` : `ref ${from}`, depth - 1);
  start();
  start();
  b.opIndex(codes.arrayCopy, index);
  b.out.u32(from);
}

export const heapProductions: readonly Production[] = [
  { weight: (b, type) => (isOn(b) && isHeapReference(type, b) && objectsOf(b, type).length > 0 ? 10 : 0), write: writeMade },
  {
    weight: (b, type) => (isOn(b) && (type === 'i31ref' || type === 'eqref' || type === 'anyref') ? 5 : 0),
    write: (b, _type, depth) => {
      b.expression('i32', depth - 1);
      b.op(codes.refI31);
    },
  },
  { weight: (b, type) => (isOn(b) && placesOf(b, type, false).length > 0 ? 6 : 0), write: writeRead },
  { weight: (b, type) => (isOn(b) && type === 'i32' ? 6 : 0), write: (b, _type, depth) => writeQuestion(b, depth) },
  {
    weight: (b, type) => (isOn(b) && isHeapReference(type, b) && type !== 'anyref' ? 4 : 0),
    write: (b, type, depth) => {
      if (isHeapReference(type, b)) writeCast(b, type, depth);
    },
  },
  {
    weight: (b, type) => (isOn(b) && (type === 'anyref' || type === 'eqref') ? 3 : 0),
    write: (b, type, depth) => {
      const drawn = drawTarget(b);
      const target = drawn === 'eqref' ? 'i31ref' : drawn;
      if (isHeapReference(type, b)) writeFailingCast(b, type, target, depth);
    },
  },
  {
    weight: (b, type) => (isOn(b) && (type === 'anyref' || type === 'externref') ? 3 : 0),
    write: (b, type, depth) => {
      b.expression(type === 'anyref' ? 'externref' : 'anyref', depth - 1);
      b.op(type === 'anyref' ? codes.anyConvertExtern : codes.externConvertAny);
    },
  },
];

export const heapForms: readonly Form[] = [
  { weight: 6, isUsable: (b) => isOn(b) && placesOf(b, undefined, true).length > 0, write: writeSet },
  { weight: 2, isUsable: (b) => isOn(b) && placesOf(b, undefined, true).some(({ type }) => type.kind === 'array'), write: writeBulk },
  {
    // A graph grows: an object that may hold itself or others is kept in a local.
    weight: 3,
    isUsable: isOn,
    write: (b, depth) => {
      const { defined, signatures } = b.swarm;
      const index = signatures + b.c.draw(defined.length - signatures);
      writeNew(b, index, depth);
      b.opIndex(codes.localSet, b.local(`null ${index}`));
    },
  },
];
