// A fault of emission: a spilled value of 4 bytes is reloaded with 8. The upper half of its register is nobody's, so that whatever lay beside it in the frame
// goes there and is never read.

import type { Target } from '../../compiler/inside.ts';
import { emitterAround } from './emitter-around.ts';

/** From here on places of a move are slots of the frame. */
const firstSlot = 64;

function reloadWide(target: Target): Target {
  return {
    ...target,
    createEmitter: (buffer) => {
      const inner = target.createEmitter(buffer);
      return emitterAround(inner, { move: (from, to, bytes) => inner.move(from, to, from >= firstSlot && to < firstSlot && bytes === 4 ? 8 : bytes) });
    },
  };
}

/** Not among the faults that engines must show: they never do. */
export const reloadIsWide = {
  name: 'reload-is-wide',
  summary: 'spilled values of 4 bytes are reloaded with 8',
  history: 'Cranelift, 833ebeed76 (2021 to 2022), the class of it: moves to and from slots were wider than the values in them',
  oracle: 'emission',
  faults: [{ kind: 'target', name: 'reload-is-wide', target: 'x86-64', change: reloadWide }],
  witness: '(module (func $g (param i32)) (func (export "f") (param i32) (result i32) (local i32) (local.set 1 (i32.mul (local.get 0) (local.get 0))) (call $g (local.get 0)) (local.get 1)))',
} as const;
