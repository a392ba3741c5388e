// Draws the types that a module defines for references: signatures, structs and arrays, with subtypes and mutual references.
//
// Order of indices: signatures; then structs and arrays. Recursion groups hold all types, or all structs and arrays, or one type each, which then refers
// only backwards or to itself. A field that must not be null refers only backwards, so that every type has a value of finite size.

import type { Choices } from './choices.ts';
import type { Features } from './features.ts';
import { type DefinedType, type Field, indexOf, isConcrete, isNonNull, type StorageType, type ValueType } from './types.ts';

interface Surroundings {
  readonly types: readonly ValueType[];
  readonly signatures: number;
  /** Where a reference without null may lead: below this index. */
  readonly own: number;
  /** Where a reference may lead: below this index. */
  readonly end: number;
}

function drawStorage(c: Choices, { types, own, end, signatures }: Surroundings): StorageType {
  switch (c.draw(6)) {
    case 0:
      return 'i32';
    case 1:
      return 'i8';
    case 2:
      return 'i16';
    case 3:
      return `null ${c.draw(end)}`;
    case 4:
      // Few, since building a value means building all of them.
      if (own > signatures && c.draw(3) === 2) return `ref ${signatures + c.draw(own - signatures)}`;
      return 'i32';
    default:
      return types[c.draw(types.length)] ?? 'i32';
  }
}

function drawField(c: Choices, around: Surroundings): Field {
  return { storage: drawStorage(c, around), mutable: c.draw(4) > 0 };
}

/** `end` bounds the types it may refer to. */
function drawSignature(c: Choices, types: readonly ValueType[], end: number): DefinedType {
  const list = (most: number): ValueType[] => {
    const found: ValueType[] = [];
    while (found.length < most && c.draw(2) > 0) found.push(c.draw(8) === 7 && end > 0 ? `null ${c.draw(end)}` : types[c.draw(types.length)] ?? 'i32');
    return found;
  };
  const params = list(3);
  return { kind: 'function', params, results: list(2) };
}

export interface Definitions {
  readonly defined: readonly DefinedType[];
  /** Signatures come first. */
  readonly signatures: number;
  readonly grouping: Grouping;
}

/** What stands in one recursion group: single types, all structs and arrays, or everything. */
export type Grouping = 'alone' | 'objects' | 'all';

/** At most three signatures and five structs and arrays. */
export function drawDefined(c: Choices, features: Features, types: readonly ValueType[]): Definitions {
  const defined: DefinedType[] = [];
  const signatures = features.functionReferences ? 1 + c.draw(3) : 0;
  const count = features.collected ? 1 + c.draw(5) : 0;
  const drawn = (['alone', 'objects', 'all'] as const)[c.draw(3)] ?? 'alone';
  const grouping = drawn === 'objects' && count === 0 ? 'alone' : drawn;
  while (defined.length < signatures) defined.push(drawSignature(c, types, grouping === 'all' ? signatures + count : defined.length));
  for (let index = signatures; index < signatures + count; index++) {
    const around: Surroundings = { types, signatures, own: index, end: grouping === 'alone' ? index + 1 : signatures + count };
    const kind = c.draw(3) === 2 ? 'array' : 'struct';
    const upper = signatures + c.draw(index - signatures);
    const above = index > signatures && c.draw(2) > 0 ? defined[upper] : undefined;
    if (above !== undefined && above.kind !== 'function' && !above.isFinal) {
      // A subtype keeps its fields and may narrow the immutable ones; only structs grow.
      const fields = above.fields.map((field): Field => {
        const { storage, mutable } = field;
        if (mutable || !isConcrete(storage) || c.draw(2) === 0) return field;
        return { storage: narrowed(c, defined, storage, signatures, index), mutable };
      });
      if (above.kind === 'struct') while (fields.length < 8 && c.draw(2) > 0) fields.push(drawField(c, around));
      defined.push({ kind: above.kind, fields, supertype: upper, isFinal: c.draw(3) === 2 });
      continue;
    }
    const fields = [drawField(c, around)];
    if (kind === 'struct') {
      if (c.draw(8) === 7) fields.pop();
      else while (fields.length < 6 && c.draw(3) > 0) fields.push(drawField(c, around));
    }
    defined.push({ kind, fields, supertype: undefined, isFinal: c.draw(3) === 2 });
  }
  return { defined, signatures, grouping };
}

/** A subtype of a concrete reference: without its null where its target is defined already. */
function narrowed(c: Choices, defined: readonly DefinedType[], storage: StorageType, signatures: number, own: number): StorageType {
  if (!isConcrete(storage)) return storage;
  const target = indexOf(storage);
  const lower = defined.flatMap((type, index) => (type.kind !== 'function' && type.supertype === target ? [index] : []));
  const chosen = c.draw(2) === 0 ? target : (lower[c.draw(lower.length)] ?? target);
  return chosen >= signatures && chosen < own && c.draw(2) === 0 ? `ref ${chosen}` : isNonNull(storage) ? `ref ${chosen}` : `null ${chosen}`;
}

/** Whether a struct or array has a value without operands. */
export function isDefaultable(type: DefinedType): boolean {
  return type.kind !== 'function' && type.fields.every(({ storage }) => !isNonNull(storage));
}
