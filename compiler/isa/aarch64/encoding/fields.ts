// The immediate fields of AArch64 instructions: for each, which bits it takes, how a value becomes these bits and back, how it is written, and
// which values are worth trying. Encoder, decoder, printer, parser and random instructions all work from this table.
//
// A field belongs to one operand, whose one or two cells are its value. Values are what a reader expects (a shift amount, bytes, a mask), not the
// raw bits. Each value has one encoding: ranges leave out what would be another instruction's preferred form (a shift by nothing is the plain form).
// Displacements (`rel…`, `adr`) count bytes from the instruction itself; `page` counts pages from the instruction's page.

import { decodeLogical, encodeLogical32, encodeLogical64 } from './logical-immediate.ts';

export type Choose = (n: number) => number;

export interface ImmediateField {
  /** Bits of the instruction that the field takes. */
  readonly mask: number;
  /** The bits for a value, or undefined if it has no encoding. `high` is the second cell of a 64-bit value. */
  encode(low: number, high: number): number | undefined;
  /** The cells for the bits in `word`, or undefined if they belong to no value of this field. */
  decode(word: number): readonly number[] | undefined;
  /** Text of a value; undefined for displacements, which the printer writes as places. */
  readonly text?: (low: number, high: number) => string;
  /** The value of a text that `pattern` matches, or undefined. */
  readonly parse?: (text: string) => readonly number[] | undefined;
  /** Regular expression for the text, without groups. */
  readonly pattern: string;
  /** Values at the borders, and others. */
  sample(choose: Choose): readonly number[];
}

const ones = (width: number): number => (width === 32 ? -1 : 2 ** width - 1);
const decimal = '-?\\d+';

function pick(choose: Choose, edges: readonly number[], min: number, max: number, step: number): readonly number[] {
  const chosen = edges[choose(edges.length + 2)];
  return [chosen ?? min + step * Math.floor(((max - min) / step) * (choose(0x10000) / 0x10000))];
}

/** `width` bits from `first` on hold (value - bias) / step, for values from min to max. */
function unsigned(first: number, width: number, min = 0, max: number = ones(width), step = 1, bias = 0): ImmediateField {
  const edges = [min, max, min + step, max - step].filter((n) => n >= min && n <= max);
  return {
    mask: ones(width) << first,
    encode: (value) => (value >= min && value <= max && value % step === 0 ? ((value - bias) / step) << first : undefined),
    decode(word) {
      const value = ((word >>> first) & ones(width)) * step + bias;
      return value >= min && value <= max ? [value] : undefined;
    },
    text: String,
    parse: (text) => [Number(text)],
    pattern: decimal,
    sample: (choose) => pick(choose, edges, min, max, step),
  };
}

/** `width` bits from `first` on hold from - value, for values from min to max: how the vector shifts to the right count. */
function reversed(first: number, width: number, from: number, min: number, max: number): ImmediateField {
  return {
    ...unsigned(first, width, min, max),
    encode: (value) => (value >= min && value <= max ? (from - value) << first : undefined),
    decode(word) {
      const value = from - ((word >>> first) & ones(width));
      return value >= min && value <= max ? [value] : undefined;
    },
  };
}

/** A signed displacement in words, `width` bits from bit `first` on. */
function relative(first: number, width: number): ImmediateField {
  const max = 4 * (2 ** (width - 1) - 1);
  const min = -4 * 2 ** (width - 1);
  return {
    mask: ones(width) << first,
    encode: (value) => (value >= min && value <= max && value % 4 === 0 ? ((value / 4) & ones(width)) << first : undefined),
    decode: (word) => [((word << (32 - width - first)) >> (32 - width)) * 4],
    pattern: '-?0x[0-9a-f]+',
    sample: (choose) => pick(choose, [0, 4, -4, min, max, 0x100], min, max, 4),
  };
}

