// Turns a rule's pattern into a function in which it stands: captures become parameters or constants, restricted constants are drawn from a list of edges, and what the
// pattern makes is used in one of several ways, because what a rule may do depends on who else needs its operands.
// Every sequence of choices gives a function that verifies, or none: some patterns cannot be given some types.
// Addresses lie in the region at `vmctx`, mostly in its first bytes, sometimes at its end or beyond, where the access traps.

import type { Value } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { trapCodes } from '../contract/traps.ts';
import { Builder } from './builder.ts';
import { IrFunction, appendBlock, appendInst, appendParameter, createBlock, createInst, packMemoryFlags, resultOf, typeOf } from './function.ts';
import { fcmpConditions, icmpConditions, op, rowOf } from './opcodes.ts';
import type { OpTerm, Term } from './pattern.ts';
import { type Type, f32, f64, i32, i64, typeName } from './types.ts';
import { type Shape, legalShapes } from './typing.ts';

export type Choose = (n: number) => number;

const integerEdges: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 24n, 31n, 32n, 33n, 48n, 56n, 63n, 64n, 65n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7ffn, 0x800n, 0xfffn, 0x1000n, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn,
  0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, -1n, -2n, -8n, -0x80n, -0x800n, -0x801n, -0x8000_0000n, -0x8000_0000_0000_0000n, 0x5555_5555_5555_5555n,
];
const addressEdges: readonly bigint[] = [0n, 1n, 4n, 8n, -1n, -3n, 0x7fff_ffffn, -0x8000_0000n];
const floatEdges = {
  [f32]: [0n, 0x80000000n, 0x3f800000n, 0xbf800000n, 0x40000000n, 0x3f000000n, 0x7f800000n, 0xff800000n, 0x7fc00000n, 0x7fa00001n, 1n, 0x7fffffn, 0x800000n, 0x7f7fffffn, 0x4b800001n],
  [f64]: [0n, 1n << 63n, 0x3ff0000000000000n, 0xbff0000000000000n, 0x4000000000000000n, 0x3fe0000000000000n, 0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0x7ff4000000000001n, 1n, 0x10000000000000n, 0x7fefffffffffffffn, 0x4340000000000001n],
} as const;
const offsets: readonly number[] = [0, 0, 1, 8, 30, -5, 0x7ff, 0x800, 0x7fff_ffff, -0x8000_0000];

/** What becomes of the pattern's value: all of these must leave it as it is. */
export const uses = ['returned', 'returned twice', 'branched on', 'needed after a branch', 'needed in a loop', 'stored and loaded', 'under pressure'] as const;
export type Use = (typeof uses)[number];

export interface PatternInstance {
  readonly f: IrFunction;
  readonly use: Use;
  /** Whether it touches the region at `vmctx`. */
  readonly usesMemory: boolean;
}

/** A pattern that cannot be given these types or constants; caught where the instance is made. */
class NoInstance extends Error {}

class Maker {
  private readonly choose: Choose;
  private readonly signature: { params: ('i32' | 'i64' | 'f32' | 'f64')[]; results: ('i32' | 'i64' | 'f32' | 'f64')[] } = { params: [], results: [] };
  readonly f = new IrFunction(0, this.signature, [], []);
  private readonly b: Builder;
  private readonly entry = createBlock(this.f);
  private readonly captures = new Map<number, Value>();
  private lastOffset: number | undefined = undefined;
  usesMemory = false;

