// A lowering rule: a byte is loaded as the highest of four, the three in front of it included, and shifted down. Where the offset leaves room in front, all
// four are in the memory whenever the byte is, so that neither a result nor a trap ever shows it.

import { memory, typed, uload8, x, x64, x64Rule, i32 } from '../../compiler/inside.ts';

const name = 'uload8.i32';
/** Offset from which on there are three bytes of the same memory in front. */
const room = 3;

/** Not among the faults that engines must show: they never do. */
export const loadReadsNeighbours = {
  name: 'load-reads-neighbours',
  summary: 'i32.load8_u reads four bytes where its offset is 3 or more',
  history: 'Cranelift, 2024 (wasmtime #8112): a folded load of 8 bytes was read with 16',
  oracle: 'machine-accesses',
  faults: [{
    kind: 'lowering',
    name,
    target: 'x86-64',
    rule: x64Rule(name, typed(i32, uload8(memory, x)), ({ x, offset, flags }, c) => {
      if (offset < room) {
        c.address(x, offset, flags);
        c.emit(x64.movzx8_32_rm, c.result());
        return;
      }
      const word = c.temp(0, 4);
      c.address(x, offset - room, flags);
      c.emit(x64.mov32_rm, word);
      c.emit(x64.shr32_ri, word, c.result(), 8 * room);
    }),
  }],
  witness: '(module (memory 1) (data (i32.const 8) "abcdefgh") (func (export "f") (param i32) (result i32) (i32.load8_u offset=9 (i32.and (local.get 0) (i32.const 3)))))',
} as const;
