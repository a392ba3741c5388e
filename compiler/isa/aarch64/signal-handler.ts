// The handler for faults in compiled code: sa_sigaction(signo w0, siginfo x1, ucontext x2), AAPCS64, Linux.
//
//   ranges    address of a table in memory: u64 count, then per range u64 start, u64 end, u64 address of its trapExitAfterSignal
//   previous  address of the handler to go on to, with the same three arguments, when the pc lies in none of the ranges
//
// Inside a range x28 holds a vmctx or host context, so its store context is at hand: pc, faulting address and signal number are written there,
// the interrupted context is set to go on at the trap exit, and the handler returns. The code is position-independent and touches only
// registers that a C function may, so it can run on an alternate stack, in any thread.
// Layout: Linux arch/arm64 `struct ucontext`, its `struct sigcontext` from byte 176: fault address, x0–x30, sp, pc; `siginfo_t.si_addr` at byte 16.

import { storeContext, vmctxHeader } from '../../contract/vmctx.ts';
import { CodeBuffer } from '../../machine/code-buffer.ts';
import { Assembler } from './assembler.ts';
import { patch } from './branches.ts';
import { a64, conditions } from './instructions/table.ts';
import { x0, x1, x10, x11, x12, x13, x16, x2, x9 } from './registers.ts';

const contextRegisters = 176 + 8;
const contextVmctx = contextRegisters + 28 * 8;
const contextPc = contextRegisters + 32 * 8;
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
  a.load(x9, x2, contextPc);
  a.constant64(x10, ...halves(ranges));
  a.load(x11, x10, 0);
  a.add(x10, x10, 8, x16);
  buffer.bind(loop);
  a.op(a64.cmp64_ri, x11, 0);
  a.jumpIf(conditions.eq, chain);
  a.load(x12, x10, 0);
  a.op(a64.cmp64_rr, x9, x12);
  a.jumpIf(conditions.lo, next);
  a.load(x12, x10, 8);
  a.op(a64.cmp64_rr, x9, x12);
  a.jumpIf(conditions.lo, found);
  buffer.bind(next);
  a.add(x10, x10, rangeBytes, x16);
  a.add(x11, x11, -1, x16);
  a.jump(loop);
  buffer.bind(found);
  a.load(x12, x2, contextVmctx);
  a.load(x12, x12, vmctxHeader.store);
  a.store(x12, storeContext.trapPc, x9);
  a.load(x13, x1, faultAddress);
  a.store(x12, storeContext.trapAddress, x13);
  a.op(a64.uxtw, x0, x0);
  a.store(x12, storeContext.trapSignal, x0);
  a.load(x13, x10, 16);
  a.store(x2, contextPc, x13);
  a.op(a64.ret_lr);
  buffer.bind(chain);
  a.constant64(x9, ...halves(previous));
  a.op(a64.br, x9);
  buffer.resolve(patch);
  return buffer.toBytes();
}
