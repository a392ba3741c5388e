// A lowering rule: a 32-bit shift below a zero extension is folded into the scale of an address, whose arithmetic has 64 bits.
// What the shift pushed out above bit 31 comes back: accesses up to 32 GiB behind the memory's start. Values from 2^29 on show it.

import { iadd, iconst, ishl, l, typed, uextend, where, x, x64Rule, y, i32 } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

const name = 'address.index_scale';
const scale = where(l, (low, high) => high === 0 && low >= 0 && low <= 3);

export const shiftFoldsIntoScale: PlantedFault = {
  name: 'shift-folds-into-scale',
  summary: 'base + uextend(x << k) is accessed as base + x * 2^k',
  history: 'Cranelift, CVE-2023-26489 (9.9): the rule for address modes lost the overflow of a 32-bit shift',
  component: 'lowering',
  target: 'x86-64',
  faults: [{
    kind: 'lowering',
    name,
    target: 'x86-64',
    rule: x64Rule(name, iadd(x, uextend(typed(i32, ishl(y, iconst(scale))))), ({ x, y, l }, c) => c.setAddress(c.base(x), c.use(y), l, c.displacement, 0)),
  }],
  isWild: true,
  level: 'select',
  rule: name,
  witness: '(module (memory 1) (data (i32.const 8) "abcdefgh") (func (export "f") (param i32) (result i32) (i32.load (i32.shl (i32.or (i32.and (local.get 0) (i32.const 1)) (i32.const 0x40000002)) (i32.const 2)))))',
};
