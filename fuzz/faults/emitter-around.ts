// For faults of emission: an emitter that passes everything on to another, but for what a fault does instead.

import type { FunctionEmitter } from '../../compiler/inside.ts';

/** `inner` with some of its methods replaced. */
export function emitterAround(inner: FunctionEmitter, replaced: Partial<FunctionEmitter>): FunctionEmitter {
  return {
    begin: (code, frame) => inner.begin(code, frame),
    block: (block) => inner.block(block),
    move: (from, to, bytes) => inner.move(from, to, bytes),
    instruction: (inst) => inner.instruction(inst),
    terminator: (inst, next) => inner.terminator(inst, next),
    sizeBound: (inst) => inner.sizeBound(inst),
    get moveBound() {
      return inner.moveBound;
    },
    setBounds: (blockBound) => inner.setBounds(blockBound),
    setForwarding: (forward) => inner.setForwarding(forward),
    cold: () => inner.cold(),
    data: () => inner.data(),
    ...replaced,
  };
}
