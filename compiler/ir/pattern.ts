// Rules as data: a name, a pattern over the IR, perhaps a condition, and a construction. Simplification and every backend's lowering use them.
//
//   const rule = rulesOf<LoweringContext, void>();
//   const rules = [
//     rule('iadd.simm32', typed(i32, iadd(x, iconst(simm32(k)))),  ({ x, k }, c) => c.emit(…)),
//     rule('iadd.load',   iadd(x, load(memory, y)),                ({ x, y, flags, offset }, c) => …),
//     rule('iadd.floor',  iadd(x, y),                              ({ x, y }, c) => …),
//   ];
//   const set = new RuleSet(rules, { floors: (opcode) => … });      // rule-set.ts: rejects what can never be reached, and missing floors
//   set.run(f, inst, canLookThrough, context, control);             // first match in file order wins
//
// A pattern is a tree of terms (one constructor per opcode, pattern-terms.ts) whose leaves are
//   x y z w       captures of values; a capture that stands twice matches equal values only
//   anything      a value nobody needs
//   iconst(k)     a constant, captured in k or l; iconst(0) is this constant; iconst(simm8(k)), iconst(powerOfTwo(k)) … restrict it
//   condition     captures the condition of icmp or fcmp; 'eq' or oneOf('slt', 'sge') restrict it
//   memory        captures the flags and the offset of a load or store
// typed(types, p) restricts the type of p's value; bind(w, p) captures the value that p matches.
// A commutative opcode matches either way round. A rule's right side sees exactly what its pattern captured: the compiler checks it.

import type { Inst, Value } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import type { IrFunction } from './function.ts';
import { type FcmpCondition, type IcmpCondition, type Opcode, fcmpConditions, icmpConditions, op } from './opcodes.ts';
import type { Type } from './types.ts';
import { anyTypes } from './typing.ts';

// ---- what a match has bound

/** Positions in the cells of a match. A constant takes two cells (low, high), an access two (flags, offset). */
export const slots = { x: 0, y: 1, z: 2, w: 3, k: 4, l: 6, condition: 8, condition2: 9, memory: 10, memory2: 12 } as const;
const cellCount = 14;

/** Operations a pattern may hold at most, the root included. */
export const maxTerms = 8;

/**
 * The bindings of one match: a record that is reused, so a right side reads what it needs (or destructures) before it lets anything match again.
 * Integer constants are sign-extended from their type's width; f32 bits are zero-extended.
 */
export class Match {
  private readonly cells = new Int32Array(cellCount);
  private readonly lookedValues = new Int32Array(maxTerms);
  private function: IrFunction | undefined = undefined;
  private root = -1;
  /** How many values the pattern looked through to their definitions, constants left out; `lookedAt` names them, outermost first. */
  lookedCount = 0;
  /** Type of the root's result, or of its first operand if it has none; 0 if it has neither. */
  type: Type | 0 = 0;

