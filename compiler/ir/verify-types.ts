// What one instruction says, held against the table of opcodes: types and numbers of operands, results and arguments, and the ranges of immediates.

import type { Inst, Value } from '../base/entity.ts';
import type { Signature } from '../contract/artifact.ts';
import { libcallNameOf, libcalls } from '../contract/libcalls.ts';
import { trapNameOf } from '../contract/traps.ts';
import {
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  controlTypeOf,
  detailOf,
  immediateOf,
  maybeFirstParameter,
  maybeNextParameter,
  opcodeOf,
  operandAt,
  operandCount,
  originOf,
  parameterCount,
  resultAt,
  resultCount,
  successorAt,
  successorCount,
  typeOf,
  unpackMemoryFlags,
} from './function.ts';
import { fcmpConditions, icmpConditions, rowOf } from './opcodes.ts';
import { type Type, f32, f64, i32, i64, typeBytes, typeCodes, typeName } from './types.ts';
import { fixedOperands, legalShapes, operandTypes, sameAsPrevious, type Shape } from './typing.ts';

/** Adds every fault of one instruction whose operands point into the tables. */
export function addTypeFaults(f: IrFunction, inst: Inst, faults: string[]): void {
  const row = rowOf(opcodeOf(f, inst));
  if (fixedOperands(opcodeOf(f, inst)) >= 0) {
    checkOperands(f, inst, faults);
    checkResult(f, inst, faults);
  }
  checkImmediate(f, inst, faults);
  checkArguments(f, inst, faults);
  if ((row.result === 'control') !== (controlTypeOf(f, inst) !== 0)) faults.push(row.result === 'control' ? 'has no type after a dot' : 'has a type after a dot');
  if (originOf(f, inst) < -1) faults.push(`origin ${originOf(f, inst)} is negative`);
}

function named(mask: number): string {
  return [i32, i64, f32, f64].filter((type) => (mask >> type) & 1).map(typeName).join(' or ');
}

function checkOperands(f: IrFunction, inst: Inst, faults: string[]): void {
  const opcode = opcodeOf(f, inst);
  for (let i = 0; i < operandCount(f, inst); i++) {
    const value = operandAt(f, inst, i);
    const type = typeOf(f, value);
    const allowed = operandTypes(opcode, i);
    if (((allowed >> type) & 1) === 0) faults.push(`operand v${value} is ${typeName(type)}, expected ${named(allowed)}`);
    else if (sameAsPrevious(opcode, i) && type !== typeOf(f, operandAt(f, inst, i - 1)))
      faults.push(`operands v${operandAt(f, inst, i - 1)} and v${value} differ in type: ${typeName(typeOf(f, operandAt(f, inst, i - 1)))}, ${typeName(type)}`);
  }
}

function isOperand(shapes: readonly Shape[], operand: number): boolean {
  for (const shape of shapes) if (shape.operand === operand) return true;
  return false;
}

function isShape(shapes: readonly Shape[], operand: number, result: number): boolean {
  for (const shape of shapes) if (shape.operand === operand && shape.result === result) return true;
  return false;
}

const conditionCounts = { icmp: Object.keys(icmpConditions).length, fcmp: Object.keys(fcmpConditions).length };

function checkResult(f: IrFunction, inst: Inst, faults: string[]): void {
  const opcode = opcodeOf(f, inst);
  const wanted = rowOf(opcode).result === 'none' ? 0 : 1;
  if (resultCount(f, inst) !== wanted) {
    faults.push(`has ${resultCount(f, inst)} results, expected ${wanted}`);
    return;
  }
  const result = wanted === 0 ? 0 : typeOf(f, resultAt(f, inst, 0));
  const operand = fixedOperands(opcode) === 0 ? 0 : typeOf(f, operandAt(f, inst, 0));
  const type = controlTypeOf(f, inst);
  if (type !== 0 && result !== type) faults.push(`result is ${result === 0 ? 'nothing' : typeName(result)}, the type after the dot is ${typeName(type)}`);
  const shapes = legalShapes(opcode);
  // A wrong operand was reported already; a wrong result only shows against an operand that is right.
  if (isOperand(shapes, operand) && !isShape(shapes, operand, result))
    faults.push(`cannot give ${result === 0 ? 'nothing' : typeName(result)}${operand === 0 ? '' : ` from ${typeName(operand)}`}`);
  else if (rowOf(opcode).format === 'ternary' && result !== typeOf(f, operandAt(f, inst, 1)))
    faults.push(`result is ${result === 0 ? 'nothing' : typeName(result)}, the operands are ${typeName(typeOf(f, operandAt(f, inst, 1)))}`);
}

