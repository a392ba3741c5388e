// Checks function bodies and constant expressions, and writes compact code on the way when an emitter is given.
// Chapter: "Validation", section "Instructions"; method: appendix "Validation Algorithm".
// Control, variables, memory, tables and plain numeric instructions are here; aggregates and casts in `validate-gc.ts`.
import { Reader } from './reader.ts';
import { readInstruction, readMemoryArgument } from './decode-code.ts';
import type { MemoryArgument } from './decode-code.ts';
import { isTypeByte, readHeapType, readValueType, readValueTypes } from './decode-types.ts';
import type { Instruction } from './instructions.ts';
import { PREFIX_ATOMIC, PREFIX_GC, PREFIX_MISC, PREFIX_VECTOR } from './instructions.ts';
import type { Context } from './context.ts';
import { identityOf, resolveType } from './context.ts';
import type { BlockKind, Control } from './algorithm.ts';
import { Stacks, labelTypes } from './algorithm.ts';
import { Op } from './compact.ts';
import type { CompactCode, Emitter } from './compact.ts';
import type { Expression, FunctionBody } from './syntax.ts';
import type { FunctionType, HeapType, Limits, TableType, ValueType } from './types.ts';
import { BOTTOM, EXNREF, F32, F64, Heap, I32, I64, V128, definedHeap, indexOfHeap, isDefaultable, isDefinedHeap, isNumeric, isRef, refType, showType, slotsOf, withoutNull } from './types.ts';
import { checkAggregate } from './validate-gc.ts';
import { UnsupportedModule, bug } from './outcome.ts';

/** Implementation limit: locals of one function, parameters included. */
const MAX_LOCALS = 50_000;

/** Operands the trace shows of one instruction, counted from the top. */
const MAX_DESCRIBED = 16;

const letterTypes: Readonly<Record<string, ValueType>> = { i: I32, I: I64, f: F32, F: F64, v: V128 };

export class CodeChecker extends Stacks {
  readonly context: Context;
  readonly reader: Reader;
  readonly out: Emitter | undefined;
  readonly locals: ValueType[] = [];
  /** Int offset of each local in the frame; one more entry for the end. */
  readonly localOffsets: number[] = [0];
  /** In a constant expression only constant instructions are valid. */
  readonly constant: boolean;
  private readonly memarg: MemoryArgument = { align: 0, memory: 0 };

  constructor(context: Context, out: Emitter | undefined, constant: boolean) {
    super(context.space);
    this.context = context;
    this.reader = new Reader(context.module.bytes);
    this.out = out;
    this.constant = constant;
  }

  addLocal(type: ValueType, set: boolean): void {
    if (this.locals.length >= MAX_LOCALS) throw new UnsupportedModule(this.offset, `more than ${MAX_LOCALS} locals`);
    this.localSet.push(set || isDefaultable(type));
    this.locals.push(type);
    this.localOffsets.push(this.frameInts() + slotsOf(type) * 2);
  }

  /** Ints of the frame taken by locals so far. */
  frameInts(): number { return this.localOffsets[this.localOffsets.length - 1] ?? 0; }

  /** Checks instructions in the extent against the result types. */
  sequence(extent: Expression, results: readonly ValueType[]): void {
    const r = this.reader;
    r.pos = extent.start;
    r.end = extent.end;
    this.pushControl('function', [], results);
    while (this.controls.length > 0) {
      this.offset = r.pos;
      const instruction = readInstruction(r);
      if (this.constant) this.requireConstant(instruction);
      if (this.out?.mapping === true) this.describedInstruction(instruction, this.out);
      else this.instruction(instruction);
    }
  }

  /** An instruction whose operand types are noted for the trace. */
  private describedInstruction(instruction: Instruction, out: Emitter): void {
    const height = this.types.length;
    const before = this.types.slice(-MAX_DESCRIBED);
    this.lowest = height;
    this.instruction(instruction);
    out.describe(before.slice(Math.max(0, before.length - (height - this.lowest))));
  }

