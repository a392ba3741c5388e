// The handler for faults in compiled code: sa_sigaction(signo edi, siginfo rsi, ucontext rdx), System V psABI, Linux.
//
//   ranges    address of a table in memory: u64 count, then per range u64 start, u64 end, u64 address of its trapExitAfterSignal
//   previous  address of the handler to go on to, with the same three arguments, when the pc lies in none of the ranges
//
// Inside a range r15 holds a vmctx or host context, so its store context is at hand: pc, faulting address and signal number are written there,
// the interrupted context is set to go on at the trap exit, and the handler returns. The code is position-independent and touches only
// registers that a C function may, so it can run on an alternate stack, in any thread.
// Layout: Linux arch/x86 `struct ucontext`, general registers from byte 40 in the order r8–r15 rdi rsi rbp rbx rdx rax rcx rsp rip;
//         `siginfo_t.si_addr` at byte 16.

import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import { Assembler } from './assembler.ts';
import { patch } from './branches.ts';
import { conditions, x64 } from './instructions/table.ts';
import { r8, r9, r10, rax, rcx, rdi, rdx, rsi } from './registers.ts';

const contextR15 = 40 + 7 * 8;
const contextPc = 40 + 16 * 8;
const faultAddress = 16;
const rangeBytes = 24;

export interface SignalHandlerAddresses {
  readonly ranges: number;
  readonly previous: number;
}

/** The halves of an address as int32. */
const halves = (address: number): readonly [number, number] => [address | 0, Math.floor(address / 2 ** 32) | 0];

export function buildSignalHandler({ ranges, previous }: SignalHandlerAddresses): Uint8Array {
  const buffer = new CodeBuffer();
  const a = new Assembler(buffer);
  const [loop, next, found, chain] = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
  a.load(rax, rdx, contextPc);
  a.op(x64.mov64_ri, r8, ...halves(ranges));
  a.load(rcx, r8, 0);
  a.lea(r8, r8, 8);
  buffer.bind(loop);
  a.op(x64.test64_rr, rcx, rcx);
  a.jumpIf(conditions.e, chain);
  a.op(x64.cmp64_rm, rax, r8, -1, 0, 0);
  a.jumpIf(conditions.b, next);
  a.op(x64.cmp64_rm, rax, r8, -1, 0, 8);
  a.jumpIf(conditions.b, found);
  buffer.bind(next);
  a.lea(r8, r8, rangeBytes);
  a.lea(rcx, rcx, -1);
  a.jump(loop);
  buffer.bind(found);
  a.load(r9, rdx, contextR15);
  a.load(r9, r9, vmctxHeader.store);
  a.store(r9, storeContext.trapPc, rax);
  a.load(r10, rsi, faultAddress);
  a.store(r9, storeContext.trapAddress, r10);
  a.op(x64.mov32_rr, rdi, rdi);
  a.store(r9, storeContext.trapSignal, rdi);
  a.load(r10, r8, 16);
  a.store(rdx, contextPc, r10);
  a.op(x64.ret_near);
  buffer.bind(chain);
  a.op(x64.mov64_ri, rax, ...halves(previous));
  a.op(x64.jmp_r, rax);
  buffer.resolve(patch);
  return buffer.toBytes();
}
