// An allocator fault of two halves, as history had it: a value of 32 bits whose upper half is counted on to be zero is spilled as 4 bytes,
// and comes back with its sign in the upper half. Values of 2^31 and above that live across a call and are used at 64 bits show it.

import { bytesOfVReg, type Level, type Target, vregCountOf, asVReg, rowOfInst, firstCellOf, instCountOf } from '../../compiler/inside.ts';
import { emitterAround } from './emitter-around.ts';
import type { PlantedFault } from './fault.ts';

const firstSlot = 64;
const firstFloat = 32;

/** States 4 bytes for every value of 8 that an instruction of 32 bits makes. */
function narrow(level: Level): Level {
  if (level.level !== 'problem') return level;
  const { vcode, stated, target } = level;
  const vregBytes = stated.problem.vregBytes.slice();
  for (let inst = 0; inst < instCountOf(vcode); inst++) {
    for (const operand of target.instructions.shape(rowOfInst(vcode, inst)).operands) {
      if ((operand.role !== 'def' && operand.role !== 'mod') || operand.kind !== 'integer' || operand.bytes !== 4) continue;
      // A modified operand's second cell is its def.
      const vreg = vcode.cells.at(firstCellOf(vcode, inst) + operand.cell + (operand.role === 'mod' ? 1 : 0));
      if (vreg >= 0 && vreg < vregCountOf(vcode) && bytesOfVReg(vcode, asVReg(vreg)) === 8) vregBytes[vreg] = 4;
    }
  }
  return { ...level, stated: { ...stated, problem: { ...stated.problem, vregBytes } } };
}

/** Follows each reload of 4 bytes with movsxd of the register to itself. */
function extendReloads(target: Target): Target {
  return {
    ...target,
    createEmitter: (buffer) => {
      const inner = target.createEmitter(buffer);
      return emitterAround(inner, {
        moveBound: inner.moveBound + 3,
        move: (from, to, bytes) => {
          inner.move(from, to, bytes);
          if (from < firstSlot || to >= firstFloat || bytes !== 4) return;
          buffer.put1(0x48 | (to >= 8 ? 5 : 0));
          buffer.put1(0x63);
          buffer.put1(0xc0 | ((to & 7) << 3) | (to & 7));
        },
      });
    },
  };
}

export const reloadExtendsSign: PlantedFault = {
  name: 'reload-extends-sign',
  summary: 'a zero-extended i32 is spilled as 4 bytes and reloaded with its sign',
  history: 'Cranelift, CVE-2021-32629 (Lucet, critical): the reload of a spilled 32-bit value sign-extended it while selection had left out the zero extension',
  component: 'allocation',
  target: 'x86-64',
  faults: [
    { kind: 'transformer', name: 'narrow-spills', stage: 'state', transform: narrow },
    { kind: 'target', name: 'reload-extends-sign', target: 'x86-64', change: extendReloads },
  ],
  isWild: true,
  level: 'state',
  rule: 'width',
  witness: `(module (func $g (export "g") (param i32)) (func (export "f") (param i32) (result i64) (local i32)
    (local.set 1 (i32.or (local.get 0) (i32.const 0x80000000)))
    (call $g (i32.const 1))
    (i64.extend_i32_u (local.get 1))))`,
};
