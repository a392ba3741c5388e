// Reads types: value, reference, function, limits, table, memory, global (standard, chapter 5.3 "Types").
// A code that belongs to a proposal is refused by that proposal's name, a code that means nothing is malformed.

import { Unsupported } from '../base/errors.ts';
import { type BinaryReader, malformed } from './binary-reader.ts';
import { FunctionType, type GlobalType, type Limits, type ReferenceType, type TableType, type ValueType, valueTypes } from './module.ts';
import { compositeTypeFeatures, features, maybeTypeFeature } from './proposals.ts';

/** The JS interface's limit on parameters and results, kept because a two-byte call may move that many values. */
export const typeArityLimit = 1000;

/** The value type of a code byte; -1 if it is none of ours. */
export function valueTypeOfCode(byte: number): ValueType | -1 {
  switch (byte) {
    case 0x7f:
      return valueTypes.i32;
    case 0x7e:
      return valueTypes.i64;
    case 0x7d:
      return valueTypes.f32;
    case 0x7c:
      return valueTypes.f64;
    case 0x70:
      return valueTypes.funcref;
    case 0x6f:
      return valueTypes.externref;
    default:
      return -1;
  }
}

export function readValueType(input: BinaryReader): ValueType {
  const offset = input.position;
  const byte = input.u8();
  const type = valueTypeOfCode(byte);
  return type === -1 ? refuseType(byte, offset, 'malformed value type') : type;
}

export function readReferenceType(input: BinaryReader): ReferenceType {
  const offset = input.position;
  const byte = input.u8();
  if (byte === 0x70) return valueTypes.funcref;
  if (byte === 0x6f) return valueTypes.externref;
  // Codes of number and vector types mean something, but nothing that may stand here.
  return byte >= 0x7b ? malformed(offset, 'malformed reference type') : refuseType(byte, offset, 'malformed reference type');
}

/** What may stand behind `ref.null`: a heap type; type indices, as any s33, belong to typed function references. */
export function readHeapType(input: BinaryReader): ReferenceType {
  const offset = input.position;
  const byte = input.peek();
  if (byte === 0x70 || byte === 0x6f) return readReferenceType(input);
  if (input.s33() >= 0) throw new Unsupported(features.functionReferences, offset);
  return refuseType(byte, offset, 'malformed heap type');
}

/** Throws for a type code that is none of ours. */
export function refuseType(byte: number, offset: number, message: string): never {
  const feature = maybeTypeFeature(byte);
  if (feature !== undefined) throw new Unsupported(feature, offset);
  return malformed(offset, message);
}

function readValueTypes(input: BinaryReader, what: string): Uint8Array {
  const offset = input.position;
  const count = input.count();
  if (count > typeArityLimit) throw new Unsupported(`limit: more than ${typeArityLimit} ${what}`, offset);
  const types = new Uint8Array(count);
  for (let i = 0; i < count; i++) types[i] = readValueType(input);
  return types;
}

/** An entry of the type section. */
export function readFunctionType(input: BinaryReader): FunctionType {
  const offset = input.position;
  const form = input.u8();
  if (form !== 0x60) {
    const feature = compositeTypeFeatures.get(form);
    if (feature !== undefined) throw new Unsupported(feature, offset);
    malformed(offset, 'malformed definition type');
  }
  const params = readValueTypes(input, 'parameters');
  return new FunctionType(params, readValueTypes(input, 'results'));
}

const hasMaximum = 1;
const isShared = 2;
const is64Bit = 4;

/** Bounds are 64-bit in the bytes, whatever the index type; validation judges their size. */
function readLimits(input: BinaryReader, of: 'table' | 'memory'): Limits {
  const offset = input.position;
  const flags = input.u8();
  if (flags > 7) malformed(offset, 'malformed limits flags');
  if ((flags & isShared) !== 0) throw new Unsupported(features.threads, offset);
  if ((flags & is64Bit) !== 0) throw new Unsupported(of === 'memory' ? features.memory64 : features.table64, offset);
  const min = input.u32OrLarger();
  return { min, max: (flags & hasMaximum) === 0 ? undefined : input.u32OrLarger(), offset };
}

export function readMemoryType(input: BinaryReader): Limits {
  return readLimits(input, 'memory');
}
export function readTableType(input: BinaryReader): TableType {
  const element = readReferenceType(input);
  return { element, ...readLimits(input, 'table') };
}
export function readGlobalType(input: BinaryReader): GlobalType {
  const type = readValueType(input);
  const offset = input.position;
  const mutability = input.u8();
  if (mutability > 1) malformed(offset, 'malformed mutability');
  return { type, mutable: mutability === 1 };
}