  private requireConstant({ opcode }: Instruction): void {
    const second = opcode & 0xfff;
    const allowed = opcode >> 12 === PREFIX_GC ? second <= 1 || second >= 6 && second <= 8 || second >= 26 && second <= 28
      : opcode >> 12 === PREFIX_VECTOR ? second === 0x0c
      : opcode === 0x0b || opcode === 0x23 || opcode >= 0x41 && opcode <= 0x44 || opcode === 0xd0 || opcode === 0xd2
        || opcode >= 0x6a && opcode <= 0x6c || opcode >= 0x7c && opcode <= 0x7e;
    if (!allowed) this.invalid('constant expression required');
  }

  private instruction(ins: Instruction): void {
    const { opcode } = ins;
    if (opcode < 0x100) {
      if (ins.operands !== undefined) this.plain(ins);
      else this.special(opcode);
    } else if (opcode >> 12 === PREFIX_GC) checkAggregate(this, opcode & 0xfff);
    else if (ins.operands !== undefined) this.plainPrefixed(ins);
    else this.bulk(opcode & 0xfff);
  }

  /** The emitter when code at this point can run; otherwise nothing is written. */
  emitter(): Emitter | undefined {
    return this.out !== undefined && this.live() ? this.out : undefined;
  }

  emit(operator: number, ...operands: number[]): void {
    const out = this.emitter();
    if (out === undefined) return;
    out.op(operator, this.offset);
    for (const operand of operands) out.operand(operand);
  }

  escape(prefix: number, second: number, ...operands: number[]): void {
    this.emitter()?.escape(prefix, second, operands, this.offset);
  }

  // ---- types by letters -------------------------------------------------------------------------------------------------------------

  private popLetters(letters: string, address: ValueType): void {
    for (let i = letters.length - 1; i >= 0; i--) this.popExpected(letterTypes[letters.charAt(i)] ?? address);
  }

  private pushLetters(letters: string, address: ValueType): void {
    for (let i = 0; i < letters.length; i++) this.pushType(letterTypes[letters.charAt(i)] ?? address);
  }

  /** One-byte instructions whose type the table gives. */
  private plain(ins: Instruction): void {
    const r = this.reader;
    const out = this.emitter();
    const { opcode } = ins;
    let address = I32;
    switch (ins.immediate) {
      case 'none':
        if (opcode !== 0x01) out?.op(opcode, this.offset);
        break;
      case 'i32': {
        const value = r.s32();
        out?.op(opcode, this.offset);
        out?.operand(value);
        break;
      }
      case 'f32': {
        const bits = r.fixed32();
        out?.op(opcode, this.offset);
        out?.operand(bits);
        break;
      }
      case 'i64': case 'f64': {
        let low: number;
        let high: number;
        if (ins.immediate === 'i64') {
          r.s64();
          low = r.low;
          high = r.high;
        } else {
          low = r.fixed32();
          high = r.fixed32();
        }
        out?.op(opcode, this.offset);
        out?.operand(low);
        out?.operand(high);
        break;
      }
      case 'memarg': {
        address = this.memoryArgument(ins.natural);
        if (this.memarg.memory === 0 && address === I32) {
          out?.op(opcode, this.offset);
          out?.operand(r.low);
        } else {
          out?.op(Op.wideAccess, this.offset);
          for (const operand of [opcode, this.memarg.memory, r.low, r.high]) out?.operand(operand);
        }
        break;
      }
      case 'memory': {
        const index = r.u32();
        address = this.addressOf(this.memory(index));
        out?.op(opcode, this.offset);
        out?.operand(index);
        break;
      }
      default: bug(`immediate ${ins.immediate} of ${ins.name}`);
    }
    this.popLetters(ins.operands ?? '', address);
    this.pushLetters(ins.results, address);
  }

