// Validates one body, one instruction at a time: the algorithm of the standard's appendix "Validation Algorithm", over flat stacks.
// `begin` reads the local declarations; then `step` reads and checks one instruction, until `done`. Whoever drives it (the
// validate-only loop below, or the translator) finds the instruction's immediates in `operator` after each step.
//
// Invariant: `types[0 … height)` is the operand stack, 0 the bottom type, which matches every type. The current frame's operands begin
//            at `base`; below it nothing may be popped. `unreachable`: the stack below is polymorphic, popping at `base` yields bottom.
// Cost:      linear in the bytes, but for br_table, which checks each distinct label type once, and block types of many values,
//            bounded by the limit on parameters and results.

import { Unsupported } from '../base/errors.ts';
import { invalid, malformed } from './binary-reader.ts';
import { FunctionType, type Module, type ValueType, isReference, valueTypeName, valueTypes } from './module.ts';
import { type InstructionName, immediateKinds, type instructions, naturalAlignmentOf, opcode, opcodeLimit, specialStack, stackOf } from './opcodes.ts';
import { OperatorReader, noBlockType } from './operator-reader.ts';
import { readValueType } from './types-reader.ts';

/** Limit on locals, parameters included; that of the JS interface. */
export const localLimit = 50_000;

/** Limit on the operand stack: a call of two bytes may push a thousand. */
const operandLimit = 2 ** 24;

const bottom = 0;
const noTypes = new Uint8Array(0);
const emptyType = new FunctionType(noTypes, noTypes);
/** Block types of one result, by value type. */
const singleResult = Array.from({ length: 16 }, (_, type) => new FunctionType(noTypes, Uint8Array.of(type)));

