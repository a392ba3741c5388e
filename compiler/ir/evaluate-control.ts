// Constants, moves, checks, branches, calls and returns.

import type { Signature } from '../contract/artifact.ts';
import { libcallNameOf, libcalls } from '../contract/libcalls.ts';
import { trapCodes } from '../contract/traps.ts';
import { addressOf } from './address-space.ts';
import { type Handler, type Machine, type Program, stopped } from './evaluate-machine.ts';

function copy(m: Machine, from: number, to: number): void {
  m.i32[to] = m.i32[from] as number;
  m.i32[to + 1] = m.i32[from + 1] as number;
}

/** Moves of a block call that overlap go through here. */
let buffer: Int32Array = new Int32Array(64);

const constant32: Handler = (m, pc) => {
  m.i32[m.cell(pc + 1)] = m.code[pc + 2] as number;
  return pc + 3;
};
const constant64: Handler = (m, pc) => {
  const cell = m.cell(pc + 1);
  m.i32[cell] = m.code[pc + 2] as number;
  m.i32[cell + 1] = m.code[pc + 3] as number;
  return pc + 4;
};
const vmctx: Handler = (m, pc) => {
  copy(m, m.base, m.cell(pc + 1));
  return pc + 2;
};
const select: Handler = (m, pc) => {
  copy(m, m.cell(m.i32[m.cell(pc + 2)] !== 0 ? pc + 3 : pc + 4), m.cell(pc + 1));
  return pc + 5;
};

/** Spends fuel for entering a block or function. */
function enterBlock(m: Machine, target: number): number {
  return --m.fuel < 0 ? m.stop(trapCodes.outOfFuel, -1) : target;
}

const jump: Handler = (m, pc) => {
  const end = pc + 3 + 2 * (m.code[pc + 2] as number);
  for (let at = pc + 3; at < end; at += 2) copy(m, m.cell(at), m.cell(at + 1));
  return enterBlock(m, m.code[pc + 1] as number);
};
const jumpThroughBuffer: Handler = (m, pc) => {
  const count = m.code[pc + 2] as number;
  if (buffer.length < 2 * count) buffer = new Int32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const from = m.cell(pc + 3 + 2 * i);
    buffer[2 * i] = m.i32[from] as number;
    buffer[2 * i + 1] = m.i32[from + 1] as number;
  }
  for (let i = 0; i < count; i++) {
    const to = m.cell(pc + 4 + 2 * i);
    m.i32[to] = buffer[2 * i] as number;
    m.i32[to + 1] = buffer[2 * i + 1] as number;
  }
  return enterBlock(m, m.code[pc + 1] as number);
};
const brif: Handler = (m, pc) => enterBlock(m, m.code[m.i32[m.cell(pc + 1)] !== 0 ? pc + 2 : pc + 3] as number);
const brTable: Handler = (m, pc) => {
  const index = (m.i32[m.cell(pc + 1)] as number) >>> 0;
  const last = (m.code[pc + 2] as number) - 1;
  return enterBlock(m, m.code[pc + 3 + Math.min(index, last)] as number);
};

const trap: Handler = (m, pc) => m.stop(m.code[pc + 1] as number, m.code[pc + 2] as number);
const trapIf =
  (wanted: boolean, isWide: boolean): Handler =>
  (m, pc) => {
    const cell = m.cell(pc + 1);
    const set = m.i32[cell] !== 0 || (isWide && m.i32[cell + 1] !== 0);
    return set === wanted ? m.stop(m.code[pc + 2] as number, m.code[pc + 3] as number) : pc + 4;
  };
const stackCheck: Handler = (m, pc) => (m.depth > m.maxDepth ? m.stop(trapCodes.stackOverflow, m.code[pc + 1] as number) : pc + 2);

/** Position behind the results of the call at `pc`, where its origin stands. */
function originOfCall(code: Int32Array, pc: number): number {
  const results = pc + 3 + (code[pc + 2] as number);
  return results + 1 + (code[results] as number);
}

/** Enters a function with the call's arguments from number `skip` on, and the context whose halves are given. */
function callProgram(m: Machine, pc: number, program: Program, skip: number, contextLow: number, contextHigh: number): number {
  const count = (m.code[pc + 2] as number) - skip;
  const base = m.top;
  if (!m.reserve(base + program.frameCells)) return m.stop(trapCodes.stackOverflow, m.code[originOfCall(m.code, pc)] as number);
  m.i32[base] = contextLow;
  m.i32[base + 1] = contextHigh;
  for (let i = 0; i < count; i++) copy(m, m.cell(pc + 3 + skip + i), base + 2 + 2 * i);
  if (!m.enter(program, pc, base)) return m.stop(trapCodes.stackOverflow, m.code[originOfCall(m.code, pc)] as number);
  return enterBlock(m, 0);
}