  /** Saturating conversions, vectors, atomics: types from the table, operands into an escape. */
  private plainPrefixed(ins: Instruction): void {
    const r = this.reader;
    const prefix = ins.opcode >> 12;
    const operands: number[] = [];
    let address = I32;
    switch (ins.immediate) {
      case 'none': case 'zero':
        if (ins.immediate === 'zero') r.byte();
        break;
      case 'lane': operands.push(this.lane(16 >> ins.natural)); break;
      case 'v128':
        for (let i = 0; i < 4; i++) operands.push(r.fixed32());
        break;
      case 'shuffle': {
        for (let word = 0; word < 4; word++) {
          let packed = 0;
          for (let i = 0; i < 4; i++) packed |= this.lane(32) << 8 * i;
          operands.push(packed);
        }
        break;
      }
      case 'memarg':
        address = this.memoryArgument(ins.natural);
        if (prefix === PREFIX_ATOMIC && this.memarg.align !== ins.natural) this.invalid('atomic alignment must be natural');
        operands.push(this.memarg.memory, r.low, r.high);
        break;
      case 'memargLane':
        address = this.memoryArgument(ins.natural);
        operands.push(this.memarg.memory, r.low, r.high, this.lane(16 >> ins.natural));
        break;
      default: bug(`immediate ${ins.immediate} of ${ins.name}`);
    }
    this.escape(prefix, ins.opcode & 0xfff, ...operands);
    this.popLetters(ins.operands ?? '', address);
    this.pushLetters(ins.results, address);
  }

  private lane(limit: number): number {
    const lane = this.reader.byte();
    return lane < limit ? lane : this.invalid(`invalid lane index ${lane}`);
  }

  // ---- entities named by immediates -------------------------------------------------------------------------------------------------

  memory(index: number): Limits {
    return this.context.module.memories[index]?.limits ?? this.invalid(`unknown memory ${index}`);
  }

  addressOf(limits: Limits): ValueType { return limits.wide ? I64 : I32; }

  /** Reads a memory argument; the address type is the result, the offset stays in the reader's halves. */
  private memoryArgument(natural: number): ValueType {
    const r = this.reader;
    readMemoryArgument(r, this.memarg);
    const limits = this.memory(this.memarg.memory);
    if (this.memarg.align > natural) this.invalid('alignment must not be larger than natural');
    if (!limits.wide && r.high !== 0) this.invalid('offset out of range');
    return this.addressOf(limits);
  }

  private table(index: number): TableType {
    return this.context.tables[index] ?? this.invalid(`unknown table ${index}`);
  }

  element(index: number): ValueType {
    return this.context.elements[index] ?? this.invalid(`unknown elem segment ${index}`);
  }

  data(index: number): number {
    return index < (this.context.module.dataCount ?? 0) ? index : this.invalid(`unknown data segment ${index}`);
  }

  heapType(): HeapType {
    const heap = readHeapType(this.reader);
    return isDefinedHeap(heap) ? definedHeap(identityOf(this.context, indexOfHeap(heap), this.offset)) : heap;
  }

  typeIdentity(): number { return identityOf(this.context, this.reader.u32(), this.offset); }

  private functionTypeOf(index: number): { id: number; type: FunctionType } {
    const id = this.context.functions[index] ?? this.invalid(`unknown function ${index}`);
    return { id, type: this.space.func(id) };
  }

  private functionTypeHere(): { id: number; type: FunctionType } {
    const id = this.typeIdentity();
    const { composite } = this.space.definition(id);
    return composite.kind === 'func' ? { id, type: composite } : this.invalid(`type mismatch: type ${id} is not a function type`);
  }

  private tagType(index: number): FunctionType {
    return this.space.func(this.context.tags[index] ?? this.invalid(`unknown tag ${index}`));
  }

