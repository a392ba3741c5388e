// A fault of constant folding: a logical shift of an i32 constant is done at 64 bits, on the sign-extended number, and not wrapped.

import { firstOperand, i32, op, typeOf } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

export const shiftFoldIsWide: PlantedFault = {
  name: 'shift-fold-is-wide',
  summary: 'ushr of a negative i32 constant is folded at 64 bits',
  history: 'Cranelift, 2022 (244dce93f6): constants of narrow types were folded at 64 bits and kept their junk above',
  component: 'mid-end',
  target: 'x86-64',
  faults: [{ kind: 'folding', name: 'ushr', opcode: op.ushr, evaluate: (m, f, inst) => {
    const isNarrow = typeOf(f, firstOperand(f, inst)) === i32;
    const count = BigInt((m.i32[4] ?? 0) & (isNarrow ? 31 : 63));
    const value = isNarrow ? BigInt(m.i32[2] ?? 0) : (m.i64[1] ?? 0n);
    m.i64[0] = BigInt.asUintN(64, value) >> count;
  } }],
  level: 'simplify',
  rule: 'fold-constants',
  witness: '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.shr_u (i32.const -9) (i32.const 3)))))',
};
