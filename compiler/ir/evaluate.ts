// Executes IR functions. A function is turned once into compact code (evaluate-machine.ts describes it), which handlers of four families
// execute (evaluate-integers, -floats, -memory, -control); wasm calls do not recurse in JavaScript, so depth is a number, not a crash.
// Needs:  verified IR; unreachable blocks are allowed.
// What the IR leaves undefined (division by zero without a check, a fault without a trap code) throws a `Bug`: the code before it is wrong.
// NaNs:   every arithmetic NaN is the positive canonical one (evaluate-floats.ts).

import { type Block, type Inst, type Value } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { trapCodes } from '../contract/traps.ts';
import { controlHandlers, plainControlHandlers } from './evaluate-control.ts';
import { floatHandlers, fcmpHandlers } from './evaluate-floats.ts';
import { integerHandlers, icmpHandlers } from './evaluate-integers.ts';
import { type Handler, type Linkage, type Machine, type Program, stopped } from './evaluate-machine.ts';
import { memoryHandlers, telling } from './evaluate-memory.ts';
import {
  type BlockCall,
  type IrFunction,
  argumentAt,
  argumentCount,
  blockCount,
  blockOfCall,
  constantHighOf,
  constantLowOf,
  controlTypeOf,
  detailOf,
  entryBlock,
  firstOperand,
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
  resultAt,
  resultCount,
  resultOf,
  successorAt,
  successorCount,
  typeOf,
  unpackMemoryFlags,
  valueCount,
} from './function.ts';
import { type Opcode, fcmpName, icmpName, opcodeCount, opcodeName, rowOf } from './opcodes.ts';
import { typeBytes, typeName } from './types.ts';
import { type Shape, accessBytes, accessType, legalShapes, shapeCount, shapeNumber, shapeNumberOf } from './typing.ts';

// ---- handlers and their numbers

const handlers: Handler[] = [];
const addHandler = (handler: Handler): number => handlers.push(handler) - 1;

const typed: Record<string, Record<string, Handler>> = { ...integerHandlers, ...floatHandlers, ...memoryHandlers, ...plainControlHandlers };

/** The type or types by which families key their handlers: of the result, or of the first operand, or both for conversions between classes. */
function handlerKey(opcode: Opcode, shape: Shape): string {
  const row = rowOf(opcode);
  const result = shape.result === 0 ? '' : typeName(shape.result);
  const operand = shape.operand === 0 ? '' : typeName(shape.operand);
  const handler = typed[opcodeName(opcode)] ?? {};
  if (row.result !== 'control') return row.format === 'ternary' ? result : operand;
  return Object.hasOwn(handler, `${result} ${operand}`) ? `${result} ${operand}` : result;
}

const handlerOfShape = new Int32Array(shapeCount).fill(-1);
for (let code = 0; code < opcodeCount; code++) {
  const opcode = code as Opcode;
  const byType = typed[opcodeName(opcode)];
  if (byType === undefined) continue;
  for (const shape of legalShapes(opcode)) {
    const handler = byType[handlerKey(opcode, shape)] ?? bug(`the evaluator has no ${opcodeName(opcode)} for ${handlerKey(opcode, shape)}`);
    handlerOfShape[shapeNumber(opcode, shape.result, shape.operand)] = addHandler(handler);
  }
}
const icmpNumbers = Object.values(icmpHandlers).map(({ i32, i64 }) => [addHandler(i32), addHandler(i64)] as const);
const fcmpNumbers = Object.values(fcmpHandlers).map(({ f32, f64 }) => [addHandler(f32), addHandler(f64)] as const);
const control = {
  jump: addHandler(controlHandlers.jump),
  jumpThroughBuffer: addHandler(controlHandlers.jumpThroughBuffer),
  brif: addHandler(controlHandlers.brif),
  br_table: addHandler(controlHandlers.br_table),
  return: addHandler(controlHandlers.return),
  trap: addHandler(controlHandlers.trap),
  stack_check: addHandler(controlHandlers.stack_check),
  call: addHandler(controlHandlers.call),
  call_indirect: addHandler(controlHandlers.call_indirect),
  libcall: addHandler(controlHandlers.libcall),
};

/** Number of the handler of an instruction without control effects, -1 if it is of no legal shape. */
function plainHandler(f: IrFunction, inst: Inst): number {
  const format = rowOf(opcodeOf(f, inst)).format;
  if (format === 'icmp' || format === 'fcmp') {
    const detail = detailOf(f, inst);
    const numbers = format === 'icmp' ? icmpNumbers[detail] : fcmpNumbers[detail];
    return numbers?.[typeBytes(typeOf(f, firstOperand(f, inst))) === 4 ? 0 : 1] ?? bug(`unknown condition ${format === 'icmp' ? icmpName(detail) : fcmpName(detail)}`, `inst${inst}`);
  }
  return handlerOfShape[shapeNumberOf(f, inst)] ?? -1;
}

