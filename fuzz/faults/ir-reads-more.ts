// Faults of IR that no result shows, since what is read too much is thrown away: a load of the mid-end's that is made twice, and a byte that the translation
// reads as the highest of four.

import {
  asInst, createInst, type Fault, i32, immediateOf, insertInstBefore, type Inst, instCount, type IrFunction, type Level, maybeBlockOf, memoryFlagsOf, op, opcodeOf, operandAt, originOf, packMemoryFlags, removeInst,
  replaceValue, resultOf, rowOf, typeOf,
} from '../../compiler/inside.ts';

/** The memory loads of a function, as they are before anything is added. */
function loadsOf(f: IrFunction): Inst[] {
  return Array.from({ length: instCount(f) }, (_, i) => asInst(i)).filter((inst) => maybeBlockOf(f, inst) !== undefined && rowOf(opcodeOf(f, inst)).effect === 'load' && memoryFlagsOf(f, inst).region === 'memory');
}

function loadLike(f: IrFunction, inst: Inst, opcode = opcodeOf(f, inst), before = 0): Inst {
  return createInst(f, opcode, typeOf(f, resultOf(f, inst)), packMemoryFlags(memoryFlagsOf(f, inst)), operandAt(f, inst, 0), -1, -1, immediateOf(f, inst) - before, originOf(f, inst));
}

function makeTwice(level: Level): Level {
  if (level.level === 'ir') for (const inst of loadsOf(level.f)) insertInstBefore(level.f, loadLike(level.f, inst), inst);
  return level;
}

const room = 3;

function readNeighbours(level: Level): Level {
  if (level.level !== 'ir') return level;
  const { f } = level;
  for (const inst of loadsOf(f)) {
    if (opcodeOf(f, inst) !== op.uload8 || typeOf(f, resultOf(f, inst)) !== i32 || immediateOf(f, inst) < room) continue;
    const origin = originOf(f, inst);
    const word = loadLike(f, inst, op.load, room);
    const count = createInst(f, op.iconst, i32, 0, -1, -1, -1, 8 * room, origin);
    const byte = createInst(f, op.ushr, 0, 0, resultOf(f, word), resultOf(f, count), -1, 0, origin);
    for (const made of [word, count, byte]) insertInstBefore(f, made, inst);
    replaceValue(f, resultOf(f, inst), resultOf(f, byte));
    removeInst(f, inst);
  }
  return level;
}

/** Neither is among the faults that engines must show: they never do. */
export const irLoadMadeTwice = {
  name: 'ir-load-made-twice',
  summary: 'after the mid-end every load is there twice',
  history: 'Cranelift, 2023 (wasmtime #5716): a value rematerialised for a second use took with it what had to happen once',
  oracle: 'accesses',
  faults: [{ kind: 'transformer', name: 'ir-load-made-twice', stage: 'eliminate-dead-code', transform: makeTwice }] satisfies readonly Fault[],
  witness: '(module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (i32.and (local.get 0) (i32.const 0xfff)))))',
} as const;

export const irLoadReadsNeighbours = {
  name: 'ir-load-reads-neighbours',
  summary: 'i32.load8_u is translated as a load of four bytes where its offset is 3 or more',
  history: 'Cranelift, 2024 (wasmtime #8112): a load of 8 bytes was read with 16',
  oracle: 'accesses',
  faults: [{ kind: 'transformer', name: 'ir-load-reads-neighbours', stage: 'translate', transform: readNeighbours }] satisfies readonly Fault[],
  witness: '(module (memory 1) (data (i32.const 8) "abcdefgh") (func (export "f") (param i32) (result i32) (i32.load8_u offset=9 (i32.and (local.get 0) (i32.const 3)))))',
} as const;
