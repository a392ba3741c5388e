// What the right side of a simplification rule builds with: new instructions just before the one that is being replaced, with its origin.
// A rule answers the value that takes the place of its root's result, or one of the two answers below for a root without a result.

import type { Inst, Value } from '../base/entity.ts';
import type { Control } from '../base/control.ts';
import {
  type IrFunction,
  createInst,
  immediateOf,
  insertInstBefore,
  originOf,
  resultOf,
  setOperand,
  setSuccessor,
  successorAt,
} from '../ir/function.ts';
import { type FcmpCondition, type IcmpCondition, type Opcode, fcmpConditions, icmpConditions, op } from '../ir/opcodes.ts';
import { type Rule, type RuleMaker, rulesOf } from '../ir/pattern.ts';
import { type Type, f32, i32 } from '../ir/types.ts';

/** The root was replaced by other instructions, or is not needed: it goes. */
export const gone = -1;
/** The root itself was changed in place. */
export const changed = -2;

/** What a simplification rule makes. */
export type Rewritten = Value | typeof gone | typeof changed;
export type SimplificationRule = Rule<Rewriter, Rewritten>;

const make = rulesOf<Rewriter, Rewritten>();
/** Makes a simplification rule; its name gets the prefix `simplify/`, which keeps it apart from lowering rules. */
export const rule = ((name: string, ...rest: [never, never, never]) => make(`simplify/${name}`, ...rest)) as RuleMaker<Rewriter, Rewritten>;

export class Rewriter {
  readonly f: IrFunction;
  readonly control: Control;
  /** The instruction being replaced. */
  root: Inst;
  /** First instruction made since `begin`, or -1. */
  firstMade: Inst | -1 = -1;

  constructor(f: IrFunction, control: Control, root: Inst) {
    this.f = f;
    this.control = control;
    this.root = root;
  }

  begin(root: Inst): void {
    this.root = root;
    this.firstMade = -1;
  }

  private place(opcode: Opcode, type: Type | 0, detail: number, a: number, b: number, c: number, immediate: number): Inst {
    const inst = createInst(this.f, opcode, type, detail, a, b, c, immediate, originOf(this.f, this.root));
    insertInstBefore(this.f, inst, this.root);
    if (this.firstMade === -1) this.firstMade = inst;
    return inst;
  }
  private value(opcode: Opcode, type: Type | 0, detail: number, a: number, b: number, c: number, immediate: number): Value {
    return resultOf(this.f, this.place(opcode, type, detail, a, b, c, immediate));
  }

  /** An integer constant, wrapped to its type. */
  iconst(type: Type | 0, value: number | bigint): Value {
    const bits = BigInt(value);
    return this.value(op.iconst, type, 0, -1, -1, -1, type === i32 ? Number(BigInt.asIntN(32, bits)) : this.f.wide.push(BigInt.asIntN(64, bits)));
  }
  /** A float constant from its bits. */
  fconst(type: Type | 0, bits: bigint): Value {
    return this.value(op.fconst, type, 0, -1, -1, -1, type === f32 ? Number(BigInt.asIntN(32, bits)) : this.f.wide.push(BigInt.asIntN(64, bits)));
  }
  unary(opcode: Opcode, x: Value): Value {
    return this.value(opcode, 0, 0, x, -1, -1, 0);
  }
  convert(opcode: Opcode, type: Type, x: Value): Value {
    return this.value(opcode, type, 0, x, -1, -1, 0);
  }
  binary(opcode: Opcode, x: Value, y: Value): Value {
    return this.value(opcode, 0, 0, x, y, -1, 0);
  }
  /** A compare, by a condition's name or code. */
  icmp(condition: IcmpCondition | number, x: Value, y: Value): Value {
    return this.value(op.icmp, 0, typeof condition === 'number' ? condition : icmpConditions[condition], x, y, -1, 0);
  }
  fcmp(condition: FcmpCondition | number, x: Value, y: Value): Value {
    return this.value(op.fcmp, 0, typeof condition === 'number' ? condition : fcmpConditions[condition], x, y, -1, 0);
  }
  select(condition: Value, x: Value, y: Value): Value {
    return this.value(op.select, 0, 0, condition, x, y, 0);
  }
  load(opcode: Opcode, type: Type | 0, flags: number, address: Value, offset: number): Value {
    return this.value(opcode, type, flags, address, -1, -1, offset);
  }
  store(opcode: Opcode, flags: number, value: Value, address: Value, offset: number): typeof gone {
    this.place(opcode, 0, flags, value, address, -1, offset);
    return gone;
  }
  /** A trapz or trapnz with the root's trap code. */
  trapIf(opcode: Opcode, condition: Value): typeof gone {
    this.place(opcode, 0, 0, condition, -1, -1, immediateOf(this.f, this.root));
    return gone;
  }
  /** Makes the root, a brif, test another value. */
  branchOn(condition: Value): typeof changed {
    setOperand(this.f, this.root, 0, condition);
    return changed;
  }
  /** The same with its two targets exchanged. */
  branchOnOpposite(condition: Value): typeof changed {
    const then = successorAt(this.f, this.root, 0);
    setSuccessor(this.f, this.root, 0, successorAt(this.f, this.root, 1));
    setSuccessor(this.f, this.root, 1, then);
    return this.branchOn(condition);
  }
}