/** What opened a frame. */
export const frameKinds = { function: 0, block: 1, loop: 2, if: 3, else: 4 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

interface Frame {
  kind: FrameKind;
  type: FunctionType;
  base: number;
  unreachable: boolean;
}

const k = immediateKinds;

export class FunctionValidator {
  readonly module: Module;
  readonly operator: OperatorReader;
  /** Types of parameters and locals; `localCount` of them. */
  locals = new Uint8Array(64);
  localCount = 0;
  /** The function's own type. */
  type = emptyType;
  private types = new Uint8Array(256);
  private height = 0;
  private base = 0;
  private unreachable = false;
  /** Frames are reused; `depth` of them are open. */
  private readonly frames: Frame[] = [];
  private depth = 0;

  constructor(module: Module) {
    this.module = module;
    this.operator = new OperatorReader(module.bytes);
  }

  /** Starts on a defined function, numbered among the defined ones. */
  begin(defined: number): void {
    const module = this.module;
    const body = module.bodies[defined];
    const type = module.types[module.functions[module.importedFunctions + defined] ?? -1];
    if (body === undefined || type === undefined) return malformed(0, 'function and code section have inconsistent lengths');
    const input = this.operator.input;
    input.position = body.start;
    input.end = body.end;
    this.type = type;
    this.height = 0;
    this.depth = 0;
    this.readLocals(type);
    this.pushFrame(frameKinds.function, type);
  }

  private readLocals(type: FunctionType): void {
    const input = this.operator.input;
    this.localCount = 0;
    this.addLocals(type.params.length, valueTypes.i32);
    this.locals.set(type.params);
    const groups = input.count();
    let total = this.localCount;
    for (let i = 0; i < groups; i++) {
      const offset = input.position;
      const count = input.u32();
      total += count;
      if (total > 0xffff_ffff) malformed(offset, 'too many locals');
      if (total > localLimit) {
        // Whether the declarations are malformed is still to be found out: a module that claims more than 2^32 is.
        readValueType(input);
        continue;
      }
      this.addLocals(count, readValueType(input));
    }
    if (total > localLimit) throw new Unsupported(`limit: more than ${localLimit} locals`, input.position);
  }

  private addLocals(count: number, type: ValueType): void {
    const end = this.localCount + count;
    if (end > this.locals.length) {
      const next = new Uint8Array(Math.max(end, this.locals.length * 2));
      next.set(this.locals);
      this.locals = next;
    }
    this.locals.fill(type, this.localCount, end);
    this.localCount = end;
  }

  /** True once the function's own `end` has been read. */
  get done(): boolean {
    return this.depth === 0;
  }

  /** Reads and checks the next instruction. */
  step(): void {
    const operator = this.operator;
    const kind = operator.next();
    switch (kind) {
      case k.none:
      case k.i32:
      case k.i64:
      case k.f32:
      case k.f64:
      case k.local:
        break;
      default:
        this.checkImmediate(kind);
    }
    let effect = stackOf(operator.opcode);
    if (effect === specialStack) {
      const special = specialSteps[operator.opcode];
      if (special !== undefined) special(this);
      return;
    }
    const result = effect & 15;
    for (effect >>= 4; effect !== 0; effect >>= 4) this.pop(effect & 15);
    if (result !== bottom) this.push(result);
  }

  // ---- immediates

  private checkImmediate(kind: number): void {
    const { operator, module } = this;
    switch (kind) {
      case k.memarg:
        if (operator.index >= module.memories.length) this.fail(`unknown memory ${operator.index}`);
        if (operator.memoryOffset > 0xffff_ffff) this.fail('offset out of range');
        if (operator.alignment > naturalAlignmentOf(operator.opcode)) this.fail('alignment must not be larger than natural');
        break;
      case k.memory:
        this.checkMemory(operator.index);
        break;
      case k['memory memory']:
        this.checkMemory(operator.index);
        this.checkMemory(operator.second);
        break;
      case k['data memory']:
        this.checkMemory(operator.second);
        this.checkData(operator.index);
        break;
      case k.data:
        this.checkData(operator.index);
        break;
      case k.table:
        this.checkTable(operator.index);
        break;
      case k['table table']:
        this.checkTable(operator.index);
        this.checkTable(operator.second);
        if (this.tableElement(operator.index) !== this.tableElement(operator.second)) this.fail('type mismatch: tables of different types');
        break;
      case k['element table']:
        this.checkTable(operator.second);
        this.checkElement(operator.index);
        if (module.elements[operator.index]?.type !== this.tableElement(operator.second)) this.fail('type mismatch: segment and table differ');
        break;
      case k.element:
        this.checkElement(operator.index);
        break;
      case k.global:
        if (operator.index >= module.globals.length) this.fail(`unknown global ${operator.index}`);
        break;
      case k.function:
        if (operator.index >= module.functions.length) this.fail(`unknown function ${operator.index}`);
        if (operator.opcode === opcode['ref.func'] && !module.declaredFunctions.has(operator.index)) this.fail('undeclared function reference');
        break;
      case k['type table']:
        this.checkTable(operator.second);
        if (this.tableElement(operator.second) !== valueTypes.funcref) this.fail('type mismatch: table of another type than funcref');
        break;
    }
  }
  private checkMemory(index: number): void {
    if (index >= this.module.memories.length) this.fail(`unknown memory ${index}`);
  }
  private checkTable(index: number): void {
    if (index >= this.module.tables.length) this.fail(`unknown table ${index}`);
  }
  private checkElement(index: number): void {
    if (index >= this.module.elements.length) this.fail(`unknown elem segment ${index}`);
  }
  private checkData(index: number): void {
    const count = this.module.dataCount;
    if (count === undefined) malformed(this.operator.offset, 'data count section required');
    else if (index >= count) this.fail(`unknown data segment ${index}`);
  }
  /** Element type of a table that exists. */
  tableElement(index: number): ValueType | 0 {
    return this.module.tables[index]?.element ?? bottom;
  }
  /** The resolved type of the block that `operator` opens. */
  blockType(): FunctionType {
    return this.resolveBlockType(this.operator.blockType);
  }
  private resolveBlockType(code: number): FunctionType {
    if (code === noBlockType) return emptyType;
    if (code < 0) return singleResult[~code] as FunctionType;
    return this.module.types[code] ?? this.fail(`unknown type ${code}`);
  }

  // ---- the operand stack

  push(type: number): void {
    const height = this.height;
    if (height === this.types.length) {
      if (height >= operandLimit) throw new Unsupported(`limit: more than ${operandLimit} operands on the stack`, this.operator.offset);
      const next = new Uint8Array(height * 2);
      next.set(this.types);
      this.types = next;
    }
    this.types[height] = type;
    this.height = height + 1;
  }
  pop(expected: number): void {
    if (this.height === this.base) return this.popAtBase(expected);
    const found = this.types[--this.height] as number;
    if (found !== expected && found !== bottom) this.mismatch(expected, found);
  }
  private popAtBase(expected: number): void {
    if (!this.unreachable) this.fail(`type mismatch: expected ${valueTypeName(expected)}, found nothing`);
  }
  popAny(): number {
    if (this.height === this.base) {
      if (!this.unreachable) this.fail('type mismatch: expected a value, found nothing');
      return bottom;
    }
    return this.types[--this.height] as number;
  }
  private mismatch(expected: number, found: number): never {
    return this.fail(`type mismatch: expected ${valueTypeName(expected)}, found ${valueTypeName(found)}`);
  }
  popAll(types: Uint8Array): void {
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i] as number);
  }
  pushAll(types: Uint8Array): void {
    for (let i = 0; i < types.length; i++) this.push(types[i] as number);
  }
  /** Pops the types and pushes them again: in unreachable code this replaces bottom by what was demanded. */
  private expect(types: Uint8Array): void {
    this.popAll(types);
    this.pushAll(types);
  }
  /** Checks the types on top without taking them. */
  private peekAll(types: Uint8Array): void {
    for (let i = types.length - 1, at = this.height - 1; i >= 0; i--, at--) {
      if (at < this.base) {
        this.popAtBaseOf(types[i] as number, at);
        return;
      }
      const found = this.types[at] as number;
      if (found !== types[i] && found !== bottom) this.mismatch(types[i] as number, found);
    }
  }
  private popAtBaseOf(expected: number, at: number): void {
    if (!this.unreachable || at >= this.base) this.fail(`type mismatch: expected ${valueTypeName(expected)}, found nothing`);
  }

  // ---- the control stack

  private pushFrame(kind: FrameKind, type: FunctionType): void {
    const depth = this.depth++;
    const frame = this.frames[depth];
    if (frame === undefined) this.frames.push({ kind, type, base: this.height, unreachable: false });
    else {
      frame.kind = kind;
      frame.type = type;
      frame.base = this.height;
    }
    // The enclosing frame's state waits in its record until this one is popped.
    const outer = this.frames[depth - 1];
    if (outer !== undefined) outer.unreachable = this.unreachable;
    this.base = this.height;
    this.unreachable = false;
    // A function's parameters are locals.
    if (kind !== frameKinds.function) this.pushAll(type.params);
  }
  private top(): Frame {
    return this.frames[this.depth - 1] as Frame;
  }
  /** Checks that exactly the frame's results are left, and closes it; answers it. */
  private popFrame(): Frame {
    const frame = this.top();
    this.popAll(frame.type.results);
    if (this.height !== this.base) this.fail('type mismatch: values remain on the stack at the end of the block');
    this.depth--;
    if (this.depth > 0) {
      const outer = this.top();
      this.base = outer.base;
      this.unreachable = outer.unreachable;
    }
    return frame;
  }
  /** What a branch to `label` takes along. */
  labelTypes(label: number): Uint8Array {
    const frame = label < 0 || label >= this.depth ? undefined : this.frames[this.depth - 1 - label];
    if (frame === undefined) return this.fail(`unknown label ${label >>> 0}`);
    return frame.kind === frameKinds.loop ? frame.type.params : frame.type.results;
  }
  private becomeUnreachable(): void {
    this.height = this.base;
    this.unreachable = true;
  }

  private fail(message: string): never {
    return invalid(this.operator.offset, message);
  }

  // ---- instructions whose effect depends on the context; called through `specialSteps`

  openBlock(kind: FrameKind): void {
    const type = this.blockType();
    if (kind === frameKinds.if) this.pop(valueTypes.i32);
    this.popAll(type.params);
    this.pushFrame(kind, type);
  }
  turnToElse(): void {
    if (this.top().kind !== frameKinds.if) malformed(this.operator.offset, 'else without if');
    const frame = this.popFrame();
    this.pushFrame(frameKinds.else, frame.type);
  }
  closeBlock(): void {
    const frame = this.popFrame();
    const { params, results } = frame.type;
    if (frame.kind === frameKinds.if) {
      // Without `else` the parameters are the results.
      const same = params.length === results.length && params.every((type, i) => type === results[i]);
      if (!same) this.fail('type mismatch: if without else must leave its parameters');
    }
    if (this.depth > 0) {
      this.pushAll(results);
      return;
    }
    const { input } = this.operator;
    if (input.position !== input.end) malformed(input.position, 'section size mismatch');
  }
  branch(): void {
    this.popAll(this.labelTypes(this.operator.index));
    this.becomeUnreachable();
  }
  branchIf(): void {
    this.pop(valueTypes.i32);
    this.expect(this.labelTypes(this.operator.index));
  }
  branchTable(): void {
    const { labels } = this.operator;
    this.pop(valueTypes.i32);
    const last = this.labelTypes(labels.at(labels.length - 1));
    let checked = last;
    for (let i = 0; i < labels.length - 1; i++) {
      const types = this.labelTypes(labels.at(i));
      if (types === checked) continue;
      checked = types;
      if (types.length !== last.length) this.fail('type mismatch: targets of br_table differ in arity');
      this.peekAll(types);
    }
    this.popAll(last);
    this.becomeUnreachable();
  }
  returnFromFunction(): void {
    this.popAll(this.type.results);
    this.becomeUnreachable();
  }
  trap(): void {
    this.becomeUnreachable();
  }
  call(): void {
    const { module, operator } = this;
    const type = module.types[module.functions[operator.index] ?? -1];
    if (type === undefined) return this.fail(`unknown function ${operator.index}`);
    this.popAll(type.params);
    this.pushAll(type.results);
  }
  callIndirect(): void {
    const type = this.module.types[this.operator.index];
    if (type === undefined) return this.fail(`unknown type ${this.operator.index}`);
    this.pop(valueTypes.i32);
    this.popAll(type.params);
    this.pushAll(type.results);
  }
  selectUntyped(): void {
    this.pop(valueTypes.i32);
    const first = this.popAny();
    const second = this.popAny();
    if (isReference(first) || isReference(second)) this.fail('type mismatch: select without type annotation on references');
    if (first !== second && first !== bottom && second !== bottom) this.mismatch(first, second);
    this.push(first === bottom ? second : first);
  }
  selectTyped(): void {
    const { operator } = this;
    if (operator.typeCount !== 1) this.fail('invalid result arity');
    this.pop(valueTypes.i32);
    this.pop(operator.index);
    this.pop(operator.index);
    this.push(operator.index);
  }
  localType(): number {
    const { index } = this.operator;
    return index < this.localCount ? (this.locals[index] as number) : this.fail(`unknown local ${index}`);
  }
  globalType(): ValueType {
    return this.module.globals[this.operator.index]?.type ?? this.fail(`unknown global ${this.operator.index}`);
  }
  globalSet(): void {
    if (this.module.globals[this.operator.index]?.mutable === false) this.fail('immutable global');
    this.pop(this.globalType());
  }
  popReference(): void {
    const type = this.popAny();
    if (type !== bottom && !isReference(type)) this.fail(`type mismatch: expected a reference, found ${valueTypeName(type)}`);
  }
}

