// The calling convention of compiled code on RISC-V. It is our own: all registers are the callee's to destroy except s0 (frame pointer), s11 (vmctx),
// and gp and tp, which nobody touches. Parameters: a0–a7, fa0–fa7. Results: a0–a3, fa0–fa3. The rest lies on the stack, see machine/abi.ts.
// The return address is in ra. At a call sp is a multiple of 16. A 32-bit integer in a register is sign-extended, on the stack its upper half is undefined.

import type { Signature } from '../../contract/artifact.ts';
import { type AbiRows, type CallShape, type Convention, callShapeOf } from '../../machine/abi.ts';
import { rv } from './instructions/table.ts';
import { a0, fa0 } from './registers.ts';

const first = (count: number, register: number): number[] => Array.from({ length: count }, (_, i) => register + i);

const convention: Convention = {
  params: [first(8, a0), first(8, fa0)],
  results: [first(4, a0), first(4, fa0)],
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
    if (vregClass === 0) c.emit(bytes === 4 ? rv.sw : rv.sd, vreg);
    else c.emit(bytes === 4 ? rv.fsw : rv.fsd, vreg);
  },
  load(c, vreg, vregClass, bytes) {
    if (vregClass === 0) c.emit(bytes === 4 ? rv.lw : rv.ld, vreg);
    else c.emit(bytes === 4 ? rv.flw : rv.fld, vreg);
  },
  args: rv.args,
  ret: rv.ret,
};
