// The state of checking one body: operand and control stacks of the validation algorithm, locals, and the emitter when code is to be written.
// Chapter: "Appendix", section "Validation Algorithm". `pushType`, `popExpected`, `pushControl` … are its push_val, pop_val, push_ctrl, and so on.
// Beside types it counts the 64-bit slots that values occupy at run time, which is all the code generator needs to know of the stack.
// After an instruction that never falls through, the stack is polymorphic: popping below the block's floor yields bottom.
import { Reader } from './reader.ts';
import type { MemoryArgument } from './decode-code.ts';
import { readMemoryArgument } from './decode-code.ts';
import { isTypeByte, readHeapType, readValueType } from './decode-types.ts';
import type { Context } from './context.ts';
import { identityOf, resolveType } from './context.ts';
import type { Emitter } from './compact.ts';
import type { FunctionType, HeapType, Limits, TableType, ValueType } from './types.ts';
import { BOTTOM, I32, I64, definedHeap, indexOfHeap, isDefaultable, isDefinedHeap, isRef, showType, showTypes, slotsOf } from './types.ts';
import type { TypeSpace } from './matching.ts';
import { InvalidModule, UnsupportedModule } from './outcome.ts';

/** Implementation limit: locals of one function, parameters included. */
const MAX_LOCALS = 50_000;

export type BlockKind = 'block' | 'loop' | 'if' | 'else' | 'try' | 'function';

/** One open block. */
export interface Control {
  kind: BlockKind;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Operand stack beneath the block's parameters, in types and in slots. */
  readonly floor: number;
  readonly slots: number;
  /** How many local initialisations were known on entry. */
  readonly initialised: number;
  unreachable: boolean;
  /** Whether code is being generated inside; false within dead code. */
  readonly live: boolean;
  /** Compact-code position of a loop's head or of a try block's start. */
  head: number;
  /** Positions in compact code that want the address of the block's end. */
  readonly fixups: number[];
  /** For `if`: the position wanting the address of `else` or `end`. */
  elseFixup: number;
}

export class Checker {
  readonly space: TypeSpace;
  readonly types: ValueType[] = [];
  readonly controls: Control[] = [];
  slots = 0;
  maxSlots = 0;
  /** How far down the operand stack was popped since this was last set. */
  lowest = 0;
  /** Offset of the instruction being checked, for messages. */
  offset = 0;
  /** Which non-defaultable locals have been set, and the order in which they were. */
  readonly localSet: boolean[] = [];
  readonly setOrder: number[] = [];
  readonly context: Context;
  readonly reader: Reader;
  readonly out: Emitter | undefined;
  readonly locals: ValueType[] = [];
  /** Int offset of each local in the frame; one more entry for the end. */
  readonly localOffsets: number[] = [0];
  /** In a constant expression only constant instructions are valid. */
  readonly constant: boolean;
  /** The last memory argument read; its offset is in the reader's halves. */
  readonly memarg: MemoryArgument = { align: 0, memory: 0 };

  constructor(context: Context, out: Emitter | undefined, constant: boolean) {
    this.space = context.space;
    this.context = context;
    this.reader = new Reader(context.module.bytes);
    this.out = out;
    this.constant = constant;
  }

  // ---- stacks -------------------------------------------------------------------------------------------------------------------------

  invalid(message: string): never {
    throw new InvalidModule(this.offset, message);
  }

  top(): Control {
    return this.controls[this.controls.length - 1] ?? this.invalid('unexpected end');
  }

  /** Whether code at this point can run at all. */
  live(): boolean {
    const top = this.top();
    return top.live && !top.unreachable;
  }

  pushType(type: ValueType): void {
    this.types.push(type);
    this.slots += slotsOf(type);
    if (this.slots > this.maxSlots) this.maxSlots = this.slots;
  }

  pushTypes(types: readonly ValueType[]): void {
    for (let i = 0; i < types.length; i++) this.pushType(types[i] ?? BOTTOM);
  }

  pop(): ValueType {
    const top = this.top();
    if (this.types.length === top.floor) {
      if (top.unreachable) return BOTTOM;
      this.invalid('type mismatch: operand missing');
    }
    const type = this.types.pop() ?? BOTTOM;
    this.slots -= slotsOf(type);
    if (this.types.length < this.lowest) this.lowest = this.types.length;
    return type;
  }

  popExpected(expected: ValueType): ValueType {
    const top = this.top();
    if (this.types.length === top.floor && !top.unreachable) this.invalid(`type mismatch: expected ${showType(expected)}, operand missing`);
    const actual = this.pop();
    if (actual !== expected && !this.space.matches(actual, expected)) {
      this.invalid(`type mismatch: expected ${showType(expected)}, found ${showType(actual)}`);
    }
    return actual;
  }

  popTypes(expected: readonly ValueType[]): void {
    for (let i = expected.length - 1; i >= 0; i--) this.popExpected(expected[i] ?? BOTTOM);
  }

  /** Any reference type; bottom is let through. */
  popReference(): ValueType {
    const type = this.pop();
    if (type !== BOTTOM && !isRef(type)) this.invalid(`type mismatch: expected a reference, found ${showType(type)}`);
    return type;
  }