function callHost(m: Machine, pc: number, skip: number, context: number, number: number, signature: Signature): number {
  const { code } = m;
  const count = (code[pc + 2] as number) - skip;
  const results = pc + 3 + skip + count;
  const resultCount = code[results] as number;
  if (signature.params.length !== count || signature.results.length !== resultCount) m.undefinedBehaviour('call of host code of another signature', pc);
  const origin = code[originOfCall(code, pc)] as number;
  const at = m.top;
  if (!m.reserve(at + 2 * Math.max(count, resultCount))) return m.stop(trapCodes.stackOverflow, origin);
  for (let i = 0; i < count; i++) copy(m, m.cell(pc + 3 + skip + i), at + 2 * i);
  const failed = m.world.callHost(m, context, number, at, signature);
  if (failed !== 0) return m.stop(failed, origin);
  for (let i = 0; i < resultCount; i++) copy(m, at + 2 * i, m.cell(results + 1 + i));
  return results + 2 + resultCount;
}

const call: Handler = (m, pc) => {
  const linkage = m.program?.linkage;
  if (linkage === undefined) return m.undefinedBehaviour('call outside a module', pc);
  return callProgram(m, pc, linkage.program(m.code[pc + 1] as number), 0, m.i32[m.base] as number, m.i32[m.base + 1] as number);
};
const callIndirect: Handler = (m, pc) => {
  const code = m.cell(pc + 3);
  const context = m.cell(pc + 4);
  const address = addressOf(m.i32[code] as number, m.i32[code + 1] as number);
  const contextLow = m.i32[context] as number;
  const contextHigh = m.i32[context + 1] as number;
  const target = m.world.maybeTarget(address) ?? m.undefinedBehaviour(`call of 0x${address.toString(16)}, which is no code`, pc);
  if (target.kind === 'function') return callProgram(m, pc, target.program, 2, contextLow, contextHigh);
  return callHost(m, pc, 2, addressOf(contextLow, contextHigh), target.number, target.signature);
};
const libcall: Handler = (m, pc) => {
  const number = m.code[pc + 1] as number;
  const name = libcallNameOf(number) ?? m.undefinedBehaviour(`library call ${number}`, pc);
  return callHost(m, pc, 0, addressOf(m.i32[m.base] as number, m.i32[m.base + 1] as number), number, libcalls[name]);
};

const return_: Handler = (m, pc) => {
  const { code, base } = m;
  const count = code[pc + 1] as number;
  if (m.depth === m.floor + 1) {
    // The outermost frame leaves its results in its first slots; through the buffer, because they may lie there.
    if (buffer.length < 2 * count) buffer = new Int32Array(4 * count);
    for (let i = 0; i < count; i++) {
      const from = base + (code[pc + 2 + i] as number);
      buffer[2 * i] = m.i32[from] as number;
      buffer[2 * i + 1] = m.i32[from + 1] as number;
    }
    m.reserve(base + 2 * count);
    for (let i = 0; i < 2 * count; i++) m.i32[base + i] = buffer[i] as number;
    m.leave();
    m.trap = 0;
    return stopped;
  }
  const callPc = m.leave();
  const results = callPc + 3 + (m.code[callPc + 2] as number);
  for (let i = 0; i < count; i++) copy(m, base + (code[pc + 2 + i] as number), m.cell(results + 1 + i));
  return results + 2 + count;
};

/** Keyed like the integer operations. */
export const plainControlHandlers = {
  iconst: { i32: constant32, i64: constant64 },
  fconst: { f32: constant32, f64: constant64 },
  vmctx: { i64: vmctx },
  select: { i32: select, i64: select, f32: select, f64: select },
  select_guard: { i32: select, i64: select, f32: select, f64: select },
  trapz: { i32: trapIf(false, false), i64: trapIf(false, true) },
  trapnz: { i32: trapIf(true, false), i64: trapIf(true, true) },
} satisfies Record<string, Record<string, Handler>>;

/** Those without a type. */
export const controlHandlers = {
  jump,
  jumpThroughBuffer,
  brif,
  br_table: brTable,
  return: return_,
  trap,
  stack_check: stackCheck,
  call,
  call_indirect: callIndirect,
  libcall,
};
