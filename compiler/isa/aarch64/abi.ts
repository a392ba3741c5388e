// The calling convention of compiled code on AArch64. It is our own: all registers are the callee's to destroy except x29 (frame pointer), x28 (vmctx)
// and x18, which nobody touches. Parameters: x0–x7, v0–v7. Results: x0–x3, v0–v3. The rest lies on the stack, see machine/abi.ts.
// The return address is in x30. At a call sp is a multiple of 16. Upper halves of 32-bit values are undefined.

import type { Signature } from '../../contract/artifact.ts';
import { type AbiRows, type CallShape, type Convention, callShapeOf } from '../../machine/abi.ts';
import { a64 } from './instructions/table.ts';
import { v0 } from './registers.ts';

const first = (count: number, register: number): number[] => Array.from({ length: count }, (_, i) => register + i);

const convention: Convention = {
  params: [first(8, 0), first(8, v0)],
  results: [first(4, 0), first(4, v0)],
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
    if (vregClass === 0) c.emit(bytes === 4 ? a64.str32 : a64.str64, vreg);
    else c.emit(bytes === 4 ? a64.strf32 : a64.strf64, vreg);
  },
  load(c, vreg, vregClass, bytes) {
    if (vregClass === 0) c.emit(bytes === 4 ? a64.ldr32 : a64.ldr64, vreg);
    else c.emit(bytes === 4 ? a64.ldrf32 : a64.ldrf64, vreg);
  },
  args: a64.args,
  ret: a64.ret,
};
