// A fault of branch fix-up: instructions are said to be shorter than they may be, so that a branch is emitted in its short form and does not reach.
// What patches branches must notice.

import type { Target } from '../../compiler/inside.ts';
import { emitterAround } from './emitter-around.ts';
import type { PlantedFault } from './fault.ts';

const understated = 3;

function understate(target: Target): Target {
  return {
    ...target,
    createEmitter: (buffer) => {
      const inner = target.createEmitter(buffer);
      return emitterAround(inner, { sizeBound: (inst) => Math.min(understated, inner.sizeBound(inst)) });
    },
  };
}

const store = '(i32.store offset=1000 (local.get 0) (i32.const 123456789))';

export const instructionSizesUnderstated: PlantedFault = {
  name: 'instruction-sizes-understated',
  summary: 'instructions are bounded by 3 bytes when short branches are chosen',
  history: 'Cranelift, 2025 (25a0a0b265, riscv64) and 2023 (49dd8fd710, aarch64): the worst-case size of instructions was understated and branches went out of range',
  component: 'encoding',
  target: 'x86-64',
  faults: [{ kind: 'target', name: 'instruction-sizes-understated', target: 'x86-64', change: understate }],
  level: 'emit',
  witness: `(module (memory 1) (func (export "f") (param i32 i32) (if (local.get 1) (then ${store.repeat(20)}))))`,
};
