// The state of one function body while it is written, and the small pieces of code that everything else is made of.
// Code goes straight into bytes; what keeps it valid is that each writer leaves exactly the types it promises on the operand stack.

import type { Choices } from './choices.ts';
import { writeConstant } from './constants.ts';
import { codes } from './instructions.ts';
import { writePlainest } from './plainest.ts';
import { isRelaxed } from './relaxed-instructions.ts';
import type { Shape } from './shape.ts';
import type { Swarm } from './swarm.ts';
import { isNonNull, isReference, type ReferenceType, type ValueType, writeHeapType, writeType } from './types.ts';
import { ByteWriter, writeOpcode } from './writer.ts';

/** A branch target: what a branch to it must have on the stack. */
export interface Label {
  readonly types: readonly ValueType[];
  readonly isLoop: boolean;
}

/** Writers that blocks need, handed in from outside, as expressions hold blocks and blocks hold expressions. */
export interface Writers {
  /** Leaves one value of `type`. With `exact`, a NaN's bits are the same on every engine. */
  readonly expression: (b: Body, type: ValueType, depth: number, exact?: boolean) => void;
  /** Leaves nothing. */
  readonly statements: (b: Body, count: number, depth: number) => void;
}

/** One way to make a value of a type; its weight is 0 where the module lacks what it needs. */
export interface Production {
  readonly weight: (b: Body, type: ValueType) => number;
  readonly write: (b: Body, type: ValueType, depth: number) => void;
}

/** One kind of statement. */
export interface Form {
  readonly weight: number;
  readonly isUsable: (b: Body) => boolean;
  readonly write: (b: Body, depth: number) => void;
}

/** Bodies are written one after another into the same buffer. */
const bodyScratch = new ByteWriter();

export class Body {
  readonly c: Choices;
  readonly swarm: Swarm;
  readonly shape: Shape;
  /** The instructions; emptied when the next body begins. */
  readonly out = bodyScratch;
  readonly results: readonly ValueType[];
  readonly params: readonly ValueType[];
  /** Types of parameters and locals. */
  readonly locals: ValueType[];
  readonly labels: Label[] = [];
  /** Instructions that may still be written; below 0 only what validity needs. */
  budget: number;
  readonly writers: Writers;
  /** Weights of the ways to make a value, by type: they depend on the module alone and are worked out once. */
  readonly weights: Partial<Record<ValueType, { readonly list: readonly number[]; readonly total: number }>> = {};
  statementWeights: { readonly list: readonly number[]; readonly total: number } | undefined = undefined;
  /** Locals without a default; the first statements set them, in order, and none is read before all are. */
  readonly unset: number[] = [];
  /** The first of four vectors that relaxed instructions work on. */
  readonly relaxedLocals: number;
  private readonly byType: Partial<Record<ValueType, number[]>> = {};
  private readonly scratchOf: Partial<Record<ValueType, number>> = {};

  constructor(c: Choices, swarm: Swarm, shape: Shape, params: readonly ValueType[], results: readonly ValueType[], budget: number, writers: Writers) {
    bodyScratch.clear();
    this.c = c;
    this.swarm = swarm;
    this.shape = shape;
    this.params = params;
    this.results = results;
    this.budget = budget;
    this.writers = writers;
    this.locals = [...params];
    // One local of each type that only canonicalisation and guards use, so that they need nobody's leave.
    for (const type of swarm.types) {
      this.scratchOf[type] = this.locals.length;
      this.locals.push(type);
      const count = c.draw(4);
      for (let i = 0; i <= count; i++) this.locals.push(type);
    }
    for (const type of swarm.nonNull) {
      this.unset.push(this.locals.length);
      this.locals.push(type);
    }
    const ordinary = this.locals.length;
    this.relaxedLocals = ordinary;
    if (swarm.vectors.v128.some(isRelaxed)) for (let i = 0; i < 4; i++) this.locals.push('v128');
    this.locals.slice(0, ordinary).forEach((type, index) => {
      if (this.scratchOf[type] !== index) (this.byType[type] ??= []).push(index);
    });
  }

  op(code: number): void {
    this.budget--;
    writeOpcode(this.out, code);
  }

  /** An instruction with one index. */
  opIndex(code: number, index: number): void {
    this.op(code);
    this.out.u32(index);
  }

  i32Const(value: number): void {
    this.op(codes.i32Const);
    this.out.s32(value);
  }

  constant(type: ValueType): void {
    if (isReference(type)) this.zero(type);
    else {
      this.budget--;
      writeConstant(this.c, type, this.out);
    }
  }

  /** The plainest value of a type. */
  zero(type: ValueType): void {
    this.budget--;
    writePlainest(this.out, this.swarm.defined, this.shape.functions, type);
  }

  null(type: ReferenceType): void {
    this.op(codes.refNull);
    writeHeapType(this.out, type);
  }

  /** An i32 on the stack becomes the address or length that a memory or table wants. */
  widen(wide: boolean): void {
    if (wide) this.op(codes.i64ExtendU);
  }

  /** The i64 that a wide memory or table answers becomes an i32. */
  narrow(wide: boolean): void {
    if (wide) this.op(codes.i32Wrap);
  }

  /** Whether a local of the type may be read and written. */
  hasLocal(type: ValueType): boolean {
    return this.byType[type] !== undefined && (this.unset.length === 0 || !isNonNull(type));
  }

  /** Whether traps are to be avoided here. */
  isGuarded(): boolean {
    if (this.swarm.trapping === 2) return false;
    return this.swarm.trapping === 0 || this.c.draw(8) < 7;
  }

  /** A local of a type that statements may read and write. */
  local(type: ValueType): number {
    const list = this.byType[type] ?? [];
    return list[this.c.draw(list.length)] ?? 0;
  }

