// Compiles a list of rules into tables and matches instructions against them.
// Method: a pattern becomes a run of steps in one int32 array (a commutative operation whose operands differ in kind gives a run for each order);
//         each shape of each opcode (typing.ts) has the list of runs that could match it, in file order. Matching walks that list.
//         Before a run is interpreted, the opcodes behind the root's operands are compared with those it asks for: most attempts end there.
// Invariant: an attempt allocates nothing, and leaves no trace in the match but cells that the next attempt overwrites.
// Rejected when made: two rules of one name; a rule that matches no well-typed instruction, or only what rules without a condition before it
//         take in every shape; on request, a shape without a floor: a rule without a condition that matches every instruction of this shape.

import { type Inst, type Value, asInst, asValue } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import type { Control } from '../base/control.ts';
import { newBytes } from '../base/storage.ts';
import {
  type IrFunction,
  constantHighOf,
  constantLowOf,
  controlTypeOf,
  detailOf,
  firstOperand,
  immediateOf,
  maybeDefinitionOf,
  opcodeOf,
  resultCount,
  resultOf,
  secondOperand,
  thirdOperand,
  typeOf,
} from './function.ts';
import { type Opcode, opcodeCount, opcodeName, rowOf } from './opcodes.ts';
import { type ConstantTest, Match, type OpTerm, type Rule, type Term, maxTerms } from './pattern.ts';
import { covers, isFloor, variantsOf } from './pattern-cover.ts';
import { type Type, typeName } from './types.ts';
import { type Shape, anyTypes, fixedOperands, isConstant, legalShapes, operandTypes, sameAsPrevious, shapeCount, shapeNumber, shapeNumberOf } from './typing.ts';

const steps = {
  /** Current value = operand `b` of instruction register `a`. */
  operand: 0,
  /** Cell `a` = current value. */
  bind: 1,
  /** Current value must be that of cell `a`. */
  same: 2,
  /** Type of the current value must be in mask `a`. */
  types: 3,
  /** Instruction register `b` = definition of the current value, which must have opcode `a`. */
  define: 4,
  /** The constant in register `a` must pass test `b` (-1: none); its halves go to cell `c` (-1: nowhere). */
  constant: 5,
  /** The condition in register `a` must be in mask `b`; it goes to cell `c` (-1: nowhere). */
  condition: 6,
  /** Flags and offset of register `a` go to cells `b` and `b + 1`. */
  memory: 7,
} as const;
const stepCells = 4;

/**
 * What a rule's work can be left to in every list that holds it: nothing, a rule that takes any value and so only uses what the value's definition
 * has left in a register, or a rule for the operation itself.
 */
const spareness = { byNone: 0, byAny: 1, byOperation: 2 } as const;

/** Decides whether a pattern may look through `value` to the instruction that defines it. Constants are always looked through, unasked. */
export type CanLookThrough = (value: Value, f: IrFunction) => boolean;

/** For `canLookThrough`. */
export const lookThroughAll: CanLookThrough = () => true;

export interface RuleSetOptions {
  /** Which shapes must have a floor; none unless given. `requireAllFloors` for all of them. */
  readonly floors?: (opcode: Opcode, shape: Shape) => boolean;
  /** Whether each firing is an optional change that asks `control.may` for leave. */
  readonly optional?: boolean;
}
export const requireAllFloors = (): boolean => true;

interface Run {
  readonly rule: number;
  readonly term: Term;
  readonly start: number;
  readonly end: number;
}

export class RuleSet<Context, Result> {
  readonly rules: readonly Rule<Context, Result>[];
  /** The bindings of the last match. */
  readonly match = new Match();
  private readonly optional: boolean;
  private readonly runs: Run[] = [];
  private readonly code: number[] = [];
  private readonly packed: Int32Array;
  private readonly runRule: Int32Array;
  private readonly runStart: Int32Array;
  private readonly runEnd: Int32Array;
  /** Per run, the opcodes that must define the root's first and second operand; -1 for any. */
  private readonly runNeeds: Int32Array;
  private readonly tests: ConstantTest[] = [];
  /** Per rule, what its work can be left to wherever it matches; see `spareness`. */
  private readonly spared: Uint8Array;
  /** Per shape, the runs to try; the last `typeCount` lists are for values that may not be looked through, by type. */
  private readonly buckets: (Int32Array | undefined)[];
  private readonly instructions = new Int32Array(maxTerms);

