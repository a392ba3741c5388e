// Constant expressions: read into steps while decoding, type-checked when the whole module is known
// (standard, chapter 3.3.15 "Constant Expressions" with the extended constants i32/i64 add, sub, mul).

import { Unsupported } from '../base/errors.ts';
import { type BinaryReader, invalid, malformed } from './binary-reader.ts';
import { type ConstantExpression, type ConstantStep, type Module, type ValueType, valueTypeName, valueTypes } from './module.ts';
import { maybeInstructionName, opcode, prefixedStart } from './opcodes.ts';
import { features, isPrefix, maybeRefusedInstruction } from './proposals.ts';
import { readHeapType } from './types-reader.ts';

/** Reads up to and including the `end`. */
export function readConstantExpression(input: BinaryReader): ConstantExpression {
  const steps: ConstantStep[] = [];
  for (;;) {
    const offset = input.position;
    const byte = input.u8();
    if (byte === opcode.end) return { steps, end: offset };
    steps.push(readStep(input, byte, offset));
  }
}

function readStep(input: BinaryReader, byte: number, offset: number): ConstantStep {
  switch (byte) {
    case 0x41:
      return { op: 'i32.const', bits: input.s32(), offset };
    case 0x42:
      input.s64();
      return { op: 'i64.const', bits: input.wide(), offset };
    case 0x43:
      return { op: 'f32.const', bits: input.bits32() >>> 0, offset };
    case 0x44:
      input.bits64();
      return { op: 'f64.const', bits: BigInt.asUintN(64, input.wide()), offset };
    case 0x23:
      return { op: 'global.get', index: input.u32(), offset };
    case 0xd0:
      return { op: 'ref.null', type: readHeapType(input), offset };
    case 0xd2:
      return { op: 'ref.func', index: input.u32(), offset };
    case 0x6a:
      return { op: 'i32.add', offset };
    case 0x6b:
      return { op: 'i32.sub', offset };
    case 0x6c:
      return { op: 'i32.mul', offset };
    case 0x7c:
      return { op: 'i64.add', offset };
    case 0x7d:
      return { op: 'i64.sub', offset };
    case 0x7e:
      return { op: 'i64.mul', offset };
    default:
      return refuse(input, byte, offset);
  }
}

/** No constant instruction of ours: refused by feature if it is one of a proposal, invalid if it is some instruction, else malformed. */
function refuse(input: BinaryReader, byte: number, offset: number): never {
  const number = isPrefix(byte) ? input.u32() : undefined;
  const refused = maybeRefusedInstruction(byte, number);
  if (refused !== undefined) throw new Unsupported(refused.feature, offset);
  const dense = number === undefined ? byte : byte === 0xfc ? prefixedStart + number : -1;
  if (maybeInstructionName(dense) === undefined) malformed(offset, 'illegal opcode');
  return invalid(offset, 'constant expression required');
}

/** Checks that an expression yields exactly one value of type `expected`. */
export function checkConstantExpression(module: Module, expression: ConstantExpression, expected: ValueType): void {
  const stack: ValueType[] = [];
  for (const step of expression.steps) {
    switch (step.op) {
      case 'i32.const':
        stack.push(valueTypes.i32);
        break;
      case 'i64.const':
        stack.push(valueTypes.i64);
        break;
      case 'f32.const':
        stack.push(valueTypes.f32);
        break;
      case 'f64.const':
        stack.push(valueTypes.f64);
        break;
      case 'ref.null':
        stack.push(step.type);
        break;
      case 'ref.func':
        if (step.index >= module.functions.length) invalid(step.offset, `unknown function ${step.index}`);
        stack.push(valueTypes.funcref);
        break;
      case 'global.get':
        stack.push(constantGlobalType(module, step.index, step.offset));
        break;
      case 'i32.add':
      case 'i32.sub':
      case 'i32.mul':
        applyBinary(stack, valueTypes.i32, step.offset);
        break;
      case 'i64.add':
      case 'i64.sub':
      case 'i64.mul':
        applyBinary(stack, valueTypes.i64, step.offset);
        break;
    }
  }
  const found = stack.map(valueTypeName).join(' ');
  if (stack.length !== 1 || stack[0] !== expected) invalid(expression.end, `type mismatch: expected ${valueTypeName(expected)}, found [${found}]`);
}

function applyBinary(stack: ValueType[], type: ValueType, offset: number): void {
  const right = stack.pop();
  const left = stack.pop();
  if (left !== type || right !== type) invalid(offset, `type mismatch: expected two ${valueTypeName(type)}`);
  stack.push(type);
}

/** Wasm 2.0 lets constants read imported immutable globals only; 3.0 every immutable one defined before. */
function constantGlobalType(module: Module, index: number, offset: number): ValueType {
  const global = module.globals[index];
  if (global === undefined) return invalid(offset, `unknown global ${index}`);
  if (global.mutable) return invalid(offset, 'constant expression required');
  if (index >= module.importedGlobals) throw new Unsupported(features.definedGlobalInConstant, offset);
  return global.type;
}