  pushControl(kind: BlockKind, params: readonly ValueType[], results: readonly ValueType[]): Control {
    const control: Control = {
      kind, params, results, floor: this.types.length, slots: this.slots, initialised: this.setOrder.length,
      unreachable: false, live: this.controls.length === 0 || this.live(), head: -1, fixups: [], elseFixup: -1,
    };
    this.controls.push(control);
    this.pushTypes(params);
    return control;
  }

  /** Checks that a block leaves exactly its results, and closes it. */
  popControl(): Control {
    const control = this.top();
    this.popTypes(control.results);
    if (this.types.length !== control.floor) this.invalid(`type mismatch: values remaining on stack at end of block, expected ${showTypes(control.results)}`);
    while (this.setOrder.length > control.initialised) this.localSet[this.setOrder.pop() ?? 0] = false;
    this.slots = control.slots;
    this.controls.pop();
    return control;
  }

  markUnreachable(): void {
    const top = this.top();
    this.types.length = top.floor;
    this.slots = top.slots;
    top.unreachable = true;
  }

  label(depth: number): Control {
    return this.controls[this.controls.length - 1 - depth] ?? this.invalid(`unknown label ${depth}`);
  }

  markSet(local: number): void {
    if (this.localSet[local] === true) return;
    this.localSet[local] = true;
    this.setOrder.push(local);
  }

  // ---- locals and code ----------------------------------------------------------------------------------------------------------------

  addLocal(type: ValueType, set: boolean): void {
    if (this.locals.length >= MAX_LOCALS) throw new UnsupportedModule(this.offset, `more than ${MAX_LOCALS} locals`);
    this.localSet.push(set || isDefaultable(type));
    this.locals.push(type);
    this.localOffsets.push(this.frameInts() + slotsOf(type) * 2);
  }

  /** Ints of the frame taken by locals so far. */
  frameInts(): number { return this.localOffsets[this.localOffsets.length - 1] ?? 0; }

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

  slotsIn(types: readonly ValueType[]): number {
    let slots = 0;
    for (const type of types) slots += slotsOf(type);
    return slots;
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

  branchTarget(out: Emitter, control: Control): void {
    if (control.kind === 'loop') out.operand(control.head);
    else control.fixups.push(out.hole());
  }

  /** `br` and `br_if`, after their types were checked and with the label's values on the stack. */
  emitBranch(control: Control, simple: number, moving: number): void {
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

  /** A branch whose operands always take the general form, with the label's values on top. */
  emitGeneralBranch(opcode: number, control: Control, ...before: number[]): void {
    const out = this.emitter();
    if (out === undefined) return;
    out.op(opcode, this.offset);
    for (const operand of before) out.operand(operand);
    this.branchOperands(out, control, true);
  }

  popAndKeep(types: readonly ValueType[]): void {
    this.popTypes(types);
    this.pushTypes(types);
  }

  /** Checks the topmost operands against types and leaves them as they are. */
  checkTop(types: readonly ValueType[]): void {
    const popped: ValueType[] = [];
    for (let i = types.length - 1; i >= 0; i--) popped.push(this.popExpected(types[i] ?? BOTTOM));
    for (let i = popped.length - 1; i >= 0; i--) this.pushType(popped[i] ?? BOTTOM);
  }

  // ---- entities named by immediates ---------------------------------------------------------------------------------------------------

  memory(index: number): Limits {
    return this.context.module.memories[index]?.limits ?? this.invalid(`unknown memory ${index}`);
  }

  addressOf(limits: Limits): ValueType { return limits.wide ? I64 : I32; }

  /** Reads a memory argument; the address type is the result, the offset stays in the reader's halves. */
  memoryArgument(natural: number): ValueType {
    const r = this.reader;
    readMemoryArgument(r, this.memarg);
    const limits = this.memory(this.memarg.memory);
    if (this.memarg.align > natural) this.invalid('alignment must not be larger than natural');
    if (!limits.wide && r.high !== 0) this.invalid('offset out of range');
    return this.addressOf(limits);
  }

  table(index: number): TableType {
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

  functionTypeOf(index: number): { id: number; type: FunctionType } {
    const id = this.context.functions[index] ?? this.invalid(`unknown function ${index}`);
    return { id, type: this.space.func(id) };
  }

  functionTypeHere(): { id: number; type: FunctionType } {
    const id = this.typeIdentity();
    const { composite } = this.space.definition(id);
    return composite.kind === 'func' ? { id, type: composite } : this.invalid(`type mismatch: type ${id} is not a function type`);
  }

  tagType(index: number): FunctionType {
    return this.space.func(this.context.tags[index] ?? this.invalid(`unknown tag ${index}`));
  }

  blockType(): { params: readonly ValueType[]; results: readonly ValueType[] } {
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
}

/** The types a branch to the block carries: a loop's parameters, any other block's results. */
export function labelTypes(control: Control): readonly ValueType[] {
  return control.kind === 'loop' ? control.params : control.results;
}
