// Identity and subtyping of defined types: the examples of the standard's chapter on recursive types.
import { describe, expect, it } from 'vitest';
import { TypeSpace } from './matching.ts';
import { BOTTOM, FUNCREF, Heap, I32, I64, definedHeap, refType } from './types.ts';
import type { CompositeType, SubType } from './types.ts';

const struct = (...storages: number[]): CompositeType => ({ kind: 'struct', fields: storages.map((storage) => ({ storage, mutable: false })) });
const type = (composite: CompositeType, supertypes: number[] = [], final = false): SubType => ({ composite, supertypes, final, offset: 0 });
const to = (index: number): number => refType(true, definedHeap(index));
/** Adds a group whose type indices below `base` are identities already. */
const add = (space: TypeSpace, base: number, ...group: SubType[]): number => space.add(group, (index) => (index < base ? index : ~(index - base)));

describe('identity', () => {
  it('equal groups are one', () => {
    const space = new TypeSpace();
    expect(add(space, 0, type(struct(I32)))).toBe(add(space, 1, type(struct(I32))));
    expect(add(space, 1, type(struct(I32), [], true))).not.toBe(0);
  });
  it('recursion is compared by position in the group', () => {
    const space = new TypeSpace();
    const list = add(space, 0, type(struct(I32, to(0))));
    const sameList = add(space, 5, type(struct(I32, to(5))));
    expect(sameList).toBe(list);
    // One unrolling is another type: it refers to the list from outside.
    expect(add(space, 6, type(struct(I32, to(list))))).not.toBe(list);
  });
  it('a type inside a larger group differs from the same type alone', () => {
    const space = new TypeSpace();
    const alone = add(space, 0, type(struct(I32)));
    expect(add(space, 10, type(struct(I32)), type(struct(I64)))).not.toBe(alone);
  });
  it('a space adopted by another keeps its identities apart and equal ones together', () => {
    const module = new TypeSpace();
    add(module, 0, type(struct(I64)));
    const list = add(module, 1, type(struct(I32, to(1))));
    const store = new TypeSpace();
    const known = add(store, 0, type(struct(I32, to(0))));
    const map = store.adopt(module);
    expect(map[list]).toBe(known);
    expect(map[0]).not.toBe(known);
  });
});

describe('subtyping', () => {
  const space = new TypeSpace();
  const animal = add(space, 0, type(struct(I32)));
  const dog = add(space, 1, type(struct(I32, I64), [animal]));
  const puppy = add(space, 2, type(struct(I32, I64, I32), [dog]));
  const stone = add(space, 3, type(struct(I32, I64), [], true));
  it('follows declarations, not structure', () => {
    expect([space.isSubtype(puppy, animal), space.isSubtype(dog, puppy), space.isSubtype(stone, animal)]).toEqual([true, false, false]);
  });
  it('orders heap types and nullability', () => {
    expect(space.matches(refType(false, definedHeap(dog)), refType(true, Heap.eq))).toBe(true);
    expect(space.matches(refType(true, definedHeap(dog)), refType(false, Heap.eq))).toBe(false);
    expect(space.matches(refType(true, Heap.none), to(dog))).toBe(true);
    expect(space.matches(refType(true, Heap.nofunc), to(dog))).toBe(false);
    expect(space.matches(refType(true, Heap.i31), refType(true, Heap.struct))).toBe(false);
    expect(space.matches(FUNCREF, refType(true, Heap.any))).toBe(false);
    expect(space.matches(BOTTOM, FUNCREF)).toBe(true);
  });
});
