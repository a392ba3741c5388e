// The calling convention of compiled code on x86-64. It is our own: all registers are the callee's to destroy except rbp and r15 (vmctx).
// Parameters: rdi rsi rdx rcx r8 r9, xmm0–xmm7. Results: rax rdx rcx rsi, xmm0–xmm3. The rest lies on the stack, see machine/abi.ts.
// At a call rsp is a multiple of 16. Upper halves of 32-bit values are undefined.

import type { Signature } from '../../contract/artifact.ts';
import { type AbiRows, type CallShape, type Convention, callShapeOf } from '../../machine/abi.ts';
import { x64 } from './instructions/table.ts';
import { r8, r9, rax, rcx, rdi, rdx, rsi, xmm0 } from './registers.ts';

const convention: Convention = {
  params: [
    [rdi, rsi, rdx, rcx, r8, r9],
    [xmm0, xmm0 + 1, xmm0 + 2, xmm0 + 3, xmm0 + 4, xmm0 + 5, xmm0 + 6, xmm0 + 7],
  ],
  results: [
    [rax, rdx, rcx, rsi],
    [xmm0, xmm0 + 1, xmm0 + 2, xmm0 + 3],
  ],
};

const known = new WeakMap<Signature, CallShape>();

export function callShape(signature: Signature): CallShape {
  let shape = known.get(signature);
  if (shape === undefined) {
    shape = callShapeOf(convention, signature);
    known.set(signature, shape);
  }
  return shape;
}

export const abiRows: AbiRows = {
  store(c, vreg, vregClass, bytes) {
    if (vregClass === 0) c.emit(bytes === 4 ? x64.mov32_mr : x64.mov64_mr, vreg);
    else c.emit(bytes === 4 ? x64.movss_mr : x64.movsd_mr, vreg);
  },
  load(c, vreg, vregClass, bytes) {
    if (vregClass === 0) c.emit(bytes === 4 ? x64.mov32_rm : x64.mov64_rm, vreg);
    else c.emit(bytes === 4 ? x64.movss_rm : x64.movsd_rm, vreg);
  },
  args: x64.args,
  ret: x64.ret,
};
