// A lowering rule of AArch64: a sum with a zero-extended i32 extends the sign instead.

import { a64, a64Rule, iadd, i64, typed, uextend, x, y } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'iadd.uxtw';

export const a64SumExtendsSign: PlantedFault = {
  name: 'a64-sum-extends-sign',
  summary: 'x + uextend(y) becomes add x, y, sxtw',
  history: 'Cranelift, 2020 (8f34d2dc59): the constant below a UXTW of an address was kept sign-extended',
  component: 'lowering',
  target: 'aarch64',
  faults: [{ kind: 'lowering', name, target: 'aarch64', rule: a64Rule(name, typed(i64, iadd(x, uextend(y))), ({ x, y }, c) => c.emit(a64.add64_sxtw, c.result(), c.use(x), c.use(y), 0)) }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i64 i32) (result i64) (i64.add (local.get 0) (i64.extend_i32_u (i32.or (local.get 1) (i32.const 0x80000000))))))',
};
