// Code between compiled code and its host on RISC-V Linux (LP64D).
//
// entry(code a0, vmctx a1, block a2) -> a0, called by the host on its own stack. Its frame there, from s0 down:
//     -8 … -88 s1–s11 · -96 … -184 fs0–fs11 · -192 block · -200 entryStack · -208 hostStack · -216 wasmStack
//   The three fields of the store context are those of the entry around this one, put back at the end. While compiled code runs, entryStack and
//   hostStack are the stack pointer below this frame: the trap exit unwinds there, host calls run there.
//   Compiled code keeps s0, so the frame is found again after the call; the trap exit finds it from entryStack.
// Host and library calls: parameters go to an argument block on the store's stack, where nested entries begin below it (wasmStack); the host's
//   function runs on the host's stack. A call that fails leaves through the trap exit with trap code hostError.
// Both kinds of context, vmctx and host context, have the store context's address at the same offset.
// t0–t6 carry no parameters and serve as scratch here.

import { bug } from '../../base/errors.ts';
import type { Signature } from '../../contract/artifact.ts';
import { trapCodes } from '../../contract/traps.ts';
import { argumentSlot, hostContext, storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import type { CallShape, Passing } from '../../machine/abi.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import type { TrampolineEmitter } from '../../machine/target.ts';
import { callShape } from './abi.ts';
import { Assembler } from './assembler.ts';
import { patch } from './branches.ts';
import { conditions, rv } from './instructions/table.ts';
import { a0, a1, a2, f0, framePointer, linkRegister, s1, s2, sp, t0, t1, t2, t3, t5, vmctxRegister, zero } from './registers.ts';

const blockOffset = -192;
/** Fields of the store context and where the entry's frame keeps them. */
const kept = [
  [storeContext.entryStack, -200],
  [storeContext.hostStack, -208],
  [storeContext.wasmStack, -216],
] as const;
const entryFrame = 224;

/** What the C calling convention makes the callee keep, besides s0: s1–s11 and fs0–fs11. */
const savedIntegers = [s1, ...Array.from({ length: 10 }, (_, i) => s2 + i)];
const savedFloats = [8, 9, ...Array.from({ length: 10 }, (_, i) => 18 + i)].map((n) => f0 + n);

if (vmctxHeader.store !== hostContext.store) bug('store context at different offsets', 'contract/vmctx.ts');

/** Stores or loads the kept registers. */
function keepRegisters(a: Assembler, transfer: 'store' | 'load'): void {
  [...savedIntegers, ...savedFloats].forEach((register, i) => {
    const offset = -8 * (i + 1);
    if (transfer === 'store') a.store(framePointer, offset, register, register < f0 ? rv.sd : rv.fsd);
    else a.load(register, framePointer, offset, register < f0 ? rv.ld : rv.fld);
  });
}

function pushFrame(a: Assembler): void {
  a.op(rv.addi, sp, sp, -16);
  a.store(sp, 8, linkRegister);
  a.store(sp, 0, framePointer);
  a.move(framePointer, sp);
}
/** Returns; the frame pointer stands at the frame record. */
function popFrame(a: Assembler): void {
  a.move(sp, framePointer);
  a.load(linkRegister, sp, 8);
  a.load(framePointer, sp, 0);
  a.op(rv.addi, sp, sp, 16);
  a.ret(linkRegister);
}

/** Loads and stores of an area whose displacements may be too large for one instruction; the sum goes through t5 then. */
function near(a: Assembler, base: number, displacement: number): readonly [base: number, displacement: number] {
  if (displacement <= 0x7ff) return [base, displacement];
  a.add(t5, base, displacement, t5);
  return [t5, 0];
}

const loadRow = ({ vregClass, bytes }: Passing): number => (vregClass === 0 ? (bytes === 4 ? rv.lw : rv.ld) : bytes === 4 ? rv.flw : rv.fld);

/** Moves a parameter or result from slot `number` of the block at `block` to its place; the stack area begins at [stackBase + stackOffset]. */
function toPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  const [base, at] = near(a, block, number * argumentSlot);
  if (p.register >= 0) {
    a.load(p.register, base, at, loadRow(p));
    return;
  }
  a.load(t3, base, at);
  const [area, offset] = near(a, stackBase, stackOffset + p.offset);
  a.store(area, offset, t3);
}
function fromPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  if (p.register < 0) {
    const [area, offset] = near(a, stackBase, stackOffset + p.offset);
    a.load(t3, area, offset, p.bytes === 4 ? rv.lwu : rv.ld);
  }
  const [base, at] = near(a, block, number * argumentSlot);
  if (p.register < 0) a.store(base, at, t3);
  else if (p.bytes === 8) a.store(base, at, p.register, p.vregClass === 0 ? rv.sd : rv.fsd);
  else {
    // 32-bit values lie in the low half of their slot, the rest is zero.
    a.store(base, at, p.register, p.vregClass === 0 ? rv.sw : rv.fsw);
    a.store(base, at + 4, zero, rv.sw);
  }
}