  private blockType(): { params: readonly ValueType[]; results: readonly ValueType[] } {
    const r = this.reader;
    const byte = r.peek();
    if (byte === 0x40) {
      r.byte();
      return { params: [], results: [] };
    }
    if (isTypeByte(byte)) return { params: [], results: [resolveType(this.context, readValueType(r), this.offset)] };
    const id = identityOf(this.context, r.s33(), this.offset);
    const { composite } = this.space.definition(id);
    return composite.kind === 'func' ? composite : this.invalid('type mismatch: block type is not a function type');
  }

  // ---- control ----------------------------------------------------------------------------------------------------------------------

  private openBlock(kind: BlockKind): Control {
    const { params, results } = this.blockType();
    if (kind === 'if') this.popExpected(I32);
    this.popTypes(params);
    return this.pushControl(kind, params, results);
  }

  /**
   * Writes where a branch goes: address, int offset its values move to (or -1 when they are in place), slots kept, references among them.
   * Called when the label's values are still on the stack.
   */
  branchOperands(out: Emitter, control: Control, alwaysMove: boolean): void {
    const types = labelTypes(control);
    let keep = 0;
    let refs = 0;
    for (const type of types) {
      keep += slotsOf(type);
      if (isRef(type)) refs = 1;
    }
    const inPlace = !alwaysMove && this.slots === control.slots + keep;
    this.branchTarget(out, control);
    out.operand(inPlace ? -1 : this.frameInts() + control.slots * 2);
    out.operand(keep);
    out.operand(refs);
  }

  private branchTarget(out: Emitter, control: Control): void {
    if (control.kind === 'loop') out.operand(control.head);
    else control.fixups.push(out.hole());
  }

  private slotsIn(types: readonly ValueType[]): number {
    let slots = 0;
    for (const type of types) slots += slotsOf(type);
    return slots;
  }

  /** `br` and `br_if`, after their types were checked and with the label's values on the stack. */
  private emitBranch(control: Control, simple: number, moving: number): void {
    const out = this.emitter();
    if (out === undefined) return;
    if (this.slots === control.slots + this.slotsIn(labelTypes(control))) {
      out.op(simple, this.offset);
      this.branchTarget(out, control);
    } else {
      out.op(moving, this.offset);
      this.branchOperands(out, control, true);
    }
  }

  private emitReturn(results: readonly ValueType[]): void {
    this.emit(0x0f, this.slotsIn(results), results.some(isRef) ? 1 : 0);
  }

  private returnTypes(): readonly ValueType[] { return this.controls[0]?.results ?? []; }

