// Code between compiled code and its host on AArch64 Linux (AAPCS64).
//
// entry(code x0, vmctx x1, block x2) -> w0, called by the host on its own stack. Its frame there, from x29 down:
//     -16 … -80 x19–x28 in pairs · -96 … -144 d8–d15 in pairs · -152 block · -160 entryStack · -168 hostStack · -176 wasmStack
//   The three fields of the store context are those of the entry around this one, put back at the end. While compiled code runs, entryStack and
//   hostStack are the stack pointer below this frame: the trap exit unwinds there, host calls run there.
//   Compiled code keeps x29, so the frame is found again after the call; the trap exit finds it from entryStack.
// Host and library calls: parameters go to an argument block on the store's stack, where nested entries begin below it (wasmStack); the host's
//   function runs on the host's stack. A call that fails leaves through the trap exit with trap code hostError.
// Both kinds of context, vmctx and host context, have the store context's address at the same offset.
// x9–x12, x16 and x17 carry no parameters and serve as scratch here.

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
import { a64, conditions } from './instructions/table.ts';
import {
  framePointer, linkRegister, scratchInteger as x16, secondScratch as x17, stackPointer as sp, v0, vmctxRegister, x0, x1, x10, x11, x12, x19, x2, x20, x9,
} from './registers.ts';

const none = -1;
const blockOffset = -152;
/** Fields of the store context and where the entry's frame keeps them. */
const kept = [
  [storeContext.entryStack, -160],
  [storeContext.hostStack, -168],
  [storeContext.wasmStack, -176],
] as const;
const entryFrame = 176;

if (vmctxHeader.store !== hostContext.store) bug('store context at different offsets', 'contract/vmctx.ts');

/** Stores or loads what the C calling convention makes the callee keep: x19–x28 and d8–d15. */
function keepRegisters(a: Assembler, integerRow: number, floatRow: number): void {
  for (let i = 0; i < 5; i++) a.op(integerRow, x19 + 2 * i, x19 + 2 * i + 1, framePointer, none, 0, -16 * (i + 1));
  for (let i = 0; i < 4; i++) a.op(floatRow, v0 + 8 + 2 * i, v0 + 9 + 2 * i, framePointer, none, 0, -80 - 16 * (i + 1));
}

function pushFrame(a: Assembler): void {
  a.op(a64.stp64_pre, framePointer, linkRegister, sp, none, 0, -16);
  a.move(framePointer, sp);
}
/** Returns; the stack pointer stands at the frame record. */
function popFrame(a: Assembler): void {
  a.move(sp, framePointer);
  a.op(a64.ldp64_post, framePointer, linkRegister, sp, none, 0, 16);
  a.op(a64.ret_lr);
}

/** Moves a parameter or result from slot `number` of the block at `block` to its place; the stack area begins at [stackBase + stackOffset]. */
function toPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  const at = number * argumentSlot;
  if (p.register < 0) {
    a.load(x16, block, at);
    a.store(stackBase, stackOffset + p.offset, x16);
  } else if (p.vregClass === 0) a.load(p.register, block, at);
  else a.op(p.bytes === 4 ? a64.ldrf32 : a64.ldrf64, p.register, block, none, 0, at);
}
function fromPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  const at = number * argumentSlot;
  // 32-bit values lie in the low half of their slot, the rest is zero.
  if (p.register < 0) {
    if (p.bytes === 4) a.op(a64.ldr32, x16, stackBase, none, 0, stackOffset + p.offset);
    else a.load(x16, stackBase, stackOffset + p.offset);
    a.store(block, at, x16);
  } else if (p.vregClass === 0) {
    if (p.bytes === 4) a.op(a64.mov32_rr, p.register, p.register);
    a.store(block, at, p.register);
  } else if (p.bytes === 4) {
    a.op(a64.fmov_s_w, x16, p.register);
    a.store(block, at, x16);
  } else a.op(a64.strf64, p.register, block, none, 0, at);
}

