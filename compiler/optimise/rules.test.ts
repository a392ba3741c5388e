// Every simplification rule against its own left side: the pattern is turned into functions (all types it can have, constants from a list of
// edges, every condition), the rule alone is applied, and the evaluator compares results, traps and memory on edge cases and random bits.
import { describe, expect, it } from 'vitest';
import { CountingControl } from '../base/control.ts';
import type { Value } from '../base/entity.ts';
import { Builder } from '../ir/builder.ts';
import { IrFunction, appendBlock, appendParameter, createBlock, packMemoryFlags, typeOf, createInst, appendInst, resultOf } from '../ir/function.ts';
import { fcmpConditions, icmpConditions, op, opcodeName, rowOf } from '../ir/opcodes.ts';
import { type OpTerm, type Term, withReplacedRule, x } from '../ir/pattern.ts';
import { printFunction } from '../ir/print.ts';
import { evaluateAlone } from '../ir/evaluate-alone.ts';
import { type Type, f32, i32, i64, typeName } from '../ir/types.ts';
import { type Shape, legalShapes } from '../ir/typing.ts';
import { expectVerified } from '../ir/verify.ts';
import { simplificationRules } from './rules/index.ts';
import { simplificationsOf, simplify } from './simplify.ts';
import { type SimplificationRule, rule } from './rewriter.ts';
import { iadd } from '../ir/pattern-terms.ts';

/** A small generator with a state of its own: the tests say the same every day. */
class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed | 1;
  }
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  bits(): bigint {
    return (BigInt(this.below(0x1_0000_0000)) << 32n) | BigInt(this.below(0x1_0000_0000));
  }
}

const integerEdges: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 15n, 16n, 24n, 31n, 32n, 33n, 48n, 56n, 63n, 64n, 65n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n,
  0xffff_ffffn, 0x1_0000_0000n, 0x7fff_ffff_ffff_ffffn, -1n, -2n, -8n, -0x80n, -0x8000_0000n, -0x8000_0000_0000_0000n, 0x5555_5555_5555_5555n,
];
const floatEdges = (type: Type): readonly bigint[] =>
  (type === f32
    ? [0, 0x80000000, 0x3f800000, 0xbf800000, 0x40000000, 0x3f000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fa00001, 1, 0x7fffff, 0x800000, 0x7f7fffff, 0x4b800001, 0x3fc00000, 0x41000000, 0x7e800000, 0x7f000000]
    : [0n, 1n << 63n, 0x3ff0000000000000n, 0xbff0000000000000n, 0x4000000000000000n, 0x3fe0000000000000n, 0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff4000000000001n, 1n, 0xfffffffffffffn, 0x10000000000000n, 0x7fefffffffffffffn, 0x4340000000000001n, 0x3ff8000000000000n, 0x7fd0000000000000n, 0x7fe0000000000000n]
  ).map(BigInt);

function value(dice: Dice, type: Type): bigint {
  if (dice.below(3) === 0) return BigInt.asUintN(type === i32 || type === f32 ? 32 : 64, dice.bits());
  return BigInt.asUintN(type === i32 || type === f32 ? 32 : 64, dice.pick(type === i32 || type === i64 ? integerEdges : floatEdges(type)));
}

/** A pattern that could not be given these types or constants. */
class NoInstance extends Error {}

/** Builds a function in whose entry the pattern stands; captures become parameters. */
class Instance {
  readonly dice: Dice;
  readonly f: IrFunction;
  readonly b: Builder;
  readonly captures = new Map<number, Value>();
  readonly params: Type[] = [];
  private readonly signature: { params: ('i32' | 'i64' | 'f32' | 'f64')[]; results: ('i32' | 'i64' | 'f32' | 'f64')[] } = { params: [], results: [] };

  constructor(dice: Dice, root: OpTerm, shape: Shape) {
    this.dice = dice;
    this.f = new IrFunction(0, this.signature, [], []);
    const entry = createBlock(this.f);
    appendBlock(this.f, entry);
    this.b = new Builder(this.f, entry);
    const result = this.operation(root, shape);
    const row = rowOf(root.opcode);
    if (root.opcode === op.brif) {
      this.signature.results.push('i32');
      const blocks = [createBlock(this.f), createBlock(this.f)] as const;
      this.b.brif(result, blocks[0], [], blocks[1], []);
      blocks.forEach((block, i) => {
        appendBlock(this.f, block);
        this.b.block = block;
        this.b.return([this.b.iconst32(i)]);
      });
    } else if (row.result === 'none') this.b.return([]);
    else {
      this.signature.results.push(typeName(typeOf(this.f, result)));
      this.b.return([result]);
    }
  }