  private special(opcode: number): void {
    const r = this.reader;
    switch (opcode) {
      case 0x00: this.emit(opcode); this.markUnreachable(); break;
      case 0x02: this.openBlock('block'); break;
      case 0x03: {
        const control = this.openBlock('loop');
        control.head = this.out?.here ?? -1;
        break;
      }
      case 0x04: {
        const control = this.openBlock('if');
        if (this.out !== undefined && control.live) {
          this.out.op(opcode, this.offset);
          control.elseFixup = this.out.hole();
        }
        break;
      }
      case 0x05: this.elseArm(); break;
      case 0x0b: this.end(); break;
      case 0x1f: this.tryTable(); break;
      case 0x08: {
        const index = r.u32();
        const tag = this.tagType(index);
        this.emit(opcode, index);
        this.popTypes(tag.params);
        this.markUnreachable();
        break;
      }
      case 0x0a:
        this.emit(opcode);
        this.popExpected(EXNREF);
        this.markUnreachable();
        break;
      case 0x0c: {
        const control = this.label(r.u32());
        this.popAndKeep(labelTypes(control));
        this.emitBranch(control, 0x0c, Op.brMove);
        this.markUnreachable();
        break;
      }
      case 0x0d: {
        const control = this.label(r.u32());
        this.popExpected(I32);
        this.popAndKeep(labelTypes(control));
        this.emitBranch(control, 0x0d, Op.brIfMove);
        break;
      }
      case 0x0e: this.branchTable(); break;
      case 0x0f: {
        const results = this.returnTypes();
        this.popTypes(results);
        this.emitReturn(results);
        this.markUnreachable();
        break;
      }
      case 0x10: case 0x12: {
        const index = r.u32();
        const { type } = this.functionTypeOf(index);
        this.emit(opcode, index);
        this.call(type, opcode === 0x12);
        break;
      }
      case 0x11: case 0x13: {
        const { id, type } = this.functionTypeHere();
        const index = r.u32();
        const table = this.table(index);
        if (!this.space.matches(table.element, refType(true, Heap.func))) this.invalid('type mismatch: table does not hold functions');
        this.emit(opcode, id, index, table.limits.wide ? 1 : 0);
        this.popExpected(this.addressOf(table.limits));
        this.call(type, opcode === 0x13);
        break;
      }
      case 0x14: case 0x15: {
        const { id, type } = this.functionTypeHere();
        this.emit(opcode);
        this.popExpected(refType(true, definedHeap(id)));
        this.call(type, opcode === 0x15);
        break;
      }
      case 0x1a: {
        const type = this.pop();
        this.emit(type === V128 ? Op.drop128 : opcode);
        break;
      }
      case 0x1b: case 0x1c: this.select(opcode === 0x1c); break;
      case 0x20: case 0x21: case 0x22: this.local(opcode); break;
      case 0x23: case 0x24: this.global(opcode); break;
      case 0x25: {
        const index = r.u32();
        const table = this.table(index);
        this.escape(PREFIX_MISC, 0x25, index);
        this.popExpected(this.addressOf(table.limits));
        this.pushType(table.element);
        break;
      }
      case 0x26: {
        const index = r.u32();
        const table = this.table(index);
        this.escape(PREFIX_MISC, 0x26, index);
        this.popExpected(table.element);
        this.popExpected(this.addressOf(table.limits));
        break;
      }
      default: this.reference(opcode);
    }
  }

  private popAndKeep(types: readonly ValueType[]): void {
    this.popTypes(types);
    this.pushTypes(types);
  }

  private call(type: FunctionType, tail: boolean): void {
    this.popTypes(type.params);
    if (!tail) {
      this.pushTypes(type.results);
      return;
    }
    if (!this.space.matchesAll(type.results, this.returnTypes())) this.invalid('type mismatch: tail call results differ from the function\'s');
    this.markUnreachable();
  }

  private elseArm(): void {
    const live = this.live();
    const control = this.popControl();
    const out = this.out;
    if (out !== undefined && control.live) {
      if (live) {
        out.op(Op.jump, this.offset);
        control.fixups.push(out.hole());
      }
      out.fill(control.elseFixup, out.here);
    }
    const arm = this.pushControl('else', control.params, control.results);
    for (const position of control.fixups) arm.fixups.push(position);
  }

  private end(): void {
    const top = this.top();
    const { out } = this;
    // An `if` without `else` has an empty second arm, which turns the parameters into the results.
    if (top.kind === 'if' && !this.space.matchesAll(top.params, top.results)) this.invalid('type mismatch: if without else');
    const control = this.popControl();
    if (out !== undefined && control.live) {
      if (control.kind === 'if') out.fill(control.elseFixup, out.here);
      out.fillAll(control.fixups, out.here);
      if (control.kind === 'try') out.handlers.push({ start: out.here, end: out.here, clauses: control.head });
    }
    if (this.controls.length > 0) {
      this.pushTypes(control.results);
      return;
    }
    this.slots = this.slotsIn(control.results);
    if (this.slots > this.maxSlots) this.maxSlots = this.slots;
    if (out !== undefined) {
      out.op(0x0f, this.offset);
      out.operand(this.slots);
      out.operand(control.results.some(isRef) ? 1 : 0);
    }
  }

