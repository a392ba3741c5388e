// An IR function: instructions as records of eight int32 cells, values and blocks as columns, lists in one pool.
//
//   record   0 head: opcode (bits 0–7) | type (8–11) | detail (16–31: condition, or memory flags)
//            1 a    2 b    3 c     operands (value indices), or positions in the pool
//            4 immediate           constant, byte offset, function, signature, library call, trap code; wide constants: index in `wide`
//            5 first result        results are consecutive values
//            6 number of results
//            7 origin              byte offset in the wasm module, -1 unknown
//
//   format          a            b            c            immediate
//   iconst          –            –            –            i32: the value; i64: index in wide
//   fconst          –            –            –            f32: the bits;  f64: index in wide
//   unary           x
//   binary icmp     x            y
//   ternary         condition    x            y
//   load            address                                byte offset
//   store           value        address                   byte offset
//   call            list         length                    function index
//   call_indirect   list         length                    signature index; the list begins with code address, callee vmctx
//   libcall         list         length                    library call number
//   return          list         length
//   jump            block call
//   brif            condition    block call   block call
//   br_table        index        table                     table in the pool: count, block calls; the last one is the default
//   trap                                                   trap code
//   trap_if         condition                              trap code
//
//   block call, in the pool: block, number of arguments, arguments
//
// Values are results or block parameters; a replaced value is an alias of another, and `resolve` follows. All accessors of operands resolve.
// No other file knows the stride or the pool's layout, but for `raw.ts`, which reads storage that may be broken.

import { type Block, type Inst, type Value, asBlock, asInst, asValue } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { BigInt64Column, Int32Column } from '../base/growable.ts';
import type { Signature } from '../contract/artifact.ts';
import { libcallNameOf, libcalls } from '../contract/libcalls.ts';
import { type Opcode, isTerminator, opcodeName, rowOf } from './opcodes.ts';
import { type Type, i32, typeCodes } from './types.ts';

const stride = 8;
const headCell = 0;
const firstOperandCell = 1;
const immediateCell = 4;
const firstResultCell = 5;
const resultCountCell = 6;
const originCell = 7;

const none = -1;

/** For `raw.ts` alone. */
export const recordLayout = { stride, firstOperandCell, firstResultCell, resultCountCell } as const;

/** Which part of memory an access touches. Accesses of different regions never overlap. */
export const regions = { other: 0, vmctx: 1, memory: 2, table: 3, global: 4, definition: 5, descriptor: 6, fuel: 7 } as const;
export type Region = keyof typeof regions;
const regionNames = Object.keys(regions) as Region[];

/** What is known of one access. `trap`: code raised by a fault, 0 if it cannot fault. `readonly`: the bytes never change while the function runs. */
export interface MemoryFlags {
  readonly region: Region;
  readonly readonly: boolean;
  readonly trap: number;
}

/** The int16 stored in an access's head: region (bits 0–3) | readonly (4) | trap code (5–9). */
export function packMemoryFlags(flags: MemoryFlags): number {
  return regions[flags.region] | (flags.readonly ? 16 : 0) | (flags.trap << 5);
}
export function unpackMemoryFlags(detail: number): MemoryFlags {
  return { region: regionNames[detail & 15] as Region, readonly: (detail & 16) !== 0, trap: (detail >> 5) & 31 };
}

/** Position of a block call in the pool. */
export type BlockCall = number & { readonly blockCallBrand: true };

/** One function's IR. Fields are storage; use the accessors below. */
export class IrFunction {
  /** Index in the module's function index space. */
  readonly index: number;
  readonly signature: Signature;
  /** Signatures that `call_indirect` names by index. */
  readonly signatures: readonly Signature[];
  /** Signature (index in `signatures`) of every function `call` may name. */
  readonly functionSignatures: readonly number[];
  readonly records: Int32Column;
  readonly nextInst: Int32Column;
  readonly previousInst: Int32Column;
  readonly blockOfInst: Int32Column;
  readonly pool: Int32Column;
  readonly wide = new BigInt64Column();
  /** Per value: type · definition (inst, or ~block for a parameter) · result or parameter number · alias target · next parameter of the block. */
  readonly valueType: Int32Column;
  readonly valueDefinition: Int32Column;
  readonly valueNumber: Int32Column;
  readonly valueAlias: Int32Column;
  readonly nextParameter: Int32Column;
  /** Per block: first and last instruction, first and last parameter, number of parameters, neighbours in the layout, in the layout or not. */
  readonly firstInst = new Int32Column();
  readonly lastInst = new Int32Column();
  readonly firstParameter = new Int32Column();
  readonly lastParameter = new Int32Column();
  readonly parameterCount = new Int32Column();
  readonly nextBlock = new Int32Column();
  readonly previousBlock = new Int32Column();
  firstLayoutBlock = none;
  lastLayoutBlock = none;

