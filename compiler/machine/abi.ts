// The calling convention of compiled code, as far as no ISA differs: parameters and results take registers in order, class by class,
// and the rest goes through the stack.
//
//   caller's outgoing area, from the stack pointer up at the call:   stack arguments (8 bytes each) | stack results (8 bytes each)
//
// No register survives a call except the pinned ones, so the caller keeps what it needs in its frame.
// The callee finds both parts above its return address (`bases.incoming`).

import type { Value } from '../base/entity.ts';
import type { Signature } from '../contract/artifact.ts';
import type { MachineType } from '../contract/libcalls.ts';
import { bases } from './instruction.ts';
import type { Selector } from './select.ts';
import type { VRegClass } from './vcode.ts';

/** Where a parameter or result travels: a register, or byte `offset` of the area on the stack; the other one is -1. */
export interface Passing {
  readonly register: number;
  readonly offset: number;
  /** Meaningful bytes: 4 or 8. */
  readonly bytes: number;
  readonly vregClass: VRegClass;
}

export interface CallShape {
  readonly params: readonly Passing[];
  readonly results: readonly Passing[];
  /** Bytes of stack arguments and results together, a multiple of 16. */
  readonly outgoingBytes: number;
}

/** Registers in order of use, per class. */
export interface Convention {
  readonly params: readonly [readonly number[], readonly number[]];
  readonly results: readonly [readonly number[], readonly number[]];
}

const slot = 8;

function assign(types: readonly MachineType[], registers: Convention['params'], firstOffset: number): { readonly passing: Passing[]; readonly end: number } {
  const next = [0, 0];
  let end = firstOffset;
  const passing = types.map((type): Passing => {
    const vregClass = type === 'f32' || type === 'f64' ? 1 : 0;
    const bytes = type === 'i32' || type === 'f32' ? 4 : 8;
    const register = registers[vregClass][next[vregClass] as number];
    if (register !== undefined) {
      next[vregClass] = (next[vregClass] as number) + 1;
      return { register, offset: -1, bytes, vregClass };
    }
    const offset = end;
    end += slot;
    return { register: -1, offset, bytes, vregClass };
  });
  return { passing, end };
}

/** Places the parameters and results of a signature. */
export function callShapeOf(convention: Convention, signature: Signature): CallShape {
  const params = assign(signature.params, convention.params, 0);
  const results = assign(signature.results, convention.results, params.end);
  return { params: params.passing, results: results.passing, outgoingBytes: (results.end + 15) & ~15 };
}

/** What the ISA contributes: how to reach the stack, and the rows that carry lists of registers. */
export interface AbiRows {
  /** Emits a store of `vreg` to the address set on the selector. */
  store(c: Selector, vreg: number, vregClass: VRegClass, bytes: number): void;
  load(c: Selector, vreg: number, vregClass: VRegClass, bytes: number): void;
  /** Row with one list of defs: the parameters in registers. */
  readonly args: number;
  /** Row with one list of uses: the results in registers. */
  readonly ret: number;
}

/** Gives parameters their virtual registers at the function's start; -1 stands for one that is not used. */
export function lowerEntry(c: Selector, rows: AbiRows, shape: CallShape, vregs: readonly number[]): void {
  c.begin(rows.args);
  let count = 0;
  for (let i = 0; i < vregs.length; i++) if ((vregs[i] as number) >= 0 && (shape.params[i] as Passing).register >= 0) count++;
  c.cell(count);
  for (let i = 0; i < vregs.length; i++) {
    const { register } = shape.params[i] as Passing;
    if ((vregs[i] as number) < 0 || register < 0) continue;
    c.cell(vregs[i] as number);
    c.cell(register);
  }
  for (let i = 0; i < vregs.length; i++) {
    const { offset, vregClass, bytes } = shape.params[i] as Passing;
    if ((vregs[i] as number) < 0 || offset < 0) continue;
    c.setAddress(bases.incoming, bases.none, 0, offset, 0);
    rows.load(c, vregs[i] as number, vregClass, bytes);
  }
}

/** Returns `values`. */
export function lowerReturn(c: Selector, rows: AbiRows, shape: CallShape, valueAt: (number: number) => Value): void {
  const inRegisters: number[] = [];
  for (let i = 0; i < shape.results.length; i++) {
    const { register, offset, vregClass, bytes } = shape.results[i] as Passing;
    const vreg = c.use(valueAt(i));
    if (register >= 0) inRegisters.push(vreg, register);
    else {
      c.setAddress(bases.incoming, bases.none, 0, offset, 0);
      rows.store(c, vreg, vregClass, bytes);
    }
  }
  c.begin(rows.ret);
  c.cell(inRegisters.length / 2);
  for (let i = 0; i < inRegisters.length; i++) c.cell(inRegisters[i] as number);
}

/** Puts arguments in their places; answers pairs (virtual register, register) for the call's list. */
export function lowerArguments(c: Selector, rows: AbiRows, shape: CallShape, valueAt: (number: number) => Value): readonly number[] {
  c.needOutgoing(shape.outgoingBytes);
  const inRegisters: number[] = [];
  for (let i = 0; i < shape.params.length; i++) {
    const { register, offset, vregClass, bytes } = shape.params[i] as Passing;
    const vreg = c.use(valueAt(i));
    if (register >= 0) inRegisters.push(vreg, register);
    else {
      c.setAddress(bases.outgoing, bases.none, 0, offset, 0);
      rows.store(c, vreg, vregClass, bytes);
    }
  }
  return inRegisters;
}

/** Pushes the two lists that end a call's cells: arguments, and the results in registers that somebody uses. */
export function pushCallLists(c: Selector, shape: CallShape, args: readonly number[]): void {
  c.cell(args.length / 2);
  for (let i = 0; i < args.length; i++) c.cell(args[i] as number);
  let count = 0;
  for (let i = 0; i < shape.results.length; i++) if ((shape.results[i] as Passing).register >= 0 && c.isUsed(i)) count++;
  c.cell(count);
  for (let i = 0; i < shape.results.length; i++) {
    const { register } = shape.results[i] as Passing;
    if (register < 0 || !c.isUsed(i)) continue;
    c.cell(c.resultNumber(i));
    c.cell(register);
  }
}

/** Loads the results that the callee left on the stack. */
export function loadStackResults(c: Selector, rows: AbiRows, shape: CallShape): void {
  for (let i = 0; i < shape.results.length; i++) {
    const { offset, vregClass, bytes } = shape.results[i] as Passing;
    if (offset < 0 || !c.isUsed(i)) continue;
    c.setAddress(bases.outgoing, bases.none, 0, offset, 0);
    rows.load(c, c.resultNumber(i), vregClass, bytes);
  }
}