  private tryTable(): void {
    const r = this.reader;
    const { params, results } = this.blockType();
    this.popTypes(params);
    const out = this.emitter();
    const past = out === undefined ? -1 : (out.op(0x1f, this.offset), out.hole());
    const count = r.u32();
    out?.operand(count);
    for (let i = 0; i < count; i++) {
      const kind = r.byte();
      const tagIndex = kind < 2 ? r.u32() : -1;
      const control = this.label(r.u32());
      const carried = [...(kind < 2 ? this.tagType(tagIndex).params : []), ...((kind & 1) === 1 ? [withoutNull(EXNREF)] : [])];
      if (!this.space.matchesAll(carried, labelTypes(control))) this.invalid('type mismatch: catch clause and label differ');
      if (out !== undefined) {
        out.operand(kind);
        out.operand(tagIndex);
        this.branchTarget(out, control);
        out.operand(this.frameInts() + control.slots * 2);
      }
    }
    out?.fill(past, out.here);
    this.pushControl('try', params, results).head = past;
  }

  private branchTable(): void {
    const r = this.reader;
    const count = r.u32();
    this.popExpected(I32);
    const out = this.emitter();
    out?.op(0x0e, this.offset);
    out?.operand(count);
    const start = r.pos;
    for (let i = 0; i < count; i++) r.u32();
    const arity = labelTypes(this.label(r.u32())).length;
    r.pos = start;
    for (let i = 0; i <= count; i++) {
      const control = this.label(r.u32());
      const types = labelTypes(control);
      if (types.length !== arity) this.invalid('type mismatch: br_table labels have different arities');
      this.checkTop(types);
      if (out !== undefined) this.branchOperands(out, control, false);
    }
    this.markUnreachable();
  }

  /** Checks the topmost operands against types and leaves them as they are. */
  private checkTop(types: readonly ValueType[]): void {
    const popped: ValueType[] = [];
    for (let i = types.length - 1; i >= 0; i--) popped.push(this.popExpected(types[i] ?? BOTTOM));
    for (let i = popped.length - 1; i >= 0; i--) this.pushType(popped[i] ?? BOTTOM);
  }

  private select(typed: boolean): void {
    let type: ValueType;
    if (typed) {
      const types = readValueTypes(this.reader).map((t) => resolveType(this.context, t, this.offset));
      const [only] = types;
      if (only === undefined || types.length !== 1) return this.invalid('invalid result arity');
      this.popExpected(I32);
      this.popExpected(only);
      this.popExpected(only);
      type = only;
    } else {
      this.popExpected(I32);
      const first = this.pop();
      const second = this.pop();
      for (const t of [first, second]) if (!isNumeric(t) && t !== V128 && t !== BOTTOM) this.invalid(`type mismatch: select without types on ${showType(t)}`);
      if (first !== second && first !== BOTTOM && second !== BOTTOM) this.invalid('type mismatch: select operands differ');
      type = first === BOTTOM ? second : first;
    }
    this.emit(type === V128 ? Op.select128 : isRef(type) ? Op.selectRef : 0x1b);
    this.pushType(type);
  }

  private local(opcode: number): void {
    const index = this.reader.u32();
    const type = this.locals[index] ?? this.invalid(`unknown local ${index}`);
    const at = this.localOffsets[index] ?? 0;
    const width = isRef(type) ? 3 : type === V128 ? 2 : type === I64 || type === F64 ? 1 : 0;
    if (opcode === 0x20) {
      if (this.localSet[index] !== true) this.invalid(`uninitialized local ${index}`);
      this.emit(width === 0 ? opcode : Op.localGet64 + width - 1, at);
      this.pushType(type);
      return;
    }
    this.popExpected(type);
    this.markSet(index);
    if (opcode === 0x21) this.emit(width === 0 ? opcode : Op.localSet64 + width - 1, at);
    else {
      this.emit(width === 0 ? opcode : Op.localTee64 + width - 1, at);
      this.pushType(type);
    }
  }