  constructor(rules: readonly Rule<Context, Result>[], options: RuleSetOptions = {}) {
    this.rules = rules;
    this.optional = options.optional ?? false;
    const names = new Set<string>();
    rules.forEach((rule, number) => {
      if (names.has(rule.name)) bug(`two rules called ${rule.name}`);
      names.add(rule.name);
      for (const term of variantsOf(rule.term)) this.compile(number, term);
    });
    this.packed = Int32Array.from(this.code);
    this.runRule = Int32Array.from(this.runs, (run) => run.rule);
    this.runStart = Int32Array.from(this.runs, (run) => run.start);
    this.runEnd = Int32Array.from(this.runs, (run) => run.end);
    this.runNeeds = Int32Array.from(this.runs.flatMap(({ term }) => [0, 1].map((i) => neededOpcode(term, i))));
    this.buckets = this.dispatch(options);
    this.spared = this.findSpared();
  }

  /**
   * The first rule that matches `inst`, its bindings in `match`; conditions are asked with `context`. Given a `control`, a rule is passed over that
   * it gives no leave to, if a more general one is there to do the work.
   */
  find(f: IrFunction, inst: Inst, canLookThrough: CanLookThrough, context: Context, control?: Control): Rule<Context, Result> | undefined {
    const bucket = this.buckets[shapeNumberOf(f, inst)];
    if (bucket === undefined) return undefined;
    const value = resultCount(f, inst) === 1 ? resultOf(f, inst) : -1;
    let type: Type | 0 = 0;
    if (value >= 0) type = typeOf(f, asValue(value));
    else if (fixedOperands(opcodeOf(f, inst)) > 0) type = typeOf(f, firstOperand(f, inst));
    return this.walk(bucket, f, inst, value, type, canLookThrough, context, false, control, spareness.byAny);
  }

  /**
   * The first rule that matches `value`: its definition if that may be looked through, else only rules whose root is a capture. With a `control` as for
   * `find`; `isRoot` says that the value is being made, so that no rule will do which only uses it.
   */
  findValue(f: IrFunction, value: Value, canLookThrough: CanLookThrough, context: Context, control?: Control, isRoot = false): Rule<Context, Result> | undefined {
    const definition = maybeDefinitionOf(f, value);
    const constant = definition !== undefined && isConstant(opcodeOf(f, definition));
    const type = typeOf(f, value);
    const through = definition !== undefined && resultCount(f, definition) === 1 && (constant || canLookThrough(value, f));
    const bucket = this.buckets[through ? shapeNumberOf(f, definition) : shapeCount + type];
    if (bucket === undefined) return undefined;
    return this.walk(bucket, f, through ? definition : -1, value, type, canLookThrough, context, through && !constant, control, isRoot ? spareness.byOperation : spareness.byAny);
  }

  /** Finds a rule, counts its firing and applies it. Undefined: nothing matched, or `control` refused an optional change. */
  run(f: IrFunction, inst: Inst, canLookThrough: CanLookThrough, context: Context, control: Control): Result | undefined {
    return this.fire(this.find(f, inst, canLookThrough, context), context, control);
  }

  /** The same for a value. */
  runValue(f: IrFunction, value: Value, canLookThrough: CanLookThrough, context: Context, control: Control): Result | undefined {
    return this.fire(this.findValue(f, value, canLookThrough, context), context, control);
  }

  private fire(rule: Rule<Context, Result> | undefined, context: Context, control: Control): Result | undefined {
    if (rule === undefined || (this.optional && !control.may(rule.name))) return undefined;
    control.fired(rule.name);
    return rule.apply(this.match, context);
  }

  // ---- matching