/** For each handler of a load or store, by its number, the number of the one that tells a listener; made when first asked for. */
const tellingNumbers: number[] = [];

function tellingHandler(f: IrFunction, inst: Inst): number {
  const plain = plainHandler(f, inst);
  const known = tellingNumbers[plain];
  if (known !== undefined) return known;
  const opcode = opcodeOf(f, inst);
  const handler = handlers[plain] ?? bug('an access of no legal shape', `inst${inst}`);
  return (tellingNumbers[plain] = addHandler(telling(handler, rowOf(opcode).effect === 'load' ? 'load' : 'store', accessBytes(opcode, accessType(f, inst)))));
}

// ---- running

/** First cell of the next frame, with room for `program`'s; -1 if the stack is full. The caller puts vmctx and parameters there. */
export function frameBase(m: Machine, program: Program): number {
  const base = m.top;
  return m.reserve(base + program.frameCells) ? base : -1;
}

/**
 * Runs `program` in a frame whose vmctx and parameters lie at `base` (from `frameBase`). Answers 0 after a return, results in the slots from
 * `base` on, or the trap code, with `m.trapOrigin` and `m.trapAddress`. Runs nest: a host call may run another program.
 */
export function runProgram(m: Machine, program: Program, base: number): number {
  const outerFloor = m.floor;
  m.floor = m.depth;
  if (base < 0 || !m.enter(program, 0, base)) {
    m.floor = outerFloor;
    m.stop(trapCodes.stackOverflow, -1);
    return trapCodes.stackOverflow;
  }
  try {
    let pc = 0;
    while (pc !== stopped) pc = (handlers[m.code[pc] as number] as Handler)(m, pc);
    return m.trap;
  } finally {
    // After a trap, or a bug on its way to the pipeline, frames are still there.
    while (m.depth > m.floor) m.leave();
    m.floor = outerFloor;
  }
}

// ---- making compact code

/** Turns a function into code for the machine; with `tells`, each of its accesses is told to the machine's listener. */
export function programOf(f: IrFunction, linkage: Linkage, tells = false): Program {
  return new Assembly(f, tells).assemble(linkage);
}

class Assembly {
  private readonly f: IrFunction;
  private readonly accessHandler: (f: IrFunction, inst: Inst) => number;
  private readonly code: number[] = [];
  private readonly slotOfValue: Int32Array;
  private readonly startOfBlock: Int32Array;
  /** Positions in the code that hold a block, to be replaced by its start. */
  private readonly blockFixes: number[] = [];
  private readonly blame: (readonly [number, number])[] = [];
  private nextSlot = 1;

  constructor(f: IrFunction, tells: boolean) {
    this.f = f;
    this.accessHandler = tells ? tellingHandler : plainHandler;
    this.slotOfValue = new Int32Array(valueCount(f)).fill(-1);
    this.startOfBlock = new Int32Array(blockCount(f)).fill(-1);
  }

  assemble(linkage: Linkage): Program {
    const f = this.f;
    for (let v = maybeFirstParameter(f, entryBlock(f)); v !== undefined; v = maybeNextParameter(f, v)) this.slot(v);
    for (let b = maybeFirstBlock(f); b !== undefined; b = maybeNextBlock(f, b)) {
      this.startOfBlock[b] = this.code.length;
      for (let i = maybeFirstInst(f, b); i !== undefined; i = maybeNextInst(f, i)) {
        this.blame.push([this.code.length, i]);
        this.instruction(i);
      }
    }
    const code = Int32Array.from(this.code);
    for (const at of this.blockFixes) {
      const block = code[at] as number;
      code[at] = this.startOfBlock[block] ?? -1;
      if (code[at] === -1) bug('branch to a block outside the layout', `block${block}`);
    }
    return { name: `f${f.index}`, code, frameCells: 2 * this.nextSlot, linkage, blame: this.blame };
  }

  /** Cell offset of a value in the frame. */
  private slot(value: Value): number {
    let slot = this.slotOfValue[value] as number;
    if (slot < 0) {
      slot = this.nextSlot++;
      this.slotOfValue[value] = slot;
    }
    return 2 * slot;
  }

