// Memory instructions (standard, chapter 4.4.7).
//
// The effective address is base + zero-extended index + offset, in 64 bits, so that nothing wraps.
// guard:    the reservation behind a memory covers any 32-bit index plus any 32-bit offset plus the widest access (`memoryReservation`
//           in contract/vmctx.ts), so that whatever lies outside faults on the access itself and no compare is needed.
// explicit: index + offset + width is compared with the memory's present length. With `spectre` the address becomes 0 on the way
//           that the check should not have let pass; offsets beyond the first page, which is never mapped, are added before that.

import type { Value } from '../base/entity.ts';
import { trapCodes } from '../contract/traps.ts';
import { memoryReservation } from '../contract/vmctx.ts';
import { bug } from '../base/errors.ts';
import type { MemoryFlags } from '../ir/function.ts';
import { type Opcode, op } from '../ir/opcodes.ts';
import { type Type, f32, f64, i32, i64 } from '../ir/types.ts';
import type { InstructionName } from '../wasm/opcodes.ts';
import { callRuntime } from './runtime-calls.ts';
import type { Handler, Translation } from './translation.ts';

const largestOffset = 2 ** 32 - 1;
const largestIndex = 2 ** 32 - 1;
const widestAccess = 16;
if (largestIndex + largestOffset + widestAccess > memoryReservation) bug('a 32-bit memory is reserved too small for guard pages alone');

/** Offsets that fit the instruction record; the rest is added to the address. */
const largestImmediate = 2 ** 31 - 1;
/** Below the lowest address that systems ever map. */
const neverMapped = 4096;

const guarded: MemoryFlags = { region: 'memory', readonly: false, trap: trapCodes.outOfBoundsMemoryAccess };
const checked: MemoryFlags = { region: 'memory', readonly: false, trap: 0 };

interface Place {
  readonly address: Value;
  readonly offset: number;
  readonly flags: MemoryFlags;
}

/** Where an access of `width` bytes at `index` (an i32) goes, checked as the options say. */
function placeOf(t: Translation, index: Value, width: number): Place {
  const { b, operator, options } = t;
  const { index: memory, memoryOffset } = operator;
  const wide = t.zeroExtend(index);
  if (options.bounds === 'guard') {
    const address = b.binary(op.iadd, t.memoryBase(memory), wide);
    if (memoryOffset <= largestImmediate) return { address, offset: memoryOffset, flags: guarded };
    return { address: b.binary(op.iadd, address, b.iconst64(BigInt(memoryOffset))), offset: 0, flags: guarded };
  }
  const end = b.binary(op.iadd, wide, b.iconst64(BigInt(memoryOffset + width)));
  const outside = b.icmp('ugt', end, t.memoryByteLength(memory));
  b.trapnz(outside, trapCodes.outOfBoundsMemoryAccess);
  let address = b.binary(op.iadd, t.memoryBase(memory), wide);
  let offset = memoryOffset;
  if (offset > largestImmediate || (options.spectre && offset >= neverMapped)) {
    address = b.binary(op.iadd, address, b.iconst64(BigInt(offset)));
    offset = 0;
  }
  if (options.spectre) address = b.selectGuard(outside, t.zero(i64), address);
  return { address, offset, flags: checked };
}

function load(opcode: Opcode, type: Type, width: number): Handler {
  return (t) => {
    const { address, offset, flags } = placeOf(t, t.pop(), width);
    t.push(t.b.load(opcode, type, flags, address, offset));
  };
}

function store(opcode: Opcode, width: number): Handler {
  return (t) => {
    const value = t.pop();
    const { address, offset, flags } = placeOf(t, t.pop(), width);
    t.b.store(opcode, flags, value, address, offset);
  };
}

const bytesPerPageLog2 = 16n;

type AccessName = Extract<InstructionName, `${string}.load${string}` | `${string}.store${string}`>;
type BulkName = 'memory.size' | 'memory.grow' | 'memory.init' | 'data.drop' | 'memory.copy' | 'memory.fill';

export const memoryHandlers: Record<AccessName | BulkName, Handler> = {
  'i32.load': load(op.load, i32, 4),
  'i64.load': load(op.load, i64, 8),
  'f32.load': load(op.load, f32, 4),
  'f64.load': load(op.load, f64, 8),
  'i32.load8_s': load(op.sload8, i32, 1),
  'i32.load8_u': load(op.uload8, i32, 1),
  'i32.load16_s': load(op.sload16, i32, 2),
  'i32.load16_u': load(op.uload16, i32, 2),
  'i64.load8_s': load(op.sload8, i64, 1),
  'i64.load8_u': load(op.uload8, i64, 1),
  'i64.load16_s': load(op.sload16, i64, 2),
  'i64.load16_u': load(op.uload16, i64, 2),
  'i64.load32_s': load(op.sload32, i64, 4),
  'i64.load32_u': load(op.uload32, i64, 4),
  'i32.store': store(op.store, 4),
  'i64.store': store(op.store, 8),
  'f32.store': store(op.store, 4),
  'f64.store': store(op.store, 8),
  'i32.store8': store(op.store8, 1),
  'i32.store16': store(op.store16, 2),
  'i64.store8': store(op.store8, 1),
  'i64.store16': store(op.store16, 2),
  'i64.store32': store(op.store32, 4),
  'memory.size': (t) => {
    const bytes = t.memoryByteLength(t.operator.index);
    t.push(t.b.convert(op.ireduce, i32, t.b.binary(op.ushr, bytes, t.b.iconst64(bytesPerPageLog2))));
  },
  'memory.grow': (t) => callRuntime(t, 'memoryGrow', t.operator.index),
  'memory.init': (t) => callRuntime(t, 'memoryInit', t.operator.second, t.operator.index),
  'data.drop': (t) => callRuntime(t, 'dataDrop', t.operator.index),
  'memory.copy': (t) => callRuntime(t, 'memoryCopy', t.operator.index, t.operator.second),
  'memory.fill': (t) => callRuntime(t, 'memoryFill', t.operator.index),
};