  private walk(
    bucket: Int32Array,
    f: IrFunction,
    inst: number,
    value: number,
    type: Type | 0,
    look: CanLookThrough,
    context: Context,
    rootLooked: boolean,
    control: Control | undefined,
    least: number,
  ): Rule<Context, Result> | undefined {
    const match = this.match;
    match.begin(f, inst, type);
    const operands = inst < 0 ? 0 : fixedOperands(opcodeOf(f, asInst(inst)));
    const first = operands > 0 ? definingOpcode(f, firstOperand(f, asInst(inst))) : -1;
    const second = operands > 1 ? definingOpcode(f, secondOperand(f, asInst(inst))) : -1;
    for (let i = 0; i < bucket.length; i++) {
      const run = bucket[i] as number;
      const needsFirst = this.runNeeds[2 * run] as number;
      const needsSecond = this.runNeeds[2 * run + 1] as number;
      if ((needsFirst >= 0 && needsFirst !== first) || (needsSecond >= 0 && needsSecond !== second)) continue;
      match.lookedCount = 0;
      // A root that is a capture leaves the value as it is; only a root with an opcode looks through it.
      if (rootLooked && this.rootIsOperation(run)) match.look(asValue(value));
      if (!this.attempt(run, f, inst, value, look)) continue;
      const number = this.runRule[run] as number;
      const rule = this.rules[number] as Rule<Context, Result>;
      if (rule.when !== undefined && !rule.when(match, context)) continue;
      if (control !== undefined && (this.spared[number] as number) >= least && !control.may(rule.name)) continue;
      return rule;
    }
    return undefined;
  }

  private rootIsOperation(run: number): boolean {
    return (this.runs[run] as Run).term.kind === 'op';
  }

  private attempt(run: number, f: IrFunction, inst: number, root: number, look: CanLookThrough): boolean {
    const code = this.packed;
    const match = this.match;
    const registers = this.instructions;
    registers[0] = inst;
    let value = root;
    const end = this.runEnd[run] as number;
    for (let pc = this.runStart[run] as number; pc < end; pc += stepCells) {
      const a = code[pc + 1] as number;
      switch (code[pc]) {
        case steps.operand: {
          const from = asInst(registers[a] as number);
          const number = code[pc + 2];
          value = number === 0 ? firstOperand(f, from) : number === 1 ? secondOperand(f, from) : thirdOperand(f, from);
          break;
        }
        case steps.bind:
          match.setCell(a, value);
          break;
        case steps.same:
          if (match.cell(a) !== value) return false;
          break;
        case steps.types:
          if (((a >> typeOf(f, asValue(value))) & 1) === 0) return false;
          break;
        case steps.define: {
          const definition = maybeDefinitionOf(f, asValue(value));
          if (definition === undefined || opcodeOf(f, definition) !== a) return false;
          if (!isConstant(a as Opcode)) {
            if (!look(asValue(value), f)) return false;
            match.look(asValue(value));
          }
          registers[code[pc + 2] as number] = definition;
          break;
        }
        case steps.constant: {
          const from = asInst(registers[a] as number);
          const low = constantLowOf(f, from);
          const high = constantHighOf(f, from);
          const test = code[pc + 2] as number;
          if (test >= 0 && !(this.tests[test] as ConstantTest)(low, high, controlTypeOf(f, from) as Type)) return false;
          const slot = code[pc + 3] as number;
          if (slot >= 0) {
            match.setCell(slot, low);
            match.setCell(slot + 1, high);
          }
          break;
        }
        case steps.condition: {
          const condition = detailOf(f, asInst(registers[a] as number));
          if ((((code[pc + 2] as number) >> condition) & 1) === 0) return false;
          const slot = code[pc + 3] as number;
          if (slot >= 0) match.setCell(slot, condition);
          break;
        }
        case steps.memory: {
          const from = asInst(registers[a] as number);
          const slot = code[pc + 2] as number;
          match.setCell(slot, detailOf(f, from));
          match.setCell(slot + 1, immediateOf(f, from));
          break;
        }
      }
    }
    return true;
  }

  // ---- making the tables

