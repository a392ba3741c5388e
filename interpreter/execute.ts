// The loop that runs compact code.
// Chapter: "Execution", section "Instructions".
//
// Operators below 0xd7 are the binary format's opcodes; the others are those of `Op` in `compact.ts`. All labels of the switch are literals:
// one label that is not makes V8 compare label by label instead of jumping through a table, at a third of the speed. `sp` is the int index of the first free slot,
// so the topmost operand starts at sp - 2. The activation's state is cached in variables; `m.pc` and `m.budget` are written back before
// anything that may trap, call out or be looked at. A trap is thrown; the door turns it into an outcome.
import type { Machine } from './machine.ts';
import type { FunctionInstance } from './store.ts';
import type { Reference } from './values.ts';
import type { MemoryInstance } from './memory.ts';
import { addressAt, loadScalar, storeScalar, unsignedOf, widthOf } from './memory.ts';
import { Trap, bug } from './outcome.ts';
import type { TrapKind } from './outcome.ts';
import { double, int, item, long, refAt, single } from './cells.ts';
import { call, resolveIndirect, tailCall } from './calls.ts';
import { throwException } from './exceptions.ts';
import { executeMisc } from './execute-misc.ts';
import { executeAggregate, matchesReference } from './execute-gc.ts';
import { executeVector } from './execute-vector.ts';
import { executeAtomic } from './execute-atomic.ts';
import { add64, clz64, ctz32, ctz64, divS32, divS64, divU32, divU64, eq64, extend64, ltS64, ltU64, mul64, popcnt32, popcnt64, remS32, remS64, remU32, remU64, rotl32, rotl64, rotr32, rotr64, shl64, shrS64, shrU64, sub64 } from './integers.ts';
import { copySign, maximum, minimum, nearest, putF32, putF64 } from './floats.ts';
import { convertS64, convertToF32, convertU64, truncS32, truncS64, truncU32, truncU64 } from './convert.ts';

function trap(m: Machine, pc: number, budget: number, kind: TrapKind): never {
  m.pc = pc;
  m.budget = budget;
  throw new Trap(kind);
}

/** Moves `keep` slots that end at `sp` down to int index `to`. */
function slide(I: Int32Array, refs: Reference[], sp: number, to: number, keep: number, withRefs: number): void {
  const from = sp - keep * 2;
  if (from === to) return;
  for (let i = 0; i < keep * 2; i++) I[to + i] = int(I, from + i);
  if (withRefs !== 0) for (let i = 0; i < keep; i++) refs[(to >> 1) + i] = refAt(refs, (from >> 1) + i);
}

function functionOf(reference: Reference): FunctionInstance {
  return reference as FunctionInstance;
}

const noView: DataView = new DataView(new ArrayBuffer(0));

/** What the loop begins with: an operator that does nothing but load the topmost activation. */
const start: Int32Array = Int32Array.of(0xff);

/**
 * Runs the topmost activation until the activation at `base` returns; its results then end at `m.sp`.
 *
 * One loop, not one within another: V8 would replace the inner one alone while it runs, and fall out of its code at each leaving.
 */
