// Code between compiled code and its host on x86-64 Linux (System V psABI).
//
// entry(code rdi, vmctx rsi, block rdx) -> eax, called by the host on its own stack. Its frame there:
//     [rbp] rbp · -8 rbx · -16 r12 · -24 r13 · -32 r14 · -40 r15 · -48 block · -56 entryStack · -64 hostStack · -72 wasmStack · -80 (padding)
//   The three fields of the store context are those of the entry around this one, put back at the end. While compiled code runs, entryStack and
//   hostStack are the stack pointer below this frame: the trap exit unwinds there, host calls run there.
//   Compiled code keeps rbp, so the frame is found again after the call; the trap exit finds it from entryStack.
// Host and library calls: parameters go to an argument block on the store's stack, where nested entries begin below it (wasmStack); the host's
//   function runs on the host's stack. A call that fails leaves through the trap exit with trap code hostError.
// Both kinds of context, vmctx and host context, have the store context's address at the same offset.

import { trapCodes } from '../../contract/traps.ts';
import type { Signature } from '../../contract/artifact.ts';
import { argumentSlot, hostContext, storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import type { CallShape, Passing } from '../../machine/abi.ts';
import type { CodeBuffer } from '../../machine/code-buffer.ts';
import type { TrampolineEmitter } from '../../machine/target.ts';
import { bug } from '../../base/errors.ts';
import { callShape } from './abi.ts';
import { Assembler } from './assembler.ts';
import { patch } from './branches.ts';
import { conditions, x64 } from './instructions/table.ts';
import { r10, r11, r12, r13, r14, r15, rax, rbp, rbx, rcx, rdi, rdx, rsi, rsp } from './registers.ts';

const saved = [rbx, r12, r13, r14, r15] as const;
const blockOffset = -48;
const entryStackOffset = -56;
const hostStackOffset = -64;
const wasmStackOffset = -72;
const entryFrame = 80;

if (vmctxHeader.store !== hostContext.store) bug('store context at different offsets', 'contract/vmctx.ts');

/** Moves a parameter or result between its place and slot `number` of the block at `block`; `stack` is the address of the stack area in `stackBase`. */
function toPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  const at = number * argumentSlot;
  if (p.register < 0) {
    a.load(r11, block, at);
    a.store(stackBase, stackOffset + p.offset, r11);
  } else if (p.vregClass === 0) a.load(p.register, block, at);
  else a.op(p.bytes === 4 ? x64.movss_rm : x64.movsd_rm, p.register, block, -1, 0, at);
}
function fromPlace(a: Assembler, p: Passing, block: number, number: number, stackBase: number, stackOffset: number): void {
  const at = number * argumentSlot;
  // 32-bit values lie in the low half of their slot, the rest is zero.
  if (p.register < 0) {
    if (p.bytes === 4) a.op(x64.mov32_rm, r11, stackBase, -1, 0, stackOffset + p.offset);
    else a.load(r11, stackBase, stackOffset + p.offset);
    a.store(block, at, r11);
  } else if (p.vregClass === 0) {
    if (p.bytes === 4) a.op(x64.mov32_rr, p.register, p.register);
    a.store(block, at, p.register);
  } else if (p.bytes === 4) {
    a.op(x64.movd_rx, r11, p.register);
    a.store(block, at, r11);
  } else a.op(x64.movsd_mr, block, -1, 0, at, p.register);
}

function entry(buffer: CodeBuffer, signature: Signature): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  a.op(x64.push, rbp);
  a.move(rbp, rsp);
  for (const register of saved) a.op(x64.push, register);
  a.op(x64.sub64_ri, rsp, rsp, entryFrame - 8 * saved.length);
  a.store(rbp, blockOffset, rdx);
  a.move(r15, rsi);
  a.load(rcx, r15, vmctxHeader.store);
  for (const [field, offset] of [[storeContext.entryStack, entryStackOffset], [storeContext.hostStack, hostStackOffset], [storeContext.wasmStack, wasmStackOffset]] as const) {
    a.load(r11, rcx, field);
    a.store(rbp, offset, r11);
  }
  a.store(rcx, storeContext.entryStack, rsp);
  a.store(rcx, storeContext.hostStack, rsp);
  a.load(rsp, rcx, storeContext.wasmStack);
  a.op(x64.and64_ri, rsp, rsp, -16);
  if (shape.outgoingBytes !== 0) a.op(x64.sub64_ri, rsp, rsp, shape.outgoingBytes);
  // rax and r10 carry no parameters.
  a.move(rax, rdi);
  a.move(r10, rdx);
  checkArea(a, buffer, shape, rcx);
  shape.params.forEach((p, number) => toPlace(a, p, r10, number, rsp, 0));
  a.op(x64.call_r, rax, 0, 0);
  a.load(r10, rbp, blockOffset);
  shape.results.forEach((p, number) => fromPlace(a, p, r10, number, rsp, 0));
  a.load(rcx, r15, vmctxHeader.store);
  a.op(x64.mov32_ri, rax, 0);
  leave(a);
  buffer.resolve(patch);
  return start;
}