  private global(opcode: number): void {
    const index = this.reader.u32();
    const global = index < this.context.visibleGlobals ? this.context.globals[index] : undefined;
    if (global === undefined) return this.invalid(`unknown global ${index}`);
    const { type } = global;
    const wide = type === V128 || isRef(type);
    const long = type === I64 || type === F64;
    if (opcode === 0x23) {
      if (this.constant && global.mutable) this.invalid('constant expression required');
      if (wide) this.emit(Op.globalGetWide, index, isRef(type) ? 1 : 0);
      else this.emit(long ? Op.globalGet64 : opcode, index);
      this.pushType(type);
      return;
    }
    if (!global.mutable) this.invalid('immutable global');
    if (wide) this.emit(Op.globalSetWide, index, isRef(type) ? 1 : 0);
    else this.emit(long ? Op.globalSet64 : opcode, index);
    this.popExpected(type);
  }

  // ---- references -------------------------------------------------------------------------------------------------------------------

  private reference(opcode: number): void {
    const r = this.reader;
    switch (opcode) {
      case 0xd0: {
        const heap = this.heapType();
        this.emit(opcode);
        this.pushType(refType(true, heap));
        break;
      }
      case 0xd1:
        this.popReference();
        this.emit(opcode);
        this.pushType(I32);
        break;
      case 0xd2: {
        const index = r.u32();
        const { id } = this.functionTypeOf(index);
        if (!this.context.declared.has(index)) this.invalid('undeclared function reference');
        this.emit(opcode, index);
        this.pushType(refType(false, definedHeap(id)));
        break;
      }
      case 0xd3: {
        const eq = refType(true, Heap.eq);
        this.popExpected(eq);
        this.popExpected(eq);
        this.emit(opcode);
        this.pushType(I32);
        break;
      }
      case 0xd4: {
        const type = this.popReference();
        this.emit(opcode);
        this.pushType(this.nonNull(type));
        break;
      }
      case 0xd5: {
        const control = this.label(r.u32());
        const type = this.popReference();
        this.popAndKeep(labelTypes(control));
        this.emitGeneralBranch(opcode, control);
        this.pushType(this.nonNull(type));
        break;
      }
      case 0xd6: {
        const control = this.label(r.u32());
        const types = labelTypes(control);
        const last = types[types.length - 1];
        if (last === undefined || !isRef(last)) return this.invalid('type mismatch: label does not take a reference');
        const type = this.popReference();
        this.pushType(this.nonNull(type));
        this.popAndKeep(types);
        this.emitGeneralBranch(opcode, control);
        this.pop();
        break;
      }
      default: bug(`opcode ${opcode.toString(16)}`);
    }
  }

  /** A branch whose operands always take the general form, with the label's values on top. */
  emitGeneralBranch(opcode: number, control: Control, ...before: number[]): void {
    const out = this.emitter();
    if (out === undefined) return;
    out.op(opcode, this.offset);
    for (const operand of before) out.operand(operand);
    this.branchOperands(out, control, true);
  }

  private nonNull(type: ValueType): ValueType {
    return type === BOTTOM ? refType(false, Heap.bottom) : withoutNull(type);
  }

  // ---- bulk memory and tables -------------------------------------------------------------------------------------------------------

