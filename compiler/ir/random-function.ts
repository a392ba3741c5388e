// Makes well-formed functions out of choices, for laws about passes and for fuzzing them without a front end.
// Every sequence of choices gives a function that verifies and leaves nothing undefined: divisors are odd and positive, accesses without a trap code
// stay in the region at `vmctx`. Loops may be endless: whoever runs a function brings fuel.
// Memory, seen from `vmctx`: bytes 0–127 are region `memory`, 256–383 `global`, 512–639 readonly; accesses may trap beyond byte 4096.
// Method: the graph first, as a function of empty blocks whose dominance says which values each block may use; then blocks in an order in which
//         dominators come first; branches get their arguments at the end.

import type { Dominance } from '../base/dominance.ts';
import { type Block, type Value, asBlock } from '../base/entity.ts';
import type { MachineType } from '../contract/libcalls.ts';
import { trapCodes } from '../contract/traps.ts';
import { Builder } from './builder.ts';
import {
  IrFunction,
  type MemoryFlags,
  appendBlock,
  appendInst,
  appendParameter,
  createBlock,
  createBlockCall,
  createInst,
  maybeFirstParameter,
  maybeNextParameter,
  resultOf,
  typeOf,
} from './function.ts';
import { type Opcode, fcmpConditions, icmpConditions, op, opcodeCount, rowOf } from './opcodes.ts';
import { type Type, f32, f64, i32, i64, typeBytes, typeCodes, typeName } from './types.ts';
import { fixedOperands, isConstant, legalShapes } from './typing.ts';
import { computeDominance } from './verify-dominance.ts';

/** A number in `[0, n)`. */
export type Choose = (n: number) => number;

export interface RandomFunctionOptions {
  readonly maxBlocks?: number;
  readonly maxInstructions?: number;
  /** Put around each instruction, so that whoever draws knows what belongs together; it must call what it gets once. */
  readonly section?: (build: () => void) => void;
}

const types: readonly Type[] = [i32, i64, f32, f64];
const plainOpcodes: readonly Opcode[] = Array.from({ length: opcodeCount }, (_, code) => code as Opcode).filter(
  (opcode) => rowOf(opcode).effect === 'none' && fixedOperands(opcode) > 0,
);
const divisions: readonly Opcode[] = [op.sdiv, op.udiv, op.srem, op.urem];
const loads: readonly Opcode[] = [op.load, op.uload8, op.sload8, op.uload16, op.sload16, op.uload32, op.sload32];
const stores: readonly Opcode[] = [op.store, op.store8, op.store16, op.store32];
const integers: readonly bigint[] = [0n, 1n, -1n, 2n, 7n, 8n, 24n, 31n, 32n, 33n, 63n, 64n, 255n, 65535n, 0x7fff_ffffn, -0x8000_0000n, 0xffff_ffffn, -(1n << 63n)];
const floats: readonly number[] = [0, 0x8000_0000, 0x3f80_0000, 0x4000_0000, 0xbf00_0000, 0x7f80_0000, 0x7fc0_0000, 0x7fa0_0001, 1];

type Terminator = { readonly kind: 'return' } | { readonly kind: 'trap' } | { readonly kind: 'branch'; readonly targets: readonly number[] };

/** A function of index 0 with parameters (i32, i64, f32, f64) and results (i32, i64, f64). */
export function randomFunction(choose: Choose, options: RandomFunctionOptions = {}): IrFunction {
  const terminators = randomGraph(choose, 1 + choose(options.maxBlocks ?? 8));
  const signature = { params: ['i32', 'i64', 'f32', 'f64'] as MachineType[], results: ['i32', 'i64', 'f64'] as MachineType[] };
  const f = new IrFunction(0, signature, [], []);
  for (const _ of terminators) appendBlock(f, createBlock(f));
  const dominance = dominanceOf(terminators);
  signature.params.forEach((type) => appendParameter(f, asBlock(0), typeCodes[type]));
  for (let b = 1; b < terminators.length; b++) for (let p = choose(4); p > 0; p--) appendParameter(f, asBlock(b), pick(choose, types));

  const writer = new Writer(f, choose, dominance, terminators.length, options.section ?? ((build) => build()));
  for (const block of writer.order()) writer.fill(block, 1 + choose(options.maxInstructions ?? 10));
  terminators.forEach((terminator, b) => writer.end(asBlock(b), terminator));
  return f;
}

function pick<T>(choose: Choose, list: readonly T[]): T {
  return list[choose(list.length)] as T;
}

