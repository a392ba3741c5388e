// Runs vector instructions: operands and results, memory accesses, lanes.
// Chapter: "Execution", section "Instructions", "Vector Instructions".
import type { Machine } from './machine.ts';
import type { Instance } from './store.ts';
import type { MemoryInstance } from './memory.ts';
import { addressAt, unsignedOf } from './memory.ts';
import type { Views } from './cells.ts';
import { at, int, item } from './cells.ts';
import { vectorOperations } from './vector-table.ts';
import { executeRelaxed } from './relaxed.ts';
import { fromScratch, scratch } from './vectors.ts';
import { bug } from './outcome.ts';

/** Stack words that a relaxed instruction's later operands take. */
const relaxedPops = [4, 0, 0, 0, 0, 8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 4, 4, 8];

/** Runs one instruction whose operands start at `pc`; returns the new stack pointer. */
export function executeVector(m: Machine, instance: Instance, second: number, code: Int32Array, pc: number, sp: number): number {
  const v = m.views;
  const operation = vectorOperations[second];
  if (operation !== undefined) {
    switch (operation.form) {
      case 'unary': operation.run(v, sp - 4); return sp;
      case 'binary': operation.run(v, sp - 8, sp - 4); return sp - 4;
      case 'ternary': operation.run(v, sp - 12, sp - 8, sp - 4); return sp - 8;
      case 'shift': operation.run(v, sp - 6, int(v.I, sp - 2)); return sp - 2;
      case 'test': v.I[sp - 4] = operation.run(v, sp - 4); return sp - 2;
    }
  }
  if (second >= 0x100) {
    const end = sp - at(relaxedPops, second - 0x100);
    executeRelaxed(m.relaxed, second, v, end - 4);
    return end;
  }
  if (second <= 0x0a || second === 0x5c || second === 0x5d) return load(instance, second, code, pc, sp, v);
  if (second >= 0x54 && second <= 0x5b || second === 0x0b) return accessLane(instance, second, code, pc, sp, v);
  if (second >= 0x0f && second <= 0x14) return splat(second, sp, v);
  if (second >= 0x15 && second <= 0x22) return laneAccess(second, int(code, pc), sp, v);
  switch (second) {
    case 0x0c: // v128.const
      for (let i = 0; i < 4; i++) v.I[sp + i] = int(code, pc + i);
      return sp + 4;
    case 0x0d: { // i8x16.shuffle: four lane numbers to a word
      const bytes = (sp - 8) * 4;
      for (let i = 0; i < 16; i++) scratch.U8[i] = at(v.U8, bytes + (int(code, pc + (i >> 2)) >>> 8 * (i & 3) & 31));
      fromScratch(v, sp - 8);
      return sp - 4;
    }
    default: return bug(`opcode fd ${second}`);
  }
}

/** Address of the access: operand at `index` plus the static offset, of which the operands begin at `pc` with the memory's index. */
function effectiveAddress(memory: MemoryInstance, code: Int32Array, pc: number, I: Int32Array, index: number): number {
  return addressAt(I, index, memory.limits.wide) + unsignedOf(int(code, pc + 1), int(code, pc + 2));
}

/** Bytes that the loads read: 0x00 to 0x0a, then 0x5c and 0x5d. */
const loadWidths = [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8];