type SpecialName = { [Name in InstructionName]: (typeof instructions)[Name]['stack'] extends 'special' ? Name : never }[InstructionName];

const special: Record<SpecialName, (v: FunctionValidator) => void> = {
  unreachable: (v) => v.trap(),
  block: (v) => v.openBlock(frameKinds.block),
  loop: (v) => v.openBlock(frameKinds.loop),
  if: (v) => v.openBlock(frameKinds.if),
  else: (v) => v.turnToElse(),
  end: (v) => v.closeBlock(),
  br: (v) => v.branch(),
  br_if: (v) => v.branchIf(),
  br_table: (v) => v.branchTable(),
  return: (v) => v.returnFromFunction(),
  call: (v) => v.call(),
  call_indirect: (v) => v.callIndirect(),
  drop: (v) => void v.popAny(),
  select: (v) => v.selectUntyped(),
  'select t': (v) => v.selectTyped(),
  'local.get': (v) => v.push(v.localType()),
  'local.set': (v) => v.pop(v.localType()),
  'local.tee': (v) => {
    const type = v.localType();
    v.pop(type);
    v.push(type);
  },
  'global.get': (v) => v.push(v.globalType()),
  'global.set': (v) => v.globalSet(),
  'table.get': (v) => {
    v.pop(valueTypes.i32);
    v.push(v.tableElement(v.operator.index));
  },
  'table.set': (v) => {
    v.pop(v.tableElement(v.operator.index));
    v.pop(valueTypes.i32);
  },
  'table.grow': (v) => {
    v.pop(valueTypes.i32);
    v.pop(v.tableElement(v.operator.index));
    v.push(valueTypes.i32);
  },
  'table.fill': (v) => {
    v.pop(valueTypes.i32);
    v.pop(v.tableElement(v.operator.index));
    v.pop(valueTypes.i32);
  },
  'ref.null': (v) => v.push(v.operator.index),
  'ref.is_null': (v) => {
    v.popReference();
    v.push(valueTypes.i32);
  },
};

/** `special` by dense number. */
const specialSteps: (((v: FunctionValidator) => void) | undefined)[] = new Array(opcodeLimit).fill(undefined);
for (const name of Object.keys(special) as SpecialName[]) specialSteps[opcode[name]] = special[name];
