// A fault of the code between compiled code and its host: 64-bit arguments of a host function are handed over as 32 bits.

import type { Target } from '../../compiler/inside.ts';
import type { PlantedFault } from './fault.ts';

function narrowArguments(target: Target): Target {
  const { trampolines } = target;
  return {
    ...target,
    trampolines: {
      entry: (buffer, signature) => trampolines.entry(buffer, signature),
      host: (buffer, signature) => trampolines.host(buffer, { ...signature, params: signature.params.map((type) => (type === 'i64' ? 'i32' : type)) }),
      libcall: (buffer, signature, number) => trampolines.libcall(buffer, signature, number),
      trapExit: (buffer) => trampolines.trapExit(buffer),
    },
  };
}

export const hostArgumentsNarrowed: PlantedFault = {
  name: 'host-arguments-narrowed',
  summary: 'the trampoline of a host function passes the low half of an i64 on',
  history: 'Wasmtime, GHSA-f984-pcp8-v2p7 and GHSA-m9w2-8782-2946, 2026: values crossed between compiled code and its host at another width than they have',
  component: 'runtime',
  target: 'x86-64',
  faults: [{ kind: 'target', name: 'host-arguments-narrowed', target: 'x86-64', change: narrowArguments }],
  level: 'emit',
  rule: 'trampoline',
  witness: '(module (import "host" "f0" (func $h (param i64))) (func (export "f") (param i64) (call $h (i64.or (local.get 0) (i64.const 0x100000000)))))',
};
