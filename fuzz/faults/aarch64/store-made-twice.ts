// A lowering rule of AArch64: a store with a 32-bit index is made twice. The second writes what the first wrote.

import { a64, a64Rule, bind, iadd, i32, memory, store, trapOfFlags, typed, uextend, w, x, y, z } from '../../../compiler/inside.ts';

const name = 'store.i32.uxtw';

/** Not among the faults that engines must show: they never do. */
export const a64StoreMadeTwice = {
  name: 'a64-store-made-twice',
  summary: 'i32.store writes its four bytes twice',
  history: 'Cranelift (wasmtime #2576), the class of it: an instruction merged into another was emitted by itself too',
  oracle: 'machine-accesses',
  faults: [{
    kind: 'lowering',
    name,
    target: 'aarch64',
    rule: a64Rule(name, store(memory, typed(i32, z), bind(w, iadd(x, uextend(y)))), ({ x, y, z, offset, flags }, c) => {
      const [value, index] = [c.use(z), c.use(y)];
      c.setAddress(c.base(x), -1, 0, offset, trapOfFlags(flags));
      c.emit(a64.str32_uxtw, value, index, 0);
      c.emit(a64.str32_uxtw, value, index, 0);
    }),
  }],
  witness: '(module (memory 1) (func (export "f") (param i32) (i32.store (i32.and (local.get 0) (i32.const 0xfff)) (local.get 0))))',
} as const;
