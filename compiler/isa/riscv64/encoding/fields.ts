// The immediate fields of RISC-V instructions: for each, which bits it takes, how a value becomes these bits and back, how it is written, and
// which values are worth trying. Encoder, decoder, printer, parser and random instructions all work from this table.
//
//   imm12   I format   bits 20–31, signed                       simm12 of stores lies in 7–11 and 25–31 (S format)
//   upper   U format   bits 12–31, the value is what lands in bits 12–31 of the result, written unsigned
//   rel13   B format   imm[12|10:5] in 25–31, imm[4:1|11] in 7–11: a branch's distance in bytes, even
//   rel21   J format   imm[20|10:1|11|19:12] in 12–31: a jump's
//   shift5 shift6      bits 20–24 or 20–25
//   rm      rounding mode, bits 12–14: nearest even, towards zero, down, up, nearest away
// Displacements count from the instruction itself. A compressed instruction is never emitted, so they are multiples of four.

export type Choose = (n: number) => number;

export interface ImmediateField {
  /** Bits of the instruction that the field takes. */
  readonly mask: number;
  /** The bits for a value, or undefined if it has no encoding. */
  encode(value: number): number | undefined;
  /** The value of the bits in `word`, or undefined if they belong to no value of this field. */
  decode(word: number): number | undefined;
  /** Text of a value; undefined for displacements, which the printer writes as places. */
  readonly text?: (value: number) => string;
  /** The value of a text that `pattern` matches. */
  readonly parse?: (text: string) => number;
  /** Regular expression for the text, without groups. */
  readonly pattern: string;
  /** Values at the borders, and others. */
  sample(choose: Choose): number;
}

function pick(choose: Choose, edges: readonly number[], min: number, max: number, step: number): number {
  const chosen = edges[choose(edges.length + 2)];
  return chosen ?? min + step * Math.floor(((max - min) / step) * (choose(0x10000) / 0x10000));
}

const decimal = { text: String, parse: Number, pattern: '-?\\d+' } as const;

/** Whether a value fits 12 signed bits. */
export const fits12 = (value: number): boolean => value >= -0x800 && value <= 0x7ff;

function unsigned(first: number, width: number): ImmediateField {
  const max = 2 ** width - 1;
  return {
    ...decimal,
    mask: max << first,
    encode: (value) => (value >= 0 && value <= max ? value << first : undefined),
    decode: (word) => (word >>> first) & max,
    sample: (choose) => pick(choose, [0, 1, max, max - 1], 0, max, 1),
  };
}

const imm12: ImmediateField = {
  ...decimal,
  mask: 0xfff << 20,
  encode: (value) => (fits12(value) ? value << 20 : undefined),
  decode: (word) => word >> 20,
  sample: (choose) => pick(choose, [0, 1, -1, 0x7ff, -0x800], -0x800, 0x7ff, 1),
};

/** The S format's displacement. */
export const storeDisplacement: ImmediateField = {
  ...imm12,
  mask: (0x7f << 25) | (0x1f << 7),
  encode: (value) => (fits12(value) ? ((value & ~0x1f) << 20) | ((value & 0x1f) << 7) : undefined),
  decode: (word) => ((word >> 25) << 5) | ((word >>> 7) & 0x1f),
};
/** The I format's. */
export const loadDisplacement = imm12;

const place = '-?0x[0-9a-f]+';

const rel13: ImmediateField = {
  mask: (0x7f << 25) | (0x1f << 7),
  encode: (value) =>
    value >= -0x1000 && value <= 0xffc && value % 4 === 0
      ? (((value >> 12) & 1) << 31) | (((value >> 5) & 0x3f) << 25) | (((value >> 1) & 15) << 8) | (((value >> 11) & 1) << 7)
      : undefined,
  decode(word) {
    const value = ((word >> 31) << 12) | (((word >>> 7) & 1) << 11) | (((word >>> 25) & 0x3f) << 5) | (((word >>> 8) & 15) << 1);
    return value % 4 === 0 ? value : undefined;
  },
  pattern: place,
  sample: (choose) => pick(choose, [0, 4, -4, 0xffc, -0x1000, 0x800, -0x800], -0x1000, 0xffc, 4),
};

const rel21: ImmediateField = {
  mask: 0xfffff << 12,
  encode: (value) =>
    value >= -0x100000 && value <= 0xffffc && value % 4 === 0
      ? (((value >> 20) & 1) << 31) | (((value >> 1) & 0x3ff) << 21) | (((value >> 11) & 1) << 20) | (((value >> 12) & 0xff) << 12)
      : undefined,
  decode(word) {
    const value = ((word >> 31) << 20) | (((word >>> 12) & 0xff) << 12) | (((word >>> 20) & 1) << 11) | (((word >>> 21) & 0x3ff) << 1);
    return value % 4 === 0 ? value : undefined;
  },
  pattern: place,
  sample: (choose) => pick(choose, [0, 4, -4, 0xffffc, -0x100000, 0x800, -0x800, 0x1000], -0x100000, 0xffffc, 4),
};

/** Static rounding modes by code. */
export const roundings = { rne: 0, rtz: 1, rdn: 2, rup: 3, rmm: 4 } as const;
const roundingNames = Object.keys(roundings);

const rm: ImmediateField = {
  mask: 7 << 12,
  encode: (value) => (value >= 0 && value < roundingNames.length ? value << 12 : undefined),
  decode(word) {
    const value = (word >>> 12) & 7;
    return value < roundingNames.length ? value : undefined;
  },
  text: (value) => roundingNames[value] ?? String(value),
  parse: (text) => roundingNames.indexOf(text),
  pattern: roundingNames.join('|'),
  sample: (choose) => choose(roundingNames.length),
};

export const immediateFields: Readonly<Record<string, ImmediateField>> = {
  imm12,
  upper: unsigned(12, 20),
  shift5: unsigned(20, 5),
  shift6: unsigned(20, 6),
  rel13,
  rel21,
  rm,
};

/** Whether the field is a displacement, which the printer writes as the place it leads to. */
export const isDisplacement = (field: ImmediateField): boolean => field.text === undefined;
