// Writes a function as text that stands alone; `parse.ts` is the inverse.
//
//   function f3(i32, i64) -> i64, i32 {
//       sig0 = (i64) -> i32                  signatures in use, by their index in the function's table
//       fn7 = sig0                           callees of `call` and their signatures
//   block0(v0: i32, v1: i64):
//       v2 = iconst.i64 -3                   the controlling type stands after the dot
//       v3 = fconst.f32 0x3f800000           floats are bits
//       v4 = icmp slt v1, v2
//       v5 = load.i32 memory trap=outOfBoundsMemoryAccess v1+16
//       store8 vmctx v5, v1-8                value, then address
//       trapz v4, unreachable @0x1f          origin: byte offset in the wasm module
//       v6 = call fn7(v1)
//       v7 = call_indirect sig0, v1, v2(v1)  code address, callee's vmctx, arguments
//       v8 = libcall memoryGrow(v4, v5)
//       brif v4, block1(v2), block2
//   block1(v9: i64):
//       br_table v5, [block2, block3], block1(v9)
//   ...
//   }
//
// Numbers are the entities' own, so that two stages of one function can be compared line by line. Removed entities and aliases leave gaps:
// parse(print(f)) has the blocks, values, operands, constants, types, flags and origins of `f`, and prints the same;
// it lacks unplaced instructions, values without a place in the layout, aliases (their targets are printed), and unused declarations.

import type { Block, Inst, Value } from '../base/entity.ts';
import type { Signature } from '../contract/artifact.ts';
import { libcallNameOf } from '../contract/libcalls.ts';
import { trapNameOf } from '../contract/traps.ts';
import {
  type BlockCall,
  type IrFunction,
  argumentAt,
  argumentCount,
  blockOfCall,
  constantBitsOf,
  controlTypeOf,
  detailOf,
  immediateOf,
  maybeFirstBlock,
  maybeFirstInst,
  maybeFirstParameter,
  maybeNextBlock,
  maybeNextInst,
  maybeNextParameter,
  opcodeOf,
  operandAt,
  operandCount,
  originOf,
  packMemoryFlags,
  resultAt,
  resultCount,
  successorAt,
  successorCount,
  typeOf,
  unpackMemoryFlags,
} from './function.ts';
import { fcmpName, icmpName, op, opcodeName, rowOf } from './opcodes.ts';
import { typeName } from './types.ts';

export interface PrintOptions {
  /** Name after `function`; `f` and the function's index unless given. */
  readonly name?: string;
  /** Whether `@0x…` is printed where an origin is known; true unless given. */
  readonly origins?: boolean;
}

/** A function's text, with a newline at the end. */
export function printFunction(f: IrFunction, options: PrintOptions = {}): string {
  const lines: string[] = [];
  lines.push(`function ${options.name ?? `f${f.index}`}${printSignature(f.signature)} {`);
  printDeclarations(f, lines);
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    lines.push(printBlockHeader(f, b));
    for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) lines.push(`    ${printInst(f, i, options.origins ?? true)}`);
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** `(i32, i64) -> f32`, without arrow if there are no results. */
export function printSignature(signature: Signature): string {
  const results = signature.results.length === 0 ? '' : ` -> ${signature.results.join(', ')}`;
  return `(${signature.params.join(', ')})${results}`;
}

function printDeclarations(f: IrFunction, lines: string[]): void {
  const functions = new Set<number>();
  const signatures = new Set<number>();
  for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
    for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) {
      const opcode = opcodeOf(f, i);
      if (opcode === op.call) functions.add(immediateOf(f, i));
      else if (opcode === op.call_indirect) signatures.add(immediateOf(f, i));
    }
  }
  for (const callee of functions) signatures.add(f.functionSignatures[callee] ?? -1);
  for (const number of [...signatures].sort((a, b) => a - b)) {
    const signature = f.signatures[number];
    if (signature !== undefined) lines.push(`    sig${number} = ${printSignature(signature)}`);
  }
  for (const callee of [...functions].sort((a, b) => a - b)) {
    const number = f.functionSignatures[callee];
    if (number !== undefined && f.signatures[number] !== undefined) lines.push(`    fn${callee} = sig${number}`);
  }
}

/** `block1(v0: i32):` */
export function printBlockHeader(f: IrFunction, block: Block): string {
  const parameters: string[] = [];
  for (let v = maybeFirstParameter(f, block); v !== undefined; v = maybeNextParameter(f, v)) parameters.push(`v${v}: ${typeName(typeOf(f, v))}`);
  return parameters.length === 0 ? `block${block}:` : `block${block}(${parameters.join(', ')}):`;
}

