// Structures, arrays, scalar references, casts: the 0xFB group.
// Chapter: "Execution", section "Instructions", "Reference Instructions" (struct, array, i31, any and extern, casts).
// Representation of aggregates: `layout.ts`. Elements of numeric arrays lie in typed arrays; the words of 64- and 128-bit ones in Int32Array.
import type { Machine } from './machine.ts';
import type { ArrayCells, Instance } from './store.ts';
import { ArrayInstance, StructInstance } from './store.ts';
import type { Reference } from './values.ts';
import { Cell, bytesOf, cellsOf } from './layout.ts';
import { Exhaustion, Trap, bug } from './outcome.ts';
import { Heap, definedHeap, indexOfHeap, isDefinedHeap } from './types.ts';
import type { HeapType } from './types.ts';
import { at, int, item, refAt } from './cells.ts';

/** What an object costs the host's heap beside its contents, measured generously: structures and reference arrays, and typed arrays. */
const HEADER_BYTES = 112;
const TYPED_HEADER_BYTES = 256;
const MAX_ARRAY_BYTES = 2 ** 31;

function structOf(reference: Reference): StructInstance {
  if (reference instanceof StructInstance) return reference;
  if (reference === null) throw new Trap('null structure reference');
  return bug('structure expected');
}

function arrayOf(reference: Reference): ArrayInstance {
  if (reference instanceof ArrayInstance) return reference;
  if (reference === null) throw new Trap('null array reference');
  return bug('array expected');
}

/** Whether a reference is of a heap type of the module, null counting as `nullable` says. */
export function matchesReference(instance: Instance, reference: Reference, nullable: boolean, heap: HeapType): boolean {
  if (reference === null) return nullable;
  // Anything non-null in the external hierarchy is an extern; nothing is a noextern.
  if (heap === Heap.extern || heap === Heap.noextern) return heap === Heap.extern;
  const { space } = instance.store;
  const target = isDefinedHeap(heap) ? definedHeap(int(instance.types, indexOfHeap(heap))) : heap;
  return space.matchesHeap(heapOfReference(reference), target);
}

/** The most precise heap type of a non-null reference outside the external hierarchy. */
function heapOfReference(reference: Exclude<Reference, null>): HeapType {
  if (typeof reference === 'number') return Heap.i31;
  switch (reference.kind) {
    case 'func': case 'struct': case 'array': return definedHeap(reference.type);
    case 'exn': return Heap.exn;
    case 'host': return Heap.any;
  }
}

function newCells(instance: Instance, kind: number, length: number): ArrayCells {
  const bytes = length * (kind === Cell.reference ? 8 : bytesOf(kind));
  if (bytes > MAX_ARRAY_BYTES) throw new Exhaustion('heap budget exhausted');
  instance.store.reserveHeap((kind === Cell.reference ? HEADER_BYTES : TYPED_HEADER_BYTES) + bytes);
  switch (kind) {
    case Cell.reference: return new Array<Reference>(length).fill(null);
    case Cell.byte: return new Uint8Array(length);
    case Cell.half: return new Uint16Array(length);
    default: return new Int32Array(length * cellsOf(kind));
  }
}

/** A default-valued array of a type of the store. */
function newArray(instance: Instance, type: number, length: number): ArrayInstance {
  const kind = instance.store.kindsOf(type)[0] ?? bug('not an array type');
  return new ArrayInstance(type, kind, length, newCells(instance, kind, length));
}

/** Copies the operand at int index `from` into `count` elements. */
function fillElements(m: Machine, array: ArrayInstance, from: number, start: number, count: number): void {
  const { cells, elementKind } = array;
  const { I } = m.views;
  if (Array.isArray(cells)) cells.fill(refAt(m.refs, from >> 1), start, start + count);
  else if (cells instanceof Int32Array && elementKind !== Cell.word) {
    const words = cellsOf(elementKind);
    for (let i = 0; i < count * words; i++) cells[start * words + i] = int(I, from + i % words);
  } else cells.fill(int(I, from), start, start + count);
}

/** Copies an element to the operand at int index `to`. */
function loadElement(m: Machine, array: ArrayInstance, index: number, to: number, signed: boolean): void {
  const { cells, elementKind } = array;
  const { I } = m.views;
  if (Array.isArray(cells)) {
    m.refs[to >> 1] = at(cells, index);
    return;
  }
  const words = cellsOf(elementKind);
  if (words > 1) for (let i = 0; i < words; i++) I[to + i] = at(cells, index * words + i);
  else I[to] = extend(at(cells, index), elementKind, signed);
}

function extend(value: number, kind: number, signed: boolean): number {
  if (!signed) return value;
  return kind === Cell.byte ? value << 24 >> 24 : kind === Cell.half ? value << 16 >> 16 : value;
}

function requireElements(array: ArrayInstance, start: number, count: number): void {
  if (start + count > array.length) throw new Trap('out of bounds array access');
}