  /** `expectedInsts` sizes the storage beforehand, which spares large functions much copying. */
  constructor(index: number, signature: Signature, signatures: readonly Signature[], functionSignatures: readonly number[], expectedInsts = 64) {
    this.index = index;
    this.signature = signature;
    this.signatures = signatures;
    this.functionSignatures = functionSignatures;
    this.records = new Int32Column(expectedInsts * stride);
    this.nextInst = new Int32Column(expectedInsts);
    this.previousInst = new Int32Column(expectedInsts);
    this.blockOfInst = new Int32Column(expectedInsts);
    this.pool = new Int32Column(expectedInsts * 2);
    this.valueType = new Int32Column(expectedInsts);
    this.valueDefinition = new Int32Column(expectedInsts);
    this.valueNumber = new Int32Column(expectedInsts);
    this.valueAlias = new Int32Column(expectedInsts);
    this.nextParameter = new Int32Column(expectedInsts);
  }
}

// ---- counts: entities are 0 … count-1; removed ones keep their index

export const instCount = (f: IrFunction): number => f.nextInst.length;
export const valueCount = (f: IrFunction): number => f.valueType.length;
export const blockCount = (f: IrFunction): number => f.firstInst.length;

// ---- blocks and layout

/** Makes a block outside the layout. */
export function createBlock(f: IrFunction): Block {
  const block = f.firstInst.push(none);
  f.lastInst.push(none);
  f.firstParameter.push(none);
  f.lastParameter.push(none);
  f.parameterCount.push(0);
  f.nextBlock.push(none);
  f.previousBlock.push(none);
  return asBlock(block);
}

/** Puts a block at the end of the layout; the first one is the entry, whose parameters are the function's. */
export function appendBlock(f: IrFunction, block: Block): void {
  f.previousBlock.set(block, f.lastLayoutBlock);
  f.nextBlock.set(block, none);
  if (f.lastLayoutBlock === none) f.firstLayoutBlock = block;
  else f.nextBlock.set(f.lastLayoutBlock, block);
  f.lastLayoutBlock = block;
}

/** Puts a block into the layout just after `after`. */
export function insertBlockAfter(f: IrFunction, block: Block, after: Block): void {
  const next = f.nextBlock.at(after);
  f.previousBlock.set(block, after);
  f.nextBlock.set(block, next);
  f.nextBlock.set(after, block);
  if (next === none) f.lastLayoutBlock = block;
  else f.previousBlock.set(next, block);
}

/** Takes a block out of the layout; its instructions and parameters are dead from then on. */
export function removeBlock(f: IrFunction, block: Block): void {
  const previous = f.previousBlock.at(block);
  const next = f.nextBlock.at(block);
  if (previous === none) f.firstLayoutBlock = next;
  else f.nextBlock.set(previous, next);
  if (next === none) f.lastLayoutBlock = previous;
  else f.previousBlock.set(next, previous);
  f.previousBlock.set(block, none);
  f.nextBlock.set(block, none);
}

export function entryBlock(f: IrFunction): Block {
  if (f.firstLayoutBlock === none) bug('function without blocks', `function ${f.index}`);
  return asBlock(f.firstLayoutBlock);
}
export function isInLayout(f: IrFunction, block: Block): boolean {
  return f.firstLayoutBlock === block || f.previousBlock.at(block) !== none;
}
/** Layout order: `for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b))`. */
export function maybeFirstBlock(f: IrFunction): Block | undefined {
  return f.firstLayoutBlock === none ? undefined : asBlock(f.firstLayoutBlock);
}
export function maybeNextBlock(f: IrFunction, block: Block): Block | undefined {
  const next = f.nextBlock.at(block);
  return next === none ? undefined : asBlock(next);
}

// ---- block parameters

