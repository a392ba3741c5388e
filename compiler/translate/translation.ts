// The state of one function's translation: the operand stack as SSA values, the open control structures, and what the current block
// already knows of the vmctx. `translate.ts` drives it, the handlers in control, calls, memory, tables, numeric and variables work on it.
//
// Invariant: while `reachable`, `stack` holds one value for each operand on the validator's stack, and the builder's block has no terminator.
//            While not, nothing is built; `skipped` counts the structures opened since.

import { type Block, type Value, asBlock } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { type VmctxLayout, memoryEntry, tableEntry } from '../contract/vmctx.ts';
import { Builder } from '../ir/builder.ts';
import { type IrFunction, type MemoryFlags, appendBlock, createBlock } from '../ir/function.ts';
import { op } from '../ir/opcodes.ts';
import { type Type, i64 } from '../ir/types.ts';
import type { FrameKind, FunctionValidator } from '../wasm/function-validator.ts';
import type { FunctionType, Module } from '../wasm/module.ts';
import type { OperatorReader } from '../wasm/operator-reader.ts';
import { LocalVariables } from './local-variables.ts';
import { type PreparedModule, type TranslateOptions, irTypeOf } from './prepare.ts';

/** An open control structure. Records are reused. */
export interface ControlFrame {
  kind: FrameKind;
  type: FunctionType;
  /** Operands below the structure's own. */
  height: number;
  /** Where branches to it go; made by the first branch. A loop's header exists from the start; a function has none, its label is `return`. */
  label: Block | undefined;
  /** The block in which it was opened, and the locals' mark there. */
  opener: Block;
  mark: number;
  /** Of an `if` without `else` so far: its other arm, and where its parameters are kept in `kept`. */
  elseBlock: Block | undefined;
  keptParams: number;
  /** For a br_table: how many of its targets are this label, and the block on the way there. */
  tableUses: number;
  tableEdge: Block | undefined;
}

/** Flags of loads from the vmctx and from what never changes behind it. */
export const vmctxConstant: MemoryFlags = { region: 'vmctx', readonly: true, trap: 0 };
const definitionLength: MemoryFlags = { region: 'definition', readonly: false, trap: 0 };

/** What the current block has loaded already. */
interface KnownInBlock {
  block: Block | undefined;
  value: Value | undefined;
}

export class Translation {
  readonly prepared: PreparedModule;
  readonly module: Module;
  readonly options: TranslateOptions;
  readonly layout: VmctxLayout;
  readonly operator: OperatorReader;
  readonly validator: FunctionValidator;
  f: IrFunction;
  b: Builder;
  readonly locals: LocalVariables;
  readonly stack: Value[] = [];
  /** Parameters of the open ifs, for their else arms. */
  readonly kept: Value[] = [];
  reachable = true;
  /** Fuel that the instructions since the last payment cost; stays 0 where none is counted. */
  owed = 0;
  /** Control structures opened in unreachable code and not yet closed. */
  skipped = 0;
  private readonly frames: ControlFrame[] = [];
  depth = 0;
  private readonly args: Value[] = [];
  private readonly knownVmctx: KnownInBlock = { block: undefined, value: undefined };
  private readonly knownConstants = new Map<number, KnownInBlock>();

  constructor(prepared: PreparedModule, validator: FunctionValidator, f: IrFunction) {
    this.prepared = prepared;
    this.module = prepared.module;
    this.options = prepared.options;
    this.layout = prepared.layout;
    this.validator = validator;
    this.operator = validator.operator;
    this.f = f;
    this.b = new Builder(f, asBlock(0));
    this.locals = new LocalVariables(f);
  }

  /** Starts on a function whose entry block stands. */
  begin(f: IrFunction, entry: Block): void {
    this.f = f;
    this.b = new Builder(f, entry);
    this.stack.length = 0;
    this.kept.length = 0;
    this.depth = 0;
    this.skipped = 0;
    this.owed = 0;
    this.reachable = true;
    this.knownVmctx.block = undefined;
    this.knownConstants.clear();
  }

  // ---- the operand stack