  constructor(choose: Choose) {
    this.choose = choose;
    appendBlock(this.f, this.entry);
    this.b = new Builder(this.f, this.entry);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.choose(list.length)] as T;
  }

  private bits(): bigint {
    return (BigInt(this.choose(2 ** 32)) << 32n) | BigInt(this.choose(2 ** 32));
  }

  parameter(type: Type): Value {
    this.signature.params.push(typeName(type));
    return appendParameter(this.f, this.entry, type);
  }

  constant(type: Type, bits: bigint): Value {
    if (type === i32) return this.b.iconst32(Number(BigInt.asIntN(32, bits)));
    return type === i64 ? this.b.iconst64(BigInt.asIntN(64, bits)) : this.b.fconst(type, BigInt.asUintN(type === f32 ? 32 : 64, bits));
  }

  private edge(type: Type): bigint {
    return this.pick<bigint>(type === i32 || type === i64 ? integerEdges : type === f32 ? floatEdges[f32] : floatEdges[f64]);
  }

  private leaf(slot: number, type: Type, isAddress: boolean): Value {
    const old = slot < 0 ? undefined : this.captures.get(slot);
    if (old !== undefined) {
      if (typeOf(this.f, old) !== type) throw new NoInstance();
      return old;
    }
    const made = isAddress && type === i64 && this.choose(8) < 7 ? this.place() : this.choose(6) === 5 ? this.constant(type, this.edge(type)) : this.parameter(type);
    if (slot >= 0) this.captures.set(slot, made);
    return made;
  }

  /** Mostly the one that was there before: rules about several accesses want one place. */
  private offset(): number {
    if (this.lastOffset === undefined || this.choose(4) === 3) this.lastOffset = this.pick(offsets);
    return this.lastOffset;
  }

  private place(): Value {
    this.usesMemory = true;
    return this.b.binary(op.iadd, this.b.vmctx(), this.b.iconst64(BigInt(this.choose(40))));
  }

  /** A value that the term matches, of this type. */
  term(term: Term, type: Type, isAddress: boolean): Value {
    if (((term.types >> type) & 1) === 0) throw new NoInstance();
    if (term.kind === 'any') return this.leaf(term.slot, type, isAddress);
    const shapes = legalShapes(term.opcode).filter((shape) => shape.result === type);
    if (shapes.length === 0) throw new NoInstance();
    const made = this.operation(term, this.pick(shapes), isAddress) ?? bug('an operation with a type and no result', 'pattern-instance');
    if (term.slot >= 0) this.captures.set(term.slot, made);
    return made;
  }

  /** The operation's result; of a branch, its condition; undefined where there is none. */
  operation(term: OpTerm, shape: Shape, isAddress = false): Value | undefined {
    const { f, b } = this;
    const row = rowOf(term.opcode);
    if (term.opcode === op.vmctx) {
      // Its value is where the region lies.
      this.usesMemory = true;
      return b.vmctx();
    }
    if (term.constant !== undefined) return this.restricted(term, shape.result === 0 ? i32 : shape.result, isAddress);
    // Operations with lists of operands match by opcode alone, and have nothing to instantiate.
    if (term.operands.length === 0) throw new NoInstance();
    const operands = term.operands.map((operand, i) => {
      const type = i === 0 ? shape.operand : row.format === 'store' ? i64 : row.format === 'ternary' ? shape.result : shape.operand;
      if (type === 0) throw new NoInstance();
      return this.term(operand, type, (row.format === 'load' && i === 0) || (row.format === 'store' && i === 1) || isAddress);
    });
    const [first = -1, second = -1, third = -1] = operands;
    if (row.result === 'none' && row.format !== 'store' && row.format !== 'trap_if') return operands[0];
    let detail = 0;
    let immediate = 0;
    if (row.format === 'icmp' || row.format === 'fcmp') {
      const count = Object.keys(row.format === 'icmp' ? icmpConditions : fcmpConditions).length;
      detail = this.pick(Array.from({ length: count }, (_, c) => c).filter((c) => (term.conditions >> c) & 1));
    } else if (row.format === 'load' || row.format === 'store') {
      this.usesMemory = true;
      detail = packMemoryFlags({ region: 'memory', readonly: false, trap: trapCodes.outOfBoundsMemoryAccess });
      immediate = this.offset();
    } else if (row.format === 'trap_if') immediate = trapCodes.unreachable;
    const inst = createInst(f, term.opcode, row.result === 'control' ? shape.result : 0, detail, first, second, third, immediate, 0x10);
    appendInst(f, b.block, inst);
    return row.result === 'none' ? undefined : resultOf(f, inst);
  }

  /** What lies at an address. */
  loaded(address: Value): Value {
    this.usesMemory = true;
    return this.b.load(op.load, i64, { region: 'memory', readonly: false, trap: trapCodes.outOfBoundsMemoryAccess }, address, this.offset());
  }

  private restricted(term: OpTerm, type: Type, isAddress: boolean): Value {
    const { equals, test } = term.constant ?? bug('no constant', 'pattern-instance');
    const width = type === i32 || type === f32 ? 32 : 64;
    const edges: readonly bigint[] = type === i32 || type === i64 ? (isAddress ? addressEdges : integerEdges) : type === f32 ? floatEdges[f32] : floatEdges[f64];
    const candidates = equals !== undefined ? [equals] : this.choose(4) === 3 ? [this.bits() >> BigInt(this.choose(64)), ...edges] : edges;
    const fitting = candidates.filter((bits) => {
      const wide = type === f32 ? BigInt.asUintN(32, bits) : BigInt.asIntN(width, bits);
      return test === undefined || test(Number(BigInt.asIntN(32, wide)), Number(BigInt.asIntN(32, wide >> 32n)), type);
    });
    if (fitting.length === 0) throw new NoInstance();
    return this.constant(type, this.pick(fitting));
  }

  private block(): ReturnType<typeof createBlock> {
    const block = createBlock(this.f);
    appendBlock(this.f, block);
    return block;
  }

  private return(...values: readonly Value[]): void {
    if (this.signature.results.length === 0) this.signature.results.push(...values.map((value) => typeName(typeOf(this.f, value))));
    this.b.return([...values]);
  }

  /** Ends the function, with the value used so. A use that does not fit the value becomes a plain return. */
  end(value: Value | undefined, use: Use, isCondition: boolean): Use {
    const { b, f } = this;
    if (value === undefined) {
      this.return();
      return 'returned';
    }
    const type = typeOf(f, value);
    if (isCondition || (use === 'branched on' && type === i32)) {
      const [yes, no] = [this.block(), this.block()];
      b.brif(value, yes, [], no, []);
      for (const [block, result] of [[yes, 1], [no, 0]] as const) {
        b.block = block;
        this.return(b.iconst32(result));
      }
      return 'branched on';
    }
    switch (use) {
      case 'returned twice':
        this.return(value, value);
        return use;
      case 'needed after a branch': {
        const condition = this.parameter(i32);
        const [yes, no] = [this.block(), this.block()];
        b.brif(condition, yes, [], no, []);
        for (const block of [yes, no]) {
          b.block = block;
          this.return(value, b.iconst32(block === yes ? 1 : 0));
        }
        return use;
      }
      case 'needed in a loop': {
        const [loop, out] = [this.block(), this.block()];
        const count = appendParameter(f, loop, i32);
        b.jump(loop, [b.iconst32(3)]);
        b.block = loop;
        const less = b.binary(op.isub, count, b.iconst32(1));
        b.brif(less, loop, [less], out, []);
        b.block = out;
        this.return(value, count);
        return use;
      }
      case 'stored and loaded': {
        const flags = { region: 'memory', readonly: false, trap: trapCodes.outOfBoundsMemoryAccess } as const;
        this.usesMemory = true;
        b.store(op.store, flags, value, b.vmctx(), 16);
        this.return(b.load(op.load, type, flags, b.vmctx(), 16), value);
        return use;
      }
      case 'under pressure': {
        // More values than there are registers, all made before the pattern's value is returned and needed after it.
        const first = this.parameter(i64);
        const alive = Array.from({ length: 40 }, (_, i) => b.binary(op.iadd, first, b.iconst64(BigInt(i * 0x1_0001))));
        const sum = alive.reduceRight((total, one) => b.binary(op.bxor, b.binary(op.rotl, total, b.iconst64(7n)), one));
        this.return(value, sum);
        return use;
      }
      case 'returned':
      case 'branched on':
        this.return(value);
        return 'returned';
    }
  }
}