/** Puts `count` elements whose bytes begin at `from` of a data segment into the array. */
function readData(array: ArrayInstance, start: number, data: Uint8Array, from: number, count: number): void {
  const size = bytesOf(array.elementKind);
  if (from + count * size > data.length) throw new Trap('out of bounds memory access');
  if (count === 0) return;
  const { cells } = array;
  if (Array.isArray(cells)) return bug('references from data');
  // Elements are little-endian in the segment and in the host's typed arrays.
  const target = new Uint8Array(cells.buffer, cells.byteOffset + start * size, count * size);
  target.set(data.subarray(from, from + count * size));
}

function readElements(array: ArrayInstance, start: number, segment: readonly Reference[], from: number, count: number): void {
  if (from + count > segment.length) throw new Trap('out of bounds table access');
  const { cells } = array;
  if (!Array.isArray(cells)) return bug('numbers from elements');
  for (let i = 0; i < count; i++) cells[start + i] = segment[from + i] ?? null;
}

function copyElements(target: ArrayInstance, to: number, source: ArrayInstance, from: number, count: number): void {
  requireElements(target, to, count);
  requireElements(source, from, count);
  const words = target.elementKind === Cell.reference ? 1 : cellsOf(target.elementKind);
  if (Array.isArray(target.cells) && Array.isArray(source.cells)) {
    if (target === source) target.cells.copyWithin(to, from, from + count);
    else for (let i = 0; i < count; i++) target.cells[to + i] = at(source.cells, from + i);
  } else if (!Array.isArray(target.cells) && !Array.isArray(source.cells)) {
    target.cells.set(source.cells.subarray(from * words, (from + count) * words), to * words);
  } else bug('array.copy between kinds');
}

/** Pops the fields of a structure whose operands end at `sp`; returns the int index of the first operand. */
function newStruct(m: Machine, instance: Instance, type: number, sp: number): { struct: StructInstance; first: number } {
  const kinds = instance.store.kindsOf(type);
  let ints = 0;
  for (const kind of kinds) ints += kind === Cell.vector ? 4 : 2;
  const first = sp - ints;
  const cells = newFields(instance, type);
  let operand = first;
  let cell = 0;
  for (const kind of kinds) {
    if (kind === Cell.reference) cells[cell++] = refAt(m.refs, operand >> 1);
    else for (let i = 0; i < cellsOf(kind); i++) cells[cell++] = narrow(int(m.views.I, operand + i), kind);
    operand += kind === Cell.vector ? 4 : 2;
  }
  return { struct: new StructInstance(type, cells), first };
}

function narrow(value: number, kind: number): number {
  return kind === Cell.byte ? value & 0xff : kind === Cell.half ? value & 0xffff : value;
}

/** Cells of a structure, of exactly the length it needs: an array grown by pushing would take several times as much. */
function newFields(instance: Instance, type: number): Reference[] {
  let length = 0;
  for (const kind of instance.store.kindsOf(type)) length += cellsOf(kind);
  instance.store.reserveHeap(HEADER_BYTES + length * 8);
  return new Array<Reference>(length).fill(null);
}

function defaultStruct(instance: Instance, type: number): StructInstance {
  const cells = newFields(instance, type);
  let cell = 0;
  for (const kind of instance.store.kindsOf(type)) {
    if (kind === Cell.reference) cell++;
    else for (let i = 0; i < cellsOf(kind); i++) cells[cell++] = 0;
  }
  return new StructInstance(type, cells);
}

function wordOf(cell: Reference): number {
  return typeof cell === 'number' ? cell : bug('number expected in a field');
}

function getField(m: Machine, struct: StructInstance, offset: number, kind: number, to: number, signed: boolean): void {
  if (kind === Cell.reference) m.refs[to >> 1] = at(struct.cells, offset);
  else for (let i = 0; i < cellsOf(kind); i++) m.views.I[to + i] = extend(wordOf(at(struct.cells, offset + i)), kind, signed);
}

function setField(m: Machine, struct: StructInstance, offset: number, kind: number, from: number): void {
  if (kind === Cell.reference) struct.cells[offset] = refAt(m.refs, from >> 1);
  else for (let i = 0; i < cellsOf(kind); i++) struct.cells[offset + i] = narrow(int(m.views.I, from + i), kind);
}

/** Ints an operand of the kind takes on the stack. */
function operandInts(kind: number): number { return kind === Cell.vector ? 4 : 2; }