/** Makes a declared value the next parameter of a block. */
export function appendDeclaredParameter(f: IrFunction, block: Block, value: Value): void {
  const number = f.parameterCount.at(block);
  const last = f.lastParameter.at(block);
  f.valueDefinition.set(value, ~block);
  f.valueNumber.set(value, number);
  if (last === none) f.firstParameter.set(block, value);
  else f.nextParameter.set(last, value);
  f.lastParameter.set(block, value);
  f.parameterCount.set(block, number + 1);
}
export function appendParameter(f: IrFunction, block: Block, type: Type): Value {
  const value = createValue(f, type, none, 0);
  appendDeclaredParameter(f, block, value);
  return value;
}
export const parameterCount = (f: IrFunction, block: Block): number => f.parameterCount.at(block);
export function maybeFirstParameter(f: IrFunction, block: Block): Value | undefined {
  const value = f.firstParameter.at(block);
  return value === none ? undefined : asValue(value);
}
export function maybeNextParameter(f: IrFunction, parameter: Value): Value | undefined {
  const value = f.nextParameter.at(parameter);
  return value === none ? undefined : asValue(value);
}
/** Parameter `number` of a block; linear, for cold paths. */
export function parameterAt(f: IrFunction, block: Block, number: number): Value {
  let value = f.firstParameter.at(block);
  for (let i = 0; i < number && value !== none; i++) value = f.nextParameter.at(value);
  if (value === none) bug(`no parameter ${number}`, `block${block}`);
  return asValue(value);
}
/** Removes a parameter and renumbers those behind it; the arguments of branches are the caller's to remove, the value's uses too. */
export function removeParameter(f: IrFunction, block: Block, parameter: Value): void {
  let previous = none;
  let value = f.firstParameter.at(block);
  while (value !== none && value !== parameter) {
    previous = value;
    value = f.nextParameter.at(value);
  }
  if (value === none) bug(`v${parameter} is no parameter`, `block${block}`);
  const next = f.nextParameter.at(parameter);
  if (previous === none) f.firstParameter.set(block, next);
  else f.nextParameter.set(previous, next);
  if (next === none) f.lastParameter.set(block, previous);
  f.nextParameter.set(parameter, none);
  f.parameterCount.set(block, f.parameterCount.at(block) - 1);
  for (let v = next; v !== none; v = f.nextParameter.at(v)) f.valueNumber.set(v, f.valueNumber.at(v) - 1);
}

/** Removes every parameter that has become an alias, in one sweep; the arguments of branches are the caller's to remove. */
export function dropAliasedParameters(f: IrFunction, block: Block): void {
  let last = none;
  let number = 0;
  for (let v = f.firstParameter.at(block); v !== none; ) {
    const next = f.nextParameter.at(v);
    if (f.valueAlias.at(v) !== none) f.nextParameter.set(v, none);
    else {
      if (last === none) f.firstParameter.set(block, v);
      else f.nextParameter.set(last, v);
      f.nextParameter.set(v, none);
      f.valueNumber.set(v, number++);
      last = v;
    }
    v = next;
  }
  if (last === none) f.firstParameter.set(block, none);
  f.lastParameter.set(block, last);
  f.parameterCount.set(block, number);
}

/** Keeps the parameters whose number is set in `kept`, in order, and renumbers them; as with `removeParameter`, arguments and uses are the caller's. */
export function keepParameters(f: IrFunction, block: Block, kept: Uint8Array): void {
  let number = 0;
  let count = 0;
  let last = none;
  for (let v = f.firstParameter.at(block); v !== none; ) {
    const next = f.nextParameter.at(v);
    f.nextParameter.set(v, none);
    if (kept[number++] === 1) {
      if (last === none) f.firstParameter.set(block, v);
      else f.nextParameter.set(last, v);
      f.valueNumber.set(v, count++);
      last = v;
    }
    v = next;
  }
  if (last === none) f.firstParameter.set(block, none);
  f.lastParameter.set(block, last);
  f.parameterCount.set(block, count);
}

// ---- values

function createValue(f: IrFunction, type: Type, definition: number, number: number): Value {
  const value = f.valueType.push(type);
  f.valueDefinition.push(definition);
  f.valueNumber.push(number);
  f.valueAlias.push(none);
  f.nextParameter.push(none);
  return asValue(value);
}

/** Makes a value as if result of the instruction `holder`, until something else defines it: a text may name values in any order. */
export const declareValue = (f: IrFunction, type: Type, holder: Inst): Value => createValue(f, type, holder, 0);

export const typeOf = (f: IrFunction, value: Value): Type => f.valueType.at(value) as Type;