/** Two bits at 29 and nineteen at 5, signed: bytes for `adr`, pages for `adrp`. */
const address: ImmediateField = {
  mask: (3 << 29) | (0x7ffff << 5),
  encode: (value) => (value >= -0x100000 && value <= 0xfffff ? ((value & 3) << 29) | (((value >> 2) & 0x7ffff) << 5) : undefined),
  decode: (word) => [(((word << 8) >> 13) << 2) | ((word >>> 29) & 3)],
  pattern: '-?0x[0-9a-f]+',
  sample: (choose) => pick(choose, [0, 1, -1, 2, 3, 0xfffff, -0x100000], -0x100000, 0xfffff, 1),
};

/** `ubfm` and the like with immr = -n and imms = bits - 1 - n: a shift to the left. */
function leftShift(bits: 32 | 64): ImmediateField {
  return {
    ...unsigned(10, 6, 1, bits - 1),
    mask: (ones(bits === 32 ? 5 : 6) << 16) | (ones(bits === 32 ? 5 : 6) << 10),
    encode: (n) => (n >= 1 && n < bits ? ((bits - n) << 16) | ((bits - 1 - n) << 10) : undefined),
    decode(word) {
      const n = bits - ((word >>> 16) & (bits - 1));
      return n < bits && ((word >>> 10) & (bits - 1)) === bits - 1 - n ? [n] : undefined;
    },
  };
}

/**
 * A run of bits in one cell: first bit | width << 8. `insert` puts the source's lowest bits there (immr = -first), otherwise the run is taken from there
 * (immr = first); imms says where it ends. Runs that shifts or extensions express are left out: those from bit 0, and those that reach the top.
 * `toTop`: an inserted run may reach the top, where no shift says the same.
 */
function bitRun(bits: 32 | 64, insert: boolean, toTop: boolean): ImmediateField {
  const low = bits === 32 ? 5 : 6;
  const fits = (first: number, width: number): boolean => first >= 1 && width >= 1 && first + width < bits + (toTop ? 1 : 0);
  return {
    mask: (ones(low) << 16) | (ones(low) << 10),
    encode(run) {
      const first = run & 0xff;
      const width = run >> 8;
      if (!fits(first, width)) return undefined;
      return insert ? ((bits - first) << 16) | ((width - 1) << 10) : (first << 16) | ((first + width - 1) << 10);
    },
    decode(word) {
      const immr = (word >>> 16) & (bits - 1);
      const imms = (word >>> 10) & (bits - 1);
      const first = insert ? bits - immr : immr;
      const width = insert ? imms + 1 : imms - immr + 1;
      return fits(first, width) ? [first | (width << 8)] : undefined;
    },
    text: (run) => `${run & 0xff}, #${run >> 8}`,
    parse(text) {
      const [first, width] = text.split(', #');
      return [Number(first) | (Number(width) << 8)];
    },
    pattern: '\\d+, #\\d+',
    sample(choose) {
      const first = 1 + choose(bits - 2);
      return [first | ((1 + choose(bits - first - (toTop ? 0 : 1))) << 8)];
    },
  };
}

const hex = (low: number, high: number): string => `0x${((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(16)}`;