export function run(m: Machine, base: number): void {
  let func = m.top();
  let instance = func.instance ?? bug('host function in the loop');
  let { I, F, D, B } = m.views;
  let { refs } = m;
  let { globals } = instance;
  let memory: MemoryInstance | undefined;
  let callee: FunctionInstance;
  let code = start;
  let view = noView;
  let size = 0, pc = 0, sp = 0, fp = 0;
  let budget = 1;
  const tracing = m.hook !== undefined;
  m.budget = 0;

  for (;;) {
    step: {
      if (--budget < 0) {
        m.pc = pc + 1;
        m.budget = 0;
        budget = m.grant() - 1;
        if (tracing) m.hook?.(func, pc, fp, sp);
      }
      switch (int(code, pc++)) {
        // ---- control ------------------------------------------------------------------------------------------------------------------
        case 0x00: return trap(m, pc, budget, 'unreachable');
        case 0x04: // if
          sp -= 2;
          pc = int(I, sp) === 0 ? int(code, pc) : pc + 1;
          continue;
        case 0x05: case 0x1f: // the end of a then-arm; try_table
          // Neither counts as an instruction. While tracing, the portion stays used up so that the next step is seen.
          if (tracing) m.spent--;
          else budget++;
          pc = int(code, pc);
          continue;
        case 0x0c: pc = int(code, pc); continue; // br
        case 0xe1: { // brMove
          const to = fp + int(code, pc + 1), keep = int(code, pc + 2);
          slide(I, refs, sp, to, keep, int(code, pc + 3));
          sp = to + keep * 2;
          pc = int(code, pc);
          continue;
        }
        case 0x0d: // br_if
          sp -= 2;
          pc = int(I, sp) !== 0 ? int(code, pc) : pc + 1;
          continue;
        case 0xe2: { // brIfMove
          sp -= 2;
          if (int(I, sp) === 0) { pc += 4; continue; }
          const to = fp + int(code, pc + 1), keep = int(code, pc + 2);
          slide(I, refs, sp, to, keep, int(code, pc + 3));
          sp = to + keep * 2;
          pc = int(code, pc);
          continue;
        }
        case 0x0e: { // br_table
          sp -= 2;
          const entry = pc + 1 + Math.min(int(I, sp) >>> 0, int(code, pc)) * 4;
          if (int(code, entry + 1) >= 0) {
            const to = fp + int(code, entry + 1), keep = int(code, entry + 2);
            slide(I, refs, sp, to, keep, int(code, entry + 3));
            sp = to + keep * 2;
          }
          pc = int(code, entry);
          continue;
        }
        case 0x0f: { // return
          const keep = int(code, pc);
          if (keep === 1) { // by far the most frequent; a single reference is moved with its (meaningless) words
            I[fp] = int(I, sp - 2);
            I[fp + 1] = int(I, sp - 1);
            if (int(code, pc + 1) !== 0) refs[fp >> 1] = refAt(refs, (sp >> 1) - 1);
          } else slide(I, refs, sp, fp, keep, int(code, pc + 1));
          sp = fp + keep * 2;
          const depth = m.depth - 1;
          m.depth = depth;
          if (depth < base) {
            m.sp = sp;
            m.budget = budget;
            return;
          }
          func = item(m.functions, depth);
          pc = int(m.frames, depth * 2);
          if (func.instance !== instance || func.compact === undefined) {
            m.pc = pc; m.sp = sp; m.budget = budget;
            break step;
          }
          code = func.compact.code;
          fp = int(m.frames, depth * 2 + 1);
          continue;
        }
        case 0x10: callee = item(instance.functions, int(code, pc++)); break; // call
        case 0x11: // call_indirect
          sp -= 2;
          m.pc = pc; m.budget = budget;
          callee = resolveIndirect(instance, int(code, pc), int(code, pc + 1), addressAt(I, sp, int(code, pc + 2) !== 0));
          pc += 3;
          break;
        case 0x14: { // call_ref
          sp -= 2;
          const target = refAt(refs, sp >> 1);
          if (target === null) return trap(m, pc, budget, 'null function reference');
          callee = functionOf(target);
          break;
        }
        case 0x12: { // return_call
          const callee = item(instance.functions, int(code, pc));
          m.pc = pc + 1; m.sp = sp; m.budget = budget;
          if (tailCall(m, callee, base)) return;
          break step;
        }
        case 0x13: { // return_call_indirect
          sp -= 2;
          m.pc = pc; m.budget = budget;
          const callee = resolveIndirect(instance, int(code, pc), int(code, pc + 1), addressAt(I, sp, int(code, pc + 2) !== 0));
          m.pc = pc + 3; m.sp = sp;
          if (tailCall(m, callee, base)) return;
          break step;
        }
        case 0x15: { // return_call_ref
          sp -= 2;
          const callee = refAt(refs, sp >> 1);
          if (callee === null) return trap(m, pc, budget, 'null function reference');
          m.pc = pc; m.sp = sp; m.budget = budget;
          if (tailCall(m, functionOf(callee), base)) return;
          break step;
        }
        case 0x08: case 0x0a: // throw, throw_ref
          m.pc = pc; m.sp = sp; m.budget = budget;
          throwException(m, instance, int(code, pc - 1) === 0x08 ? int(code, pc) : -1, base);
          break step;

        // ---- parametric and variables ---------------------------------------------------------------------------------------------------
        case 0x1a: sp -= 2; continue; // drop
        case 0xee: sp -= 4; continue; // drop128
        case 0x1b: // select
          sp -= 4;
          if (int(I, sp + 2) === 0) {
            I[sp - 2] = int(I, sp);
            I[sp - 1] = int(I, sp + 1);
          }
          continue;
        case 0xef: // selectRef
          sp -= 4;
          if (int(I, sp + 2) === 0) refs[(sp >> 1) - 1] = refAt(refs, sp >> 1);
          continue;
        case 0xf0: // select128
          sp -= 6;
          if (int(I, sp + 4) === 0) for (let i = 0; i < 4; i++) I[sp - 4 + i] = int(I, sp + i);
          continue;
        case 0x20: I[sp] = int(I, fp + int(code, pc++)); sp += 2; continue; // local.get
        case 0xe3: { // localGet64
          const from = fp + int(code, pc++);
          I[sp] = int(I, from);
          I[sp + 1] = int(I, from + 1);
          sp += 2;
          continue;
        }
        case 0xe4: { // localGet128
          const from = fp + int(code, pc++);
          for (let i = 0; i < 4; i++) I[sp + i] = int(I, from + i);
          sp += 4;
          continue;
        }
        case 0xe5: refs[sp >> 1] = refAt(refs, fp + int(code, pc++) >> 1); sp += 2; continue; // localGetRef
        case 0x21: sp -= 2; I[fp + int(code, pc++)] = int(I, sp); continue; // local.set
        case 0xe6: { // localSet64
          const to = fp + int(code, pc++);
          sp -= 2;
          I[to] = int(I, sp);
          I[to + 1] = int(I, sp + 1);
          continue;
        }
        case 0xe7: { // localSet128
          const to = fp + int(code, pc++);
          sp -= 4;
          for (let i = 0; i < 4; i++) I[to + i] = int(I, sp + i);
          continue;
        }
        case 0xe8: sp -= 2; refs[fp + int(code, pc++) >> 1] = refAt(refs, sp >> 1); continue; // localSetRef
        case 0x22: I[fp + int(code, pc++)] = int(I, sp - 2); continue; // local.tee
        case 0xe9: { // localTee64
          const to = fp + int(code, pc++);
          I[to] = int(I, sp - 2);
          I[to + 1] = int(I, sp - 1);
          continue;
        }
        case 0xea: { // localTee128
          const to = fp + int(code, pc++);
          for (let i = 0; i < 4; i++) I[to + i] = int(I, sp - 4 + i);
          continue;
        }
        case 0xeb: refs[fp + int(code, pc++) >> 1] = refAt(refs, (sp >> 1) - 1); continue; // localTeeRef
        case 0x23: I[sp] = int(item(globals, int(code, pc++)).words, 0); sp += 2; continue; // global.get
        case 0xec: { // globalGet64
          const { words } = item(globals, int(code, pc++));
          I[sp] = int(words, 0);
          I[sp + 1] = int(words, 1);
          sp += 2;
          continue;
        }
        case 0xed: { // globalGetWide
          const global = item(globals, int(code, pc));
          if (int(code, pc + 1) !== 0) refs[sp >> 1] = global.reference;
          else I.set(global.words, sp);
          sp += int(code, pc + 1) !== 0 ? 2 : 4;
          pc += 2;
          continue;
        }
        case 0x24: sp -= 2; item(globals, int(code, pc++)).words[0] = int(I, sp); continue; // global.set
        case 0xf3: { // globalSet64
          sp -= 2;
          const { words } = item(globals, int(code, pc++));
          words[0] = int(I, sp);
          words[1] = int(I, sp + 1);
          continue;
        }
        case 0xf4: { // globalSetWide
          const global = item(globals, int(code, pc));
          sp -= int(code, pc + 1) !== 0 ? 2 : 4;
          if (int(code, pc + 1) !== 0) global.reference = refAt(refs, sp >> 1);
          else for (let i = 0; i < 4; i++) global.words[i] = int(I, sp + i);
          pc += 2;
          continue;
        }

        // ---- memory 0 with 32-bit addresses; all other memories through wideAccess --------------------------------------------------------
        case 0x28: case 0x2a: { // i32.load, f32.load
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 4 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getInt32(ea, true);
          continue;
        }
        case 0x29: case 0x2b: { // i64.load, f64.load
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 8 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getInt32(ea, true);
          I[sp - 1] = view.getInt32(ea + 4, true);
          continue;
        }
        case 0x2c: { // i32.load8_s
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 1 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getInt8(ea);
          continue;
        }
        case 0x2d: { // i32.load8_u
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 1 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getUint8(ea);
          continue;
        }
        case 0x2e: { // i32.load16_s
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 2 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getInt16(ea, true);
          continue;
        }
        case 0x2f: { // i32.load16_u
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 2 > size) return trap(m, pc, budget, 'out of bounds memory access');
          I[sp - 2] = view.getUint16(ea, true);
          continue;
        }
        case 0x30: case 0x31: case 0x32: case 0x33: case 0x34: case 0x35: { // narrow i64 loads
          const ea = (int(I, sp - 2) >>> 0) + (int(code, pc) >>> 0);
          m.pc = pc; m.budget = budget;
          loadScalar(memory ?? bug('no memory'), int(code, pc - 1), ea, m.views, sp - 2);
          pc++;
          continue;
        }
        case 0x36: case 0x38: { // i32.store, f32.store
          sp -= 4;
          const ea = (int(I, sp) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 4 > size) return trap(m, pc, budget, 'out of bounds memory access');
          view.setInt32(ea, int(I, sp + 2), true);
          continue;
        }
        case 0x37: case 0x39: { // i64.store, f64.store
          sp -= 4;
          const ea = (int(I, sp) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 8 > size) return trap(m, pc, budget, 'out of bounds memory access');
          view.setInt32(ea, int(I, sp + 2), true);
          view.setInt32(ea + 4, int(I, sp + 3), true);
          continue;
        }
        case 0x3a: case 0x3c: { // i32.store8, i64.store8
          sp -= 4;
          const ea = (int(I, sp) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 1 > size) return trap(m, pc, budget, 'out of bounds memory access');
          view.setInt8(ea, int(I, sp + 2));
          continue;
        }
        case 0x3b: case 0x3d: { // i32.store16, i64.store16
          sp -= 4;
          const ea = (int(I, sp) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 2 > size) return trap(m, pc, budget, 'out of bounds memory access');
          view.setInt16(ea, int(I, sp + 2), true);
          continue;
        }
        case 0x3e: { // i64.store32
          sp -= 4;
          const ea = (int(I, sp) >>> 0) + (int(code, pc++) >>> 0);
          if (ea + 4 > size) return trap(m, pc, budget, 'out of bounds memory access');
          view.setInt32(ea, int(I, sp + 2), true);
          continue;
        }
        case 0xf1: { // wideAccess
          const opcode = int(code, pc);
          const target = item(instance.memories, int(code, pc + 1));
          const isLoad = opcode < 0x36;
          m.pc = pc; m.budget = budget;
          sp -= isLoad ? 2 : 4;
          const ea = addressAt(I, sp, target.limits.wide) + unsignedOf(int(code, pc + 2), int(code, pc + 3));
          if (instance.store.onAccess !== undefined) target.tell(isLoad ? 'load' : 'store', ea, widthOf(opcode));
          if (isLoad) {
            loadScalar(target, opcode, ea, m.views, sp);
            sp += 2;
          } else storeScalar(target, opcode, ea, I, sp + 2);
          pc += 4;
          continue;
        }
        case 0x3f: // memory.size
          I[sp] = item(instance.memories, int(code, pc++)).pages();
          I[sp + 1] = 0;
          sp += 2;
          continue;
        case 0x40: { // memory.grow
          const target = item(instance.memories, int(code, pc++));
          const old = target.grow(addressAt(I, sp - 2, target.limits.wide));
          I[sp - 2] = old;
          I[sp - 1] = old >> 31;
          if (memory !== undefined) ({ view, size } = memory);
          continue;
        }

        // ---- constants ------------------------------------------------------------------------------------------------------------------
        case 0x41: case 0x43: I[sp] = int(code, pc++); sp += 2; continue;
        case 0x42: case 0x44:
          I[sp] = int(code, pc);
          I[sp + 1] = int(code, pc + 1);
          pc += 2;
          sp += 2;
          continue;

        // ---- i32 comparisons --------------------------------------------------------------------------------------------------------------
        case 0x45: I[sp - 2] = int(I, sp - 2) === 0 ? 1 : 0; continue;
        case 0x46: sp -= 2; I[sp - 2] = int(I, sp - 2) === int(I, sp) ? 1 : 0; continue;
        case 0x47: sp -= 2; I[sp - 2] = int(I, sp - 2) !== int(I, sp) ? 1 : 0; continue;
        case 0x48: sp -= 2; I[sp - 2] = int(I, sp - 2) < int(I, sp) ? 1 : 0; continue;
        case 0x49: sp -= 2; I[sp - 2] = int(I, sp - 2) >>> 0 < int(I, sp) >>> 0 ? 1 : 0; continue;
        case 0x4a: sp -= 2; I[sp - 2] = int(I, sp - 2) > int(I, sp) ? 1 : 0; continue;
        case 0x4b: sp -= 2; I[sp - 2] = int(I, sp - 2) >>> 0 > int(I, sp) >>> 0 ? 1 : 0; continue;
        case 0x4c: sp -= 2; I[sp - 2] = int(I, sp - 2) <= int(I, sp) ? 1 : 0; continue;
        case 0x4d: sp -= 2; I[sp - 2] = int(I, sp - 2) >>> 0 <= int(I, sp) >>> 0 ? 1 : 0; continue;
        case 0x4e: sp -= 2; I[sp - 2] = int(I, sp - 2) >= int(I, sp) ? 1 : 0; continue;
        case 0x4f: sp -= 2; I[sp - 2] = int(I, sp - 2) >>> 0 >= int(I, sp) >>> 0 ? 1 : 0; continue;

        // ---- i64 comparisons --------------------------------------------------------------------------------------------------------------
        case 0x50: I[sp - 2] = (int(I, sp - 2) | int(I, sp - 1)) === 0 ? 1 : 0; continue;
        case 0x51: sp -= 2; I[sp - 2] = eq64(I, sp - 2, sp) ? 1 : 0; continue;
        case 0x52: sp -= 2; I[sp - 2] = eq64(I, sp - 2, sp) ? 0 : 1; continue;
        case 0x53: sp -= 2; I[sp - 2] = ltS64(I, sp - 2, sp) ? 1 : 0; continue;
        case 0x54: sp -= 2; I[sp - 2] = ltU64(I, sp - 2, sp) ? 1 : 0; continue;
        case 0x55: sp -= 2; I[sp - 2] = ltS64(I, sp, sp - 2) ? 1 : 0; continue;
        case 0x56: sp -= 2; I[sp - 2] = ltU64(I, sp, sp - 2) ? 1 : 0; continue;
        case 0x57: sp -= 2; I[sp - 2] = ltS64(I, sp, sp - 2) ? 0 : 1; continue;
        case 0x58: sp -= 2; I[sp - 2] = ltU64(I, sp, sp - 2) ? 0 : 1; continue;
        case 0x59: sp -= 2; I[sp - 2] = ltS64(I, sp - 2, sp) ? 0 : 1; continue;
        case 0x5a: sp -= 2; I[sp - 2] = ltU64(I, sp - 2, sp) ? 0 : 1; continue;

        // ---- float comparisons ------------------------------------------------------------------------------------------------------------
        case 0x5b: sp -= 2; I[sp - 2] = single(F, sp - 2) === single(F, sp) ? 1 : 0; continue;
        case 0x5c: sp -= 2; I[sp - 2] = single(F, sp - 2) !== single(F, sp) ? 1 : 0; continue;
        case 0x5d: sp -= 2; I[sp - 2] = single(F, sp - 2) < single(F, sp) ? 1 : 0; continue;
        case 0x5e: sp -= 2; I[sp - 2] = single(F, sp - 2) > single(F, sp) ? 1 : 0; continue;
        case 0x5f: sp -= 2; I[sp - 2] = single(F, sp - 2) <= single(F, sp) ? 1 : 0; continue;
        case 0x60: sp -= 2; I[sp - 2] = single(F, sp - 2) >= single(F, sp) ? 1 : 0; continue;
        case 0x61: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) === double(D, sp >> 1) ? 1 : 0; continue;
        case 0x62: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) !== double(D, sp >> 1) ? 1 : 0; continue;
        case 0x63: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) < double(D, sp >> 1) ? 1 : 0; continue;
        case 0x64: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) > double(D, sp >> 1) ? 1 : 0; continue;
        case 0x65: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) <= double(D, sp >> 1) ? 1 : 0; continue;
        case 0x66: sp -= 2; I[sp - 2] = double(D, sp - 2 >> 1) >= double(D, sp >> 1) ? 1 : 0; continue;

        // ---- i32 arithmetic ---------------------------------------------------------------------------------------------------------------
        case 0x67: I[sp - 2] = Math.clz32(int(I, sp - 2)); continue;
        case 0x68: I[sp - 2] = ctz32(int(I, sp - 2)); continue;
        case 0x69: I[sp - 2] = popcnt32(int(I, sp - 2)); continue;
        case 0x6a: sp -= 2; I[sp - 2] = int(I, sp - 2) + int(I, sp) | 0; continue;
        case 0x6b: sp -= 2; I[sp - 2] = int(I, sp - 2) - int(I, sp) | 0; continue;
        case 0x6c: sp -= 2; I[sp - 2] = Math.imul(int(I, sp - 2), int(I, sp)); continue;
        case 0x6d: m.pc = pc; m.budget = budget; sp -= 2; I[sp - 2] = divS32(int(I, sp - 2), int(I, sp)); continue;
        case 0x6e: m.pc = pc; m.budget = budget; sp -= 2; I[sp - 2] = divU32(int(I, sp - 2), int(I, sp)); continue;
        case 0x6f: m.pc = pc; m.budget = budget; sp -= 2; I[sp - 2] = remS32(int(I, sp - 2), int(I, sp)); continue;
        case 0x70: m.pc = pc; m.budget = budget; sp -= 2; I[sp - 2] = remU32(int(I, sp - 2), int(I, sp)); continue;
        case 0x71: sp -= 2; I[sp - 2] = int(I, sp - 2) & int(I, sp); continue;
        case 0x72: sp -= 2; I[sp - 2] = int(I, sp - 2) | int(I, sp); continue;
        case 0x73: sp -= 2; I[sp - 2] = int(I, sp - 2) ^ int(I, sp); continue;
        case 0x74: sp -= 2; I[sp - 2] = int(I, sp - 2) << int(I, sp); continue;
        case 0x75: sp -= 2; I[sp - 2] = int(I, sp - 2) >> int(I, sp); continue;
        case 0x76: sp -= 2; I[sp - 2] = int(I, sp - 2) >>> int(I, sp); continue;
        case 0x77: sp -= 2; I[sp - 2] = rotl32(int(I, sp - 2), int(I, sp)); continue;
        case 0x78: sp -= 2; I[sp - 2] = rotr32(int(I, sp - 2), int(I, sp)); continue;

        // ---- i64 arithmetic ---------------------------------------------------------------------------------------------------------------
        case 0x79: clz64(I, sp - 2); continue;
        case 0x7a: ctz64(I, sp - 2); continue;
        case 0x7b: popcnt64(I, sp - 2); continue;
        case 0x7c: sp -= 2; add64(I, sp - 2, sp); continue;
        case 0x7d: sp -= 2; sub64(I, sp - 2, sp); continue;
        case 0x7e: sp -= 2; mul64(B, sp - 2, sp); continue;
        case 0x7f: m.pc = pc; m.budget = budget; sp -= 2; divS64(I, B, sp - 2, sp); continue;
        case 0x80: m.pc = pc; m.budget = budget; sp -= 2; divU64(I, B, sp - 2, sp); continue;
        case 0x81: m.pc = pc; m.budget = budget; sp -= 2; remS64(I, B, sp - 2, sp); continue;
        case 0x82: m.pc = pc; m.budget = budget; sp -= 2; remU64(I, B, sp - 2, sp); continue;
        case 0x83: sp -= 2; I[sp - 2] = int(I, sp - 2) & int(I, sp); I[sp - 1] = int(I, sp - 1) & int(I, sp + 1); continue;
        case 0x84: sp -= 2; I[sp - 2] = int(I, sp - 2) | int(I, sp); I[sp - 1] = int(I, sp - 1) | int(I, sp + 1); continue;
        case 0x85: sp -= 2; I[sp - 2] = int(I, sp - 2) ^ int(I, sp); I[sp - 1] = int(I, sp - 1) ^ int(I, sp + 1); continue;
        case 0x86: sp -= 2; shl64(I, sp - 2, int(I, sp)); continue;
        case 0x87: sp -= 2; shrS64(I, sp - 2, int(I, sp)); continue;
        case 0x88: sp -= 2; shrU64(I, sp - 2, int(I, sp)); continue;
        case 0x89: sp -= 2; rotl64(I, sp - 2, int(I, sp)); continue;
        case 0x8a: sp -= 2; rotr64(I, sp - 2, int(I, sp)); continue;

        // ---- f32 arithmetic ---------------------------------------------------------------------------------------------------------------
        case 0x8b: I[sp - 2] = int(I, sp - 2) & 0x7fff_ffff; continue;
        case 0x8c: I[sp - 2] = int(I, sp - 2) ^ 0x8000_0000; continue;
        case 0x8d: putF32(I, F, sp - 2, Math.ceil(single(F, sp - 2))); continue;
        case 0x8e: putF32(I, F, sp - 2, Math.floor(single(F, sp - 2))); continue;
        case 0x8f: putF32(I, F, sp - 2, Math.trunc(single(F, sp - 2))); continue;
        case 0x90: putF32(I, F, sp - 2, nearest(single(F, sp - 2))); continue;
        case 0x91: putF32(I, F, sp - 2, Math.sqrt(single(F, sp - 2))); continue;
        case 0x92: sp -= 2; putF32(I, F, sp - 2, single(F, sp - 2) + single(F, sp)); continue;
        case 0x93: sp -= 2; putF32(I, F, sp - 2, single(F, sp - 2) - single(F, sp)); continue;
        case 0x94: sp -= 2; putF32(I, F, sp - 2, single(F, sp - 2) * single(F, sp)); continue;
        case 0x95: sp -= 2; putF32(I, F, sp - 2, single(F, sp - 2) / single(F, sp)); continue;
        case 0x96: sp -= 2; putF32(I, F, sp - 2, minimum(single(F, sp - 2), single(F, sp))); continue;
        case 0x97: sp -= 2; putF32(I, F, sp - 2, maximum(single(F, sp - 2), single(F, sp))); continue;
        case 0x98: sp -= 2; copySign(I, sp - 2, sp); continue;

        // ---- f64 arithmetic ---------------------------------------------------------------------------------------------------------------
        case 0x99: I[sp - 1] = int(I, sp - 1) & 0x7fff_ffff; continue;
        case 0x9a: I[sp - 1] = int(I, sp - 1) ^ 0x8000_0000; continue;
        case 0x9b: putF64(I, D, sp - 2, Math.ceil(double(D, sp - 2 >> 1))); continue;
        case 0x9c: putF64(I, D, sp - 2, Math.floor(double(D, sp - 2 >> 1))); continue;
        case 0x9d: putF64(I, D, sp - 2, Math.trunc(double(D, sp - 2 >> 1))); continue;
        case 0x9e: putF64(I, D, sp - 2, nearest(double(D, sp - 2 >> 1))); continue;
        case 0x9f: putF64(I, D, sp - 2, Math.sqrt(double(D, sp - 2 >> 1))); continue;
        case 0xa0: sp -= 2; putF64(I, D, sp - 2, double(D, sp - 2 >> 1) + double(D, sp >> 1)); continue;
        case 0xa1: sp -= 2; putF64(I, D, sp - 2, double(D, sp - 2 >> 1) - double(D, sp >> 1)); continue;
        case 0xa2: sp -= 2; putF64(I, D, sp - 2, double(D, sp - 2 >> 1) * double(D, sp >> 1)); continue;
        case 0xa3: sp -= 2; putF64(I, D, sp - 2, double(D, sp - 2 >> 1) / double(D, sp >> 1)); continue;
        case 0xa4: sp -= 2; putF64(I, D, sp - 2, minimum(double(D, sp - 2 >> 1), double(D, sp >> 1))); continue;
        case 0xa5: sp -= 2; putF64(I, D, sp - 2, maximum(double(D, sp - 2 >> 1), double(D, sp >> 1))); continue;
        case 0xa6: sp -= 2; copySign(I, sp - 1, sp + 1); continue;

        // ---- conversions ------------------------------------------------------------------------------------------------------------------
        case 0xa7: continue; // i32.wrap_i64: the low half is already where an i32 lies
        case 0xa8: m.pc = pc; m.budget = budget; I[sp - 2] = truncS32(single(F, sp - 2)); continue;
        case 0xa9: m.pc = pc; m.budget = budget; I[sp - 2] = truncU32(single(F, sp - 2)); continue;
        case 0xaa: m.pc = pc; m.budget = budget; I[sp - 2] = truncS32(double(D, sp - 2 >> 1)); continue;
        case 0xab: m.pc = pc; m.budget = budget; I[sp - 2] = truncU32(double(D, sp - 2 >> 1)); continue;
        case 0xac: I[sp - 1] = int(I, sp - 2) >> 31; continue;
        case 0xad: I[sp - 1] = 0; continue;
        case 0xae: m.pc = pc; m.budget = budget; truncS64(I, sp - 2, single(F, sp - 2)); continue;
        case 0xaf: m.pc = pc; m.budget = budget; truncU64(I, sp - 2, single(F, sp - 2)); continue;
        case 0xb0: m.pc = pc; m.budget = budget; truncS64(I, sp - 2, double(D, sp - 2 >> 1)); continue;
        case 0xb1: m.pc = pc; m.budget = budget; truncU64(I, sp - 2, double(D, sp - 2 >> 1)); continue;
        case 0xb2: F[sp - 2] = int(I, sp - 2); continue;
        case 0xb3: F[sp - 2] = int(I, sp - 2) >>> 0; continue;
        case 0xb4: F[sp - 2] = convertToF32(long(B, sp - 2 >> 1)); continue;
        case 0xb5: F[sp - 2] = convertToF32(BigInt.asUintN(64, long(B, sp - 2 >> 1))); continue;
        case 0xb6: putF32(I, F, sp - 2, double(D, sp - 2 >> 1)); continue;
        case 0xb7: D[sp - 2 >> 1] = int(I, sp - 2); continue;
        case 0xb8: D[sp - 2 >> 1] = int(I, sp - 2) >>> 0; continue;
        case 0xb9: D[sp - 2 >> 1] = convertS64(B, sp - 2); continue;
        case 0xba: D[sp - 2 >> 1] = convertU64(B, sp - 2); continue;
        case 0xbb: putF64(I, D, sp - 2, single(F, sp - 2)); continue;
        case 0xbc: case 0xbd: case 0xbe: case 0xbf: continue; // reinterpretations: bits stay
        case 0xc0: I[sp - 2] = int(I, sp - 2) << 24 >> 24; continue;
        case 0xc1: I[sp - 2] = int(I, sp - 2) << 16 >> 16; continue;
        case 0xc2: extend64(I, sp - 2, int(I, sp - 2) << 24 >> 24); continue;
        case 0xc3: extend64(I, sp - 2, int(I, sp - 2) << 16 >> 16); continue;
        case 0xc4: extend64(I, sp - 2, int(I, sp - 2)); continue;

        // ---- references -------------------------------------------------------------------------------------------------------------------
        case 0xd0: refs[sp >> 1] = null; sp += 2; continue;
        case 0xd1: I[sp - 2] = refAt(refs, (sp >> 1) - 1) === null ? 1 : 0; continue;
        case 0xd2: refs[sp >> 1] = item(instance.functions, int(code, pc++)); sp += 2; continue;
        case 0xd3: sp -= 2; I[sp - 2] = refAt(refs, (sp >> 1) - 1) === refAt(refs, sp >> 1) ? 1 : 0; continue;
        case 0xd4:
          if (refAt(refs, (sp >> 1) - 1) === null) return trap(m, pc, budget, 'null reference');
          continue;
        case 0xd5: // br_on_null
          if (refAt(refs, (sp >> 1) - 1) !== null) { pc += 4; continue; }
          sp -= 2;
          slide(I, refs, sp, fp + int(code, pc + 1), int(code, pc + 2), int(code, pc + 3));
          sp = fp + int(code, pc + 1) + int(code, pc + 2) * 2;
          pc = int(code, pc);
          continue;
        case 0xd6: // br_on_non_null
          if (refAt(refs, (sp >> 1) - 1) === null) { sp -= 2; pc += 4; continue; }
          slide(I, refs, sp, fp + int(code, pc + 1), int(code, pc + 2), int(code, pc + 3));
          sp = fp + int(code, pc + 1) + int(code, pc + 2) * 2;
          pc = int(code, pc);
          continue;
        case 0xf6: { // [on failure, nullable, heap type, branch…]
          const matched = matchesReference(instance, refAt(refs, (sp >> 1) - 1), int(code, pc + 1) !== 0, int(code, pc + 2));
          const onFail = int(code, pc) !== 0;
          pc += 3;
          if (matched === onFail) { pc += 4; continue; }
          slide(I, refs, sp, fp + int(code, pc + 1), int(code, pc + 2), int(code, pc + 3));
          sp = fp + int(code, pc + 1) + int(code, pc + 2) * 2;
          pc = int(code, pc);
          continue;
        }

        // ---- rare groups ------------------------------------------------------------------------------------------------------------------
        case 0xfb: m.pc = pc; m.budget = budget; sp = executeAggregate(m, instance, int(code, pc), code, pc + 2, sp); pc += 2 + int(code, pc + 1); continue;
        case 0xfc: m.pc = pc; m.budget = budget; sp = executeMisc(m, instance, int(code, pc), code, pc + 2, sp); pc += 2 + int(code, pc + 1); continue;
        case 0xfd: m.pc = pc; m.budget = budget; sp = executeVector(m, instance, int(code, pc), code, pc + 2, sp); pc += 2 + int(code, pc + 1); continue;
        case 0xfe: m.pc = pc; m.budget = budget; sp = executeAtomic(m, instance, int(code, pc), code, pc + 2, sp); pc += 2 + int(code, pc + 1); continue;
        case 0xff: break step;
        default: bug(`operator ${int(code, pc - 1)} at ${pc - 1}`);
      }

      // Only calls come here; everything else has gone on to the next instruction.
      m.pc = pc; m.budget = budget;
      if (callee.instance !== instance) {
        m.sp = sp;
        call(m, callee, base);
        break step;
      }
      m.frames[m.depth * 2] = pc;
      const compact = m.enter(callee, sp);
      code = compact.code;
      fp = sp - compact.paramInts;
      sp = fp + compact.localInts;
      pc = 0;
      func = callee;
      if (m.views.I !== I) ({ I, F, D, B } = m.views);
      continue;
    }

    // Whatever leaves `step` early may have changed the activation: its state is loaded anew.
    func = m.top();
    code = (func.compact ?? bug('untranslated function')).code;
    instance = func.instance ?? bug('host function in the loop');
    ({ I, F, D, B } = m.views);
    ({ refs, pc, sp, fp, budget } = m);
    globals = instance.globals;
    memory = instance.memories[0];
    view = memory === undefined ? noView : memory.view;
    size = memory === undefined ? 0 : memory.size;
  }
}
