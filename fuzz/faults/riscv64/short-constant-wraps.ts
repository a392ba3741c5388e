// A lowering rule of RISC-V: a constant of 12 bits is taken for short whatever its sign, though the field is signed.

import { byWidth, iadd, iconst, k, rv, rvRule, where, x } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'iadd.short';
const twelveBits = where(k, (low, high) => high === low >> 31 && low >= -0x800 && low <= 0xfff);

export const rvShortConstantWraps: PlantedFault = {
  name: 'rv-short-constant-wraps',
  summary: 'x + k with k from 2048 to 4095 becomes addi x, k - 4096',
  history: 'Cranelift, 2021 (eebae8d4c8, e628fb376f): a constant went into a 12-bit immediate without minding its sign',
  component: 'lowering',
  target: 'riscv64',
  faults: [{ kind: 'lowering', name, target: 'riscv64', rule: rvRule(name, iadd(x, iconst(twelveBits)), ({ x, kLow, type }, c) => c.emit(byWidth(type, rv.addiw, rv.addi), c.result(), c.use(x), (kLow << 20) >> 20)) }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2049))))',
};