  get f(): IrFunction {
    return this.function ?? bug('no match yet');
  }
  /** The instruction at the root. A pattern whose root is a capture may match a value that no instruction defines; then it is a bug to ask. */
  get inst(): Inst {
    return this.root >= 0 ? (this.root as Inst) : bug('the match has no root instruction');
  }
  lookedAt(number: number): Value {
    return this.lookedValues[number] as Value;
  }
  get x(): Value {
    return this.cells[slots.x] as Value;
  }
  get y(): Value {
    return this.cells[slots.y] as Value;
  }
  get z(): Value {
    return this.cells[slots.z] as Value;
  }
  get w(): Value {
    return this.cells[slots.w] as Value;
  }
  /** The constant as a number: exact for every i32 and f32, and below 2^53. */
  get k(): number {
    return this.cell(slots.k + 1) * 0x1_0000_0000 + (this.cell(slots.k) >>> 0);
  }
  /** The constant as a signed 64-bit integer. */
  get k64(): bigint {
    return (BigInt(this.cell(slots.k + 1)) << 32n) | BigInt(this.cell(slots.k) >>> 0);
  }
  get kLow(): number {
    return this.cell(slots.k);
  }
  get kHigh(): number {
    return this.cell(slots.k + 1);
  }
  get l(): number {
    return this.cell(slots.l + 1) * 0x1_0000_0000 + (this.cell(slots.l) >>> 0);
  }
  get l64(): bigint {
    return (BigInt(this.cell(slots.l + 1)) << 32n) | BigInt(this.cell(slots.l) >>> 0);
  }
  get lLow(): number {
    return this.cell(slots.l);
  }
  get lHigh(): number {
    return this.cell(slots.l + 1);
  }
  /** Code of a condition (`icmpConditions`, `fcmpConditions`). */
  get condition(): number {
    return this.cell(slots.condition);
  }
  get condition2(): number {
    return this.cell(slots.condition2);
  }
  /** Packed memory flags. */
  get flags(): number {
    return this.cell(slots.memory);
  }
  /** Byte offset of an access, signed. */
  get offset(): number {
    return this.cell(slots.memory + 1);
  }
  get flags2(): number {
    return this.cell(slots.memory2);
  }
  get offset2(): number {
    return this.cell(slots.memory2 + 1);
  }

  // For the matcher in rule-set.ts.
  begin(f: IrFunction, root: number, type: Type | 0): void {
    this.function = f;
    this.root = root;
    this.type = type;
  }
  cell(slot: number): number {
    return this.cells[slot] as number;
  }
  setCell(slot: number, value: number): void {
    this.cells[slot] = value;
  }
  look(value: Value): void {
    this.lookedValues[this.lookedCount++] = value;
  }
}

/** What every right side may use. */
type Always = 'f' | 'inst' | 'type' | 'lookedCount' | 'lookedAt';
export type Captured =
  | 'x' | 'y' | 'z' | 'w'
  | 'k' | 'k64' | 'kLow' | 'kHigh'
  | 'l' | 'l64' | 'lLow' | 'lHigh'
  | 'condition' | 'condition2' | 'flags' | 'offset' | 'flags2' | 'offset2';
type FirstConstant = 'k' | 'k64' | 'kLow' | 'kHigh';
type SecondConstant = 'l' | 'l64' | 'lLow' | 'lHigh';

/** The view of a match that a rule gets whose pattern captures `Names`. */
export type Bindings<Names extends Captured> = Pick<Match, Names | Always>;

// ---- patterns

/** Decides on a constant given as two int32 halves of its sign-extended (f32: zero-extended) value. */
export type ConstantTest = (low: number, high: number, type: Type) => boolean;

export interface ConstantTerm {
  readonly slot: number;
  /** The only value that matches, if there is just one. */
  readonly equals: bigint | undefined;
  readonly test: ConstantTest | undefined;
}

export interface AnyTerm {
  readonly kind: 'any';
  readonly slot: number;
  readonly types: number;
}
export interface OpTerm {
  readonly kind: 'op';
  readonly opcode: Opcode;
  /** Slot of the result, or -1. */
  readonly slot: number;
  /** Allowed types of the result; all for an instruction without one. */
  readonly types: number;
  /** Empty: the operands do not matter. */
  readonly operands: readonly Term[];
  readonly constant: ConstantTerm | undefined;
  /** Allowed condition codes, bit by code, and the slot they go to. */
  readonly conditions: number;
  readonly conditionSlot: number;
  readonly memorySlot: number;
}
export type Term = AnyTerm | OpTerm;

/** A term that captures `Names`. */
export interface Pattern<Names extends Captured = never> {
  readonly term: Term;
  /** Never present; carries the names for the type checker. */
  readonly captures?: Names;
}
export interface ConstantPattern<Names extends Captured> {
  readonly constant: ConstantTerm;
  readonly captures?: Names;
}
export interface ConditionPattern<Names extends Captured> {
  readonly conditions: number;
  readonly slot: number;
  readonly captures?: Names;
}
export interface MemoryPattern<Names extends Captured> {
  readonly memorySlot: number;
  readonly captures?: Names;
}