function randomGraph(choose: Choose, count: number): readonly Terminator[] {
  return Array.from({ length: count }, (_, b): Terminator => {
    const later = count - b - 1;
    const kind = choose(8);
    if (count === 1 || kind === 0 || (later === 0 && kind < 5)) return choose(6) === 0 ? { kind: 'trap' } : { kind: 'return' };
    // Mostly forward, so that runs end.
    const target = (): number => (later > 0 && choose(5) > 0 ? b + 1 + choose(later) : 1 + choose(count - 1));
    return { kind: 'branch', targets: Array.from({ length: kind < 3 ? 1 : kind < 7 ? 2 : 2 + choose(3) }, target) };
  });
}

/** Dominance of the graph alone. */
function dominanceOf(terminators: readonly Terminator[]): Dominance {
  const f = new IrFunction(0, { params: [], results: [] }, [], []);
  const blocks = terminators.map(() => createBlock(f));
  for (const block of blocks) appendBlock(f, block);
  terminators.forEach((terminator, b) => {
    const builder = new Builder(f, asBlock(b));
    if (terminator.kind !== 'branch') builder.return([]);
    else builder.brTable(builder.iconst32(0), terminator.targets.map((t) => createBlockCall(f, asBlock(t), [])));
  });
  return computeDominance(f);
}

class Writer {
  private readonly f: IrFunction;
  private readonly choose: Choose;
  private readonly section: (build: () => void) => void;
  private readonly dominance: Dominance;
  private readonly b: Builder;
  /** Values each block defines, parameters first. */
  private readonly values: Value[][];

  constructor(f: IrFunction, choose: Choose, dominance: Dominance, count: number, section: (build: () => void) => void) {
    this.section = section;
    this.f = f;
    this.choose = choose;
    this.dominance = dominance;
    this.b = new Builder(f, asBlock(0));
    this.values = Array.from({ length: count }, (_, b) => {
      const parameters: Value[] = [];
      for (let v = maybeFirstParameter(f, asBlock(b)); v !== undefined; v = maybeNextParameter(f, v)) parameters.push(v);
      return parameters;
    });
  }

  /** Blocks, each after those that dominate it. */
  order(): readonly Block[] {
    const blocks = this.values.map((_, b) => asBlock(b));
    const above = blocks.map((b) => this.dominatorsOf(b).length);
    return blocks.toSorted((a, b) => (above[a] ?? 0) - (above[b] ?? 0) || a - b);
  }

  /** An unreachable block may use its own values only. */
  private dominatorsOf(block: Block): readonly Block[] {
    if (!this.dominance.isReachable(block)) return [block];
    return this.values.map((_, b) => asBlock(b)).filter((b) => this.dominance.isReachable(b) && this.dominance.dominates(b, block));
  }

  fill(block: Block, count: number): void {
    this.b.block = block;
    for (let n = 0; n < count; n++) {
      this.b.origin = block * 256 + n;
      this.section(() => this.instruction());
    }
  }

  private instruction(): void {
    const { b, choose } = this;
    switch (choose(12)) {
      case 0:
        this.define(this.constant(pick(choose, types)));
        return;
      case 1:
        this.division();
        return;
      case 2:
      case 3:
        this.load();
        return;
      case 4:
        this.store();
        return;
      case 5:
        if (choose(3) === 0) (choose(2) === 0 ? b.trapz.bind(b) : b.trapnz.bind(b))(this.compare(), pick(choose, [trapCodes.unreachable, trapCodes.integerOverflow]));
        else this.define(this.compare());
        return;
      default:
        this.plain();
    }
  }

  private define(value: Value): void {
    this.values[this.b.block]?.push(value);
  }

  /** A value of this type that may be used here: an old one, or a constant. */
  private use(type: Type): Value {
    const old = this.dominatorsOf(this.b.block).flatMap((block) => this.values[block] ?? []).filter((v) => typeOf(this.f, v) === type);
    // The youngest are the likeliest, so that expressions grow deep.
    if (old.length === 0 || this.choose(6) === 5) return this.constant(type);
    return old[old.length - 1 - Math.min(this.choose(old.length), this.choose(old.length))] as Value;
  }

  private constant(type: Type): Value {
    const { b, choose } = this;
    if (type === i32) return b.iconst32(Number(BigInt.asIntN(32, pick(choose, integers))));
    if (type === i64) return b.iconst64(BigInt.asIntN(64, pick(choose, integers)));
    const bits = BigInt(pick(choose, floats));
    return b.fconst(type, type === f32 ? bits : bits << 32n);
  }

  private plain(): void {
    const { f, b, choose } = this;
    const opcode = pick(choose, plainOpcodes);
    if (isConstant(opcode)) return;
    const shape = pick(choose, legalShapes(opcode));
    const row = rowOf(opcode);
    const operands: Value[] = [];
    for (let i = 0; i < fixedOperands(opcode); i++) {
      const type = i === 0 ? shape.operand : row.format === 'ternary' ? shape.result : shape.operand;
      if (type !== 0) operands.push(this.use(type));
    }
    let detail = 0;
    if (row.format === 'icmp') detail = choose(Object.keys(icmpConditions).length);
    if (row.format === 'fcmp') detail = choose(Object.keys(fcmpConditions).length);
    const inst = createInst(f, opcode, row.result === 'control' ? shape.result : 0, detail, operands[0] ?? -1, operands[1] ?? -1, operands[2] ?? -1, 0, b.origin);
    appendInst(f, b.block, inst);
    this.define(resultOf(f, inst));
  }