function checkImmediate(f: IrFunction, inst: Inst, faults: string[]): void {
  const format = rowOf(opcodeOf(f, inst)).format;
  const immediate = immediateOf(f, inst);
  const detail = detailOf(f, inst);
  switch (format) {
    case 'icmp':
    case 'fcmp':
      if (detail >= conditionCounts[format]) faults.push(`unknown condition ${detail}`);
      return;
    case 'load':
    case 'store':
      checkFlags(format, detail, faults);
      return;
    case 'trap':
    case 'trap_if':
      if (immediate <= 0 || trapNameOf(immediate) === undefined) faults.push(`unknown trap code ${immediate}`);
      break;
    case 'iconst':
    case 'fconst': {
      const type = controlTypeOf(f, inst);
      if (type !== 0 && typeBytes(type) === 8 && !(immediate >= 0 && immediate < f.wide.length)) faults.push(`constant ${immediate} lies outside the table of wide constants`);
      break;
    }
    default:
      break;
  }
  if (detail !== 0) faults.push(`has detail ${detail}, and no use for it`);
}

function checkFlags(format: 'load' | 'store', detail: number, faults: string[]): void {
  const flags = unpackMemoryFlags(detail);
  if (flags.region === undefined) faults.push(`unknown memory region ${detail & 15}`);
  if (detail >> 10 !== 0) faults.push(`memory flags ${detail} have unknown bits`);
  if (trapNameOf(flags.trap) === undefined) faults.push(`unknown trap code ${flags.trap}`);
  if (format === 'store' && flags.readonly) faults.push('stores to memory that is called readonly');
  if (flags.region === 'vmctx' && flags.trap !== 0) faults.push('access to the vmctx, which is always there, has a trap code');
}

function checkArguments(f: IrFunction, inst: Inst, faults: string[]): void {
  const immediate = immediateOf(f, inst);
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'call': {
      const signature = f.signatures[f.functionSignatures[immediate] ?? -1];
      if (signature === undefined) faults.push(`calls fn${immediate}, which is not declared`);
      else checkCall(f, inst, signature, 0, faults);
      return;
    }
    case 'call_indirect': {
      const signature = f.signatures[immediate];
      if (signature === undefined) faults.push(`calls by sig${immediate}, which is not declared`);
      else if (operandCount(f, inst) < 2) faults.push('lacks code address or callee vmctx');
      else {
        for (let i = 0; i < 2; i++) checkValue(f, operandAt(f, inst, i), i64, i === 0 ? 'code address' : 'callee vmctx', -1, -1, faults);
        checkCall(f, inst, signature, 2, faults);
      }
      return;
    }
    case 'libcall': {
      const name = libcallNameOf(immediate);
      if (name === undefined) faults.push(`unknown library call ${immediate}`);
      else checkCall(f, inst, libcalls[name], 0, faults);
      return;
    }
    case 'return': {
      const results = f.signature.results;
      if (resultCount(f, inst) !== 0) faults.push(`has ${resultCount(f, inst)} results, expected 0`);
      if (operandCount(f, inst) !== results.length) faults.push(`returns ${operandCount(f, inst)} values, the signature says ${results.length}`);
      else results.forEach((type, i) => checkValue(f, operandAt(f, inst, i), typeCodes[type], 'value', i, -1, faults));
      return;
    }
    case 'jump':
    case 'brif':
      checkTargets(f, inst, faults);
      return;
    case 'br_table':
      if (successorCount(f, inst) === 0) faults.push('has no default target');
      checkTargets(f, inst, faults);
      return;
    default:
      return;
  }
}

function checkCall(f: IrFunction, inst: Inst, signature: Signature, skip: number, faults: string[]): void {
  const count = operandCount(f, inst) - skip;
  if (count !== signature.params.length) faults.push(`passes ${count} arguments, the callee takes ${signature.params.length}`);
  else signature.params.forEach((type, i) => checkValue(f, operandAt(f, inst, skip + i), typeCodes[type], 'argument', i, -1, faults));
  if (resultCount(f, inst) !== signature.results.length) faults.push(`has ${resultCount(f, inst)} results, the callee gives ${signature.results.length}`);
  else signature.results.forEach((type, i) => checkValue(f, resultAt(f, inst, i), typeCodes[type], 'result', i, -1, faults));
}

function checkTargets(f: IrFunction, inst: Inst, faults: string[]): void {
  for (let s = 0; s < successorCount(f, inst); s++) {
    const call = successorAt(f, inst, s);
    const block = blockOfCall(f, call);
    if (argumentCount(f, call) !== parameterCount(f, block)) {
      faults.push(`passes ${argumentCount(f, call)} arguments to block${block}, which takes ${parameterCount(f, block)}`);
      continue;
    }
    let i = 0;
    for (let v = maybeFirstParameter(f, block); v !== undefined; v = maybeNextParameter(f, v)) {
      checkValue(f, argumentAt(f, call, i), typeOf(f, v), 'argument', i, block, faults);
      i++;
    }
  }
}

/** `number` and `block` belong to the words of the message, which is put together only when there is something to say; -1 where they have no place in it. */
function checkValue(f: IrFunction, value: Value, wanted: Type, what: string, number: number, block: number, faults: string[]): void {
  if (typeOf(f, value) === wanted) return;
  const which = `${what}${number < 0 ? '' : ` ${number}`}${block < 0 ? '' : ` for block${block}`}`;
  faults.push(`${which} v${value} is ${typeName(typeOf(f, value))}, expected ${typeName(wanted)}`);
}
