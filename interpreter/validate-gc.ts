// Checks the instructions on structures, arrays, scalar references and casts.
// Chapter: "Validation", section "Instructions", "Reference Instructions" and those after it: "Aggregate", "Scalar", "External Reference Instructions".
import type { Checker } from './checker.ts';
import { labelTypes } from './checker.ts';
import { Op } from './compact.ts';
import { PREFIX_GC } from './instructions.ts';
import type { ArrayType, FieldType, StructType, ValueType } from './types.ts';
import { ANYREF, ARRAYREF, EXTERNREF, F64, Heap, I31_NULL, I32, V128, definedHeap, heapOf, isDefaultable, isNullable, isPacked, isRef, refType, unpacked } from './types.ts';
import { cellKind, fieldOffset } from './layout.ts';
import { bug } from './outcome.ts';

function structHere(c: Checker): { id: number; type: StructType } {
  const id = c.typeIdentity();
  const { composite } = c.space.definition(id);
  return composite.kind === 'struct' ? { id, type: composite } : c.invalid('type mismatch: not a structure type');
}

function arrayHere(c: Checker): { id: number; type: ArrayType } {
  const id = c.typeIdentity();
  const { composite } = c.space.definition(id);
  return composite.kind === 'array' ? { id, type: composite } : c.invalid('type mismatch: not an array type');
}

function nullable(id: number): ValueType { return refType(true, definedHeap(id)); }
function nonNull(id: number): ValueType { return refType(false, definedHeap(id)); }

function requireMutable(c: Checker, field: FieldType, what: string): void {
  if (!field.mutable) c.invalid(`immutable ${what}`);
}

/** Plain accessors need an unpacked field, sign-carrying ones a packed field. */
function requireAccess(c: Checker, field: FieldType, extending: boolean, what: string): void {
  if (isPacked(field.storage) !== extending) c.invalid(`type mismatch: ${what} is ${extending ? 'not ' : ''}packed`);
}

function requireDefault(c: Checker, field: FieldType): void {
  if (!isDefaultable(unpacked(field.storage))) c.invalid('type mismatch: field type is not defaultable');
}

function isScalar(type: ValueType): boolean {
  return type === V128 || type <= F64 && type >= I32 || isPacked(type);
}

/** Reads a cast target: heap type with the nullability the opcode or flags give. */
function castTarget(c: Checker, isNull: boolean): ValueType {
  return refType(isNull, c.heapType());
}

/** The subtraction of types at a cast: what is left of `from` when `to` has been taken away. */
function difference(from: ValueType, to: ValueType): ValueType {
  return refType(isNullable(from) && !isNullable(to), heapOf(from));
}