  private instruction(inst: Inst): void {
    const { f, code } = this;
    const opcode = opcodeOf(f, inst);
    const row = rowOf(opcode);
    const immediate = immediateOf(f, inst);
    switch (row.format) {
      case 'iconst':
      case 'fconst': {
        const type = controlTypeOf(f, inst);
        code.push(plainHandler(f, inst), this.slot(resultOf(f, inst)), constantLowOf(f, inst));
        if (type !== 0 && typeBytes(type) === 8) code.push(constantHighOf(f, inst));
        return;
      }
      case 'nullary':
        if (row.result === 'none') code.push(control.stack_check, originOf(f, inst));
        else code.push(plainHandler(f, inst), this.slot(resultOf(f, inst)));
        return;
      case 'unary':
      case 'binary':
      case 'ternary':
      case 'icmp':
      case 'fcmp':
        code.push(plainHandler(f, inst), this.slot(resultOf(f, inst)));
        for (let i = 0; i < operandCount(f, inst); i++) code.push(this.slot(operandAt(f, inst, i)));
        return;
      case 'load':
        code.push(this.accessHandler(f, inst), this.slot(resultOf(f, inst)), this.slot(operandAt(f, inst, 0)), immediate);
        code.push(unpackMemoryFlags(detailOf(f, inst)).trap, originOf(f, inst));
        return;
      case 'store':
        code.push(this.accessHandler(f, inst), this.slot(operandAt(f, inst, 0)), this.slot(operandAt(f, inst, 1)), immediate);
        code.push(unpackMemoryFlags(detailOf(f, inst)).trap, originOf(f, inst));
        return;
      case 'trap_if':
        code.push(plainHandler(f, inst), this.slot(operandAt(f, inst, 0)), immediate, originOf(f, inst));
        return;
      case 'trap':
        code.push(control.trap, immediate, originOf(f, inst));
        return;
      case 'call':
        this.call(control.call, inst);
        return;
      case 'call_indirect':
        this.call(control.call_indirect, inst);
        return;
      case 'libcall':
        this.call(control.libcall, inst);
        return;
      case 'return':
        code.push(control.return, operandCount(f, inst));
        for (let i = 0; i < operandCount(f, inst); i++) code.push(this.slot(operandAt(f, inst, i)));
        return;
      case 'jump':
        this.jump(successorAt(f, inst, 0));
        return;
      case 'brif':
        code.push(control.brif, this.slot(operandAt(f, inst, 0)));
        this.targets(inst);
        return;
      case 'br_table':
        code.push(control.br_table, this.slot(operandAt(f, inst, 0)), successorCount(f, inst));
        this.targets(inst);
        return;
    }
  }

  private call(handler: number, inst: Inst): void {
    const { f, code } = this;
    code.push(handler, immediateOf(f, inst), operandCount(f, inst));
    for (let i = 0; i < operandCount(f, inst); i++) code.push(this.slot(operandAt(f, inst, i)));
    code.push(resultCount(f, inst));
    for (let i = 0; i < resultCount(f, inst); i++) code.push(this.slot(resultAt(f, inst, i)));
    code.push(originOf(f, inst));
  }

  /** Targets of a branch: a block, or a jump placed behind the branch if it passes arguments. */
  private targets(inst: Inst): void {
    const { f, code } = this;
    const start = code.length;
    const count = successorCount(f, inst);
    for (let i = 0; i < count; i++) {
      const call = successorAt(f, inst, i);
      if (argumentCount(f, call) === 0) this.pushBlock(blockOfCall(f, call));
      else code.push(-1);
    }
    for (let i = 0; i < count; i++) {
      const call = successorAt(f, inst, i);
      if (argumentCount(f, call) === 0) continue;
      code[start + i] = code.length;
      this.jump(call);
    }
  }

  private pushBlock(block: Block): void {
    this.blockFixes.push(this.code.length);
    this.code.push(block);
  }

  private jump(call: BlockCall): void {
    const { f, code } = this;
    const moves: number[] = [];
    const written = new Set<number>();
    let overlaps = false;
    let number = 0;
    for (let v = maybeFirstParameter(f, blockOfCall(f, call)); v !== undefined; v = maybeNextParameter(f, v)) {
      const from = this.slot(argumentAt(f, call, number++));
      const to = this.slot(v);
      if (from === to) continue;
      if (written.has(from)) overlaps = true;
      written.add(to);
      moves.push(from, to);
    }
    code.push(overlaps ? control.jumpThroughBuffer : control.jump);
    this.pushBlock(blockOfCall(f, call));
    code.push(moves.length / 2, ...moves);
  }
}

// ---- one instruction on its own, for constant folding and for trying rules

/** What executes one operation: `evaluateOne`, or what a fault puts in its place. */
export type EvaluateOne = (m: Machine, f: IrFunction, inst: Inst) => void;

/** Executes the operation of `inst` alone on an idle machine; operands lie in its slots 1, 2, 3 and the result comes to slot 0. */
export function evaluateOne(m: Machine, f: IrFunction, inst: Inst): void {
  const handler = handlers[plainHandler(f, inst)] ?? bug('not an operation on values', `inst${inst}`);
  m.base = 0;
  m.code = oneOperation;
  handler(m, 0);
}
const oneOperation = Int32Array.of(0, 0, 2, 4, 6);