  /** One of two locals of a type: where the same value is to be met again. */
  oneOfTwo(type: ValueType): number {
    const list = this.byType[type] ?? [];
    return list[this.c.draw(Math.min(2, list.length))] ?? 0;
  }

  scratch(type: ValueType): number {
    return this.scratchOf[type] ?? 0;
  }

  expression(type: ValueType, depth: number, exact = false): void {
    this.c.part(() => this.writers.expression(this, type, depth, exact));
  }

  expressions(types: readonly ValueType[], depth: number): void {
    for (const type of types) this.expression(type, depth);
  }

  statements(count: number, depth: number): void {
    this.writers.statements(this, count, depth);
  }

  /** Takes values of these types off the stack, the last first, into locals or away. */
  consume(types: readonly ValueType[]): void {
    for (let i = types.length - 1; i >= 0; i--) {
      const type = types[i];
      if (type === undefined) continue;
      if (!this.hasLocal(type) || this.c.draw(8) === 7) this.op(codes.drop);
      else this.opIndex(codes.localSet, this.local(type));
    }
  }

  /** Opens a block, loop or if. */
  open(code: number, params: readonly ValueType[], results: readonly ValueType[]): void {
    this.op(code);
    const [only] = results;
    if (params.length === 0 && results.length === 0) this.out.u8(0x40);
    else if (params.length === 0 && results.length === 1 && only !== undefined) writeType(this.out, only);
    else this.out.s32(this.shape.types.index(params, results));
    this.labels.push({ types: code === codes.loop ? params : results, isLoop: code === codes.loop });
  }

  close(): void {
    this.op(codes.end);
    this.labels.pop();
  }

  /** Depth index of a label by its position from the outermost. */
  depthOf(position: number): number {
    return this.labels.length - 1 - position;
  }

  /** Positions of labels a branch may aim at whose types pass the test; reads no choice. */
  labelsWith(test: (label: Label) => boolean): number[] {
    const found: number[] = [];
    for (let position = this.labels.length - 1; position >= 0; position--) {
      const label = this.labels[position];
      if (label !== undefined && test(label)) found.push(position);
    }
    return found;
  }

  /** At function entries and loop heads: spends one unit of the module's fuel, or leaves. */
  spendFuel(): void {
    const { fuel } = this.shape;
    this.opIndex(codes.globalGet, fuel);
    this.op(codes.i32Eqz);
    this.op(codes.if);
    this.out.u8(0x40);
    if (this.swarm.exhaustion === 'trap') this.op(codes.unreachable);
    else {
      for (const type of this.results) this.zero(type);
      this.op(codes.return);
    }
    this.op(codes.end);
    this.opIndex(codes.globalGet, fuel);
    this.i32Const(1);
    this.op(codes.i32Sub);
    this.opIndex(codes.globalSet, fuel);
  }

  /** Replaces a NaN on top of the stack by the canonical one. */
  canonicalise(type: 'f32' | 'f64'): void {
    const local = this.scratch(type);
    this.opIndex(codes.localTee, local);
    if (type === 'f32') {
      this.op(codes.f32Const);
      this.out.fixed32(0x7fc00000);
    } else {
      this.op(codes.f64Const);
      this.out.fixed32(0);
      this.out.fixed32(0x7ff80000);
    }
    this.opIndex(codes.localGet, local);
    this.opIndex(codes.localGet, local);
    this.op(type === 'f32' ? codes.f32Eq : codes.f64Eq);
    this.op(codes.select);
  }

  /** Replaces the NaNs among the lanes of the vector on top of the stack by canonical ones. */
  canonicaliseLanes(type: 'f32' | 'f64'): void {
    const local = this.scratch('v128');
    this.opIndex(codes.localTee, local);
    this.op(codes.vectorConst);
    for (let i = 0; i < 4; i++) this.out.fixed32(type === 'f32' ? 0x7fc00000 : i % 2 === 1 ? 0x7ff80000 : 0);
    this.opIndex(codes.localGet, local);
    this.opIndex(codes.localGet, local);
    this.op(type === 'f32' ? codes.f32x4Eq : codes.f64x2Eq);
    this.op(codes.bitselect);
    // The local may be folded into the hash later, where nobody canonicalises a vector.
    this.opIndex(codes.localTee, local);
  }

  /** Folds a local's value into the hash global. */
  foldIntoHash(local: number): void {
    const { shape } = this;
    const type = this.locals[local] ?? 'i32';
    const wide = shape.globals[shape.hash]?.type === 'i64';
    this.opIndex(codes.globalGet, shape.hash);
    if (wide) {
      this.op(codes.i64Const);
      this.out.s64(0x7f4a7c15, 0x1e3779b9);
      this.op(codes.i64Mul);
    } else {
      this.i32Const(0x1e3779b9);
      this.op(codes.i32Mul);
    }
    this.opIndex(codes.localGet, local);
    switch (type) {
      case 'i32':
        if (wide) this.op(codes.i64ExtendU);
        break;
      case 'i64':
        break;
      case 'f32':
        this.canonicalise('f32');
        this.op(codes.i32ReinterpretF32);
        if (wide) this.op(codes.i64ExtendU);
        break;
      case 'f64':
        this.canonicalise('f64');
        this.op(codes.i64ReinterpretF64);
        if (!wide) this.op(codes.i32Wrap);
        break;
      case 'v128':
        // One lane stands for all: what a vector holds is mixed elsewhere.
        this.op(wide ? codes.i64x2Extract : codes.i32x4Extract);
        this.out.u8(0);
        break;
      default:
        this.op(codes.refIsNull);
        if (wide) this.op(codes.i64ExtendU);
    }
    this.op(wide ? codes.i64Xor : codes.i32Xor);
    this.opIndex(codes.globalSet, shape.hash);
  }
}