  private parameter(type: Type): Value {
    this.params.push(type);
    this.signature.params.push(typeName(type));
    return appendParameter(this.f, this.b.block, type);
  }

  private leaf(slot: number, type: Type, address: boolean): Value {
    const old = slot < 0 ? undefined : this.captures.get(slot);
    if (old !== undefined) {
      if (typeOf(this.f, old) !== type) throw new NoInstance();
      return old;
    }
    // Addresses mostly hit the region at vmctx, sometimes its end, sometimes nothing.
    const made = address && this.dice.below(8) > 0 ? this.b.binary(op.iadd, this.b.vmctx(), this.b.iconst64(BigInt(this.dice.below(40)))) : this.parameter(type);
    if (slot >= 0) this.captures.set(slot, made);
    return made;
  }

  private term(term: Term, type: Type, address: boolean): Value {
    if (((term.types >> type) & 1) === 0) throw new NoInstance();
    if (term.kind === 'any') return this.leaf(term.slot, type, address);
    const shapes = legalShapes(term.opcode).filter((shape) => shape.result === type);
    if (shapes.length === 0) throw new NoInstance();
    const made = this.operation(term, this.dice.pick(shapes), address);
    if (term.slot >= 0) this.captures.set(term.slot, made);
    return made;
  }

  /** The operation's result; for a brif, its condition. */
  private operation(term: OpTerm, shape: Shape, address = false): Value {
    const { f, b, dice } = this;
    const row = rowOf(term.opcode);
    if (term.constant !== undefined) return this.constant(term, shape.result === 0 ? i32 : shape.result, address);
    const operands = term.operands.map((operand, i) => {
      const type = i === 0 ? shape.operand : row.format === 'store' ? i64 : row.format === 'ternary' ? shape.result : shape.operand;
      if (type === 0) throw new NoInstance();
      const isAddress = (row.format === 'load' && i === 0) || (row.format === 'store' && i === 1) || address;
      return this.term(operand, type, isAddress);
    });
    const [first, second = -1, third = -1] = operands;
    if (term.opcode === op.brif) return first ?? expect.fail();
    let detail = 0;
    let immediate = 0;
    if (row.format === 'icmp' || row.format === 'fcmp') {
      const count = Object.keys(row.format === 'icmp' ? icmpConditions : fcmpConditions).length;
      detail = dice.pick(Array.from({ length: count }, (_, c) => c).filter((c) => (term.conditions >> c) & 1));
    } else if (row.format === 'load' || row.format === 'store') {
      detail = packMemoryFlags({ region: 'memory', readonly: false, trap: 5 });
      immediate = dice.pick([0, 0, 0, 1, 8, 30, -5, 0x7fff_ffff, -0x8000_0000]);
    } else if (row.format === 'trap_if') immediate = 3;
    const type = row.result === 'control' ? shape.result : 0;
    const inst = createInst(f, term.opcode, type, detail, first ?? -1, second, third, immediate, 0x10);
    appendInst(f, b.block, inst);
    return row.result === 'none' ? (-1 as Value) : resultOf(f, inst);
  }

  private constant(term: OpTerm, type: Type, address: boolean): Value {
    const { b, dice } = this;
    const { equals, test } = term.constant ?? expect.fail();
    const edges = type === i32 || type === i64 ? (address ? [-3n, -1n, 0n, 1n, 4n, 8n, 0x7fff_ffffn, -0x8000_0000n] : integerEdges) : floatEdges(type);
    const width = type === i32 || type === f32 ? 32 : 64;
    const candidates = equals !== undefined ? [equals] : dice.below(4) === 0 ? [dice.bits() >> BigInt(dice.below(64)), ...edges] : edges;
    const fitting = candidates.filter((bits) => {
      const wide = type === f32 ? BigInt.asUintN(32, bits) : BigInt.asIntN(width, bits);
      return test === undefined || test(Number(BigInt.asIntN(32, wide)), Number(BigInt.asIntN(32, wide >> 32n)), type);
    });
    if (fitting.length === 0) throw new NoInstance();
    const bits = dice.pick(fitting);
    if (type === i32) return b.iconst32(Number(BigInt.asIntN(32, bits)));
    return type === i64 ? b.iconst64(BigInt.asIntN(64, bits)) : b.fconst(type, BigInt.asUintN(width, bits));
  }
}