  push(value: Value): void {
    this.stack.push(value);
  }
  pop(): Value {
    return this.stack.pop() ?? bug('operand stack is empty', `offset ${this.operator.offset}`);
  }
  /** The topmost `count` operands, deepest first, left on the stack; the array is reused by the next call. */
  peek(count: number): readonly Value[] {
    const { args, stack } = this;
    const start = stack.length - count;
    args.length = 0;
    for (let i = 0; i < count; i++) args.push(stack[start + i] as Value);
    return args;
  }
  drop(count: number): void {
    this.stack.length -= count;
  }

  // ---- control frames

  openFrame(kind: FrameKind, type: FunctionType, height: number): ControlFrame {
    const depth = this.depth++;
    const opener = this.b.block;
    const { mark } = this.locals;
    const known = this.frames[depth];
    if (known === undefined) {
      const frame: ControlFrame = { kind, type, height, label: undefined, opener, mark, elseBlock: undefined, keptParams: 0, tableUses: 0, tableEdge: undefined };
      this.frames.push(frame);
      return frame;
    }
    known.kind = kind;
    known.type = type;
    known.height = height;
    known.label = undefined;
    known.opener = opener;
    known.mark = mark;
    known.elseBlock = undefined;
    return known;
  }
  closeFrame(): ControlFrame {
    return this.frames[--this.depth] as ControlFrame;
  }
  top(): ControlFrame {
    return this.frames[this.depth - 1] as ControlFrame;
  }
  /** The structure that label `label` names. */
  target(label: number): ControlFrame {
    return this.frames[this.depth - 1 - label] ?? bug(`no label ${label}`, `offset ${this.operator.offset}`);
  }

  // ---- blocks

  newBlock(): Block {
    return createBlock(this.f);
  }
  /** Gives a block a parameter for each type, as values of the operand stack. */
  addParameters(block: Block, types: Uint8Array): void {
    for (let i = 0; i < types.length; i++) this.locals.addStackParameter(block, irTypeOf(types[i] as Parameters<typeof irTypeOf>[0]));
  }
  /** Goes on building in `block`, which takes its place in the layout. `follows`: it is reached only from the block just ended. */
  enter(block: Block, follows: boolean): void {
    appendBlock(this.f, block);
    this.b.block = block;
    this.locals.enter(block, follows);
  }
  /** What follows cannot be reached. */
  leave(): void {
    this.reachable = false;
  }

  // ---- the vmctx, loaded at most once in a block

  vmctx(): Value {
    const known = this.knownVmctx;
    if (known.value === undefined || known.block !== this.b.block) {
      known.block = this.b.block;
      known.value = this.b.vmctx();
    }
    return known.value;
  }
  /** An 8-byte field of the vmctx that never changes after instantiation. */
  constantField(offset: number): Value {
    let known = this.knownConstants.get(offset);
    if (known === undefined) {
      known = { block: undefined, value: undefined };
      this.knownConstants.set(offset, known);
    }
    if (known.value === undefined || known.block !== this.b.block) {
      known.value = this.load64(vmctxConstant, this.vmctx(), offset);
      known.block = this.b.block;
    }
    return known.value;
  }
  load64(flags: MemoryFlags, address: Value, offset: number): Value {
    return this.b.load(op.load, i64, flags, address, offset);
  }

  memoryBase(memory: number): Value {
    return this.constantField(this.layout.memory(memory) + memoryEntry.base);
  }
  /** The size of a memory in bytes, as it is now. */
  memoryByteLength(memory: number): Value {
    return this.load64(definitionLength, this.constantField(this.layout.memory(memory) + memoryEntry.definition), 0);
  }
  tableBase(table: number): Value {
    return this.constantField(this.layout.table(table) + tableEntry.base);
  }
  /** The number of elements of a table, as it is now, as an i64. */
  tableLength(table: number): Value {
    return this.load64(definitionLength, this.constantField(this.layout.table(table) + tableEntry.definition), 0);
  }

  zeroExtend(index: Value): Value {
    return this.b.convert(op.uextend, i64, index);
  }
  /** Zero of an integer type. */
  zero(type: Type): Value {
    return type === i64 ? this.b.iconst64(0n) : this.b.iconst32(0);
  }
}

/** Translates the instruction that the validator has just accepted. */
export type Handler = (t: Translation) => void;