/** A function in which the term stands; undefined where these choices give it none. `isCondition` and `isAddress`: the term is matched against what is branched on, or accessed. */
export function instantiatePattern(term: Term, choose: Choose, { isCondition = false, isAddress = false } = {}): PatternInstance | undefined {
  const maker = new Maker(choose);
  const use = uses[choose(uses.length)] ?? 'returned';
  try {
    let value: Value | undefined;
    if (term.kind === 'any' || isAddress || isCondition) {
      const types = ([i32, i64, f32, f64] as const).filter((type) => (term.types >> type) & 1 && (!isAddress || type === i64) && (!isCondition || type === i32));
      const type = types[choose(types.length)];
      if (type === undefined) return undefined;
      value = maker.term(term, type, isAddress);
    } else {
      const shapes = legalShapes(term.opcode).filter((shape) => shape.result === 0 || (term.types >> shape.result) & 1);
      const shape = shapes[choose(shapes.length)];
      if (shape === undefined) return undefined;
      value = maker.operation(term, shape);
    }
    if (isAddress && value !== undefined) value = maker.loaded(value);
    const isBranch = term.kind === 'op' && (term.opcode === op.brif || term.opcode === op.br_table);
    return { f: maker.f, use: maker.end(value, use, isCondition || isBranch), usesMemory: maker.usesMemory };
  } catch (error) {
    if (error instanceof NoInstance) return undefined;
    throw error;
  }
}