/** A NaN that the standard allows where another is allowed: rules may change which one comes out of an operator, never whether. */
function sameBits(type: string, a: bigint, b: bigint): boolean {
  const isNaN32 = (v: bigint): boolean => (v & 0x7fff_ffffn) > 0x7f80_0000n;
  const isNaN64 = (v: bigint): boolean => (v & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
  if (type === 'f32' && isNaN32(a) && isNaN32(b)) return a === b || ((a & b) >> 22n) % 2n === 1n;
  if (type === 'f64' && isNaN64(a) && isNaN64(b)) return a === b || ((a & b) >> 51n) % 2n === 1n;
  return a === b;
}

/** Tries a rule on `tries` instances; answers how often it fired. Throws at the first difference. */
function tryRule(candidate: SimplificationRule, tries: number, seed: number): number {
  const dice = new Dice(seed);
  const term = candidate.term;
  if (term.kind !== 'op') return expect.fail('a simplification rule has an operation at its root');
  const only = simplificationsOf([candidate]);
  const memory = Uint8Array.from({ length: 48 }, (_, i) => (i * 37 + 0x79) & 0xff);
  let fired = 0;
  for (let n = 0; n < tries; n++) {
    const shapes = legalShapes(term.opcode).filter((shape) => shape.result === 0 || (term.types >> shape.result) & 1);
    let instance: Instance;
    try {
      instance = new Instance(dice, term, dice.pick(shapes));
    } catch (error) {
      if (error instanceof NoInstance) continue;
      throw error;
    }
    expectVerified(instance.f, 'instantiation');
    const before = printFunction(instance.f);
    const runs = Array.from({ length: 5 }, () => instance.params.map((type) => value(dice, type)));
    const wanted = runs.map((args) => outcome(instance.f, args, memory));
    const control = new CountingControl();
    // Fuel for one change would go to the constant folder; the rule is watched by name instead.
    simplify(instance.f, control, only);
    if ((control.firings.get(candidate.name) ?? 0) === 0) continue;
    fired++;
    expectVerified(instance.f, candidate.name);
    runs.forEach((args, i) => {
      const left = wanted[i];
      if (left === undefined) return;
      const right = outcome(instance.f, args, memory) ?? expect.fail(`${candidate.name}: undefined behaviour appears\n${before}\n${printFunction(instance.f)}`);
      const same =
        left.trap === right.trap &&
        left.origin === right.origin &&
        left.results.every((bits, r) => sameBits(instance.f.signature.results[r] ?? '', bits, right.results[r] ?? -1n)) &&
        left.memory.every((byte, at) => byte === right.memory[at]);
      if (!same) expect.fail(`${candidate.name} differs on (${args.join(', ')}): ${left.trap} ${left.results.join()} and ${right.trap} ${right.results.join()}\n${before}\nbecame\n${printFunction(instance.f)}`);
    });
  }
  return fired;
}

/** What a run gives; undefined if the IR leaves it undefined. */
function outcome(f: IrFunction, args: readonly bigint[], memory: Uint8Array) {
  try {
    return evaluateAlone([f], args, { memory });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('undefined behaviour')) return undefined;
    throw error;
  }
}

describe('simplification rules mean the same on both sides', () => {
  it.each(simplificationRules.map((candidate) => [candidate.name, candidate] as const))('%s', (_, candidate) => {
    expect(tryRule(candidate, 120, 12345)).toBeGreaterThan(4);
  });

  it('as a list, are loaded without an unreachable rule', () => {
    const set = simplificationsOf(simplificationRules);
    expect(set.rules.length).toBeGreaterThan(100);
    expect(new Set(set.rules.map(({ name }) => name)).size).toBe(set.rules.length);
  });

  it('or are found out: a planted wrong rule fails this very test', () => {
    const planted = rule('iadd.zero', iadd(x, x), ({ x }) => x);
    expect(() => tryRule(planted, 300, 12345)).toThrow('simplify/iadd.zero differs');
    const rules = withReplacedRule(simplificationRules, 'simplify/iadd.zero', planted);
    expect(simplificationsOf(rules).rules.find(({ name }) => name === 'simplify/iadd.zero')).toBe(planted);
  });

  it('cover what the names of their opcodes say', () => {
    const odd = simplificationRules.filter(({ name, term }) => term.kind !== 'op' || !name.startsWith(`simplify/${opcodeName(term.opcode)}.`));
    expect(odd.map(({ name }) => name)).toEqual([]);
  });
});
