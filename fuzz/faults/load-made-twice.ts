// A lowering rule: a load is made twice, the first time for nothing. Memory of one thread gives the same both times.

import { load, memory, typed, x, x64, x64Rule, i32 } from '../../compiler/inside.ts';

const name = 'load.i32';

/** Not among the faults that engines must show: they never do. */
export const loadMadeTwice = {
  name: 'load-made-twice',
  summary: 'i32.load reads its four bytes twice',
  history: 'Cranelift (wasmtime #2576): a comparison with a folded load was emitted once for each user, and so was the load',
  oracle: 'machine-accesses',
  faults: [{
    kind: 'lowering',
    name,
    target: 'x86-64',
    rule: x64Rule(name, typed(i32, load(memory, x)), ({ x, offset, flags }, c) => {
      c.address(x, offset, flags);
      c.emit(x64.mov32_rm, c.temp(0, 4));
      c.emit(x64.mov32_rm, c.result());
    }),
  }],
  witness: '(module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (i32.and (local.get 0) (i32.const 0xfff)))))',
} as const;
