// When two types are the same, and when one may stand for another.
// Chapter: "Validation", section "Matching"; for recursive types section "Conventions", "Rolling and Unrolling".
//
// A `TypeSpace` gives every recursion group an identity: two groups get the same identities exactly when they are equal after
// replacing references into the group by positions and references out of it by identities. Equality of defined types is then `===`.
// A module has a space of its own while it is validated; a store has one into which the spaces of its modules are mapped.
import type { CompositeType, FieldType, FunctionType, HeapType, SubType, ValueType } from './types.ts';
import { BOTTOM, Heap, definedHeap, heapOf, indexOfHeap, isDefinedHeap, isNullable, isPacked, isRef, mapDefined, refType } from './types.ts';
import type { RecGroup } from './syntax.ts';
import { bug } from './outcome.ts';

export interface Definition {
  readonly composite: CompositeType;
  readonly final: boolean;
  /** The chain of supertypes from the root to this type itself, by identity; position = depth. */
  readonly lineage: readonly number[];
}

/** Resolves a type index met inside a group: an identity ≥ 0, or ~position for a member of the group itself. */
export type Resolve = (typeIndex: number) => number;

export class TypeSpace {
  readonly definitions: Definition[] = [];
  readonly groups: RecGroup[] = [];
  private readonly byKey = new Map<string, number>();

  /** Adds a group unless an equal one is there; returns the identity of its first member. Supertypes must precede subtypes. */
  add(group: readonly SubType[], resolve: Resolve): number {
    const key = group.map((type) => keyOf(type, resolve)).join(';');
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const first = this.definitions.length;
    this.byKey.set(key, first);
    this.groups.push({ first, count: group.length });
    const identity = (typeIndex: number): number => {
      const target = resolve(typeIndex);
      return target >= 0 ? target : first + ~target;
    };
    for (const type of group) {
      const parent = type.supertypes[0];
      const lineage = parent === undefined ? [] : [...this.definition(identity(parent)).lineage];
      lineage.push(this.definitions.length);
      this.definitions.push({ composite: mapComposite(type.composite, identity), final: type.final, lineage });
    }
    return first;
  }

  /** Copies another space's groups into this one; the result maps identities there to identities here. */
  adopt(other: TypeSpace): Int32Array {
    const map = new Int32Array(other.definitions.length);
    for (const { first, count } of other.groups) {
      const group: SubType[] = [];
      for (let i = first; i < first + count; i++) {
        const { composite, final, lineage } = other.definition(i);
        group.push({ composite, final, supertypes: lineage.length > 1 ? lineage.slice(-2, -1) : [], offset: 0 });
      }
      const base = this.add(group, (id) => id >= first && id < first + count ? ~(id - first) : map[id] ?? bug('group refers forward'));
      for (let i = 0; i < count; i++) map[first + i] = base + i;
    }
    return map;
  }

  /** The identity of a function type that stands alone (a host function's, a block's). */
  functionType(type: FunctionType): number {
    return this.add([{ final: true, supertypes: [], composite: type, offset: 0 }], (id) => id);
  }

  definition(id: number): Definition {
    return this.definitions[id] ?? bug(`no type ${id}`);
  }

  /** The function type with this identity, which the validator has made sure of. */
  func(id: number): FunctionType {
    const { composite } = this.definition(id);
    return composite.kind === 'func' ? composite : bug(`type ${id} is not a function type`);
  }

  isSubtype(sub: number, sup: number): boolean {
    if (sub === sup) return true;
    const depth = this.definition(sup).lineage.length - 1;
    return this.definition(sub).lineage[depth] === sup;
  }

  matchesHeap(sub: HeapType, sup: HeapType): boolean {
    if (sub === sup || sub === Heap.bottom) return true;
    if (isDefinedHeap(sub)) {
      if (isDefinedHeap(sup)) return this.isSubtype(indexOfHeap(sub), indexOfHeap(sup));
      return matchesAbstract(this.kindHeap(indexOfHeap(sub)), sup);
    }
    if (isDefinedHeap(sup)) return sub === (this.kindHeap(indexOfHeap(sup)) === Heap.func ? Heap.nofunc : Heap.none);
    return matchesAbstract(sub, sup);
  }

