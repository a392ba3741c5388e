// Reads types.
// Chapter: "Binary Format", section "Types".
import type { Reader } from './reader.ts';
import type { CompositeType, FieldType, GlobalType, HeapType, Limits, SubType, TableType, ValueType } from './types.ts';
import { F32, F64, Heap, I16, I32, I64, I8, V128, definedHeap, refType } from './types.ts';
import { MalformedModule } from './outcome.ts';

const abstractHeaps: ReadonlyMap<number, HeapType> = new Map([
  [0x74, Heap.noexn], [0x73, Heap.nofunc], [0x72, Heap.noextern], [0x71, Heap.none], [0x70, Heap.func], [0x6f, Heap.extern],
  [0x6e, Heap.any], [0x6d, Heap.eq], [0x6c, Heap.i31], [0x6b, Heap.struct], [0x6a, Heap.array], [0x69, Heap.exn],
]);

const plainTypes: ReadonlyMap<number, ValueType> = new Map([[0x7f, I32], [0x7e, I64], [0x7d, F32], [0x7c, F64], [0x7b, V128]]);

/** A byte in 0x40..0x7f is a one-byte negative s33, which no type index can be. */
export function isTypeByte(byte: number): boolean { return byte >= 0x40 && byte < 0x80; }

export function readHeapType(r: Reader): HeapType {
  const start = r.pos;
  if (isTypeByte(r.peek())) {
    const heap = abstractHeaps.get(r.byte());
    return heap ?? r.fail('malformed heap type', start);
  }
  const index = r.s33();
  return index >= 0 ? definedHeap(index) : r.fail('malformed heap type', start);
}

export function readRefType(r: Reader): ValueType {
  const start = r.pos;
  const byte = r.byte();
  if (byte === 0x63 || byte === 0x64) return refType(byte === 0x63, readHeapType(r));
  const heap = abstractHeaps.get(byte);
  return heap === undefined ? r.fail('malformed reference type', start) : refType(true, heap);
}

export function readValueType(r: Reader): ValueType {
  const plain = plainTypes.get(r.peek());
  if (plain === undefined) return readRefType(r);
  r.byte();
  return plain;
}

export function readValueTypes(r: Reader): ValueType[] {
  const count = r.length();
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(readValueType(r));
  return types;
}

function readMutable(r: Reader): boolean {
  const byte = r.byte();
  if (byte > 1) r.fail('malformed mutability', r.pos - 1);
  return byte === 1;
}

function readFieldType(r: Reader): FieldType {
  const byte = r.peek();
  let storage: ValueType;
  if (byte === 0x78 || byte === 0x77) {
    r.byte();
    storage = byte === 0x78 ? I8 : I16;
  } else storage = readValueType(r);
  return { storage, mutable: readMutable(r) };
}

function readCompositeType(r: Reader): CompositeType {
  const start = r.pos;
  switch (r.byte()) {
    case 0x60: return { kind: 'func', params: readValueTypes(r), results: readValueTypes(r) };
    case 0x5f: {
      const count = r.length();
      const fields: FieldType[] = [];
      for (let i = 0; i < count; i++) fields.push(readFieldType(r));
      return { kind: 'struct', fields };
    }
    case 0x5e: return { kind: 'array', element: readFieldType(r) };
    default: throw new MalformedModule(start, 'malformed definition type');
  }
}

export function readSubType(r: Reader): SubType {
  const offset = r.pos;
  const byte = r.peek();
  if (byte !== 0x50 && byte !== 0x4f) return { final: true, supertypes: [], composite: readCompositeType(r), offset };
  r.byte();
  const count = r.length();
  const supertypes: number[] = [];
  for (let i = 0; i < count; i++) supertypes.push(r.u32());
  return { final: byte === 0x4f, supertypes, composite: readCompositeType(r), offset };
}

/** Limits of a table or memory; `allowShared` for memories only. Bit 0: maximum present, bit 1: shared, bit 2: 64-bit addresses. */
export function readLimits(r: Reader, allowShared: boolean): Limits {
  const start = r.pos;
  const flags = r.byte();
  if (flags > 7 || (flags & 2) !== 0 && !allowShared) r.fail('malformed limits flags', start);
  const wide = (flags & 4) !== 0;
  const bound = (): bigint => wide ? r.u64BigInt() : BigInt(r.u32());
  const minimum = bound();
  return { minimum, maximum: (flags & 1) !== 0 ? bound() : undefined, wide, shared: (flags & 2) !== 0 };
}

export function readTableType(r: Reader): TableType {
  const element = readRefType(r);
  return { element, limits: readLimits(r, false) };
}

export function readGlobalType(r: Reader): GlobalType {
  const type = readValueType(r);
  return { type, mutable: readMutable(r) };
}