  private compile(rule: number, term: Term): void {
    const start = this.code.length;
    const bound = new Set<number>();
    if (term.kind === 'any') {
      if (term.types !== anyTypes) this.emit(steps.types, term.types, 0, 0);
      if (term.slot >= 0) this.emit(steps.bind, term.slot, 0, 0);
    } else {
      if (term.slot >= 0) this.bindSlot(term.slot, bound);
      this.compileOperation(rule, term, 0, { next: 1 }, bound);
    }
    this.runs.push({ rule, term, start, end: this.code.length });
  }

  private compileOperation(rule: number, term: OpTerm, register: number, registers: { next: number }, bound: Set<number>): void {
    const row = rowOf(term.opcode);
    if (row.format === 'icmp' || row.format === 'fcmp') {
      if (term.conditions !== -1 || term.conditionSlot >= 0) this.emit(steps.condition, register, term.conditions, term.conditionSlot);
    }
    if (term.constant !== undefined) {
      const { equals, test, slot } = term.constant;
      if (equals !== undefined || test !== undefined || slot >= 0) this.emit(steps.constant, register, this.testNumber(equals, test), slot);
    }
    if (term.memorySlot >= 0) this.emit(steps.memory, register, term.memorySlot, 0);
    for (let i = 0; i < term.operands.length; i++) {
      const operand = term.operands[i] as Term;
      if (operand.kind === 'any' && operand.slot < 0 && operand.types === anyTypes) continue;
      this.emit(steps.operand, register, i, 0);
      if (operand.types !== anyTypes) this.emit(steps.types, operand.types, 0, 0);
      if (operand.kind === 'op') {
        const inner = registers.next++;
        if (inner >= maxTerms) bug(`rule ${this.nameOf(rule)} has more than ${maxTerms} operations`);
        if (operand.slot >= 0) this.bindSlot(operand.slot, bound);
        this.emit(steps.define, operand.opcode, inner, 0);
        this.compileOperation(rule, operand, inner, registers, bound);
      } else if (operand.slot >= 0) this.bindSlot(operand.slot, bound);
    }
  }

  private bindSlot(slot: number, bound: Set<number>): void {
    this.emit(bound.has(slot) ? steps.same : steps.bind, slot, 0, 0);
    bound.add(slot);
  }

  private emit(step: number, a: number, b: number, c: number): void {
    this.code.push(step, a, b, c);
  }

  private testNumber(equals: bigint | undefined, test: ConstantTest | undefined): number {
    if (equals === undefined) return test === undefined ? -1 : this.tests.push(test) - 1;
    const wantedLow = Number(BigInt.asIntN(32, equals));
    const wantedHigh = Number(BigInt.asIntN(32, equals >> 32n));
    return this.tests.push((low, high) => low === wantedLow && high === wantedHigh) - 1;
  }

  private nameOf(rule: number): string {
    return (this.rules[rule] as Rule<Context, Result>).name;
  }

  private dispatch(options: RuleSetOptions): (Int32Array | undefined)[] {
    const buckets: (Int32Array | undefined)[] = Array.from({ length: shapeCount + 5 }, () => undefined);
    const reached = new Set<number>();
    const fitted = new Set<number>();
    for (let code = 0; code < opcodeCount; code++) {
      const opcode = code as Opcode;
      for (const shape of legalShapes(opcode)) {
        const list = this.bucketFor((term) => fitsShape(term, opcode, shape), shape.result === 0 ? anyTypes : 1 << shape.result, reached, fitted);
        if (options.floors?.(opcode, shape) === true) this.expectFloor(list, opcode, shape);
        buckets[shapeNumber(opcode, shape.result, shape.operand)] = list.length === 0 ? undefined : Int32Array.from(list);
      }
    }
    for (let type = 1; type < 5; type++) {
      const list = this.bucketFor((term) => term.kind === 'any' && ((term.types >> type) & 1) === 1, 1 << type, reached, fitted);
      buckets[shapeCount + type] = list.length === 0 ? undefined : Int32Array.from(list);
    }
    this.rules.forEach((rule, number) => {
      if (!fitted.has(number)) bug(`rule ${rule.name} matches no well-typed instruction`);
      if (!reached.has(number)) bug(`rule ${rule.name} can never be reached: rules before it take all it matches`);
    });
    return buckets;
  }

