// A lowering rule of RISC-V: a rotation by a constant is put together from shifts for 32 bits, whatever its type.

import { byWidth, iconst, k, rotl, rv, rvRule, x, i64, type Selector } from '../../../compiler/inside.ts';
import type { PlantedFault } from '../fault.ts';

const name = 'rotl.constant';

export const rvRotationOfWrongWidth: PlantedFault = {
  name: 'rv-rotation-of-wrong-width',
  summary: 'rotl of an i64 by k takes the other part from 32 - k',
  history: 'Cranelift, 2020 to 2026 (4155d15e69, 9c1f3e82e9): a count or a constant was made for the type of another node',
  component: 'lowering',
  target: 'riscv64',
  faults: [{
    kind: 'lowering',
    name,
    target: 'riscv64',
    rule: rvRule(name, rotl(x, iconst(k)), ({ x, kLow, type }, c: Selector) => {
      const bytes = type === i64 ? 8 : 4;
      const [up, down] = [c.temp(0, bytes), c.temp(0, bytes)];
      const a = c.use(x);
      c.emit(byWidth(type, rv.slliw, rv.slli), up, a, kLow & (8 * bytes - 1));
      c.emit(byWidth(type, rv.srliw, rv.srli), down, a, (32 - kLow) & 31);
      c.emit(byWidth(type, rv.or32, rv.or), c.result(), up, down);
    }),
  }],
  level: 'select',
  rule: name,
  witness: '(module (func (export "f") (param i64) (result i64) (i64.rotl (i64.or (local.get 0) (i64.const 0x8000000000000001)) (i64.const 5))))',
};