/** A large area for stack arguments must not reach beyond the stack either; the callee checks only its own frame. */
function checkArea(a: Assembler, buffer: CodeBuffer, shape: CallShape, store: number): void {
  if (shape.outgoingBytes < 4096) return;
  const fine = buffer.createLabel();
  a.op(x64.cmp64_rm, rsp, store, -1, 0, storeContext.stackLimit);
  a.jumpIf(conditions.ae, fine);
  // Unwind first: the call itself would push below the limit.
  a.load(rsp, store, storeContext.entryStack);
  a.callAt(store, storeContext.trapExit);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.bind(fine);
}

/** From any stack: puts back what the entry saved and returns eax. Expects the store context in rcx. */
function leave(a: Assembler): void {
  a.load(rsp, rcx, storeContext.entryStack);
  a.lea(rbp, rsp, entryFrame);
  for (const [field, offset] of [[storeContext.entryStack, entryStackOffset], [storeContext.hostStack, hostStackOffset], [storeContext.wasmStack, wasmStackOffset]] as const) {
    a.load(r11, rbp, offset);
    a.store(rcx, field, r11);
  }
  a.lea(rsp, rbp, -8 * saved.length);
  for (const register of saved.toReversed()) a.op(x64.pop, register);
  a.op(x64.pop, rbp);
  a.op(x64.ret_near);
}

/** Hands parameters to the host's function and results back. */
function toHost(buffer: CodeBuffer, signature: Signature, number: number): number {
  const a = new Assembler(buffer);
  const shape = callShape(signature);
  const start = buffer.length;
  const slots = Math.max(signature.params.length, signature.results.length);
  const blockBytes = slots * argumentSlot;
  const failed = buffer.createLabel();
  const overflow = buffer.createLabel();
  a.op(x64.push, rbp);
  a.move(rbp, rsp);
  a.load(rax, r15, vmctxHeader.store);
  a.lea(r11, rsp, -blockBytes);
  a.op(x64.cmp64_rm, r11, rax, -1, 0, storeContext.stackLimit);
  a.jumpIf(conditions.b, overflow);
  a.op(x64.and64_ri, rsp, rsp, -16);
  if (blockBytes !== 0) a.op(x64.sub64_ri, rsp, rsp, blockBytes);
  shape.params.forEach((p, i) => fromPlace(a, p, rsp, i, rbp, 16));
  a.store(rax, storeContext.wasmStack, rsp);
  // host(context, block, number) on its own stack. rbx and r12 survive it by its convention; compiled code does not expect them kept.
  a.move(rdi, r15);
  a.move(rsi, rsp);
  a.op(x64.mov32_ri, rdx, number);
  a.move(rbx, rsp);
  a.move(r12, rax);
  a.load(rsp, rax, storeContext.hostStack);
  a.callAt(r12, storeContext.hostCallback);
  a.move(rsp, rbx);
  a.op(x64.test32_rr, rax, rax);
  a.jumpIf(conditions.ne, failed);
  a.move(r10, rsp);
  shape.results.forEach((p, i) => toPlace(a, p, r10, i, rbp, 16));
  a.op(x64.leave);
  a.op(x64.ret_near);
  buffer.bind(failed);
  a.callAt(r12, storeContext.trapExit);
  buffer.recordTrapCall(trapCodes.hostError, -1);
  buffer.bind(overflow);
  a.callAt(rax, storeContext.trapExit);
  buffer.recordTrapCall(trapCodes.stackOverflow, -1);
  buffer.resolve(patch);
  return start;
}

function trapExit(buffer: CodeBuffer): { readonly trapExit: number; readonly trapExitAfterSignal: number } {
  const a = new Assembler(buffer);
  const called = buffer.length;
  a.op(x64.pop, rax);
  a.op(x64.sub64_ri8, rax, rax, 1);
  a.load(rcx, r15, vmctxHeader.store);
  a.store(rcx, storeContext.trapPc, rax);
  a.op(x64.mov64_mi, rcx, -1, 0, storeContext.trapSignal, 0);
  const afterSignal = buffer.length;
  a.load(rcx, r15, vmctxHeader.store);
  a.op(x64.mov32_ri, rax, 1);
  leave(a);
  return { trapExit: called, trapExitAfterSignal: afterSignal };
}

export const trampolines: TrampolineEmitter = {
  entry,
  host: (buffer, signature) => toHost(buffer, signature, -1),
  libcall: toHost,
  trapExit,
};
