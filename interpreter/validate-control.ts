// Checks control instructions: blocks, branches, calls, exceptions.
// Chapter: "Validation", section "Instructions", "Control Instructions".
import type { Checker, BlockKind, Control } from './checker.ts';
import { labelTypes } from './checker.ts';
import { Op } from './compact.ts';
import type { FunctionType, ValueType } from './types.ts';
import { EXNREF, Heap, I32, definedHeap, isRef, refType, withoutNull } from './types.ts';
import { bug } from './outcome.ts';

function openBlock(c: Checker, kind: BlockKind): Control {
  const { params, results } = c.blockType();
  if (kind === 'if') c.popExpected(I32);
  c.popTypes(params);
  return c.pushControl(kind, params, results);
}

function emitReturn(c: Checker, results: readonly ValueType[]): void {
  c.emit(0x0f, c.slotsIn(results), results.some(isRef) ? 1 : 0);
}

function returnTypes(c: Checker): readonly ValueType[] { return c.controls[0]?.results ?? []; }

function call(c: Checker, type: FunctionType, tail: boolean): void {
  c.popTypes(type.params);
  if (!tail) {
    c.pushTypes(type.results);
    return;
  }
  if (!c.space.matchesAll(type.results, returnTypes(c))) c.invalid('type mismatch: tail call results differ from the function\'s');
  c.markUnreachable();
}

function elseArm(c: Checker): void {
  const live = c.live();
  const control = c.popControl();
  const out = c.out;
  if (out !== undefined && control.live) {
    if (live) {
      out.op(Op.jump, c.offset);
      control.fixups.push(out.hole());
    }
    out.fill(control.elseFixup, out.here);
  }
  const arm = c.pushControl('else', control.params, control.results);
  for (const position of control.fixups) arm.fixups.push(position);
}

function end(c: Checker): void {
  const top = c.top();
  const { out } = c;
  // An `if` without `else` has an empty second arm, which turns the parameters into the results.
  if (top.kind === 'if' && !c.space.matchesAll(top.params, top.results)) c.invalid('type mismatch: if without else');
  const control = c.popControl();
  if (out !== undefined && control.live) {
    if (control.kind === 'if') out.fill(control.elseFixup, out.here);
    out.fillAll(control.fixups, out.here);
    if (control.kind === 'try') out.handlers.push({ start: out.here, end: out.here, clauses: control.head });
  }
  if (c.controls.length > 0) {
    c.pushTypes(control.results);
    return;
  }
  c.slots = c.slotsIn(control.results);
  if (c.slots > c.maxSlots) c.maxSlots = c.slots;
  if (out !== undefined) {
    out.op(0x0f, c.offset);
    out.operand(c.slots);
    out.operand(control.results.some(isRef) ? 1 : 0);
  }
}

function tryTable(c: Checker): void {
  const r = c.reader;
  const { params, results } = c.blockType();
  c.popTypes(params);
  const out = c.emitter();
  const past = out === undefined ? -1 : (out.op(0x1f, c.offset), out.hole());
  const count = r.u32();
  out?.operand(count);
  for (let i = 0; i < count; i++) {
    const kind = r.byte();
    const tagIndex = kind < 2 ? r.u32() : -1;
    const control = c.label(r.u32());
    const carried = [...(kind < 2 ? c.tagType(tagIndex).params : []), ...((kind & 1) === 1 ? [withoutNull(EXNREF)] : [])];
    if (!c.space.matchesAll(carried, labelTypes(control))) c.invalid('type mismatch: catch clause and label differ');
    if (out !== undefined) {
      out.operand(kind);
      out.operand(tagIndex);
      c.branchTarget(out, control);
      out.operand(c.frameInts() + control.slots * 2);
    }
  }
  out?.fill(past, out.here);
  c.pushControl('try', params, results).head = past;
}

function branchTable(c: Checker): void {
  const r = c.reader;
  const count = r.u32();
  c.popExpected(I32);
  const out = c.emitter();
  out?.op(0x0e, c.offset);
  out?.operand(count);
  const start = r.pos;
  for (let i = 0; i < count; i++) r.u32();
  const arity = labelTypes(c.label(r.u32())).length;
  r.pos = start;
  for (let i = 0; i <= count; i++) {
    const control = c.label(r.u32());
    const types = labelTypes(control);
    if (types.length !== arity) c.invalid('type mismatch: br_table labels have different arities');
    c.checkTop(types);
    if (out !== undefined) c.branchOperands(out, control, false);
  }
  c.markUnreachable();
}

/** Opcodes 0x00 to 0x15 and 0x1f. */
export function checkControl(c: Checker, opcode: number): void {
  const r = c.reader;
  switch (opcode) {
    case 0x00: c.emit(opcode); c.markUnreachable(); break;
    case 0x02: openBlock(c, 'block'); break;
    case 0x03: {
      const control = openBlock(c, 'loop');
      control.head = c.out?.here ?? -1;
      break;
    }
    case 0x04: {
      const control = openBlock(c, 'if');
      if (c.out !== undefined && control.live) {
        c.out.op(opcode, c.offset);
        control.elseFixup = c.out.hole();
      }
      break;
    }
    case 0x05: elseArm(c); break;
    case 0x0b: end(c); break;
    case 0x1f: tryTable(c); break;
    case 0x08: {
      const index = r.u32();
      const tag = c.tagType(index);
      c.emit(opcode, index);
      c.popTypes(tag.params);
      c.markUnreachable();
      break;
    }
    case 0x0a:
      c.emit(opcode);
      c.popExpected(EXNREF);
      c.markUnreachable();
      break;
    case 0x0c: {
      const control = c.label(r.u32());
      c.popAndKeep(labelTypes(control));
      c.emitBranch(control, 0x0c, Op.brMove);
      c.markUnreachable();
      break;
    }
    case 0x0d: {
      const control = c.label(r.u32());
      c.popExpected(I32);
      c.popAndKeep(labelTypes(control));
      c.emitBranch(control, 0x0d, Op.brIfMove);
      break;
    }
    case 0x0e: branchTable(c); break;
    case 0x0f: {
      const results = returnTypes(c);
      c.popTypes(results);
      emitReturn(c, results);
      c.markUnreachable();
      break;
    }
    case 0x10: case 0x12: {
      const index = r.u32();
      const { type } = c.functionTypeOf(index);
      c.emit(opcode, index);
      call(c, type, opcode === 0x12);
      break;
    }
    case 0x11: case 0x13: {
      const { id, type } = c.functionTypeHere();
      const index = r.u32();
      const table = c.table(index);
      if (!c.space.matches(table.element, refType(true, Heap.func))) c.invalid('type mismatch: table does not hold functions');
      c.emit(opcode, id, index, table.limits.wide ? 1 : 0);
      c.popExpected(c.addressOf(table.limits));
      call(c, type, opcode === 0x13);
      break;
    }
    case 0x14: case 0x15: {
      const { id, type } = c.functionTypeHere();
      c.emit(opcode);
      c.popExpected(refType(true, definedHeap(id)));
      call(c, type, opcode === 0x15);
      break;
    }
    default: bug(`opcode ${opcode.toString(16)}`);
  }
}