  /** Whether a value of type `sub` may be used where `sup` is expected. */
  matches(sub: ValueType, sup: ValueType): boolean {
    if (sub === sup || sub === BOTTOM) return true;
    if (!isRef(sub) || !isRef(sup)) return false;
    if (isNullable(sub) && !isNullable(sup)) return false;
    return this.matchesHeap(heapOf(sub), heapOf(sup));
  }

  matchesAll(subs: readonly ValueType[], sups: readonly ValueType[]): boolean {
    return subs.length === sups.length && subs.every((sub, i) => this.matches(sub, sups[i] ?? BOTTOM));
  }

  /** Whether a declared subtype's structure may stand for its supertype's. */
  matchesComposite(sub: CompositeType, sup: CompositeType): boolean {
    if (sub.kind === 'func' && sup.kind === 'func') return this.matchesAll(sup.params, sub.params) && this.matchesAll(sub.results, sup.results);
    if (sub.kind === 'array' && sup.kind === 'array') return this.matchesField(sub.element, sup.element);
    if (sub.kind !== 'struct' || sup.kind !== 'struct') return false;
    return sup.fields.every((field, i) => {
      const own = sub.fields[i];
      return own !== undefined && this.matchesField(own, field);
    });
  }

  private matchesField(sub: FieldType, sup: FieldType): boolean {
    if (sub.mutable !== sup.mutable) return false;
    if (sub.mutable || isPacked(sub.storage) || isPacked(sup.storage)) return sub.storage === sup.storage;
    return this.matches(sub.storage, sup.storage);
  }

  /** `func`, `struct` or `array`, whichever the type is. */
  kindHeap(id: number): HeapType {
    switch (this.definition(id).composite.kind) {
      case 'func': return Heap.func;
      case 'struct': return Heap.struct;
      case 'array': return Heap.array;
    }
  }

  /** The top of the hierarchy a heap type belongs to. */
  topOf(heap: HeapType): HeapType {
    if (isDefinedHeap(heap)) return this.kindHeap(indexOfHeap(heap)) === Heap.func ? Heap.func : Heap.any;
    for (const top of [Heap.func, Heap.extern, Heap.exn]) if (matchesAbstract(heap, top)) return top;
    return Heap.any;
  }
}

function matchesAbstract(sub: HeapType, sup: HeapType): boolean {
  if (sub === sup || sub === Heap.bottom) return true;
  switch (sup) {
    case Heap.any: return sub <= Heap.none;
    case Heap.eq: return sub >= Heap.i31 && sub <= Heap.none;
    case Heap.i31: case Heap.struct: case Heap.array: return sub === Heap.none;
    case Heap.func: return sub === Heap.nofunc;
    case Heap.extern: return sub === Heap.noextern;
    case Heap.exn: return sub === Heap.noexn;
    default: return false;
  }
}

function mapComposite(type: CompositeType, identity: (typeIndex: number) => number): CompositeType {
  const value = (t: ValueType): ValueType => mapDefined(t, identity);
  switch (type.kind) {
    case 'func': return { kind: 'func', params: type.params.map(value), results: type.results.map(value) };
    case 'struct': return { kind: 'struct', fields: type.fields.map(({ storage, mutable }) => ({ storage: value(storage), mutable })) };
    case 'array': return { kind: 'array', element: { storage: value(type.element.storage), mutable: type.element.mutable } };
  }
}

function keyOf(type: SubType, resolve: Resolve): string {
  const value = (t: ValueType): string => {
    if (!isRef(t) || !isDefinedHeap(heapOf(t))) return `${t}`;
    const target = resolve(indexOfHeap(heapOf(t)));
    return `${isNullable(t) ? 'n' : 'r'}${target >= 0 ? target : `.${~target}`}`;
  };
  const field = (f: FieldType): string => `${f.mutable ? 'm' : ''}${value(f.storage)}`;
  const parents = type.supertypes.map((parent) => value(parentReference(parent))).join();
  const head = `${type.final ? 'F' : 'O'}${parents}`;
  const { composite } = type;
  switch (composite.kind) {
    case 'func': return `${head}(${composite.params.map(value).join()}>${composite.results.map(value).join()})`;
    case 'struct': return `${head}{${composite.fields.map(field).join()}}`;
    case 'array': return `${head}[${field(composite.element)}]`;
  }
}

function parentReference(typeIndex: number): ValueType {
  return refType(false, definedHeap(typeIndex));
}