const capture = <N extends Captured>(slot: number): Pattern<N> => ({ term: { kind: 'any', slot, types: anyTypes } });
export const x = capture<'x'>(slots.x);
export const y = capture<'y'>(slots.y);
export const z = capture<'z'>(slots.z);
export const w = capture<'w'>(slots.w);
export const anything: Pattern = { term: { kind: 'any', slot: -1, types: anyTypes } };

/** Restricts the type of a pattern's value to one type, or to a mask such as `integerTypes`. */
export function typed<N extends Captured>(types: Type | { readonly mask: number }, pattern: Pattern<N>): Pattern<N> {
  const mask = typeof types === 'number' ? 1 << types : types.mask;
  return { term: { ...pattern.term, types: pattern.term.types & mask } };
}

/** Captures the value that `pattern` matches. */
export function bind<A extends 'x' | 'y' | 'z' | 'w', N extends Captured>(name: Pattern<A>, pattern: Pattern<N>): Pattern<A | N> {
  if (name.term.kind !== 'any' || name.term.slot < 0) bug('bind needs a capture as its first argument');
  return { term: { ...pattern.term, slot: name.term.slot } };
}

// ---- constants

const constantCapture = <N extends Captured>(slot: number): ConstantPattern<N> => ({ constant: { slot, equals: undefined, test: undefined } });
export const k = constantCapture<FirstConstant>(slots.k);
export const l = constantCapture<SecondConstant>(slots.l);
export const anyConstant: ConstantPattern<never> = { constant: { slot: -1, equals: undefined, test: undefined } };

/** A constant that passes `test`. */
export function where<N extends Captured>(constant: ConstantPattern<N>, test: ConstantTest): ConstantPattern<N> {
  const old = constant.constant.test;
  return { constant: { ...constant.constant, test: old === undefined ? test : (low, high, type) => old(low, high, type) && test(low, high, type) } };
}
const fits8: ConstantTest = (low, high) => (low << 24) >> 24 === low && high === low >> 31;
const fits12: ConstantTest = (low, high) => (low << 20) >> 20 === low && high === low >> 31;
const fits32: ConstantTest = (low, high) => high === low >> 31;
const fitsUnsigned32: ConstantTest = (_, high, type) => high === 0 || type === 1;
const onlyBit: ConstantTest = (low, high, type) =>
  type === 1 ? low !== 0 && (low & (low - 1)) === 0 : (low !== 0) !== (high !== 0) && (low & (low - 1)) === 0 && (high & (high - 1)) === 0;

/** A signed 8-bit constant. */
export const simm8 = <N extends Captured>(constant: ConstantPattern<N>): ConstantPattern<N> => where(constant, fits8);
/** A signed 12-bit constant. */
export const simm12 = <N extends Captured>(constant: ConstantPattern<N>): ConstantPattern<N> => where(constant, fits12);
/** A signed 32-bit constant: every i32, and the i64 that are their own sign-extended low half. */
export const simm32 = <N extends Captured>(constant: ConstantPattern<N>): ConstantPattern<N> => where(constant, fits32);
/** An unsigned 32-bit constant: every i32 (whose captured value stays signed), and the i64 below 2^32. */
export const uimm32 = <N extends Captured>(constant: ConstantPattern<N>): ConstantPattern<N> => where(constant, fitsUnsigned32);
/** One bit of the type's width set. */
export const powerOfTwo = <N extends Captured>(constant: ConstantPattern<N>): ConstantPattern<N> => where(constant, onlyBit);

