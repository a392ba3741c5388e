// Loads and stores. An access whose bytes do not all lie in one region faults: it raises its trap code, or is undefined behaviour if it has none.

import { addressOf, offsetInRegion } from './address-space.ts';
import { type Handler, type Machine, stopped } from './evaluate-machine.ts';

const addressOperand = 2;
const offsetOperand = 3;
const trapOperand = 4;
const originOperand = 5;
const length = 6;

/** Finds the bytes an access touches, as `accessView` and `accessOffset`; false if it faults. Halves are added so that wild addresses stay exact. */
function locate(m: Machine, pc: number, bytes: number): boolean {
  const cell = m.cell(pc + addressOperand);
  const sum = ((m.i32[cell] as number) >>> 0) + (m.code[pc + offsetOperand] as number);
  const high = (m.i32[cell + 1] as number) + Math.floor(sum / 0x1_0000_0000);
  m.accessHigh = high;
  m.accessView = m.space.view(high);
  m.accessOffset = offsetInRegion(sum | 0, high);
  return m.accessOffset + bytes <= m.accessView.byteLength;
}

function fault(m: Machine, pc: number): number {
  const cell = m.cell(pc + addressOperand);
  const address = addressOf(m.i32[cell] as number, m.i32[cell + 1] as number) + (m.code[pc + offsetOperand] as number);
  const trap = m.code[pc + trapOperand] as number;
  if (trap === 0) m.undefinedBehaviour(`access without a trap code faults at 0x${address.toString(16)}`, pc);
  return m.stop(trap, m.code[pc + originOperand] as number, address);
}

/** An int32 result. */
const load32 =
  (bytes: number, read: (v: DataView, at: number) => number): Handler =>
  (m, pc) => {
    if (!locate(m, pc, bytes)) return fault(m, pc);
    m.i32[m.cell(pc + 1)] = read(m.accessView, m.accessOffset);
    return pc + length;
  };
/** The same extended to 64 bits. */
const load64 =
  (bytes: number, signed: boolean, read: (v: DataView, at: number) => number): Handler =>
  (m, pc) => {
    if (!locate(m, pc, bytes)) return fault(m, pc);
    const cell = m.cell(pc + 1);
    const low = read(m.accessView, m.accessOffset);
    m.i32[cell] = low;
    m.i32[cell + 1] = signed ? low >> 31 : 0;
    return pc + length;
  };
const loadBoth: Handler = (m, pc) => {
  if (!locate(m, pc, 8)) return fault(m, pc);
  const cell = m.cell(pc + 1);
  m.i32[cell] = m.accessView.getInt32(m.accessOffset, true);
  m.i32[cell + 1] = m.accessView.getInt32(m.accessOffset + 4, true);
  return pc + length;
};
const loadWord: Handler = (m, pc) => {
  if (!locate(m, pc, 4)) return fault(m, pc);
  m.i32[m.cell(pc + 1)] = m.accessView.getInt32(m.accessOffset, true);
  return pc + length;
};

const storeWord: Handler = (m, pc) => {
  if (!locate(m, pc, 4)) return fault(m, pc);
  m.accessView.setInt32(m.accessOffset, m.i32[m.cell(pc + 1)] as number, true);
  return pc + length;
};
const storeBoth: Handler = (m, pc) => {
  if (!locate(m, pc, 8)) return fault(m, pc);
  const cell = m.cell(pc + 1);
  m.accessView.setInt32(m.accessOffset, m.i32[cell] as number, true);
  m.accessView.setInt32(m.accessOffset + 4, m.i32[cell + 1] as number, true);
  return pc + length;
};
const storeByte: Handler = (m, pc) => {
  if (!locate(m, pc, 1)) return fault(m, pc);
  m.accessView.setInt8(m.accessOffset, m.i32[m.cell(pc + 1)] as number);
  return pc + length;
};
const storeHalf: Handler = (m, pc) => {
  if (!locate(m, pc, 2)) return fault(m, pc);
  m.accessView.setInt16(m.accessOffset, m.i32[m.cell(pc + 1)] as number, true);
  return pc + length;
};

const u8 = (v: DataView, at: number): number => v.getUint8(at);
const s8 = (v: DataView, at: number): number => v.getInt8(at);
const u16 = (v: DataView, at: number): number => v.getUint16(at, true);
const s16 = (v: DataView, at: number): number => v.getInt16(at, true);
const word = (v: DataView, at: number): number => v.getInt32(at, true);

/** The same access, which tells the listener when it has not faulted. */
export const telling =
  (inner: Handler, kind: 'load' | 'store', bytes: number): Handler =>
  (m, pc) => {
    const next = inner(m, pc);
    if (next !== stopped) m.onAccess?.(kind, m.accessHigh, m.accessOffset, bytes);
    return next;
  };

/** Keyed like the integer operations: by the type loaded or stored. */
export const memoryHandlers = {
  load: { i32: loadWord, i64: loadBoth, f32: loadWord, f64: loadBoth },
  uload8: { i32: load32(1, u8), i64: load64(1, false, u8) },
  sload8: { i32: load32(1, s8), i64: load64(1, true, s8) },
  uload16: { i32: load32(2, u16), i64: load64(2, false, u16) },
  sload16: { i32: load32(2, s16), i64: load64(2, true, s16) },
  uload32: { i64: load64(4, false, word) },
  sload32: { i64: load64(4, true, word) },
  store: { i32: storeWord, i64: storeBoth, f32: storeWord, f64: storeBoth },
  store8: { i32: storeByte, i64: storeByte },
  store16: { i32: storeHalf, i64: storeHalf },
  store32: { i64: storeWord },
} satisfies Record<string, Record<string, Handler>>;
