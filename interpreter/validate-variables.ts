// Checks parametric, variable and reference instructions.
// Chapter: "Validation", section "Instructions", "Parametric Instructions", "Variable Instructions" and "Reference Instructions".
import { readValueTypes } from './decode-types.ts';
import { resolveType } from './context.ts';
import type { Checker } from './checker.ts';
import { labelTypes } from './checker.ts';
import { Op } from './compact.ts';
import type { ValueType } from './types.ts';
import { BOTTOM, F64, Heap, I32, I64, V128, definedHeap, isNumeric, isRef, refType, showType, withoutNull } from './types.ts';
import { bug } from './outcome.ts';

function select(c: Checker, typed: boolean): void {
  let type: ValueType;
  if (typed) {
    const types = readValueTypes(c.reader).map((t) => resolveType(c.context, t, c.offset));
    const [only] = types;
    if (only === undefined || types.length !== 1) return c.invalid('invalid result arity');
    c.popExpected(I32);
    c.popExpected(only);
    c.popExpected(only);
    type = only;
  } else {
    c.popExpected(I32);
    const first = c.pop();
    const second = c.pop();
    for (const t of [first, second]) if (!isNumeric(t) && t !== V128 && t !== BOTTOM) c.invalid(`type mismatch: select without types on ${showType(t)}`);
    if (first !== second && first !== BOTTOM && second !== BOTTOM) c.invalid('type mismatch: select operands differ');
    type = first === BOTTOM ? second : first;
  }
  c.emit(type === V128 ? Op.select128 : isRef(type) ? Op.selectRef : 0x1b);
  c.pushType(type);
}

function local(c: Checker, opcode: number): void {
  const index = c.reader.u32();
  const type = c.locals[index] ?? c.invalid(`unknown local ${index}`);
  const at = c.localOffsets[index] ?? 0;
  const width = isRef(type) ? 3 : type === V128 ? 2 : type === I64 || type === F64 ? 1 : 0;
  if (opcode === 0x20) {
    if (c.localSet[index] !== true) c.invalid(`uninitialized local ${index}`);
    c.emit(width === 0 ? opcode : Op.localGet64 + width - 1, at);
    c.pushType(type);
    return;
  }
  c.popExpected(type);
  c.markSet(index);
  if (opcode === 0x21) c.emit(width === 0 ? opcode : Op.localSet64 + width - 1, at);
  else {
    c.emit(width === 0 ? opcode : Op.localTee64 + width - 1, at);
    c.pushType(type);
  }
}

function global(c: Checker, opcode: number): void {
  const index = c.reader.u32();
  const global = index < c.context.visibleGlobals ? c.context.globals[index] : undefined;
  if (global === undefined) return c.invalid(`unknown global ${index}`);
  const { type } = global;
  const wide = type === V128 || isRef(type);
  const long = type === I64 || type === F64;
  if (opcode === 0x23) {
    if (c.constant && global.mutable) c.invalid('constant expression required');
    if (wide) c.emit(Op.globalGetWide, index, isRef(type) ? 1 : 0);
    else c.emit(long ? Op.globalGet64 : opcode, index);
    c.pushType(type);
    return;
  }
  if (!global.mutable) c.invalid('immutable global');
  if (wide) c.emit(Op.globalSetWide, index, isRef(type) ? 1 : 0);
  else c.emit(long ? Op.globalSet64 : opcode, index);
  c.popExpected(type);
}

function nonNull(type: ValueType): ValueType {
  return type === BOTTOM ? refType(false, Heap.bottom) : withoutNull(type);
}

/** drop, select, locals and globals. */
export function checkVariable(c: Checker, opcode: number): void {
  switch (opcode) {
    case 0x1a: {
      const type = c.pop();
      c.emit(type === V128 ? Op.drop128 : opcode);
      break;
    }
    case 0x1b: case 0x1c: select(c, opcode === 0x1c); break;
    case 0x20: case 0x21: case 0x22: local(c, opcode); break;
    case 0x23: case 0x24: global(c, opcode); break;
    default: reference(c, opcode);
  }
}

function reference(c: Checker, opcode: number): void {
  const r = c.reader;
  switch (opcode) {
    case 0xd0: {
      const heap = c.heapType();
      c.emit(opcode);
      c.pushType(refType(true, heap));
      break;
    }
    case 0xd1:
      c.popReference();
      c.emit(opcode);
      c.pushType(I32);
      break;
    case 0xd2: {
      const index = r.u32();
      const { id } = c.functionTypeOf(index);
      if (!c.context.declared.has(index)) c.invalid('undeclared function reference');
      c.emit(opcode, index);
      c.pushType(refType(false, definedHeap(id)));
      break;
    }
    case 0xd3: {
      const eq = refType(true, Heap.eq);
      c.popExpected(eq);
      c.popExpected(eq);
      c.emit(opcode);
      c.pushType(I32);
      break;
    }
    case 0xd4: {
      const type = c.popReference();
      c.emit(opcode);
      c.pushType(nonNull(type));
      break;
    }
    case 0xd5: {
      const control = c.label(r.u32());
      const type = c.popReference();
      c.popAndKeep(labelTypes(control));
      c.emitGeneralBranch(opcode, control);
      c.pushType(nonNull(type));
      break;
    }
    case 0xd6: {
      const control = c.label(r.u32());
      const types = labelTypes(control);
      const last = types[types.length - 1];
      if (last === undefined || !isRef(last)) return c.invalid('type mismatch: label does not take a reference');
      const type = c.popReference();
      c.pushType(nonNull(type));
      c.popAndKeep(types);
      c.emitGeneralBranch(opcode, control);
      c.pop();
      break;
    }
    default: bug(`opcode ${opcode.toString(16)}`);
  }
}