function entry(buffer: CodeBuffer, signature: Signature): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  pushFrame(a);
  a.add(sp, sp, -entryFrame, x16);
  keepRegisters(a, a64.stp64, a64.stpf64);
  a.store(framePointer, blockOffset, x2);
  a.move(vmctxRegister, x1);
  a.load(x9, vmctxRegister, vmctxHeader.store);
  for (const [field, offset] of kept) {
    a.load(x10, x9, field);
    a.store(framePointer, offset, x10);
  }
  a.move(x10, sp);
  a.store(x9, storeContext.entryStack, x10);
  a.store(x9, storeContext.hostStack, x10);
  a.load(x10, x9, storeContext.wasmStack);
  a.op(a64.and64_ri, sp, x10, -16, -1);
  if (shape.outgoingBytes !== 0) a.add(sp, sp, -shape.outgoingBytes, x16);
  a.move(x11, x0);
  a.move(x12, x2);
  checkArea(a, buffer, shape);
  shape.params.forEach((p, number) => toPlace(a, p, x12, number, sp, 0));
  a.op(a64.blr, x11, 0, 0);
  a.load(x12, framePointer, blockOffset);
  shape.results.forEach((p, number) => fromPlace(a, p, x12, number, sp, 0));
  a.load(x9, vmctxRegister, vmctxHeader.store);
  a.constant32(x0, 0);
  leave(a);
  buffer.resolve(patch);
  return start;
}

/** A large area for stack arguments must not reach beyond the stack either; the callee checks only its own frame. Expects the store context in x9. */
function checkArea(a: Assembler, buffer: CodeBuffer, shape: CallShape): void {
  if (shape.outgoingBytes < 4096) return;
  const fine = buffer.createLabel();
  a.load(x10, x9, storeContext.stackLimit);
  a.op(a64.cmp_sp, x10);
  a.jumpIf(conditions.hs, fine);
  a.callAt(x9, storeContext.trapExit, x10);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.bind(fine);
}

/** From any stack: puts back what the entry saved and returns w0. Expects the store context in x9. */
function leave(a: Assembler): void {
  a.load(x10, x9, storeContext.entryStack);
  a.add(framePointer, x10, entryFrame, x16);
  for (const [field, offset] of kept) {
    a.load(x10, framePointer, offset);
    a.store(x9, field, x10);
  }
  keepRegisters(a, a64.ldp64, a64.ldpf64);
  popFrame(a);
}

/** Hands parameters to the host's function and results back. */
function toHost(buffer: CodeBuffer, signature: Signature, number: number): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  const blockBytes = Math.max(signature.params.length, signature.results.length) * argumentSlot;
  const failed = buffer.createLabel();
  const overflow = buffer.createLabel();
  pushFrame(a);
  a.load(x9, vmctxRegister, vmctxHeader.store);
  a.add(x10, sp, -blockBytes, x16);
  a.load(x11, x9, storeContext.stackLimit);
  a.op(a64.cmp64_rr, x10, x11);
  a.jumpIf(conditions.lo, overflow);
  a.move(sp, x10);
  shape.params.forEach((p, i) => fromPlace(a, p, x10, i, framePointer, 16));
  a.store(x9, storeContext.wasmStack, x10);
  // host(context, block, number) on its own stack. x19 and x20 survive it by its convention; compiled code does not expect them kept.
  a.move(x19, x10);
  a.move(x20, x9);
  a.move(x0, vmctxRegister);
  a.move(x1, x10);
  if (number < 0) a.op(a64.movn32, x2, ~number, 0);
  else a.constant32(x2, number);
  a.load(x10, x9, storeContext.hostStack);
  a.move(sp, x10);
  a.callAt(x20, storeContext.hostCallback, x16);
  a.move(sp, x19);
  a.op(a64.cmp32_ri, x0, 0);
  a.jumpIf(conditions.ne, failed);
  shape.results.forEach((p, i) => toPlace(a, p, x19, i, framePointer, 16));
  popFrame(a);
  buffer.bind(failed);
  a.callAt(x20, storeContext.trapExit, x16);
  buffer.recordTrapCall(trapCodes.hostError, -1);
  buffer.bind(overflow);
  a.callAt(x9, storeContext.trapExit, x17);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.resolve(patch);
  return start;
}

function trapExit(buffer: CodeBuffer): { readonly trapExit: number; readonly trapExitAfterSignal: number } {
  const a = new Assembler(buffer);
  const called = buffer.length;
  a.load(x9, vmctxRegister, vmctxHeader.store);
  a.op(a64.sub64_ri, linkRegister, linkRegister, 1);
  a.store(x9, storeContext.trapPc, linkRegister);
  a.op(a64.str64_zero, x9, none, 0, storeContext.trapSignal);
  const afterSignal = buffer.length;
  a.load(x9, vmctxRegister, vmctxHeader.store);
  a.constant32(x0, 1);
  leave(a);
  return { trapExit: called, trapExitAfterSignal: afterSignal };
}

export const trampolines: TrampolineEmitter = {
  entry,
  host: (buffer, signature) => toHost(buffer, signature, -1),
  libcall: toHost,
  trapExit,
};
