// A lowering rule of AArch64: the 32-bit index of an access is added with all 64 bits of its register, whose upper half is nobody's.
// What leaves junk there: an i64 wrapped to 32 bits, handed to another function or reloaded.

import { a64, bind, iadd, load, memory, trapOfFlags, typed, uextend, w, x, y, i32, a64Rule } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'load.i32.uxtw';

export const a64IndexKeepsUpperHalf: PlantedFault = {
  name: 'a64-index-keeps-upper-half',
  summary: 'i32.load adds the whole register of its index to the base',
  history: 'Winch, CVE-2026-34987: a 32-bit index in a 64-bit register was added to the heap base on the belief that its upper half was zero',
  component: 'lowering',
  target: 'aarch64',
  faults: [{
    kind: 'lowering',
    name,
    target: 'aarch64',
    rule: a64Rule(name, typed(i32, load(memory, bind(w, iadd(x, uextend(y))))), ({ x, y, offset, flags }, c) => {
      c.setAddress(c.base(x), c.use(y), 0, offset, trapOfFlags(flags));
      c.emit(a64.ldr32, c.result());
    }),
  }],
  level: 'select',
  rule: name,
  witness: '(module (memory 1) (data (i32.const 4) "abcd") (func $g (export "g") (param i32 i32) (result i32) (i32.load (local.get 1))) (func (export "f") (param i64) (result i32) (call $g (i32.const 0) (i32.wrap_i64 (i64.or (i64.and (local.get 0) (i64.const 4)) (i64.const 0x500000000))))))',
};
