// Which types each opcode takes and gives: the table of opcodes says it in classes, this file spells it out.
// A shape is a pair (type of the result, type of the first operand); 0 where there is none. Instructions whose operands are a list
// (calls, libcalls, returns) have the single shape (0, 0), because their types come from a signature.

import type { Value } from '../base/entity.ts';
import type { Inst } from '../base/entity.ts';
import { type IrFunction, firstOperand, opcodeOf, resultCount, resultOf, typeOf } from './function.ts';
import { type Format, type Opcode, type OpcodeName, op, opcodeCount, opcodeName, type opcodes, rowOf } from './opcodes.ts';
import { type Type, f32, f64, i32, i64 } from './types.ts';

export interface Shape {
  readonly result: Type | 0;
  readonly operand: Type | 0;
}

/** Sets of types are masks, bit `1 << type`. */
export const integerTypes = (1 << i32) | (1 << i64);
export const floatTypes = (1 << f32) | (1 << f64);
export const anyTypes = integerTypes | floatTypes;

const allTypes: readonly Type[] = [i32, i64, f32, f64];

type ControlledName = { [N in OpcodeName]: (typeof opcodes)[N]['result'] extends 'control' ? N : never }[OpcodeName];

const integerLoads: readonly (readonly [Type, Type])[] = [[i32, i64], [i64, i64]];
const wideLoads: readonly (readonly [Type, Type])[] = [[i64, i64]];
const integerFromFloat: readonly (readonly [Type, Type])[] = [[i32, f32], [i32, f64], [i64, f32], [i64, f64]];
const floatFromInteger: readonly (readonly [Type, Type])[] = [[f32, i32], [f32, i64], [f64, i32], [f64, i64]];

/** Result and operand types of the opcodes whose type is written after the dot. */
const controlled: Record<ControlledName, readonly (readonly [Type, Type | 0])[]> = {
  iconst: [[i32, 0], [i64, 0]],
  fconst: [[f32, 0], [f64, 0]],
  vmctx: [[i64, 0]],
  uextend: [[i64, i32]],
  sextend: [[i64, i32]],
  ireduce: [[i32, i64]],
  bitcast: [[i32, f32], [f32, i32], [i64, f64], [f64, i64]],
  fpromote: [[f64, f32]],
  fdemote: [[f32, f64]],
  fcvt_from_sint: floatFromInteger,
  fcvt_from_uint: floatFromInteger,
  fcvt_to_sint: integerFromFloat,
  fcvt_to_uint: integerFromFloat,
  fcvt_to_sint_sat: integerFromFloat,
  fcvt_to_uint_sat: integerFromFloat,
  load: [[i32, i64], [i64, i64], [f32, i64], [f64, i64]],
  uload8: integerLoads,
  sload8: integerLoads,
  uload16: integerLoads,
  sload16: integerLoads,
  uload32: wideLoads,
  sload32: wideLoads,
};

const maskOfClass: Record<string, number> = { int: integerTypes, float: floatTypes, any: anyTypes, i32: 1 << i32, i64: 1 << i64 };

/** Operand positions of a format; -1 for a list. */
const operandsOfFormat: Record<Format, number> = {
  nullary: 0, iconst: 0, fconst: 0, unary: 1, binary: 2, ternary: 3, icmp: 2, fcmp: 2, load: 1, store: 2,
  call: -1, call_indirect: -1, libcall: -1, jump: 0, brif: 1, br_table: 1, return: -1, trap: 0, trap_if: 1,
};

const operandsOfOpcode = Int8Array.from({ length: opcodeCount }, (_, code) => operandsOfFormat[rowOf(code as Opcode).format]);

/** Number of operands of an opcode, or -1 if they are a list. */
export function fixedOperands(opcode: Opcode): number {
  return operandsOfOpcode[opcode] as number;
}

const maxOperands = 3;
const operandMasks = new Uint8Array(opcodeCount * maxOperands);
const equalToPrevious = new Uint8Array(opcodeCount * maxOperands);
for (let code = 0; code < opcodeCount; code++) {
  rowOf(code as Opcode)
    .operands.split(',')
    .forEach((word, i, words) => {
      let at = i;
      while (at > 0 && words[at] === 'x') at--;
      operandMasks[code * maxOperands + i] = maskOfClass[words[at] ?? ''] ?? 0;
      equalToPrevious[code * maxOperands + i] = word === 'x' ? 1 : 0;
    });
}

/** Types that operand `number` of an opcode may have; equality with another operand (`sameAsPrevious`) comes on top. */
export function operandTypes(opcode: Opcode, number: number): number {
  return operandMasks[opcode * maxOperands + number] as number;
}

/** True if operand `number` must have the type of the operand before it. */
export function sameAsPrevious(opcode: Opcode, number: number): boolean {
  return equalToPrevious[opcode * maxOperands + number] === 1;
}

function shapesOf(opcode: Opcode): readonly Shape[] {
  const row = rowOf(opcode);
  const name = opcodeName(opcode);
  if (fixedOperands(opcode) < 0) return [{ result: 0, operand: 0 }];
  if (row.result === 'control') return controlled[name as ControlledName].map(([result, operand]) => ({ result, operand }));
  if (row.format === 'ternary') return allTypes.map((result) => ({ result, operand: i32 }));
  if (fixedOperands(opcode) === 0) return [{ result: 0, operand: 0 }];
  const mask = operandTypes(opcode, 0);
  const types = allTypes.filter((type) => (mask >> type) & 1);
  return types.map((operand) => ({ result: row.result === 'same' ? operand : row.result === 'i32' ? i32 : 0, operand }));
}

const shapes: readonly (readonly Shape[])[] = Array.from({ length: opcodeCount }, (_, code) => shapesOf(code as Opcode));

/** Every pair of types in which a well-typed instruction with this opcode occurs. */
export function legalShapes(opcode: Opcode): readonly Shape[] {
  return shapes[opcode] as readonly Shape[];
}

/** Dense number of a shape of an opcode, below `shapeCount`; what dispatch tables are indexed by. */
export function shapeNumber(opcode: Opcode, result: Type | 0, operand: Type | 0): number {
  return opcode * 25 + result * 5 + operand;
}
export const shapeCount = opcodeCount * 25;

/** Shape number of an instruction. */
export function shapeNumberOf(f: IrFunction, inst: Inst): number {
  const opcode = opcodeOf(f, inst);
  const operands = fixedOperands(opcode);
  if (operands < 0) return opcode * 25;
  const result = resultCount(f, inst) === 0 ? 0 : typeOf(f, resultOf(f, inst));
  const operand = operands > 0 ? typeOf(f, firstOperand(f, inst)) : 0;
  return opcode * 25 + result * 5 + operand;
}

/** True for an opcode that only names a constant. */
export function isConstant(opcode: Opcode): boolean {
  return opcode === op.iconst || opcode === op.fconst;
}

/** Bytes that an access with this opcode touches; `type` is the loaded or stored value's. */
export function accessBytes(opcode: Opcode, type: Type): number {
  switch (opcode) {
    case op.uload8:
    case op.sload8:
    case op.store8:
      return 1;
    case op.uload16:
    case op.sload16:
    case op.store16:
      return 2;
    case op.uload32:
    case op.sload32:
    case op.store32:
      return 4;
    default:
      return type === i32 || type === f32 ? 4 : 8;
  }
}

/** Type of what an access loads or stores. */
export function accessType(f: IrFunction, inst: Inst): Type {
  const value: Value = resultCount(f, inst) === 0 ? firstOperand(f, inst) : resultOf(f, inst);
  return typeOf(f, value);
}
