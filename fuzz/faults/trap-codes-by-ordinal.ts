// A fault of the trap table: codes are attached to sites by their order in the function, though sites out of line are emitted in another order.
// The kind of a trap is wrong; nothing else is.

import type { Target } from '../../compiler/inside.ts';
import { emitterAround } from './emitter-around.ts';
import type { PlantedFault } from './fault.ts';

function byOrdinal(target: Target): Target {
  return {
    ...target,
    createEmitter: (buffer) => {
      const inner = target.createEmitter(buffer);
      let first = 0;
      return emitterAround(inner, {
        begin: (code, frame) => {
          first = buffer.trapCode.length;
          inner.begin(code, frame);
        },
        data: () => {
          inner.data();
          const codes = Array.from({ length: buffer.trapCode.length - first }, (_, i) => buffer.trapCode.at(first + i)).reverse();
          codes.forEach((code, i) => buffer.trapCode.set(first + i, code));
        },
      });
    },
  };
}

export const trapCodesByOrdinal: PlantedFault = {
  name: 'trap-codes-by-ordinal',
  summary: "the codes of a function's trap table stand in the opposite order",
  history: 'Wasmtime, CVE-2022-24791: entries of a side table were walked in the order of indices while cold blocks are emitted out of order',
  component: 'traps',
  target: 'x86-64',
  faults: [{ kind: 'target', name: 'trap-codes-by-ordinal', target: 'x86-64', change: byOrdinal }],
  level: 'emit',
  rule: 'trap-table',
  witness: '(module (memory 1) (func (export "f") (param i32) (result i32) (i32.div_u (i32.const 1000) (i32.load (i32.and (local.get 0) (i32.const 0xff0))))))',
};
