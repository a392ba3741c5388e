// Memory operands: how base, index, scale and displacement become one of the load and store forms.
//
//   cells         base, index (-1: none), scale (0, or log2 of the access's bytes), displacement
//   base          a register, 31 is the stack pointer · `bases.pc`: a literal, displacement from the instruction
//
//   mem    unsigned  [base, #0 … 4095 * size]       bit 24 set, imm12 at 10
//          unscaled  [base, #-256 … 255]            bit 24 clear, imm9 at 12
//          register  [base, index{, shift}]         bit 24 clear, bit 21 set, 3 at 13, S at 12, bits 10–11 are 2
//          literal   [pc + displacement]            a word of its own, imm19 at 5
//   base   [base] alone; the row has the index, a 32-bit register, as an operand of its own
//   pair   imm7 at 15, scaled by the bytes of one register
// A displacement that the unsigned form can hold is never written in the unscaled form.
// Source: DDI 0487, C4.1 "Loads and Stores".

import { bases } from '../../../machine/instruction.ts';
import { stackPointer } from '../registers.ts';
import type { Choose } from './fields.ts';

const none = -1;
const unsignedBit = 1 << 24;
const registerForm = (1 << 21) | (3 << 13) | (2 << 10);

const log2 = (bytes: number): number => 31 - Math.clz32(bytes);

/** Whether a load or store of `bytes` bytes can add `displacement` to a base by itself. */
export function fitsDisplacement(bytes: number, displacement: number): boolean {
  return (displacement >= -0x100 && displacement <= 0xff) || (displacement >= 0 && displacement % bytes === 0 && displacement / bytes <= 0xfff);
}

/** Whether a pair of registers of `bytes` bytes together can be stored at this displacement. */
export function fitsPairDisplacement(bytes: number, displacement: number): boolean {
  const unit = bytes / 2;
  return displacement % unit === 0 && displacement >= -64 * unit && displacement <= 63 * unit;
}

/** The instruction word for a memory operand; `bits` is the row's word with the other operands in place. Undefined: the form does not exist. */
export function maybeEncodeMemory(
  bits: number,
  literal: number | undefined,
  bytes: number,
  base: number,
  index: number,
  scale: number,
  displacement: number,
): number | undefined {
  if (base === bases.pc) {
    if (literal === undefined || index !== none || displacement % 4 !== 0 || displacement < -0x100000 || displacement > 0xffffc) return undefined;
    return literal | (bits & 31) | (((displacement >> 2) & 0x7ffff) << 5);
  }
  if (base < 0) return undefined;
  const word = bits | (base << 5);
  if (index !== none) {
    if (displacement !== 0 || (scale !== 0 && scale !== log2(bytes)) || index > 30) return undefined;
    return (word & ~unsignedBit) | registerForm | (index << 16) | ((scale === 0 ? 0 : 1) << 12);
  }
  if (displacement >= 0 && displacement % bytes === 0 && displacement / bytes <= 0xfff) return word | ((displacement / bytes) << 10);
  if (displacement >= -0x100 && displacement <= 0xff) return (word & ~unsignedBit) | ((displacement & 0x1ff) << 12);
  return undefined;
}

/** The word of an access whose memory operand is a base and no more, or undefined. */
export function maybeEncodeBase(bits: number, base: number, index: number, displacement: number): number | undefined {
  return base < 0 || index !== none || displacement !== 0 ? undefined : bits | (base << 5);
}

/** The word of a pair's load or store, or undefined. */
export function maybeEncodePair(bits: number, field: string, bytes: number, base: number, index: number, displacement: number): number | undefined {
  if (base < 0 || index !== none || !fitsPairDisplacement(bytes, displacement)) return undefined;
  if (field !== 'pair' && base !== stackPointer) return undefined;
  return bits | (base << 5) | (((displacement / (bytes / 2)) & 0x7f) << 15);
}

/** One shape of words a memory operand can have. */
export interface MemoryForm {
  /** Fixed bits of the row's word in this form, without those of the operand. */
  readonly value: number;
  /** Bits that belong to the memory operand. */
  readonly mask: number;
  /** The four cells, or undefined if the bits mean another form. */
  decode(word: number): readonly number[] | undefined;
}

const baseMask = 31 << 5;

export function memoryForms(bits: number, literal: number | undefined, bytes: number): readonly MemoryForm[] {
  const baseOf = (word: number): number => (word >>> 5) & 31;
  const forms: MemoryForm[] = [
    { value: bits, mask: baseMask | (0xfff << 10), decode: (word) => [baseOf(word), none, 0, ((word >>> 10) & 0xfff) * bytes] },
    {
      value: bits & ~unsignedBit,
      mask: baseMask | (0x1ff << 12),
      decode(word) {
        const displacement = (word << 11) >> 23;
        return displacement >= 0 && displacement % bytes === 0 ? undefined : [baseOf(word), none, 0, displacement];
      },
    },
    {
      value: (bits & ~unsignedBit) | registerForm,
      mask: baseMask | (31 << 16) | (1 << 12),
      decode(word) {
        const index = (word >>> 16) & 31;
        const scaled = ((word >>> 12) & 1) === 1;
        return index === 31 || (scaled && bytes === 1) ? undefined : [baseOf(word), index, scaled ? log2(bytes) : 0, 0];
      },
    },
  ];
  if (literal !== undefined) {
    forms.push({ value: literal, mask: 0x7ffff << 5, decode: (word) => [bases.pc, none, 0, ((word << 8) >> 13) * 4] });
  }
  return forms;
}

export function baseForm(bits: number): MemoryForm {
  return { value: bits, mask: baseMask, decode: (word) => [(word >>> 5) & 31, none, 0, 0] };
}

export function pairForm(bits: number, field: string, bytes: number): MemoryForm {
  return {
    value: bits,
    mask: baseMask | (0x7f << 15),
    decode(word) {
      const base = (word >>> 5) & 31;
      return field !== 'pair' && base !== stackPointer ? undefined : [base, none, 0, ((word << 10) >> 25) * (bytes / 2)];
    },
  };
}

/** Random cells of a memory operand, each form as likely as the others. */
export function randomMemory(choose: Choose, bytes: number, hasLiteral: boolean): readonly number[] {
  const base = choose(32);
  switch (choose(hasLiteral ? 4 : 3)) {
    case 0:
      return [base, none, 0, bytes * ([0, 1, 0xfff, 0xffe][choose(6)] ?? choose(0x1000))];
    case 1: {
      const displacement = [-1, -0x100, 0xff, 1, -8][choose(7)] ?? choose(0x200) - 0x100;
      return [base, none, 0, displacement];
    }
    case 2:
      return [base, choose(31), choose(2) === 0 ? 0 : log2(bytes), 0];
    default:
      return [bases.pc, none, 0, 4 * ([0, 1, -1, 0x3ffff, -0x40000][choose(7)] ?? choose(0x80000) - 0x40000)];
  }
}

export const randomBase = (choose: Choose): readonly number[] => [choose(32), none, 0, 0];

export function randomPair(choose: Choose, field: string, bytes: number): readonly number[] {
  return [field === 'pair' ? choose(32) : stackPointer, none, 0, (bytes / 2) * ([0, 1, -1, 63, -64][choose(7)] ?? choose(128) - 64)];
}
