// Computes operations whose operands are all constants, at the width of their type.
// Needs:  nothing.
// Leaves: same CFG, same traps; results replaced by constants, whose operations stay for dead code elimination.
// Method: the IR evaluator executes the one instruction, so that folding and execution cannot differ. Divisions and conversions whose result the IR
//         leaves undefined are left alone: the check before them traps. `select_guard` is left alone for ever.
// Cost:   constant per instruction.

import type { Inst, Value } from '../base/entity.ts';
import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { AddressSpace } from '../ir/address-space.ts';
import { type EvaluateOne, evaluateOne } from '../ir/evaluate.ts';
import { Machine } from '../ir/evaluate-machine.ts';
import {
  type IrFunction,
  constantHighOf,
  constantLowOf,
  createInst,
  insertInstBefore,
  maybeDefinitionOf,
  maybeFirstBlock,
  maybeFirstInst,
  maybeNextBlock,
  maybeNextInst,
  opcodeOf,
  operandAt,
  originOf,
  removeInst,
  replaceValue,
  resultOf,
  typeOf,
} from '../ir/function.ts';
import { op, opcodeCount, rowOf, type Opcode } from '../ir/opcodes.ts';
import { f32, f64, i32, i64, typeBytes } from '../ir/types.ts';
import { fixedOperands, isConstant } from '../ir/typing.ts';

/** Number of operands of opcodes that can be folded, 0 for the others. */
const foldable = Uint8Array.from({ length: opcodeCount }, (_, code) => {
  const opcode = code as Opcode;
  const { effect } = rowOf(opcode);
  return (effect === 'none' || effect === 'guarded') && opcode !== op.select_guard ? Math.max(0, fixedOperands(opcode)) : 0;
});

export class Folder {
  private readonly machine = new Machine({ space: new AddressSpace(), maybeTarget: () => undefined, callHost: () => bug('folding calls nobody') }, 0);
  private readonly evaluate: EvaluateOne;

  /** The evaluator is an argument so that a fault can stand in for that of an opcode. */
  constructor(evaluate: EvaluateOne = evaluateOne) {
    this.evaluate = evaluate;
  }

  /** The constant that an instruction computes, placed before it; undefined if it computes none. */
  maybeFold(f: IrFunction, inst: Inst): Value | undefined {
    const m = this.machine;
    const count = foldable[opcodeOf(f, inst)] as number;
    if (count === 0) return undefined;
    for (let i = 0; i < count; i++) {
      const definition = maybeDefinitionOf(f, operandAt(f, inst, i));
      if (definition === undefined || !isConstant(opcodeOf(f, definition))) return undefined;
      m.i32[2 + 2 * i] = constantLowOf(f, definition);
      m.i32[3 + 2 * i] = constantHighOf(f, definition);
    }
    if (rowOf(opcodeOf(f, inst)).effect === 'guarded' && !this.isDefined(f, inst)) return undefined;
    this.evaluate(m, f, inst);
    const type = typeOf(f, resultOf(f, inst));
    const immediate = typeBytes(type) === 4 ? (m.i32[0] as number) : f.wide.push(m.i64[0] as bigint);
    const constant = createInst(f, type === i32 || type === i64 ? op.iconst : op.fconst, type, 0, -1, -1, -1, immediate, originOf(f, inst));
    insertInstBefore(f, constant, inst);
    return resultOf(f, constant);
  }

  /** Whether a guarded operation has a result for the operands in the machine; may answer false for some that have. */
  private isDefined(f: IrFunction, inst: Inst): boolean {
    const m = this.machine;
    const type = typeOf(f, operandAt(f, inst, 0));
    if (type === f32 || type === f64) {
      const x = type === f32 ? (m.f32[2] as number) : (m.f64[1] as number);
      return x > (opcodeOf(f, inst) === op.fcvt_to_uint ? -1 : -0x8000_0000) && x < 0x7fff_ffff;
    }
    const divisor = type === i32 ? BigInt(m.i32[4] as number) : (m.i64[2] as bigint);
    return divisor !== 0n && (divisor !== -1n || opcodeOf(f, inst) !== op.sdiv);
  }
}

/** Folds every operation on constants, in layout order. */
export function foldConstants(f: IrFunction, control: Control): void {
  const folder = new Folder();
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    let next: Inst | undefined;
    for (let i = maybeFirstInst(f, b); i !== undefined; i = next) {
      next = maybeNextInst(f, i);
      foldInst(f, i, folder, control);
    }
  }
}

/** Folds one instruction if that is possible and allowed; answers whether it did. */
export function foldInst(f: IrFunction, inst: Inst, folder: Folder, control: Control): boolean {
  const value = folder.maybeFold(f, inst);
  if (value === undefined) return false;
  const constant = maybeDefinitionOf(f, value) ?? bug('a constant without definition', `v${value}`);
  if (!control.may('fold-constants')) {
    removeInst(f, constant);
    return false;
  }
  control.fired('fold-constants');
  replaceValue(f, resultOf(f, inst), value);
  removeInst(f, inst);
  return true;
}