/** The value that stands for `value` now; shortens the chain it follows. */
export function resolve(f: IrFunction, value: Value): Value {
  let target = f.valueAlias.at(value);
  if (target === none) return value;
  let root = target;
  while ((target = f.valueAlias.at(root)) !== none) root = target;
  f.valueAlias.set(value, root);
  return asValue(root);
}
export const isAlias = (f: IrFunction, value: Value): boolean => f.valueAlias.at(value) !== none;

/** Makes every use of `value` mean `replacement`. */
export function replaceValue(f: IrFunction, value: Value, replacement: Value): void {
  const target = resolve(f, replacement);
  if (target === value) bug(`v${value} would be its own alias`, `v${value}`);
  if (f.valueAlias.at(value) !== none) bug(`v${value} is an alias already`, `v${value}`);
  if (f.valueType.at(value) !== f.valueType.at(target)) bug(`v${value} replaced by v${target} of another type`, `v${value}`);
  f.valueAlias.set(value, target);
}

/** The instruction a value is a result of; undefined for a block parameter. */
export function maybeDefinitionOf(f: IrFunction, value: Value): Inst | undefined {
  const definition = f.valueDefinition.at(value);
  return definition < 0 ? undefined : asInst(definition);
}
/** The block a value is a parameter of; undefined for a result. */
export function maybeParameterBlockOf(f: IrFunction, value: Value): Block | undefined {
  const definition = f.valueDefinition.at(value);
  return definition < 0 ? asBlock(~definition) : undefined;
}
/** Position among the results of its instruction or the parameters of its block. */
export const valueNumberOf = (f: IrFunction, value: Value): number => f.valueNumber.at(value);
/** The block in which a value becomes available. */
export function definingBlockOf(f: IrFunction, value: Value): Block {
  const definition = f.valueDefinition.at(value);
  return asBlock(definition < 0 ? ~definition : f.blockOfInst.at(definition));
}

// ---- instructions: making, placing, removing

function pushRecord(
  f: IrFunction,
  opcode: Opcode,
  type: Type | 0,
  detail: number,
  a: number,
  b: number,
  c: number,
  immediate: number,
  origin: number,
): Inst {
  const inst = asInst(f.nextInst.push(none));
  f.previousInst.push(none);
  f.blockOfInst.push(none);
  const records = f.records;
  records.push(opcode | (type << 8) | (detail << 16));
  records.push(a);
  records.push(b);
  records.push(c);
  records.push(immediate);
  records.push(none);
  records.push(0);
  records.push(origin);
  return inst;
}

/** Makes an instruction outside any block. `type` is the controlling type or 0; results are made from the opcode's row or the callee. */
export function createInst(
  f: IrFunction,
  opcode: Opcode,
  type: Type | 0,
  detail: number,
  a: number,
  b: number,
  c: number,
  immediate: number,
  origin: number,
): Inst {
  const inst = pushRecord(f, opcode, type, detail, a, b, c, immediate, origin);
  const row = rowOf(opcode);
  switch (row.result) {
    case 'none':
      break;
    case 'i32':
      addResult(f, inst, i32);
      break;
    case 'control':
      if (type === 0) bug(`${opcodeName(opcode)} without a type`, `inst${inst}`);
      addResult(f, inst, type);
      break;
    case 'same':
      addResult(f, inst, typeOf(f, asValue(row.format === 'ternary' ? b : a)));
      break;
    case 'callee': {
      const results = calleeSignature(f, inst).results;
      for (let i = 0; i < results.length; i++) addResult(f, inst, typeCodes[results[i] as keyof typeof typeCodes]);
      break;
    }
  }
  return inst;
}

function addResult(f: IrFunction, inst: Inst, type: Type): void {
  const cell = inst * stride;
  const number = f.records.at(cell + resultCountCell);
  const value = createValue(f, type, inst, number);
  if (number === 0) f.records.set(cell + firstResultCell, value);
  f.records.set(cell + resultCountCell, number + 1);
}

/**
 * The same with `count` results from `firstResult` on, made before by `declareValue`: a text numbers its values itself,
 * and may give an instruction results that its opcode or callee does not have.
 */
