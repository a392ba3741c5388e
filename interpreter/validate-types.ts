// Checks the types a module defines and gives each an identity.
// Chapter: "Validation", section "Types" and "Matching".
import type { Module } from './syntax.ts';
import { TypeSpace } from './matching.ts';
import type { CompositeType, Limits, SubType, ValueType } from './types.ts';
import { heapOf, indexOfHeap, isDefinedHeap, isRef } from './types.ts';
import { InvalidModule, UnsupportedModule } from './outcome.ts';

/** Implementation limit: how many supertypes a type may have above it. Lineages are kept as lists, so depth costs memory quadratically. */
const MAX_SUBTYPING_DEPTH = 63;

/** Type indices named by a storage or value type must lie below `end`, the end of the group the type stands in. */
function checkReference(type: ValueType, end: number, offset: number): void {
  if (isRef(type) && isDefinedHeap(heapOf(type)) && indexOfHeap(heapOf(type)) >= end) throw new InvalidModule(offset, `unknown type ${indexOfHeap(heapOf(type))}`);
}

function checkComposite(type: CompositeType, end: number, offset: number): void {
  switch (type.kind) {
    case 'func':
      for (const t of type.params) checkReference(t, end, offset);
      for (const t of type.results) checkReference(t, end, offset);
      break;
    case 'struct':
      for (const field of type.fields) checkReference(field.storage, end, offset);
      break;
    case 'array': checkReference(type.element.storage, end, offset); break;
  }
}

function checkSubType(types: readonly SubType[], index: number, groupEnd: number): void {
  const type = types[index];
  if (type === undefined) return;
  checkComposite(type.composite, groupEnd, type.offset);
  if (type.supertypes.length > 1) throw new InvalidModule(type.offset, 'sub type has more than one supertype');
  for (const parent of type.supertypes) {
    if (parent >= index) throw new InvalidModule(type.offset, `unknown type ${parent}`);
    if (types[parent]?.final === true) throw new InvalidModule(type.offset, `sub type ${index} does not match super type: super type is final`);
  }
}

/** Validates all recursion groups; returns their identities in a fresh space. */
export function checkTypes(module: Module): { space: TypeSpace; identities: Int32Array } {
  const space = new TypeSpace();
  const { types } = module;
  const identities = new Int32Array(types.length);
  const depths: number[] = [];
  for (const { first, count } of module.groups) {
    const end = first + count;
    for (let i = first; i < end; i++) checkSubType(types, i, end);
    for (let i = first; i < end; i++) {
      const parent = types[i]?.supertypes[0];
      depths.push(parent === undefined ? 0 : (depths[parent] ?? 0) + 1);
      if ((depths[i] ?? 0) > MAX_SUBTYPING_DEPTH) throw new UnsupportedModule(types[i]?.offset ?? 0, `subtyping deeper than ${MAX_SUBTYPING_DEPTH}`);
    }
    const base = space.add(types.slice(first, end), (index) => index >= first ? ~(index - first) : identities[index] ?? 0);
    for (let i = first; i < end; i++) identities[i] = base + i - first;
    for (let i = first; i < end; i++) {
      const parent = types[i]?.supertypes[0];
      if (parent === undefined) continue;
      const { composite: own } = space.definition(identities[i] ?? 0);
      const above = space.definition(identities[parent] ?? 0).composite;
      if (!space.matchesComposite(own, above)) throw new InvalidModule(types[i]?.offset ?? 0, `sub type ${i} does not match super type`);
    }
  }
  return { space, identities };
}

/** Limits must lie within `range`, maximum not below minimum. */
export function checkLimits(limits: Limits, range: bigint, message: string, offset: number): void {
  if (limits.minimum > range || (limits.maximum ?? 0n) > range) throw new InvalidModule(offset, message);
  if (limits.maximum !== undefined && limits.maximum < limits.minimum) throw new InvalidModule(offset, 'size minimum must not be greater than maximum');
}
