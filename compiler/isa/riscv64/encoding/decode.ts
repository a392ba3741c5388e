// Decodes one instruction into its row and cells: the encoder's inverse, read from the same rows but by a road of its own.
// Of several rows that fit, the one with the most fixed bits is meant; only rows of the optional extensions overlap at all.
// Aliases and pseudo-instructions have no bytes of their own and are never answered: a listing shows `addi a0, a1, 0` for what people call `mv`.

import { type InstructionSet, type OperandShape, type RowShape, isRegisterKind } from '../../../machine/instruction.ts';
import { f0 } from '../registers.ts';
import { immediateFields } from './fields.ts';
import { displacementOf } from './encode.ts';
import { type RvRow, conditionField, registerFields } from './row.ts';

type Shape = RowShape<RvRow>;

export interface Decoded {
  readonly shape: Shape;
  /** Operand cells as the encoder takes them; a list is empty, so one zero cell. */
  readonly cells: readonly number[];
  /** Bytes taken. */
  readonly length: number;
}

interface Candidate {
  readonly shape: Shape;
  /** Bits that must be as in `value`. */
  readonly mask: number;
  readonly value: number;
}

const bitCount = (n: number): number => {
  let count = 0;
  for (let rest = n >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
};

/** Bits that an operand takes. */
function fieldMask(o: OperandShape): number {
  if (o.field === '' || o.fixed >= 0) return 0;
  if (o.kind === 'condition') return 7 << conditionField;
  if (o.kind === 'memory') return (displacementOf(o.field)?.mask ?? 0) | (31 << 15);
  if (isRegisterKind(o.kind)) return 31 << (registerFields[o.field] ?? 0);
  return immediateFields[o.field]?.mask ?? 0;
}

function candidatesOf(shape: Shape): Candidate[] {
  const { row, operands } = shape;
  if (row.pseudo === true || row.alias === true || row.bits === undefined) return [];
  let open = 0;
  let value = row.bits;
  for (const o of operands) {
    open |= fieldMask(o);
    if (o.fixed >= 0 && o.field !== '') value |= (o.fixed & 31) << (registerFields[o.field] ?? 0);
  }
  return [{ shape, mask: ~open, value }];
}

/** Buckets by the opcode, whose two lowest bits are set in every instruction of 32 bits. */
const bucketCount = 32;
const bucketOf = (word: number): number => (word >>> 2) & 31;

export class Decoder {
  private readonly buckets: readonly (readonly Candidate[])[];

  constructor(set: InstructionSet<RvRow>) {
    const all = set.shapes.flatMap(candidatesOf).sort((a, b) => bitCount(b.mask) - bitCount(a.mask));
    this.buckets = Array.from({ length: bucketCount }, (_, bucket) => all.filter(({ value }) => bucketOf(value) === bucket));
  }

  /** The instruction that begins at `offset`, or undefined when no row has these bytes. */
  maybeDecode(code: Uint8Array, offset: number): Decoded | undefined {
    const [a, b, c, d] = [code[offset], code[offset + 1], code[offset + 2], code[offset + 3]];
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const word = a | (b << 8) | (c << 16) | (d << 24);
    for (const { shape, mask, value } of this.buckets[bucketOf(word)] ?? []) {
      if (((word ^ value) & mask) !== 0) continue;
      const cells = maybeOperands(shape, word);
      if (cells !== undefined) return { shape, cells, length: 4 };
    }
    return undefined;
  }
}

function maybeOperands(shape: Shape, word: number): readonly number[] | undefined {
  const cells: number[] = [];
  for (const o of shape.operands) {
    if (o.role === 'pin') continue;
    if (o.field === '' || o.fixed >= 0) {
      // No place in the encoding: a list or a block that only the allocator sees, or the register that the row fixes.
      cells.push(o.fixed >= 0 ? o.fixed : 0);
    } else if (o.kind === 'memory') {
      const displacement = displacementOf(o.field)?.decode(word);
      if (displacement === undefined) return undefined;
      cells.push((word >>> 15) & 31, -1, 0, displacement);
    } else if (isRegisterKind(o.kind)) {
      const number = (word >>> (registerFields[o.field] ?? 0)) & 31;
      cells.push(o.kind === 'float' ? f0 + number : number);
    } else if (o.kind === 'condition') {
      const funct = (word >>> conditionField) & 7;
      if (funct === 2 || funct === 3) return undefined;
      cells.push(funct < 2 ? funct : funct - 2);
    } else {
      const value = immediateFields[o.field]?.decode(word);
      if (value === undefined) return undefined;
      cells.push(value);
    }
  }
  return cells;
}
