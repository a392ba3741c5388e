// Atomic accesses: the 0xFE group.
// Chapter: "Execution", section "Instructions", "Atomic Memory Instructions" (threads proposal). One thread runs, so every access is atomic as it is; what remains
// is alignment, the arithmetic, and waiting: nobody can wake a waiter, so a wait times out at once or, without a timeout, never ends.
import type { Machine } from './machine.ts';
import type { AccessKind, Instance } from './store.ts';
import type { MemoryInstance } from './memory.ts';
import { addressAt, unsignedOf } from './memory.ts';
import { Exhaustion, Trap, bug } from './outcome.ts';
import { at, int, item, long } from './cells.ts';

const NOTIFY = 0x00;
const WAIT32 = 0x01;
const WAIT64 = 0x02;
const FENCE = 0x03;
const FIRST_LOAD = 0x10;
const FIRST_STORE = 0x17;
const FIRST_RMW = 0x1e;
const FIRST_CMPXCHG = 0x48;

const NOT_EQUAL = 1;
const TIMED_OUT = 2;

/** Bytes accessed, in the order in which each operator's seven instructions stand: i32, i64, i32 8 and 16, i64 8, 16 and 32. */
const widths = [4, 8, 1, 2, 1, 2, 4];
/** Which of the seven take and give i64. */
const gives64 = [false, true, false, false, true, true, true];

type Operator = (old: bigint, operand: bigint) => bigint;

const operators: readonly Operator[] = [
  (old, operand) => old + operand,
  (old, operand) => old - operand,
  (old, operand) => old & operand,
  (old, operand) => old | operand,
  (old, operand) => old ^ operand,
  (_, operand) => operand,
];

function read({ view }: MemoryInstance, ea: number, width: number): bigint {
  switch (width) {
    case 1: return BigInt(view.getUint8(ea));
    case 2: return BigInt(view.getUint16(ea, true));
    case 4: return BigInt(view.getUint32(ea, true));
    default: return view.getBigUint64(ea, true);
  }
}

function write({ view }: MemoryInstance, ea: number, width: number, value: bigint): void {
  switch (width) {
    case 1: view.setUint8(ea, Number(value & 0xffn)); break;
    case 2: view.setUint16(ea, Number(value & 0xffffn), true); break;
    case 4: view.setUint32(ea, Number(value & 0xffff_ffffn), true); break;
    default: view.setBigUint64(ea, value, true);
  }
}

/** Checks alignment, then bounds. */
function requireAccess(memory: MemoryInstance, ea: number, width: number): void {
  if (ea % width !== 0) throw new Trap('unaligned atomic');
  memory.require(ea, width);
}

/** The checks of an access that follows. */
function beginAccess(memory: MemoryInstance, kind: AccessKind, ea: number, width: number): void {
  requireAccess(memory, ea, width);
  memory.tell(kind, ea, width);
}

function wait(memory: MemoryInstance, ea: number, width: number, expected: bigint, timeout: bigint): number {
  requireAccess(memory, ea, width);
  if (!memory.limits.shared) throw new Trap('expected shared memory');
  memory.tell('load', ea, width);
  if (read(memory, ea, width) !== expected) return NOT_EQUAL;
  if (timeout < 0n) throw new Exhaustion('blocked for ever');
  return TIMED_OUT;
}

/** Runs one instruction whose operands start at `pc`; returns the new stack pointer. */
export function executeAtomic(m: Machine, instance: Instance, second: number, code: Int32Array, pc: number, sp: number): number {
  if (second === FENCE) return sp;
  const { I, B, U64 } = m.views;
  const memory = item(instance.memories, int(code, pc));
  const { wide } = memory.limits;
  const offset = unsignedOf(int(code, pc + 1), int(code, pc + 2));
  const address = (index: number): number => addressAt(I, index, wide) + offset;

  if (second === NOTIFY) {
    requireAccess(memory, address(sp - 4), 4);
    I[sp - 4] = 0;
    return sp - 2;
  }
  if (second === WAIT32 || second === WAIT64) {
    const width = second === WAIT32 ? 4 : 8;
    I[sp - 6] = wait(memory, address(sp - 6), width, operand(U64, I, sp - 4, width), long(B, sp - 2 >> 1));
    return sp - 4;
  }
  const which = (second - FIRST_LOAD) % 7;
  const width = at(widths, which);
  if (second < FIRST_STORE) {
    const ea = address(sp - 2);
    beginAccess(memory, 'load', ea, width);
    result(U64, I, sp - 2, which, read(memory, ea, width));
    return sp;
  }
  if (second < FIRST_RMW) {
    const ea = address(sp - 4);
    beginAccess(memory, 'store', ea, width);
    write(memory, ea, width, operand(U64, I, sp - 2, width));
    return sp - 4;
  }
  if (second < FIRST_CMPXCHG) {
    const ea = address(sp - 4);
    beginAccess(memory, 'modify', ea, width);
    const old = read(memory, ea, width);
    const operate = operators[Math.floor((second - FIRST_RMW) / 7)] ?? bug(`opcode fe ${second}`);
    write(memory, ea, width, BigInt.asUintN(width * 8, operate(old, operand(U64, I, sp - 2, width))));
    result(U64, I, sp - 4, which, old);
    return sp - 2;
  }
  const ea = address(sp - 6);
  beginAccess(memory, 'modify', ea, width);
  const old = read(memory, ea, width);
  // The expected operand is wrapped to the width accessed before it is compared.
  if (old === operand(U64, I, sp - 4, width)) write(memory, ea, width, operand(U64, I, sp - 2, width));
  result(U64, I, sp - 6, which, old);
  return sp - 4;
}

/** The low `width` bytes of an operand, unsigned. */
function operand(U64: BigUint64Array, I: Int32Array, index: number, width: number): bigint {
  return width === 8 ? at(U64, index >> 1) : BigInt.asUintN(width * 8, BigInt(int(I, index)));
}

/** Leaves a zero-extended result. */
function result(U64: BigUint64Array, I: Int32Array, index: number, which: number, value: bigint): void {
  if (at(gives64, which)) U64[index >> 1] = value;
  else I[index] = Number(value);
}