function entry(buffer: CodeBuffer, signature: Signature): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  pushFrame(a);
  a.op(rv.addi, sp, sp, -entryFrame);
  keepRegisters(a, 'store');
  a.store(framePointer, blockOffset, a2);
  a.move(vmctxRegister, a1);
  a.load(t0, vmctxRegister, vmctxHeader.store);
  for (const [field, offset] of kept) {
    a.load(t1, t0, field);
    a.store(framePointer, offset, t1);
  }
  a.store(t0, storeContext.entryStack, sp);
  a.store(t0, storeContext.hostStack, sp);
  a.load(t1, t0, storeContext.wasmStack);
  a.op(rv.andi, sp, t1, -16);
  if (shape.outgoingBytes !== 0) a.add(sp, sp, -shape.outgoingBytes, t5);
  a.move(t1, a0);
  a.move(t2, a2);
  checkArea(a, buffer, shape);
  shape.params.forEach((p, number) => toPlace(a, p, t2, number, sp, 0));
  a.op(rv.jalr, linkRegister, t1, 0);
  a.load(t2, framePointer, blockOffset);
  shape.results.forEach((p, number) => fromPlace(a, p, t2, number, sp, 0));
  a.load(t0, vmctxRegister, vmctxHeader.store);
  a.move(a0, zero);
  leave(a);
  buffer.resolve(patch);
  return start;
}

/** A large area for stack arguments must not reach beyond the stack either; the callee checks only its own frame. Expects the store context in t0. */
function checkArea(a: Assembler, buffer: CodeBuffer, shape: CallShape): void {
  if (shape.outgoingBytes < 4096) return;
  const fine = buffer.createLabel();
  a.load(t3, t0, storeContext.stackLimit);
  a.jumpIf(conditions.geu, sp, t3, fine);
  a.callAt(t0, storeContext.trapExit, t5, linkRegister);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.bind(fine);
}

/** From any stack: puts back what the entry saved and returns a0. Expects the store context in t0. */
function leave(a: Assembler): void {
  a.load(t1, t0, storeContext.entryStack);
  a.op(rv.addi, framePointer, t1, entryFrame);
  for (const [field, offset] of kept) {
    a.load(t1, framePointer, offset);
    a.store(t0, field, t1);
  }
  keepRegisters(a, 'load');
  popFrame(a);
}

/** Hands parameters to the host's function and results back. */
function toHost(buffer: CodeBuffer, signature: Signature, number: number): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  const blockBytes = Math.max(signature.params.length, signature.results.length) * argumentSlot;
  const fine = buffer.createLabel();
  const succeeded = buffer.createLabel();
  pushFrame(a);
  a.load(t0, vmctxRegister, vmctxHeader.store);
  a.add(t1, sp, -blockBytes, t5);
  a.load(t2, t0, storeContext.stackLimit);
  a.jumpIf(conditions.geu, t1, t2, fine);
  a.callAt(t0, storeContext.trapExit, t5, linkRegister);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.bind(fine);
  a.move(sp, t1);
  shape.params.forEach((p, i) => fromPlace(a, p, t1, i, framePointer, 16));
  a.store(t0, storeContext.wasmStack, t1);
  // host(context, block, number) on its own stack. s1 and s2 survive it by its convention; compiled code does not expect them kept.
  a.move(s1, t1);
  a.move(s2, t0);
  a.move(a0, vmctxRegister);
  a.move(a1, t1);
  a.constant32(a2, number);
  a.load(sp, t0, storeContext.hostStack);
  a.callAt(s2, storeContext.hostCallback, t5, linkRegister);
  a.move(sp, s1);
  // The C calling convention sign-extends an int.
  a.jumpIf(conditions.eq, a0, zero, succeeded);
  a.callAt(s2, storeContext.trapExit, t5, linkRegister);
  buffer.recordTrapCall(trapCodes.hostError, -1);
  buffer.bind(succeeded);
  shape.results.forEach((p, i) => toPlace(a, p, s1, i, framePointer, 16));
  popFrame(a);
  buffer.resolve(patch);
  return start;
}

function trapExit(buffer: CodeBuffer): { readonly trapExit: number; readonly trapExitAfterSignal: number } {
  const a = new Assembler(buffer);
  const called = buffer.length;
  a.load(t0, vmctxRegister, vmctxHeader.store);
  a.op(rv.addi, linkRegister, linkRegister, -1);
  a.store(t0, storeContext.trapPc, linkRegister);
  a.store(t0, storeContext.trapSignal, zero);
  const afterSignal = buffer.length;
  a.load(t0, vmctxRegister, vmctxHeader.store);
  a.op(rv.addi, a0, zero, 1);
  leave(a);
  return { trapExit: called, trapExitAfterSignal: afterSignal };
}

export const trampolines: TrampolineEmitter = {
  entry,
  host: (buffer, signature) => toHost(buffer, signature, -1),
  libcall: toHost,
  trapExit,
};
