// Checks the instructions whose type stands in the table: numeric, scalar memory, vector, atomic.
// Chapter: "Validation", section "Instructions", "Numeric Instructions", "Vector Instructions", "Memory Instructions".
import type { Instruction } from './instructions.ts';
import { PREFIX_ATOMIC } from './instructions.ts';
import type { Checker } from './checker.ts';
import { Op } from './compact.ts';
import type { ValueType } from './types.ts';
import { F32, F64, I32, I64, V128 } from './types.ts';
import { bug } from './outcome.ts';

const letterTypes: Readonly<Record<string, ValueType>> = { i: I32, I: I64, f: F32, F: F64, v: V128 };

function popLetters(c: Checker, letters: string, address: ValueType): void {
  for (let i = letters.length - 1; i >= 0; i--) c.popExpected(letterTypes[letters.charAt(i)] ?? address);
}

function pushLetters(c: Checker, letters: string, address: ValueType): void {
  for (let i = 0; i < letters.length; i++) c.pushType(letterTypes[letters.charAt(i)] ?? address);
}

function lane(c: Checker, limit: number): number {
  const lane = c.reader.byte();
  return lane < limit ? lane : c.invalid(`invalid lane index ${lane}`);
}

/** One-byte instructions whose type the table gives. */
export function checkPlain(c: Checker, ins: Instruction): void {
  const r = c.reader;
  const out = c.emitter();
  const { opcode } = ins;
  let address = I32;
  switch (ins.immediate) {
    case 'none':
      if (opcode !== 0x01) out?.op(opcode, c.offset);
      break;
    case 'i32': {
      const value = r.s32();
      out?.op(opcode, c.offset);
      out?.operand(value);
      break;
    }
    case 'f32': {
      const bits = r.fixed32();
      out?.op(opcode, c.offset);
      out?.operand(bits);
      break;
    }
    case 'i64': case 'f64': {
      let low: number;
      let high: number;
      if (ins.immediate === 'i64') {
        r.s64();
        low = r.low;
        high = r.high;
      } else {
        low = r.fixed32();
        high = r.fixed32();
      }
      out?.op(opcode, c.offset);
      out?.operand(low);
      out?.operand(high);
      break;
    }
    case 'memarg': {
      address = c.memoryArgument(ins.natural);
      if (c.memarg.memory === 0 && address === I32 && out?.listening !== true) {
        out?.op(opcode, c.offset);
        out?.operand(r.low);
      } else {
        out?.op(Op.wideAccess, c.offset);
        for (const operand of [opcode, c.memarg.memory, r.low, r.high]) out?.operand(operand);
      }
      break;
    }
    case 'memory': {
      const index = r.u32();
      address = c.addressOf(c.memory(index));
      out?.op(opcode, c.offset);
      out?.operand(index);
      break;
    }
    default: bug(`immediate ${ins.immediate} of ${ins.name}`);
  }
  popLetters(c, ins.operands ?? '', address);
  pushLetters(c, ins.results, address);
}

/** Saturating conversions, vectors, atomics: types from the table, operands into an escape. */
export function checkPrefixed(c: Checker, ins: Instruction): void {
  const r = c.reader;
  const prefix = ins.opcode >> 12;
  const operands: number[] = [];
  let address = I32;
  switch (ins.immediate) {
    case 'none': case 'zero':
      if (ins.immediate === 'zero') r.byte();
      break;
    case 'lane': operands.push(lane(c, 16 >> ins.natural)); break;
    case 'v128':
      for (let i = 0; i < 4; i++) operands.push(r.fixed32());
      break;
    case 'shuffle': {
      for (let word = 0; word < 4; word++) {
        let packed = 0;
        for (let i = 0; i < 4; i++) packed |= lane(c, 32) << 8 * i;
        operands.push(packed);
      }
      break;
    }
    case 'memarg':
      address = c.memoryArgument(ins.natural);
      if (prefix === PREFIX_ATOMIC && c.memarg.align !== ins.natural) c.invalid('atomic alignment must be natural');
      operands.push(c.memarg.memory, r.low, r.high);
      break;
    case 'memargLane':
      address = c.memoryArgument(ins.natural);
      operands.push(c.memarg.memory, r.low, r.high, lane(c, 16 >> ins.natural));
      break;
    default: bug(`immediate ${ins.immediate} of ${ins.name}`);
  }
  c.escape(prefix, ins.opcode & 0xfff, ...operands);
  popLetters(c, ins.operands ?? '', address);
  pushLetters(c, ins.results, address);
}