export function createInstDefining(
  f: IrFunction,
  opcode: Opcode,
  type: Type | 0,
  detail: number,
  a: number,
  b: number,
  c: number,
  immediate: number,
  origin: number,
  firstResult: Value,
  count: number,
): Inst {
  const inst = pushRecord(f, opcode, type, detail, a, b, c, immediate, origin);
  if (count > 0) f.records.set(inst * stride + firstResultCell, firstResult);
  f.records.set(inst * stride + resultCountCell, count);
  for (let i = 0; i < count; i++) {
    f.valueDefinition.set(firstResult + i, inst);
    f.valueNumber.set(firstResult + i, i);
  }
  return inst;
}

/** Signature of what a call instruction calls. */
export function calleeSignature(f: IrFunction, inst: Inst): Signature {
  const row = rowOf(opcodeOf(f, inst));
  const number = immediateOf(f, inst);
  let signature: Signature | undefined;
  if (row.format === 'call') signature = f.signatures[f.functionSignatures[number] ?? none];
  else if (row.format === 'call_indirect') signature = f.signatures[number];
  else if (row.format === 'libcall') {
    const name = libcallNameOf(number);
    signature = name === undefined ? undefined : libcalls[name];
  }
  return signature ?? bug(`call of unknown callee ${number}`, `inst${inst}`);
}

export function appendInst(f: IrFunction, block: Block, inst: Inst): void {
  const last = f.lastInst.at(block);
  f.blockOfInst.set(inst, block);
  f.previousInst.set(inst, last);
  f.nextInst.set(inst, none);
  if (last === none) f.firstInst.set(block, inst);
  else f.nextInst.set(last, inst);
  f.lastInst.set(block, inst);
}

export function insertInstBefore(f: IrFunction, inst: Inst, before: Inst): void {
  const block = asBlock(f.blockOfInst.at(before));
  const previous = f.previousInst.at(before);
  f.blockOfInst.set(inst, block);
  f.previousInst.set(inst, previous);
  f.nextInst.set(inst, before);
  f.previousInst.set(before, inst);
  if (previous === none) f.firstInst.set(block, inst);
  else f.nextInst.set(previous, inst);
}

/** Takes an instruction out of its block; its results must have no uses left, or be aliases. */
export function removeInst(f: IrFunction, inst: Inst): void {
  const block = f.blockOfInst.at(inst);
  if (block === none) bug('removed twice', `inst${inst}`);
  const previous = f.previousInst.at(inst);
  const next = f.nextInst.at(inst);
  if (previous === none) f.firstInst.set(block, next);
  else f.nextInst.set(previous, next);
  if (next === none) f.lastInst.set(block, previous);
  else f.previousInst.set(next, previous);
  f.blockOfInst.set(inst, none);
}

export const isPlaced = (f: IrFunction, inst: Inst): boolean => f.blockOfInst.at(inst) !== none;
export function maybeBlockOf(f: IrFunction, inst: Inst): Block | undefined {
  const block = f.blockOfInst.at(inst);
  return block === none ? undefined : asBlock(block);
}
/** `for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i))`. */
export function maybeFirstInst(f: IrFunction, block: Block): Inst | undefined {
  const inst = f.firstInst.at(block);
  return inst === none ? undefined : asInst(inst);
}
export function maybeLastInst(f: IrFunction, block: Block): Inst | undefined {
  const inst = f.lastInst.at(block);
  return inst === none ? undefined : asInst(inst);
}
export function maybeNextInst(f: IrFunction, inst: Inst): Inst | undefined {
  const next = f.nextInst.at(inst);
  return next === none ? undefined : asInst(next);
}
export function maybePreviousInst(f: IrFunction, inst: Inst): Inst | undefined {
  const previous = f.previousInst.at(inst);
  return previous === none ? undefined : asInst(previous);
}
/** The instruction that ends a block. */
export function terminatorOf(f: IrFunction, block: Block): Inst {
  const last = f.lastInst.at(block);
  if (last === none || !isTerminator(opcodeOf(f, asInst(last)))) bug('block without terminator', `block${block}`);
  return asInst(last);
}

// ---- instructions: reading