  private compare(): Value {
    const { b, choose } = this;
    const type = pick(choose, [i32, i64] as const);
    return b.icmp(pick(choose, Object.keys(icmpConditions) as (keyof typeof icmpConditions)[]), this.use(type), this.use(type));
  }

  /** By an odd divisor in 1 … 127. */
  private division(): void {
    const { b, choose } = this;
    const type = pick(choose, [i32, i64] as const);
    const mask = type === i32 ? b.iconst32(126) : b.iconst64(126n);
    const one = type === i32 ? b.iconst32(1) : b.iconst64(1n);
    this.define(b.binary(pick(choose, divisions), this.use(type), b.binary(op.bor, b.binary(op.band, this.use(type), mask), one)));
  }

  /** An address inside one of the regions with its flags, and an offset. */
  private place(bytes: number, mayWrite: boolean): { readonly flags: MemoryFlags; readonly address: Value; readonly offset: number } {
    const { b, choose } = this;
    const area = choose(mayWrite ? 2 : 3);
    const offset = area * 256 + choose(64);
    const region = area === 0 ? 'memory' : area === 1 ? 'global' : 'other';
    const wild = area === 0 && choose(6) === 0;
    const index = choose(2) === 0 ? b.iconst64(BigInt(choose(8))) : b.convert(op.uextend, i64, b.binary(op.band, this.use(i32), b.iconst32(wild ? 0x1fff : 63)));
    const flags: MemoryFlags = { region, readonly: area === 2, trap: wild || choose(2) === 0 ? trapCodes.outOfBoundsMemoryAccess : trapCodes.none };
    // A wild access starts beyond the regions, where it hits nothing or faults.
    return { flags: wild ? { ...flags, trap: trapCodes.outOfBoundsMemoryAccess } : flags, address: b.binary(op.iadd, b.vmctx(), index), offset: wild ? 4096 - bytes : offset };
  }

  private load(): void {
    const { b, choose } = this;
    const opcode = pick(choose, loads);
    const shape = pick(choose, legalShapes(opcode));
    if (shape.result === 0) return;
    const { flags, address, offset } = this.place(8, false);
    this.define(b.load(opcode, shape.result, flags, address, offset));
  }

  private store(): void {
    const { b, choose } = this;
    const opcode = pick(choose, stores);
    const shape = pick(choose, legalShapes(opcode));
    if (shape.operand === 0) return;
    const { flags, address, offset } = this.place(typeBytes(shape.operand), true);
    b.store(opcode, flags, this.use(shape.operand), address, offset);
  }

  end(block: Block, terminator: Terminator): void {
    const { f, b, choose } = this;
    b.block = block;
    b.origin = block * 256 + 255;
    if (terminator.kind === 'trap') {
      b.trap(trapCodes.unreachable);
      return;
    }
    if (terminator.kind === 'return') {
      b.return([this.use(i32), this.use(i64), this.use(f64)]);
      return;
    }
    const { targets } = terminator;
    const [first = 0, second = 0] = targets;
    const condition = choose(3) === 0 ? this.use(i32) : this.compare();
    if (targets.length === 1) b.jump(asBlock(first), this.arguments(asBlock(first)));
    else if (targets.length === 2) b.brif(condition, asBlock(first), this.arguments(asBlock(first)), asBlock(second), this.arguments(asBlock(second)));
    else b.brTable(this.use(i32), targets.map((t) => createBlockCall(f, asBlock(t), this.arguments(asBlock(t)))));
  }

  private arguments(target: Block): Value[] {
    const args: Value[] = [];
    for (let v = maybeFirstParameter(this.f, target); v !== undefined; v = maybeNextParameter(this.f, v)) args.push(this.use(typeOf(this.f, v)));
    return args;
  }
}

/** Parameters for such a function: edges and random bits. */
export function randomArguments(choose: Choose): bigint[] {
  return types.map((type) => {
    const width = typeBytes(type) * 8;
    const parts = Array.from({ length: 4 }, () => BigInt(choose(65536)));
    const random = parts.reduce((bits, part) => (bits << 16n) | part, 0n);
    const edge = typeName(type).startsWith('i') ? pick(choose, integers) : BigInt(pick(choose, floats)) << (type === f64 ? 32n : 0n);
    return BigInt.asUintN(width, choose(3) === 0 ? random : edge);
  });
}