/** Runs one instruction whose operands start at `pc`; returns the new stack pointer. */
export function executeAggregate(m: Machine, instance: Instance, second: number, code: Int32Array, pc: number, sp: number): number {
  const { I } = m.views;
  const { refs } = m;
  const first = int(code, pc);
  switch (second) {
    case 0: { // struct.new
      const made = newStruct(m, instance, int(instance.types, first), sp);
      refs[made.first >> 1] = made.struct;
      return made.first + 2;
    }
    case 1: // struct.new_default
      refs[sp >> 1] = defaultStruct(instance, int(instance.types, first));
      return sp + 2;
    case 2: case 3: case 4: { // struct.get, get_s, get_u
      const kind = int(code, pc + 1);
      getField(m, structOf(refAt(refs, (sp >> 1) - 1)), first, kind, sp - 2, second === 3);
      return sp - 2 + operandInts(kind);
    }
    case 5: { // struct.set
      const kind = int(code, pc + 1);
      const from = sp - operandInts(kind);
      setField(m, structOf(refAt(refs, (from >> 1) - 1)), first, kind, from);
      return from - 2;
    }
    case 6: { // array.new
      const array = newArray(instance, int(instance.types, first), int(I, sp - 2) >>> 0);
      const from = sp - 2 - operandInts(array.elementKind);
      fillElements(m, array, from, 0, array.length);
      refs[from >> 1] = array;
      return from + 2;
    }
    case 7: // array.new_default
      refs[(sp >> 1) - 1] = newArray(instance, int(instance.types, first), int(I, sp - 2) >>> 0);
      return sp;
    case 8: { // array.new_fixed
      const array = newArray(instance, int(instance.types, first), int(code, pc + 1));
      const ints = operandInts(array.elementKind);
      const from = sp - array.length * ints;
      for (let i = 0; i < array.length; i++) fillElements(m, array, from + i * ints, i, 1);
      refs[from >> 1] = array;
      return from + 2;
    }
    case 9: { // array.new_data
      const type = int(instance.types, first);
      const data = item(instance.datas, int(code, pc + 1));
      const [from, count] = [int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0];
      if (from + count * bytesOf(at(instance.store.kindsOf(type), 0)) > data.length) throw new Trap('out of bounds memory access');
      const array = newArray(instance, type, count);
      readData(array, 0, data, from, count);
      refs[(sp >> 1) - 2] = array;
      return sp - 2;
    }
    case 10: { // array.new_elem
      const segment = item(instance.elements, int(code, pc + 1));
      const [from, count] = [int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0];
      if (from + count > segment.length) throw new Trap('out of bounds table access');
      const array = newArray(instance, int(instance.types, first), count);
      readElements(array, 0, segment, from, count);
      refs[(sp >> 1) - 2] = array;
      return sp - 2;
    }
    case 11: case 12: case 13: { // array.get, get_s, get_u
      const array = arrayOf(refAt(refs, (sp >> 1) - 2));
      const index = int(I, sp - 2) >>> 0;
      requireElements(array, index, 1);
      loadElement(m, array, index, sp - 4, second === 12);
      return sp - 4 + operandInts(array.elementKind);
    }
    case 14: { // array.set
      const from = sp - operandInts(first);
      const array = arrayOf(refAt(refs, (from >> 1) - 2));
      const index = int(I, from - 2) >>> 0;
      requireElements(array, index, 1);
      fillElements(m, array, from, index, 1);
      return from - 4;
    }
    case 15: I[sp - 2] = arrayOf(refAt(refs, (sp >> 1) - 1)).length; return sp;
    case 16: { // array.fill
      const from = sp - 2 - operandInts(first);
      const array = arrayOf(refAt(refs, (from >> 1) - 2));
      const [start, count] = [int(I, from - 2) >>> 0, int(I, sp - 2) >>> 0];
      requireElements(array, start, count);
      fillElements(m, array, from, start, count);
      return from - 4;
    }
    case 17: { // array.copy
      const target = arrayOf(refAt(refs, (sp >> 1) - 5));
      const source = arrayOf(refAt(refs, (sp >> 1) - 3));
      copyElements(target, int(I, sp - 8) >>> 0, source, int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0);
      return sp - 10;
    }
    case 18: case 19: { // array.init_data, array.init_elem
      const array = arrayOf(refAt(refs, (sp >> 1) - 4));
      const [start, from, count] = [int(I, sp - 6) >>> 0, int(I, sp - 4) >>> 0, int(I, sp - 2) >>> 0];
      requireElements(array, start, count);
      if (second === 18) readData(array, start, item(instance.datas, int(code, pc + 1)), from, count);
      else readElements(array, start, item(instance.elements, int(code, pc + 1)), from, count);
      return sp - 8;
    }
    case 20: case 21: // ref.test
      I[sp - 2] = matchesReference(instance, refAt(refs, (sp >> 1) - 1), first !== 0, int(code, pc + 1)) ? 1 : 0;
      return sp;
    case 22: case 23: // ref.cast
      if (!matchesReference(instance, refAt(refs, (sp >> 1) - 1), first !== 0, int(code, pc + 1))) throw new Trap('cast failure');
      return sp;
    case 28: refs[(sp >> 1) - 1] = int(I, sp - 2) << 1 >> 1; return sp; // ref.i31
    case 29: case 30: { // i31.get_s, i31.get_u
      const value = refAt(refs, (sp >> 1) - 1);
      if (value === null) throw new Trap('null i31 reference');
      if (typeof value !== 'number') return bug('i31 expected');
      I[sp - 2] = second === 29 ? value : value & 0x7fff_ffff;
      return sp;
    }
    default: return bug(`opcode fb ${second}`);
  }
}