  /** The runs that fit, without those that runs before them cover. */
  private bucketFor(fits: (term: Term) => boolean, types: number, reached: Set<number>, fitted: Set<number>): number[] {
    const list: number[] = [];
    const certain: Term[] = [];
    this.runs.forEach((run, number) => {
      if (!fits(run.term)) return;
      fitted.add(run.rule);
      if (certain.some((earlier) => covers(earlier, run.term, types))) return;
      reached.add(run.rule);
      list.push(number);
      if (this.rules[run.rule]?.when === undefined) certain.push(run.term);
    });
    return list;
  }

  /** What the work of each rule can be left to: to the least that stands behind it in any of the lists that hold it. */
  private findSpared(): Uint8Array {
    const spared = newBytes(this.rules.length).fill(spareness.byOperation);
    const note = (bucket: Int32Array | undefined, isFloorHere: (term: Term) => boolean): void => {
      if (bucket === undefined) return;
      // From the last to the first: what stands behind is known then. A rule may have several runs in a list; the last of them decides.
      let behind: number = spareness.byNone;
      for (let i = bucket.length - 1; i >= 0; i--) {
        const { rule, term } = this.runs[bucket[i] as number] as Run;
        spared[rule] = Math.min(spared[rule] as number, behind);
        if (this.rules[rule]?.when === undefined && isFloorHere(term)) behind = Math.max(behind, term.kind === 'op' ? spareness.byOperation : spareness.byAny);
      }
    };
    for (let code = 0; code < opcodeCount; code++) {
      const opcode = code as Opcode;
      for (const shape of legalShapes(opcode)) note(this.buckets[shapeNumber(opcode, shape.result, shape.operand)], (term) => isFloor(term, opcode, shape));
    }
    for (let type = 1; type < 5; type++) note(this.buckets[shapeCount + type], () => true);
    return spared;
  }

  private expectFloor(list: readonly number[], opcode: Opcode, shape: Shape): void {
    for (const number of list) {
      const run = this.runs[number] as Run;
      if (this.rules[run.rule]?.when === undefined && isFloor(run.term, opcode, shape)) return;
    }
    const types = [shape.result, shape.operand].map((type) => (type === 0 ? 'none' : typeName(type)));
    bug(`no floor rule for ${opcodeName(opcode)} with result ${types[0]} and first operand ${types[1]}`);
  }
}

function neededOpcode(term: Term, number: number): number {
  const operand = term.kind === 'op' ? term.operands[number] : undefined;
  return operand?.kind === 'op' ? operand.opcode : -1;
}

/** Opcode of the instruction behind a value; -1 for a block parameter. */
function definingOpcode(f: IrFunction, value: Value): number {
  const definition = maybeDefinitionOf(f, value);
  return definition === undefined ? -1 : opcodeOf(f, definition);
}

/** Types a term's value may have. */
function possibleTypes(term: Term): number {
  if (term.kind === 'any') return term.types;
  let mask = 0;
  for (const shape of legalShapes(term.opcode)) if (shape.result !== 0) mask |= 1 << shape.result;
  return mask & term.types;
}

/** Whether a term can match an instruction of this opcode and shape. */
function fitsShape(term: Term, opcode: Opcode, shape: Shape): boolean {
  if (term.kind === 'any') return shape.result !== 0 && ((term.types >> shape.result) & 1) === 1;
  if (term.opcode !== opcode) return false;
  if (shape.result !== 0 && ((term.types >> shape.result) & 1) === 0) return false;
  for (let i = 0; i < term.operands.length; i++) {
    const types = possibleTypes(term.operands[i] as Term);
    const first = i === 0 || (sameAsPrevious(opcode, i) && !(i === 2 && rowOf(opcode).format === 'ternary'));
    const wanted = first ? 1 << shape.operand : rowOf(opcode).format === 'ternary' ? 1 << shape.result : operandTypes(opcode, i);
    if ((types & wanted) === 0) return false;
  }
  return true;
}
