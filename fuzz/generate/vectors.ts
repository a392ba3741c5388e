// Vectors: the instructions on v128, their loads and stores, and what they give to scalars.

import { maybeMemory, writeAddress, writeMemarg } from './addresses.ts';
import type { Body, Form, Production } from './body.ts';
import { codes } from './instructions.ts';
import { isRelaxed, writeRelaxed } from './relaxed-instructions.ts';
import type { ValueType } from './types.ts';
import { type VectorAccess, vectorAccesses, type VectorInstruction } from './vector-instructions.ts';

function rowsOf(b: Body, type: ValueType): readonly VectorInstruction[] {
  switch (type) {
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
    case 'v128':
      return b.swarm.vectors[type];
    default:
      return [];
  }
}

/** The instruction behind its operands, canonical NaNs included. */
export function writeVectorInstruction(b: Body, row: VectorInstruction): void {
  if (isRelaxed(row)) {
    b.budget -= 8;
    writeRelaxed(b.out, row, b.relaxedLocals);
    if (row.nan !== undefined) b.canonicaliseLanes(row.nan);
    // The last local may be folded into the hash later: it is left with what every engine has.
    b.opIndex(codes.localTee, b.relaxedLocals + 3);
    return;
  }
  b.op(row.code);
  if (row.lanes === 32) for (let i = 0; i < 16; i++) b.out.u8(b.c.draw(32));
  else if (row.lanes > 0) b.out.u8(b.c.draw(row.lanes));
  if (row.nan !== undefined) b.canonicaliseLanes(row.nan);
}

const shiftCounts: readonly number[] = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, -1];

function writeVector(b: Body, type: ValueType, depth: number): void {
  const rows = rowsOf(b, type);
  const row = rows[b.c.draw(rows.length)];
  if (row === undefined) {
    b.constant(type);
    return;
  }
  const [first, second] = row.params;
  if (first === 'v128' && second === 'v128' && row.params.length === 2 && b.c.draw(10) === 9) {
    const local = b.local('v128');
    b.expression('v128', depth - 1);
    b.opIndex(codes.localTee, local);
    b.opIndex(codes.localGet, local);
  } else {
    for (const param of row.params) {
      if (row.group === 'shift' && param === 'i32' && b.c.draw(2) === 0) b.i32Const(shiftCounts[b.c.draw(shiftCounts.length)] ?? 0);
      else b.expression(param, depth - 1, true);
    }
  }
  writeVectorInstruction(b, row);
}

const loads = vectorAccesses.filter(({ kind }) => kind === 'load' || kind === 'load-lane');
const stores = vectorAccesses.filter(({ kind }) => kind === 'store' || kind === 'store-lane');

function writeAccess(b: Body, rows: readonly VectorAccess[], depth: number): boolean {
  const row = rows[b.c.draw(rows.length)];
  const memory = maybeMemory(b);
  if (row === undefined || memory === undefined) return false;
  const offset = writeAddress(b, memory, row.width, depth);
  if (row.kind !== 'load') b.expression('v128', depth - 1);
  b.op(row.code);
  writeMemarg(b, memory.index, row.width, offset);
  if (row.kind === 'load-lane' || row.kind === 'store-lane') b.out.u8(b.c.draw(16 / row.width));
  return true;
}

export const vectorProductions: readonly Production[] = [
  { weight: (b, type) => (rowsOf(b, type).length === 0 ? 0 : type === 'v128' ? 24 : 6), write: writeVector },
  {
    weight: (b, type) => (type === 'v128' && b.shape.memories.length > 0 ? 6 : 0),
    write: (b, type, depth) => {
      if (!writeAccess(b, loads, depth)) b.constant(type);
    },
  },
];

export const vectorForms: readonly Form[] = [
  { weight: 6, isUsable: (b) => b.swarm.features.vectors && b.shape.memories.length > 0, write: (b, depth) => void writeAccess(b, stores, depth) },
];
