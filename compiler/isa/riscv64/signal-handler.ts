// The handler for faults in compiled code: sa_sigaction(signo a0, siginfo a1, ucontext a2), LP64D, Linux.
//
//   ranges    address of a table in memory: u64 count, then per range u64 start, u64 end, u64 address of its trapExitAfterSignal
//   previous  address of the handler to go on to, with the same three arguments, when the pc lies in none of the ranges
//
// Inside a range s11 holds a vmctx or host context, so its store context is at hand: pc, faulting address and signal number are written there,
// the interrupted context is set to go on at the trap exit, and the handler returns. The code is position-independent and touches only
// registers that a C function may, so it can run on an alternate stack, in any thread.
// Layout: Linux arch/riscv `struct ucontext`, its `struct sigcontext` from byte 176: pc, then x1–x31; `siginfo_t.si_addr` at byte 16.

import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import { Assembler } from './assembler.ts';
import { patch } from './branches.ts';
import { conditions, rv } from './instructions/table.ts';
import { a0, a1, a2, linkRegister, t0, t1, t2, t3, t4, vmctxRegister, zero } from './registers.ts';

const contextPc = 176;
const contextVmctx = contextPc + 8 * vmctxRegister;
const faultAddress = 16;
const rangeBytes = 24;

export interface SignalHandlerAddresses {
  readonly ranges: number;
  readonly previous: number;
}

export function buildSignalHandler({ ranges, previous }: SignalHandlerAddresses): Uint8Array {
  const buffer = new CodeBuffer();
  const a = new Assembler(buffer);
  const [loop, next, found, chain] = [buffer.createLabel(), buffer.createLabel(), buffer.createLabel(), buffer.createLabel()];
  a.load(t0, a2, contextPc);
  a.constant53(t1, ranges);
  a.load(t2, t1, 0);
  a.op(rv.addi, t1, t1, 8);
  buffer.bind(loop);
  a.jumpIf(conditions.eq, t2, zero, chain);
  a.load(t3, t1, 0);
  a.jumpIf(conditions.ltu, t0, t3, next);
  a.load(t3, t1, 8);
  a.jumpIf(conditions.ltu, t0, t3, found);
  buffer.bind(next);
  a.op(rv.addi, t1, t1, rangeBytes);
  a.op(rv.addi, t2, t2, -1);
  a.jump(loop);
  buffer.bind(found);
  a.load(t3, a2, contextVmctx);
  a.load(t3, t3, vmctxHeader.store);
  a.store(t3, storeContext.trapPc, t0);
  a.load(t4, a1, faultAddress);
  a.store(t3, storeContext.trapAddress, t4);
  a.store(t3, storeContext.trapSignal, a0);
  a.load(t4, t1, 16);
  a.store(a2, contextPc, t4);
  a.ret(linkRegister);
  buffer.bind(chain);
  a.constant53(t0, previous);
  a.op(rv.jalr, zero, t0, 0);
  buffer.resolve(patch);
  return buffer.toBytes();
}