function logical(bits: 32 | 64): ImmediateField {
  const cells = (low: number, high: number): readonly number[] => (bits === 32 ? [low] : [low, high]);
  return {
    mask: ones(bits === 32 ? 12 : 13) << 10,
    encode(low, high) {
      const encoded = bits === 32 ? encodeLogical32(low) : encodeLogical64(low, high);
      return encoded < 0 ? undefined : encoded << 10;
    },
    decode(word) {
      const value = decodeLogical((word >>> 10) & ones(bits === 32 ? 12 : 13));
      return value === undefined ? undefined : cells(value[0], value[1]);
    },
    text: (low, high) => hex(low, bits === 32 ? 0 : high),
    parse(text) {
      const value = BigInt(text);
      return cells(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
    },
    pattern: '0x[0-9a-f]+',
    sample(choose) {
      // Any element size, run length and rotation.
      const size = 2 << choose(bits === 32 ? 5 : 6);
      const encoded = ((size === 64 ? 1 : 0) << 12) | (choose(size) << 6) | (size === 64 ? choose(63) : (~(2 * size - 1) & 0x3f) | choose(size - 1));
      const value = decodeLogical(encoded) ?? [1, 0];
      return cells(value[0], value[1]);
    },
  };
}

/** Eight bits abcdefgh for the float (-1)^a * (16 + efgh) / 16 * 2^n, with n from -3 to 4 in b, c and d; the cell holds the eight bits. */
const floatValue = (bits: number): number => {
  const exponent = (((bits >> 4) & 7) ^ 4) - 3;
  return ((bits & 0x80) !== 0 ? -1 : 1) * ((16 + (bits & 15)) / 16) * 2 ** exponent;
};
const float8: ImmediateField = {
  ...unsigned(13, 8),
  text: (bits) => String(floatValue(bits)),
  parse(text) {
    for (let bits = 0; bits < 256; bits++) if (floatValue(bits) === Number(text)) return [bits];
    return undefined;
  },
  pattern: '-?[\\d.]+',
};

/** The eight bits with which `fmov` writes a float, or -1. Takes the float's bits; an f32 lies in `low`. */
export function encodeFloat8(low: number, high: number, bytes: 4 | 8): number {
  const [top, rest] = bytes === 8 ? [high, low] : [low, 0];
  // Sign, inverted exponent bit, that bit repeated, two exponent bits and four of the fraction; the rest is zero.
  const [exponentBits, fractionBits] = bytes === 8 ? [11, 20] : [8, 23];
  if (rest !== 0 || (top & ones(fractionBits - 4)) !== 0) return -1;
  const exponent = (top >>> fractionBits) & ones(exponentBits);
  const repeated = (exponent >> 2) & ones(exponentBits - 3);
  const inverted = exponent >> (exponentBits - 1);
  if (repeated !== (inverted === 0 ? ones(exponentBits - 3) : 0)) return -1;
  return ((top >>> 24) & 0x80) | (inverted === 0 ? 0x40 : 0) | ((exponent & 3) << 4) | ((top >>> (fractionBits - 4)) & 15);
}

export const immediateFields: Readonly<Record<string, ImmediateField>> = {
  imm12: unsigned(10, 12),
  imm16: unsigned(5, 16),
  // A quarter of the register, as the number of bits its value is shifted.
  half32: unsigned(21, 1, 0, 16, 16),
  half64: unsigned(21, 2, 0, 48, 16),
  // Shift of a register operand. 32-bit forms own bit 15 too, which is 0.
  shift32: unsigned(10, 6, 1, 31),
  shift64: unsigned(10, 6, 1, 63),
  extend: unsigned(10, 3, 0, 4),
  // Shift of an index, by the bytes of the access.
  scale2: unsigned(12, 1, 0, 1),
  scale4: unsigned(12, 1, 0, 2, 2),
  scale8: unsigned(12, 1, 0, 3, 3),
  // Shift and rotation instructions.
  left32: leftShift(32),
  left64: leftShift(64),
  immr32: unsigned(16, 6, 0, 31),
  immr64: unsigned(16, 6, 0, 63),
  imms32: unsigned(10, 6, 0, 31),
  imms64: unsigned(10, 6, 0, 63),
  extract32: bitRun(32, false, false),
  extract64: bitRun(64, false, false),
  insert32: bitRun(32, true, false),
  insert64: bitRun(64, true, false),
  sinsert32: bitRun(32, true, true),
  sinsert64: bitRun(64, true, true),
  logical32: logical(32),
  logical64: logical(64),
  float8,
  // Bit number of a test-and-branch; the 64-bit form tests bits 32–63.
  bit32: unsigned(19, 5),
  bit64: unsigned(19, 5, 32, 63, 1, 32),
  // Shifts of vectors: element size and amount in one number.
  vleft32: unsigned(16, 7, 0, 31, 1, -32),
  vleft64: unsigned(16, 7, 0, 63, 1, -64),
  vright32: reversed(16, 7, 64, 1, 32),
  vright64: reversed(16, 7, 128, 1, 64),
  udf16: unsigned(0, 16),
  // Displacements.
  rel26: relative(0, 26),
  rel19: relative(5, 19),
  rel14: relative(5, 14),
  adr: address,
  page: address,
};

/** Whether the field is a displacement, which the printer writes as the place it leads to. */
export const isDisplacement = (field: ImmediateField): boolean => field.text === undefined;
