// Walks instruction sequences, checking their syntax; what they mean is the validator's business.
// Chapter: "Binary Format", section "Instructions".
// Invariant: `open` holds the opener of every block not yet ended, so that `else` is accepted once, inside `if`, and nesting never uses the JS stack.
import type { Reader } from './reader.ts';
import type { Expression } from './syntax.ts';
import type { Immediate } from './instructions.ts';
import { isPrefix, prefixedInstruction, singleInstruction } from './instructions.ts';
import type { Instruction } from './instructions.ts';
import { isTypeByte, readHeapType, readValueType, readValueTypes } from './decode-types.ts';

const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BLOCK = 0x02;

/** What a walk learnt that other sections must know. */
export interface CodeFacts {
  /** Offset of the first instruction that names a data segment, or -1: such code needs a data count section. */
  firstDataUse: number;
}

/** Reads an opcode with its prefix. */
export function readInstruction(r: Reader): Instruction {
  const start = r.pos;
  const byte = r.byte();
  const instruction = isPrefix(byte) ? prefixedInstruction(byte, r.u32()) : singleInstruction(byte);
  return instruction ?? r.fail(`illegal opcode ${byte.toString(16).padStart(2, '0')}`, start);
}

/** Alignment exponent, memory index and 64-bit offset; the offset is left in `r.low` and `r.high`. */
export function readMemoryArgument(r: Reader, into: MemoryArgument): void {
  const start = r.pos;
  let flags = r.u32();
  if (flags >= 0x80) r.fail('malformed memop flags', start);
  into.memory = 0;
  if ((flags & 0x40) !== 0) {
    flags &= 0x3f;
    into.memory = r.u32();
  }
  into.align = flags;
  r.u64();
}

export interface MemoryArgument { align: number; memory: number }

const scratch: MemoryArgument = { align: 0, memory: 0 };

/** Moves past a block type. */
export function skipBlockType(r: Reader): void {
  const byte = r.peek();
  if (byte === 0x40) r.byte();
  else if (isTypeByte(byte)) readValueType(r);
  else {
    const start = r.pos;
    if (r.s33() < 0) r.fail('malformed block type', start);
  }
}

function skipCatches(r: Reader): void {
  const count = r.length();
  for (let i = 0; i < count; i++) {
    const start = r.pos;
    const kind = r.byte();
    if (kind > 3) r.fail('malformed catch clause', start);
    if (kind < 2) r.u32();
    r.u32();
  }
}

/** Moves past the immediates of one instruction. */
export function skipImmediate(r: Reader, immediate: Immediate, facts: CodeFacts): void {
  const start = r.pos;
  switch (immediate) {
    case 'none': break;
    case 'block': skipBlockType(r); break;
    case 'tryTable': skipBlockType(r); skipCatches(r); break;
    case 'labels': {
      for (let i = r.length(); i >= 0; i--) r.u32();
      break;
    }
    case 'label': case 'function': case 'type': case 'local': case 'global': case 'table': case 'tag': case 'memory': case 'elem':
      r.u32();
      break;
    case 'typeTable': case 'memoryMemory': case 'elemTable': case 'tableTable': case 'typeField': case 'typeType': case 'typeElem': case 'typeCount':
      r.u32();
      r.u32();
      break;
    case 'data':
      r.u32();
      if (facts.firstDataUse < 0) facts.firstDataUse = start;
      break;
    case 'dataMemory': case 'typeData':
      r.u32();
      r.u32();
      if (facts.firstDataUse < 0) facts.firstDataUse = start;
      break;
    case 'memarg': readMemoryArgument(r, scratch); break;
    case 'memargLane': readMemoryArgument(r, scratch); r.byte(); break;
    case 'lane': r.byte(); break;
    case 'i32': r.s32(); break;
    case 'i64': r.s64(); break;
    case 'f32': r.skip(4); break;
    case 'f64': r.skip(8); break;
    case 'v128': case 'shuffle': r.skip(16); break;
    case 'selectTypes': readValueTypes(r); break;
    case 'heap': readHeapType(r); break;
    case 'cast': {
      if (r.byte() > 3) r.fail('malformed br_on_cast flags', start);
      r.u32();
      readHeapType(r);
      readHeapType(r);
      break;
    }
    case 'zero':
      if (r.byte() !== 0) r.fail('zero byte expected', start);
      break;
    default: unreachableImmediate(immediate);
  }
}

function unreachableImmediate(x: never): never {
  throw new Error(`interpreter bug: immediate ${String(x)}`);
}

/** Moves past one expression, its closing `end` included. */
export function walkExpression(r: Reader, facts: CodeFacts): Expression {
  const start = r.pos;
  const open: number[] = [BLOCK];
  while (open.length > 0) {
    if (r.atEnd()) r.fail(open.length === 1 ? 'END opcode expected' : 'unexpected end of section or function');
    const at = r.pos;
    const instruction = readInstruction(r);
    skipImmediate(r, instruction.immediate, facts);
    if (instruction.immediate === 'block' || instruction.immediate === 'tryTable') open.push(instruction.opcode);
    else if (instruction.opcode === END) open.pop();
    else if (instruction.opcode === ELSE) {
      if (open[open.length - 1] !== IF) r.fail('else outside if', at);
      open[open.length - 1] = ELSE;
    }
  }
  return { start, end: r.pos };
}