export function checkAggregate(c: Checker, second: number): void {
  const r = c.reader;
  switch (second) {
    case 0: {
      const { id, type } = structHere(c);
      c.escape(PREFIX_GC, second, id);
      c.popTypes(type.fields.map((f) => unpacked(f.storage)));
      c.pushType(nonNull(id));
      break;
    }
    case 1: {
      const { id, type } = structHere(c);
      for (const field of type.fields) requireDefault(c, field);
      c.escape(PREFIX_GC, second, id);
      c.pushType(nonNull(id));
      break;
    }
    case 2: case 3: case 4: case 5: {
      const { id, type } = structHere(c);
      const index = r.u32();
      const field = type.fields[index] ?? c.invalid(`unknown field ${index}`);
      if (second === 5) {
        requireMutable(c, field, 'field');
        c.popExpected(unpacked(field.storage));
      } else requireAccess(c, field, second !== 2, 'field');
      c.popExpected(nullable(id));
      c.escape(PREFIX_GC, second, fieldOffset(type, index), cellKind(field.storage));
      if (second !== 5) c.pushType(unpacked(field.storage));
      break;
    }
    case 6: {
      const { id, type } = arrayHere(c);
      c.escape(PREFIX_GC, second, id);
      c.popTypes([unpacked(type.element.storage), I32]);
      c.pushType(nonNull(id));
      break;
    }
    case 7: {
      const { id, type } = arrayHere(c);
      requireDefault(c, type.element);
      c.escape(PREFIX_GC, second, id);
      c.popExpected(I32);
      c.pushType(nonNull(id));
      break;
    }
    case 8: {
      const { id, type } = arrayHere(c);
      const count = r.u32();
      c.escape(PREFIX_GC, second, id, count);
      const element = unpacked(type.element.storage);
      for (let i = 0; i < count; i++) {
        // In dead code every operand may be bottom; then there is nothing left to learn from the rest.
        if (c.top().unreachable && c.types.length === c.top().floor && i > 0) break;
        c.popExpected(element);
      }
      c.pushType(nonNull(id));
      break;
    }
    case 9: case 18: {
      const { id, type } = arrayHere(c);
      const segment = c.data(r.u32());
      if (!isScalar(type.element.storage)) c.invalid('type mismatch: array type is not numeric or vector');
      if (second === 18) requireMutable(c, type.element, 'array');
      c.escape(PREFIX_GC, second, id, segment);
      c.popTypes(second === 9 ? [I32, I32] : [nullable(id), I32, I32, I32]);
      if (second === 9) c.pushType(nonNull(id));
      break;
    }
    case 10: case 19: {
      const { id, type } = arrayHere(c);
      const segment = r.u32();
      const element = c.element(segment);
      if (second === 19) requireMutable(c, type.element, 'array');
      if (!isRef(type.element.storage) || !c.space.matches(element, type.element.storage)) c.invalid('type mismatch: segment does not fit the array');
      c.escape(PREFIX_GC, second, id, segment);
      c.popTypes(second === 10 ? [I32, I32] : [nullable(id), I32, I32, I32]);
      if (second === 10) c.pushType(nonNull(id));
      break;
    }
    case 11: case 12: case 13: {
      const { id, type } = arrayHere(c);
      requireAccess(c, type.element, second !== 11, 'array');
      c.escape(PREFIX_GC, second, cellKind(type.element.storage));
      c.popTypes([nullable(id), I32]);
      c.pushType(unpacked(type.element.storage));
      break;
    }
    case 14: {
      const { id, type } = arrayHere(c);
      requireMutable(c, type.element, 'array');
      c.escape(PREFIX_GC, second, cellKind(type.element.storage));
      c.popTypes([nullable(id), I32, unpacked(type.element.storage)]);
      break;
    }
    case 15:
      c.escape(PREFIX_GC, second);
      c.popExpected(ARRAYREF);
      c.pushType(I32);
      break;
    case 16: {
      const { id, type } = arrayHere(c);
      requireMutable(c, type.element, 'array');
      c.escape(PREFIX_GC, second, cellKind(type.element.storage));
      c.popTypes([nullable(id), I32, unpacked(type.element.storage), I32]);
      break;
    }
    case 17: {
      const to = arrayHere(c);
      const from = arrayHere(c);
      requireMutable(c, to.type.element, 'array');
      const source = from.type.element.storage;
      const target = to.type.element.storage;
      const fits = isPacked(source) || isPacked(target) ? source === target : c.space.matches(source, target);
      if (!fits) c.invalid('type mismatch: array types differ');
      c.escape(PREFIX_GC, second);
      c.popTypes([nullable(to.id), I32, nullable(from.id), I32, I32]);
      break;
    }
    case 20: case 21: case 22: case 23: {
      const target = castTarget(c, (second & 1) === 1);
      c.escape(PREFIX_GC, second, isNullable(target) ? 1 : 0, heapOf(target));
      c.popExpected(refType(true, c.space.topOf(heapOf(target))));
      c.pushType(second < 22 ? I32 : target);
      break;
    }
    case 24: case 25: checkBranchOnCast(c, second === 25); break;
    case 26: case 27: {
      const [from, to] = second === 26 ? [EXTERNREF, Heap.any] : [ANYREF, Heap.extern];
      const type = c.popExpected(from);
      c.pushType(refType(isRef(type) ? isNullable(type) : false, to));
      break;
    }
    case 28:
      c.escape(PREFIX_GC, second);
      c.popExpected(I32);
      c.pushType(refType(false, Heap.i31));
      break;
    case 29: case 30:
      c.escape(PREFIX_GC, second);
      c.popExpected(I31_NULL);
      c.pushType(I32);
      break;
    default: bug(`opcode fb ${second}`);
  }
}

function checkBranchOnCast(c: Checker, onFail: boolean): void {
  const r = c.reader;
  const flags = r.byte();
  const depth = r.u32();
  const from = castTarget(c, (flags & 1) !== 0);
  const to = castTarget(c, (flags & 2) !== 0);
  if (!c.space.matches(to, from)) c.invalid('type mismatch: cast target is not a subtype');
  const control = c.label(depth);
  const types = labelTypes(control);
  const last = types[types.length - 1];
  const rest = difference(from, to);
  const [taken, fallen] = onFail ? [rest, to] : [to, rest];
  if (last === undefined || !c.space.matches(taken, last)) return c.invalid('type mismatch: label does not take the reference');
  c.popExpected(from);
  c.pushType(taken);
  c.popTypes(types);
  c.pushTypes(types);
  c.emitGeneralBranch(Op.brOnCast, control, onFail ? 1 : 0, isNullable(to) ? 1 : 0, heapOf(to));
  c.pop();
  c.pushType(fallen);
}