export function constantTermOf(constant: ConstantPattern<Captured> | number | bigint): ConstantTerm {
  if (typeof constant === 'object') return constant.constant;
  return { slot: -1, equals: BigInt(constant), test: undefined };
}

// ---- conditions and accesses

const allConditions = -1;
export const condition: ConditionPattern<'condition'> = { conditions: allConditions, slot: slots.condition };
export const condition2: ConditionPattern<'condition2'> = { conditions: allConditions, slot: slots.condition2 };
export const anyCondition: ConditionPattern<never> = { conditions: allConditions, slot: -1 };

/** Restricts a condition of icmp. */
export function intConditions<N extends Captured>(pattern: ConditionPattern<N>, ...allowed: readonly IcmpCondition[]): ConditionPattern<N> {
  return { ...pattern, conditions: allowed.reduce((mask, name) => mask | (1 << icmpConditions[name]), 0) };
}
/** Restricts a condition of fcmp. */
export function floatConditions<N extends Captured>(pattern: ConditionPattern<N>, ...allowed: readonly FcmpCondition[]): ConditionPattern<N> {
  return { ...pattern, conditions: allowed.reduce((mask, name) => mask | (1 << fcmpConditions[name]), 0) };
}

/** Captures flags and offset of an access. */
export const memory: MemoryPattern<'flags' | 'offset'> = { memorySlot: slots.memory };
/** Captures a second access's. */
export const memory2: MemoryPattern<'flags2' | 'offset2'> = { memorySlot: slots.memory2 };
export const anyMemory: MemoryPattern<never> = { memorySlot: -1 };

/** An operation of the plain kind: no constant, condition or flags. */
export function opTerm(opcode: Opcode, operands: readonly Term[]): OpTerm {
  return {
    kind: 'op', opcode, slot: -1, types: anyTypes, operands, constant: undefined, conditions: allConditions, conditionSlot: -1, memorySlot: -1,
  };
}

// ---- rules

/** A rule as the matcher sees it. `Context` is the consumer's; `Result` is what the right side makes. */
export interface Rule<Context, Result> {
  readonly name: string;
  readonly term: Term;
  readonly when: ((match: Match, context: Context) => boolean) | undefined;
  readonly apply: (match: Match, context: Context) => Result;
}

/** Makes rules for one consumer; the condition may be left out. */
export interface RuleMaker<Context, Result> {
  <N extends Captured>(name: string, pattern: Pattern<N>, apply: (match: Bindings<N>, context: Context) => Result): Rule<Context, Result>;
  <N extends Captured>(
    name: string,
    pattern: Pattern<N>,
    when: (match: Bindings<N>, context: Context) => boolean,
    apply: (match: Bindings<N>, context: Context) => Result,
  ): Rule<Context, Result>;
}

/** The function that makes rules with this context and result. */
export function rulesOf<Context, Result>(): RuleMaker<Context, Result> {
  return (
    name: string,
    pattern: { readonly term: Term },
    first: (match: Match, context: Context) => unknown,
    second?: (match: Match, context: Context) => Result,
  ): Rule<Context, Result> =>
    second === undefined
      ? { name, term: pattern.term, when: undefined, apply: first as (match: Match, context: Context) => Result }
      : { name, term: pattern.term, when: first as (match: Match, context: Context) => boolean, apply: second };
}

/** The same rules with the one called `name` replaced, in its place; how a fault is injected from outside. */
export function withReplacedRule<Context, Result>(
  rules: readonly Rule<Context, Result>[],
  name: string,
  replacement: Rule<Context, Result>,
): readonly Rule<Context, Result>[] {
  if (!rules.some((rule) => rule.name === name)) bug(`no rule called ${name}`);
  return rules.map((rule) => (rule.name === name ? replacement : rule));
}

/** True for the opcodes whose terms hold a constant. */
export const isConstantTerm = (term: Term): boolean => term.kind === 'op' && (term.opcode === op.iconst || term.opcode === op.fconst);
