// Decodes one instruction into its row and cells: the encoder's inverse, read from the same rows but by a road of its own.
// Only what the encoder emits is accepted: register 31 as zero only where a row fixes it, every value in its preferred form. Anything else is undefined.
// Of several rows that fit, the one with the most fixed bits is meant: `cmp` rather than `subs`, `uxtb` rather than `ubfx`.
// Aliases and pseudo-instructions have no bytes of their own and are never answered.

import { type InstructionSet, type OperandShape, type RowShape, isRegisterKind } from '../../../machine/instruction.ts';
import { v0, zero } from '../registers.ts';
import { immediateFields } from './fields.ts';
import { type MemoryForm, baseForm, memoryForms, pairForm } from './memory-operand.ts';
import { type A64Row, isStackPointerField, registerFields } from './row.ts';

type Shape = RowShape<A64Row>;

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
  readonly memory: MemoryForm | undefined;
}

const bitCount = (n: number): number => {
  let count = 0;
  for (let rest = n >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
};

/** Bits an operand takes, memory operands left out. */
function fieldMask(o: OperandShape): number {
  if (o.fixed >= 0) return 0;
  if (o.kind === 'condition') return o.field === 'cc0' ? 15 : 15 << 12;
  if (isRegisterKind(o.kind)) return o.field === 'nm' ? (31 << 5) | (31 << 16) : 31 << (registerFields[o.field] ?? 0);
  return immediateFields[o.field]?.mask ?? 0;
}

function candidatesOf(shape: Shape): Candidate[] {
  const { row, operands } = shape;
  if (row.pseudo === true || row.alias === true || row.bits === undefined) return [];
  let open = 0;
  let fixed = 0;
  let memory: OperandShape | undefined;
  for (const o of operands) {
    if (o.field === '') continue;
    if (o.kind === 'memory') memory = o;
    else open |= fieldMask(o);
    if (o.fixed >= 0) fixed |= (o.fixed & 31) << (registerFields[o.field] ?? 0);
  }
  if (memory === undefined) return [{ shape, mask: ~open, value: row.bits | fixed, memory: undefined }];
  const forms = formsOf(row.bits, row.literal, memory);
  return forms.map((form) => ({ shape, mask: ~(open | form.mask), value: form.value | fixed, memory: form }));
}

function formsOf(bits: number, literal: number | undefined, memory: OperandShape): readonly MemoryForm[] {
  if (memory.field === 'mem') return memoryForms(bits, literal, memory.bytes);
  return [memory.field === 'base' ? baseForm(bits) : pairForm(bits, memory.field, memory.bytes)];
}

/** Buckets by bits 24–28, which tell the groups of instructions apart. */
const bucketCount = 32;
const bucketOf = (word: number): number => (word >>> 24) & 31;

export class Decoder {
  private readonly buckets: readonly (readonly Candidate[])[];

  constructor(set: InstructionSet<A64Row>) {
    const all = set.shapes.flatMap(candidatesOf).sort((a, b) => bitCount(b.mask) - bitCount(a.mask));
    this.buckets = Array.from({ length: bucketCount }, (_, bucket) => all.filter(({ mask, value }) => ((bucket ^ bucketOf(value)) & bucketOf(mask)) === 0));
  }

  /** The instruction that begins at `offset`, or undefined when no row has these bytes. */
  maybeDecode(code: Uint8Array, offset: number): Decoded | undefined {
    const [a, b, c, d] = [code[offset], code[offset + 1], code[offset + 2], code[offset + 3]];
    if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
    const word = a | (b << 8) | (c << 16) | (d << 24);
    for (const candidate of this.buckets[bucketOf(word)] ?? []) {
      if (((word ^ candidate.value) & candidate.mask) !== 0) continue;
      const cells = maybeOperands(candidate, word);
      if (cells !== undefined) return { shape: candidate.shape, cells, length: 4 };
    }
    return undefined;
  }
}

function maybeOperands({ shape, memory }: Candidate, word: number): readonly number[] | undefined {
  const cells: number[] = [];
  for (const o of shape.operands) {
    if (o.role === 'pin') continue;
    if (o.field === '' || o.fixed >= 0) {
      // No place in the encoding: a list or a block that only the allocator sees, or the register that the row fixes.
      cells.push(o.fixed >= 0 ? o.fixed : 0);
      continue;
    }
    if (o.kind === 'memory') {
      const address = memory?.decode(word);
      if (address === undefined) return undefined;
      cells.push(...address);
    } else if (isRegisterKind(o.kind)) {
      const number = (word >>> (registerFields[o.field] ?? 5)) & 31;
      if (o.field === 'nm' && ((word >>> 16) & 31) !== number) return undefined;
      if (o.kind === 'integer' && number === zero && !isStackPointerField(o.field)) return undefined;
      const cell = o.kind === 'float' ? v0 + number : number;
      cells.push(cell);
      if (o.role === 'mod') cells.push(cell);
    } else if (o.kind === 'condition') {
      const code = o.field === 'cc0' ? word & 15 : (word >>> 12) & 15;
      // Always and its twin are conditions of a branch only; negated they have no meaning.
      if (o.field === 'ncc' && code >= 14) return undefined;
      cells.push(o.field === 'ncc' ? code ^ 1 : code);
    } else {
      const value = immediateFields[o.field]?.decode(word);
      if (value === undefined) return undefined;
      cells.push(...value);
    }
  }
  return cells;
}
