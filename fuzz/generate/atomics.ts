// Atomic accesses: one thread only, on memories that are shared and on such that are not.
// A wait may block for its timeout: that is a thousand nanoseconds at most.

import { maybeMemory, writeAlignedMemarg } from './addresses.ts';
import { atomicCodes, type AtomicInstruction, atomicInstructions } from './atomic-instructions.ts';
import type { Body, Form, Production } from './body.ts';
import { codes } from './instructions.ts';
import type { ValueType } from './types.ts';

type Memory = NonNullable<ReturnType<typeof maybeMemory>>;

/** The address operand, mostly aligned and inside; returns the offset. Never neither: which of the two traps comes first is left open. */
function writeAligned(b: Body, memory: Memory, width: number, depth: number): number {
  const mayTrap = b.swarm.trapping > 0 && b.c.draw(12) === 11;
  if (mayTrap && b.c.draw(2) === 0) {
    b.i32Const([memory.size, -8, -0x10000, 0x7ffffff8][b.c.draw(4)] ?? memory.size);
    b.widen(memory.wide);
    return 0;
  }
  b.expression('i32', depth - 1);
  b.i32Const(0x1fff & -width);
  b.op(codes.i32And);
  b.widen(memory.wide);
  return width * b.c.draw(64) + (mayTrap && memory.size > 0 ? b.c.draw(width) : 0);
}

function writeRow(b: Body, row: AtomicInstruction, memory: Memory, depth: number): void {
  const offset = writeAligned(b, memory, row.width, depth);
  if (row.kind !== 'load') b.expression(row.type, depth - 1);
  if (row.kind === 'exchange') b.expression(row.type, depth - 1);
  b.op(row.code);
  writeAlignedMemarg(b, memory.index, 31 - Math.clz32(row.width), offset);
}

const loading = {
  i32: atomicInstructions.filter(({ type, kind }) => type === 'i32' && kind !== 'store'),
  i64: atomicInstructions.filter(({ type, kind }) => type === 'i64' && kind !== 'store'),
} as const;
const storing = atomicInstructions.filter(({ kind }) => kind === 'store');

function hasAtomics(b: Body): boolean {
  return b.swarm.features.atomics && b.shape.memories.length > 0;
}

function writeLoading(b: Body, type: ValueType, depth: number): void {
  const memory = maybeMemory(b);
  const rows = type === 'i64' ? loading.i64 : loading.i32;
  const row = rows[b.c.draw(rows.length)];
  if (memory === undefined || row === undefined) b.constant(type);
  else writeRow(b, row, memory, depth);
}

/** Waits only in shared memories, where they do not trap, unless trapping is welcome. */
function writeMeeting(b: Body, depth: number): void {
  const memory = maybeMemory(b);
  if (memory === undefined) {
    b.constant('i32');
    return;
  }
  const mayWait = b.swarm.trapping > 0 || (b.shape.memories[memory.index]?.shared ?? false);
  const kind = mayWait ? b.c.draw(b.swarm.numeric.includes('i64') ? 3 : 2) : 0;
  const width = kind === 2 ? 8 : 4;
  const offset = writeAligned(b, memory, width, depth);
  b.expression(kind === 2 ? 'i64' : 'i32', depth - 1);
  if (kind > 0) {
    b.op(codes.i64Const);
    b.out.s64(b.c.draw(1000), 0);
  }
  b.op([atomicCodes.notify, atomicCodes.wait32, atomicCodes.wait64][kind] ?? atomicCodes.notify);
  writeAlignedMemarg(b, memory.index, width === 8 ? 3 : 2, offset);
}

export const atomicProductions: readonly Production[] = [
  { weight: (b, type) => (hasAtomics(b) && (type === 'i32' || type === 'i64') ? 8 : 0), write: writeLoading },
  { weight: (b, type) => (hasAtomics(b) && type === 'i32' ? 1 : 0), write: (b, _type, depth) => writeMeeting(b, depth) },
];

export const atomicForms: readonly Form[] = [
  {
    weight: 6,
    isUsable: hasAtomics,
    write: (b, depth) => {
      const memory = maybeMemory(b);
      const rows = b.swarm.numeric.includes('i64') ? storing : storing.filter(({ type }) => type === 'i32');
      const row = rows[b.c.draw(rows.length)];
      if (row !== undefined && memory !== undefined) writeRow(b, row, memory, depth);
    },
  },
  {
    weight: 1,
    isUsable: (b) => b.swarm.features.atomics,
    write: (b) => {
      b.op(atomicCodes.fence);
      b.out.u8(0);
    },
  },
];