/** One instruction, without indentation. */
export function printInst(f: IrFunction, inst: Inst, origins = true): string {
  const opcode = opcodeOf(f, inst);
  const type = controlTypeOf(f, inst);
  const results: string[] = [];
  for (let i = 0; i < resultCount(f, inst); i++) results.push(`v${resultAt(f, inst, i)}`);
  const left = results.length === 0 ? '' : `${results.join(', ')} = `;
  const name = opcodeName(opcode) + (type === 0 ? '' : `.${typeName(type)}`);
  const right = printOperands(f, inst);
  const origin = origins && originOf(f, inst) >= 0 ? ` @0x${originOf(f, inst).toString(16)}` : '';
  return `${left}${name}${right === '' ? '' : ` ${right}`}${origin}`;
}

function printOperands(f: IrFunction, inst: Inst): string {
  const immediate = immediateOf(f, inst);
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'nullary':
      return '';
    case 'iconst':
      return String(BigInt.asIntN(64, constantBitsOf(f, inst)));
    case 'fconst':
      return `0x${BigInt.asUintN(64, constantBitsOf(f, inst)).toString(16)}`;
    case 'unary':
    case 'binary':
    case 'ternary':
    case 'return':
      return operandsFrom(f, inst, 0);
    case 'icmp':
      return `${icmpName(detailOf(f, inst)) ?? `condition=${detailOf(f, inst)}`} ${operandsFrom(f, inst, 0)}`;
    case 'fcmp':
      return `${fcmpName(detailOf(f, inst)) ?? `condition=${detailOf(f, inst)}`} ${operandsFrom(f, inst, 0)}`;
    case 'load':
      return `${printFlags(detailOf(f, inst))} ${printAddress(operandAt(f, inst, 0), immediate)}`;
    case 'store':
      return `${printFlags(detailOf(f, inst))} v${operandAt(f, inst, 0)}, ${printAddress(operandAt(f, inst, 1), immediate)}`;
    case 'call':
      return `fn${immediate}(${operandsFrom(f, inst, 0)})`;
    case 'call_indirect': {
      const count = operandCount(f, inst);
      const head = [`sig${immediate}`];
      for (let i = 0; i < Math.min(count, 2); i++) head.push(`v${operandAt(f, inst, i)}`);
      return `${head.join(', ')}(${operandsFrom(f, inst, 2)})`;
    }
    case 'libcall':
      return `${libcallNameOf(immediate) ?? immediate}(${operandsFrom(f, inst, 0)})`;
    case 'jump':
      return printCall(f, successorAt(f, inst, 0));
    case 'brif':
      return `v${operandAt(f, inst, 0)}, ${printCall(f, successorAt(f, inst, 0))}, ${printCall(f, successorAt(f, inst, 1))}`;
    case 'br_table': {
      const calls: string[] = [];
      const count = successorCount(f, inst);
      for (let i = 0; i < count; i++) calls.push(printCall(f, successorAt(f, inst, i)));
      const last = calls.pop();
      return `v${operandAt(f, inst, 0)}, [${calls.join(', ')}]${last === undefined ? '' : `, ${last}`}`;
    }
    case 'trap':
      return trapText(immediate);
    case 'trap_if':
      return `v${operandAt(f, inst, 0)}, ${trapText(immediate)}`;
  }
}

function operandsFrom(f: IrFunction, inst: Inst, start: number): string {
  const values: string[] = [];
  const count = operandCount(f, inst);
  for (let i = start; i < count; i++) values.push(`v${operandAt(f, inst, i)}`);
  return values.join(', ');
}

function printCall(f: IrFunction, call: BlockCall): string {
  const args: string[] = [];
  for (let i = 0; i < argumentCount(f, call); i++) args.push(`v${argumentAt(f, call, i)}`);
  return `block${blockOfCall(f, call)}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
}

function printAddress(address: Value, offset: number): string {
  return offset === 0 ? `v${address}` : offset < 0 ? `v${address}${offset}` : `v${address}+${offset}`;
}

/** `memory readonly trap=outOfBoundsMemoryAccess`; bits without a name as one number. */
export function printFlags(detail: number): string {
  const flags = unpackMemoryFlags(detail);
  if (flags.region === undefined || packMemoryFlags(flags) !== detail || trapNameOf(flags.trap) === undefined) return `flags=${detail}`;
  return `${flags.region}${flags.readonly ? ' readonly' : ''}${flags.trap === 0 ? '' : ` trap=${trapText(flags.trap)}`}`;
}

function trapText(code: number): string {
  return trapNameOf(code) ?? String(code);
}