function load(instance: Instance, second: number, code: Int32Array, pc: number, sp: number, v: Views): number {
  const memory = item(instance.memories, int(code, pc));
  const ea = effectiveAddress(memory, code, pc, v.I, sp - 2);
  const width = second === 0x5c ? 4 : second === 0x5d ? 8 : at(loadWidths, second);
  memory.tell('load', ea, width);
  const { view } = memory;
  const { I, U8, I16 } = scratch;
  for (let i = 0; i < 4; i++) I[i] = 0;
  switch (second) {
    case 0x00: case 0x5c: case 0x5d: for (let i = 0; i < width / 4; i++) I[i] = view.getInt32(ea + 4 * i, true); break;
    case 0x01: for (let i = 0; i < 8; i++) I16[i] = view.getInt8(ea + i); break;
    case 0x02: for (let i = 0; i < 8; i++) I16[i] = view.getUint8(ea + i); break;
    case 0x03: for (let i = 0; i < 4; i++) I[i] = view.getInt16(ea + 2 * i, true); break;
    case 0x04: for (let i = 0; i < 4; i++) I[i] = view.getUint16(ea + 2 * i, true); break;
    case 0x05: case 0x06:
      for (let i = 0; i < 2; i++) {
        I[2 * i] = view.getInt32(ea + 4 * i, true);
        I[2 * i + 1] = second === 0x05 ? int(I, 2 * i) >> 31 : 0;
      }
      break;
    case 0x07: U8.fill(view.getUint8(ea)); break;
    case 0x08: I16.fill(view.getInt16(ea, true)); break;
    case 0x09: I.fill(view.getInt32(ea, true)); break;
    case 0x0a: for (let i = 0; i < 4; i++) I[i] = view.getInt32(ea + 4 * (i & 1), true); break;
    default: bug(`opcode fd ${second}`);
  }
  fromScratch(v, sp - 2);
  return sp + 2;
}

/** v128.store, and loads and stores of a single lane. */
function accessLane(instance: Instance, second: number, code: Int32Array, pc: number, sp: number, v: Views): number {
  const memory = item(instance.memories, int(code, pc));
  const ea = effectiveAddress(memory, code, pc, v.I, sp - 6);
  const width = second === 0x0b ? 16 : 1 << (second & 3);
  const isStore = second === 0x0b || second >= 0x58;
  memory.tell(isStore ? 'store' : 'load', ea, width);
  const lane = second === 0x0b ? 0 : int(code, pc + 3);
  const vector = (sp - 4) * 4;
  if (isStore) {
    for (let i = 0; i < width; i++) memory.bytes[ea + i] = at(v.U8, vector + lane * width + i);
    return sp - 6;
  }
  for (let i = 0; i < width; i++) v.U8[vector + lane * width + i] = at(memory.bytes, ea + i);
  for (let i = 0; i < 4; i++) v.I[sp - 6 + i] = int(v.I, sp - 4 + i);
  return sp - 2;
}

function splat(second: number, sp: number, v: Views): number {
  const [low, high] = [int(v.I, sp - 2), int(v.I, sp - 1)];
  switch (second) {
    case 0x0f: scratch.I8.fill(low); break;
    case 0x10: scratch.I16.fill(low); break;
    case 0x11: case 0x13: scratch.I.fill(low); break;
    default: for (let i = 0; i < 4; i++) scratch.I[i] = (i & 1) === 0 ? low : high;
  }
  fromScratch(v, sp - 2);
  return sp + 2;
}

/** extract_lane and replace_lane of every shape. */
function laneAccess(second: number, lane: number, sp: number, v: Views): number {
  const a = sp - 4;
  const replaced = sp - 6;
  switch (second) {
    case 0x15: v.I[a] = at(v.I8, a * 4 + lane); return sp - 2;
    case 0x16: v.I[a] = at(v.U8, a * 4 + lane); return sp - 2;
    case 0x17: v.I8[replaced * 4 + lane] = int(v.I, sp - 2); return sp - 2;
    case 0x18: v.I[a] = at(v.I16, a * 2 + lane); return sp - 2;
    case 0x19: v.I[a] = at(v.U16, a * 2 + lane); return sp - 2;
    case 0x1a: v.I16[replaced * 2 + lane] = int(v.I, sp - 2); return sp - 2;
    case 0x1b: case 0x1f: v.I[a] = int(v.I, a + lane); return sp - 2;
    case 0x1c: case 0x20: v.I[replaced + lane] = int(v.I, sp - 2); return sp - 2;
    case 0x1d: case 0x21:
      for (let i = 0; i < 2; i++) v.I[a + i] = int(v.I, a + 2 * lane + i);
      return sp - 2;
    case 0x1e: case 0x22:
      for (let i = 0; i < 2; i++) v.I[replaced + 2 * lane + i] = int(v.I, sp - 2 + i);
      return sp - 2;
    default: return bug(`opcode fd ${second}`);
  }
}