export const opcodeOf = (f: IrFunction, inst: Inst): Opcode => (f.records.at(inst * stride + headCell) & 0xff) as Opcode;
/** Controlling type; 0 where the opcode has none. */
export const controlTypeOf = (f: IrFunction, inst: Inst): Type | 0 => ((f.records.at(inst * stride + headCell) >> 8) & 0xf) as Type | 0;
/** Condition of a compare, packed memory flags of an access. */
export const detailOf = (f: IrFunction, inst: Inst): number => f.records.at(inst * stride + headCell) >>> 16;
export const immediateOf = (f: IrFunction, inst: Inst): number => f.records.at(inst * stride + immediateCell);
export const originOf = (f: IrFunction, inst: Inst): number => f.records.at(inst * stride + originCell);
export const resultCount = (f: IrFunction, inst: Inst): number => f.records.at(inst * stride + resultCountCell);
export const resultAt = (f: IrFunction, inst: Inst, number: number): Value =>
  asValue(f.records.at(inst * stride + firstResultCell) + number);
/** The only result; a bug if there is none. */
export function resultOf(f: IrFunction, inst: Inst): Value {
  const value = f.records.at(inst * stride + firstResultCell);
  return value === none ? bug('no result', `inst${inst}`) : asValue(value);
}
export function memoryFlagsOf(f: IrFunction, inst: Inst): MemoryFlags {
  return unpackMemoryFlags(detailOf(f, inst));
}
/** Sets head detail: a compare's condition, an access's packed flags. */
export function setDetail(f: IrFunction, inst: Inst, detail: number): void {
  const cell = inst * stride + headCell;
  f.records.set(cell, (f.records.at(cell) & 0xffff) | (detail << 16));
}
export function setImmediate(f: IrFunction, inst: Inst, immediate: number): void {
  f.records.set(inst * stride + immediateCell, immediate);
}

/** Value of an iconst as a signed 64-bit integer (i32: sign-extended), or bits of an fconst as an unsigned one. */
export function constantBitsOf(f: IrFunction, inst: Inst): bigint {
  const immediate = immediateOf(f, inst);
  const type = controlTypeOf(f, inst);
  if (type === typeCodes.i32) return BigInt(immediate);
  if (type === typeCodes.f32) return BigInt(immediate >>> 0);
  const bits = f.wide.at(immediate);
  return type === typeCodes.i64 ? bits : BigInt.asUintN(64, bits);
}

/** The halves of the same, integers sign-extended and f32 bits zero-extended to 64 bits: for inner loops, which should make no bigint. */
export function constantLowOf(f: IrFunction, inst: Inst): number {
  const type = controlTypeOf(f, inst);
  const immediate = immediateOf(f, inst);
  return type === i32 || type === typeCodes.f32 ? immediate : f.wide.lowAt(immediate);
}
export function constantHighOf(f: IrFunction, inst: Inst): number {
  const type = controlTypeOf(f, inst);
  const immediate = immediateOf(f, inst);
  return type === i32 ? immediate >> 31 : type === typeCodes.f32 ? 0 : f.wide.highAt(immediate);
}

/** Number of value operands, block calls' arguments left out. */
export function operandCount(f: IrFunction, inst: Inst): number {
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'nullary':
    case 'iconst':
    case 'fconst':
    case 'jump':
    case 'trap':
      return 0;
    case 'unary':
    case 'load':
    case 'brif':
    case 'br_table':
    case 'trap_if':
      return 1;
    case 'binary':
    case 'icmp':
    case 'fcmp':
    case 'store':
      return 2;
    case 'ternary':
      return 3;
    case 'call':
    case 'call_indirect':
    case 'libcall':
    case 'return':
      return f.records.at(inst * stride + firstOperandCell + 1);
  }
}

function hasList(f: IrFunction, inst: Inst): boolean {
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'call':
    case 'call_indirect':
    case 'libcall':
    case 'return':
      return true;
    default:
      return false;
  }
}

/** Operand `number`, resolved. */
export function operandAt(f: IrFunction, inst: Inst, number: number): Value {
  const cell = inst * stride + firstOperandCell;
  const value = hasList(f, inst) ? f.pool.at(f.records.at(cell) + number) : f.records.at(cell + number);
  return resolve(f, asValue(value));
}
/** The first three operands of an instruction without a list: cheaper than `operandAt`. */
export const firstOperand = (f: IrFunction, inst: Inst): Value => resolve(f, asValue(f.records.at(inst * stride + firstOperandCell)));
export const secondOperand = (f: IrFunction, inst: Inst): Value => resolve(f, asValue(f.records.at(inst * stride + firstOperandCell + 1)));
export const thirdOperand = (f: IrFunction, inst: Inst): Value => resolve(f, asValue(f.records.at(inst * stride + firstOperandCell + 2)));