  private bulk(second: number): void {
    const r = this.reader;
    switch (second) {
      case 8: {
        const segment = this.data(r.u32());
        const memory = r.u32();
        const address = this.addressOf(this.memory(memory));
        this.escape(PREFIX_MISC, second, segment, memory);
        this.popTypes([address, I32, I32]);
        break;
      }
      case 9: this.escape(PREFIX_MISC, second, this.data(r.u32())); break;
      case 10: {
        const target = r.u32();
        const source = r.u32();
        const to = this.memory(target);
        const from = this.memory(source);
        this.escape(PREFIX_MISC, second, target, source);
        this.popTypes([this.addressOf(to), this.addressOf(from), to.wide && from.wide ? I64 : I32]);
        break;
      }
      case 11: {
        const memory = r.u32();
        const address = this.addressOf(this.memory(memory));
        this.escape(PREFIX_MISC, second, memory);
        this.popTypes([address, I32, address]);
        break;
      }
      case 12: {
        const segment = r.u32();
        const index = r.u32();
        const table = this.table(index);
        if (!this.space.matches(this.element(segment), table.element)) this.invalid('type mismatch: segment does not fit the table');
        this.escape(PREFIX_MISC, second, segment, index);
        this.popTypes([this.addressOf(table.limits), I32, I32]);
        break;
      }
      case 13: {
        const segment = r.u32();
        this.element(segment);
        this.escape(PREFIX_MISC, second, segment);
        break;
      }
      case 14: {
        const target = r.u32();
        const source = r.u32();
        const to = this.table(target);
        const from = this.table(source);
        if (!this.space.matches(from.element, to.element)) this.invalid('type mismatch: tables hold different types');
        this.escape(PREFIX_MISC, second, target, source);
        this.popTypes([this.addressOf(to.limits), this.addressOf(from.limits), to.limits.wide && from.limits.wide ? I64 : I32]);
        break;
      }
      case 15: case 16: case 17: {
        const index = r.u32();
        const table = this.table(index);
        const address = this.addressOf(table.limits);
        this.escape(PREFIX_MISC, second, index);
        if (second === 15) this.popTypes([table.element, address]);
        if (second === 17) this.popTypes([address, table.element, address]);
        else this.pushType(address);
        break;
      }
      default: bug(`opcode fc ${second}`);
    }
  }
}

function finishCode(checker: CodeChecker, emitter: Emitter, paramInts: number, hasRefLocals: boolean): CompactCode {
  return {
    code: Int32Array.from(emitter.code),
    handlers: emitter.handlers.map(({ clauses, end }) => {
      const past = emitter.code[clauses] ?? 0;
      return { start: past, end, clauses: clauses + 1 };
    }),
    localInts: checker.frameInts(),
    frameInts: checker.frameInts() + checker.maxSlots * 2,
    paramInts,
    hasRefLocals,
    positions: emitter.positions,
    offsets: emitter.offsets,
    operandTypes: emitter.operandTypes,
  };
}

function checkWith(checker: CodeChecker, body: FunctionBody): { paramInts: number; hasRefLocals: boolean } {
  const { context } = checker;
  checker.offset = body.offset;
  const type = context.space.func(identityOf(context, body.typeIndex, body.offset));
  for (const param of type.params) checker.addLocal(param, true);
  const paramInts = checker.frameInts();
  let hasRefLocals = false;
  for (const group of body.locals) {
    const local = resolveType(context, group.type, body.offset);
    if (isRef(local)) hasRefLocals = true;
    for (let i = 0; i < group.count; i++) checker.addLocal(local, false);
  }
  checker.sequence(body.code, type.results);
  return { paramInts, hasRefLocals };
}

/** Validates one function body. */
export function checkBody(context: Context, body: FunctionBody): void {
  checkWith(new CodeChecker(context, undefined, false), body);
}

/** Translates a body that has been validated; with `mapping`, keeps byte offsets of operators. */
export function compileBody(context: Context, body: FunctionBody, emitter: Emitter): CompactCode {
  const checker = new CodeChecker(context, emitter, false);
  const { paramInts, hasRefLocals } = checkWith(checker, body);
  return finishCode(checker, emitter, paramInts, hasRefLocals);
}

/** Validates a constant expression of one result. */
export function checkConstant(context: Context, expression: Expression, type: ValueType): void {
  const checker = new CodeChecker(context, undefined, true);
  checker.offset = expression.start;
  checker.sequence(expression, [type]);
}

/** Translates a validated constant expression to a parameterless function. */
export function compileConstant(context: Context, expression: Expression, type: ValueType, emitter: Emitter): CompactCode {
  const checker = new CodeChecker(context, emitter, true);
  checker.sequence(expression, [type]);
  return finishCode(checker, emitter, 0, false);
}