export function setOperand(f: IrFunction, inst: Inst, number: number, value: Value): void {
  const cell = inst * stride + firstOperandCell;
  if (hasList(f, inst)) f.pool.set(f.records.at(cell) + number, value);
  else f.records.set(cell + number, value);
}

// ---- lists and block calls

/** Stores a list of values; answers its position for `createInst`. */
export function createList(f: IrFunction, values: readonly Value[]): number {
  const start = f.pool.length;
  for (let i = 0; i < values.length; i++) f.pool.push(values[i] as Value);
  return start;
}
/** Stores a branch to `block` with arguments for its parameters. */
export function createBlockCall(f: IrFunction, block: Block, args: readonly Value[]): BlockCall {
  const start = f.pool.push(block);
  f.pool.push(args.length);
  for (let i = 0; i < args.length; i++) f.pool.push(args[i] as Value);
  return start as BlockCall;
}
/** Stores the targets of a `br_table`, the default last; answers the position for `createInst`. */
export function createJumpTable(f: IrFunction, calls: readonly BlockCall[]): number {
  const start = f.pool.push(calls.length);
  for (let i = 0; i < calls.length; i++) f.pool.push(calls[i] as BlockCall);
  return start;
}

export const blockOfCall = (f: IrFunction, call: BlockCall): Block => asBlock(f.pool.at(call));
export const argumentCount = (f: IrFunction, call: BlockCall): number => f.pool.at(call + 1);
export const argumentAt = (f: IrFunction, call: BlockCall, number: number): Value => resolve(f, asValue(f.pool.at(call + 2 + number)));
export function setArgument(f: IrFunction, call: BlockCall, number: number, value: Value): void {
  f.pool.set(call + 2 + number, value);
}
export function retarget(f: IrFunction, call: BlockCall, block: Block): void {
  f.pool.set(call, block);
}

/** Number of block calls of an instruction, duplicates counted; 0 unless it is a branch. */
export function successorCount(f: IrFunction, inst: Inst): number {
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'jump':
      return 1;
    case 'brif':
      return 2;
    case 'br_table':
      return f.pool.at(f.records.at(inst * stride + firstOperandCell + 1));
    default:
      return 0;
  }
}

/** Where the position of block call `number` is stored: a record cell (≥ 0) or a pool cell (complemented). */
function successorCell(f: IrFunction, inst: Inst, number: number): number {
  const cell = inst * stride + firstOperandCell;
  switch (rowOf(opcodeOf(f, inst)).format) {
    case 'jump':
      return cell;
    case 'brif':
      return cell + 1 + number;
    case 'br_table':
      return ~(f.records.at(cell + 1) + 1 + number);
    default:
      return bug('not a branch', `inst${inst}`);
  }
}
export function successorAt(f: IrFunction, inst: Inst, number: number): BlockCall {
  const cell = successorCell(f, inst, number);
  return (cell >= 0 ? f.records.at(cell) : f.pool.at(~cell)) as BlockCall;
}
export function setSuccessor(f: IrFunction, inst: Inst, number: number, call: BlockCall): void {
  const cell = successorCell(f, inst, number);
  if (cell >= 0) f.records.set(cell, call);
  else f.pool.set(~cell, call);
}
/** Adds an argument to block call `number` of a branch; the call moves in the pool. */
export function appendArgument(f: IrFunction, inst: Inst, number: number, value: Value): void {
  const old = successorAt(f, inst, number);
  const count = argumentCount(f, old);
  const start = f.pool.push(f.pool.at(old));
  f.pool.push(count + 1);
  for (let i = 0; i < count; i++) f.pool.push(f.pool.at(old + 2 + i));
  f.pool.push(value);
  setSuccessor(f, inst, number, start as BlockCall);
}
/** Removes argument `argument` of a block call. */
export function removeArgument(f: IrFunction, call: BlockCall, argument: number): void {
  const count = argumentCount(f, call);
  for (let i = argument; i + 1 < count; i++) f.pool.set(call + 2 + i, f.pool.at(call + 2 + i + 1));
  f.pool.set(call + 1, count - 1);
}
/** Keeps the arguments whose number is set in `kept`, in order. */
export function keepArguments(f: IrFunction, call: BlockCall, kept: Uint8Array): void {
  const count = argumentCount(f, call);
  let to = 0;
  for (let i = 0; i < count; i++) if (kept[i] === 1) f.pool.set(call + 2 + to++, f.pool.at(call + 2 + i));
  f.pool.set(call + 1, to);
}
