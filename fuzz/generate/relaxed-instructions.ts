// The relaxed vector instructions (standard, appendix A.7, numbers from 0x100 on; 4.3.7 "Relaxed Operations"), written so that engines are comparable.
//
// An engine may choose among several results. Either the operands are made such that all choices agree (`prepare`), or the result is made one of its kind:
// lanes in which it is another of the permitted results are replaced by the `plain` one, which ordinary instructions work out from the same operands.
// What is not permitted stays as it is, and differs. So neither an engine's choice nor a change of it between its tiers is a disagreement; an error is.
//
// Locals: three for the operands, one for the result (`RelaxedLocals`). Code is written behind the operands and leaves the result.

import { type VectorInstruction, vectorInstructions } from './vector-instructions.ts';
import { type ByteWriter, writeOpcode } from './writer.ts';

/** The index of the first of four v128 locals: operands, then the result. */
export type RelaxedLocals = number;

/** Writes code over the operands and the result. */
class Lanes {
  private readonly out: ByteWriter;
  private readonly first: RelaxedLocals;
  constructor(out: ByteWriter, first: RelaxedLocals) {
    this.out = out;
    this.first = first;
  }

  /** Pushes operand 0, 1 or 2, or the result, 3. */
  get(local: number): this {
    this.out.u8(0x20);
    this.out.u32(this.first + local);
    return this;
  }

  set(local: number): this {
    this.out.u8(0x21);
    this.out.u32(this.first + local);
    return this;
  }

  op(...codes: readonly number[]): this {
    for (const code of codes) writeOpcode(this.out, code);
    return this;
  }

  /** Four equal words. */
  words(word: number): this {
    return this.constant(word, word, word, word);
  }

  constant(...words: readonly [number, number, number, number]): this {
    writeOpcode(this.out, 0xfd0c);
    for (const word of words) this.out.fixed32(word);
    return this;
  }

  /** Two equal f64 given as the high word. */
  doubles(low: number, high: number): this {
    return this.constant(low, high, low, high);
  }

  i32(value: number): this {
    this.out.u8(0x41);
    this.out.s32(value);
    return this;
  }

  /** The low words of two 64-bit lanes, then ones: pops the lanes. */
  narrowMask(): this {
    this.words(-1);
    writeOpcode(this.out, 0xfd0d);
    for (const byte of [0, 1, 2, 3, 8, 9, 10, 11, 16, 16, 16, 16, 16, 16, 16, 16]) this.out.u8(byte);
    return this;
  }
}

export interface RelaxedInstruction extends VectorInstruction {
  /** Changes operands in their locals. */
  readonly prepare?: (lanes: Lanes) => void;
  /** Leaves the result by other instructions. */
  readonly plain?: (lanes: Lanes) => void;
  /** Leaves a mask of the lanes whose result is permitted beside the plain one. */
  readonly permitted?: (lanes: Lanes) => void;
}

const v = { and: 0xfd4e, or: 0xfd50, not: 0xfd4d, bitselect: 0xfd52, swizzle: 0xfd0e } as const;
const equal = { i8x16: 0xfd23, i16x8: 0xfd2d, i32x4: 0xfd37, i64x2: 0xfdd6 } as const;

type Choices = Pick<RelaxedInstruction, 'prepare' | 'plain' | 'permitted'>;

function row(name: string, number: number, operands: number, choices: Choices, nan?: 'f32' | 'f64'): RelaxedInstruction {
  return { name, code: 0xfd0000 + number, params: new Array<'v128'>(operands).fill('v128'), result: 'v128', group: 'relaxed', lanes: 0, nan, ...choices };
}

/** Where a result is one of `words` and the operand is outside the range that `inside` leaves a mask of. */
function truncation(plain: number, words: readonly [number, ...number[]], inside: (lanes: Lanes) => void): Choices {
  return {
    plain: (lanes) => lanes.get(0).op(plain),
    permitted: (lanes) => {
      words.forEach((word, index) => {
        lanes.get(3).words(word).op(equal.i32x4);
        if (index > 0) lanes.op(v.or);
      });
      inside(lanes);
      lanes.op(v.not, v.and);
    },
  };
}

const signed = [-0x80000000] as const;
const unsigned = [-1, -2, -0x80000000] as const;

/** Factors of few bits, so that their product is exact and one rounding is as good as two. */
const fewBits32 = (lanes: Lanes): void => {
  for (const factor of [0, 1]) lanes.get(factor).i32(20).op(0xfdac, 0xfdfa).set(factor);
};
const fewBits64 = (lanes: Lanes): void => {
  for (const factor of [0, 1]) lanes.get(factor).i32(6).op(0xfdac, 0xfdfe).set(factor);
};

/** The top bit of each lane may stand for the lane. */
function selection(shape: keyof typeof equal, shift: number, width: number): Choices {
  return {
    plain: (lanes) => lanes.get(0).get(1).get(2).op(v.bitselect),
    permitted: (lanes) => lanes.get(3).get(0).get(1).get(2).i32(width - 1).op(shift, v.bitselect, equal[shape]),
  };
}

/** Of a NaN, or of zeroes of opposite sign, either operand may be the result; any NaN where one is. */
function extremum(code: number, shape: 'i32x4' | 'i64x2', eq: number, ne: number): Choices {
  return {
    plain: (lanes) => lanes.get(0).get(1).op(code),
    permitted: (lanes) => {
      const isNaN = (operand: number): Lanes => lanes.get(operand).get(operand).op(ne);
      // An operand where there is a choice …
      isNaN(0);
      isNaN(1).op(v.or);
      lanes.get(0).words(0).op(eq).get(1).words(0).op(eq, v.and, v.or);
      lanes.get(3).get(0).op(equal[shape]).get(3).get(1).op(equal[shape], v.or, v.and);
      // … or a NaN for a NaN.
      isNaN(0);
      isNaN(1).op(v.or);
      isNaN(3).op(v.and, v.or);
    },
  };
}

export const relaxedInstructions: readonly RelaxedInstruction[] = [
  row('i8x16.relaxed_swizzle', 0x100, 2, {
    plain: (lanes) => lanes.get(0).get(1).op(v.swizzle),
    // An index from 16 to 127 may count modulo 16.
    permitted: (lanes) => lanes.get(3).get(0).get(1).words(0x8f8f8f8f | 0).op(v.and, v.swizzle, equal.i8x16),
  }),
  row('i32x4.relaxed_trunc_f32x4_s', 0x101, 1, truncation(0xfdf8, signed, (lanes) => lanes.get(0).words(0xcf000000 | 0).op(0xfd46).get(0).words(0x4f000000).op(0xfd43, v.and))),
  row('i32x4.relaxed_trunc_f32x4_u', 0x102, 1, truncation(0xfdf9, unsigned, (lanes) => lanes.get(0).words(0xbf800000 | 0).op(0xfd44).get(0).words(0x4f800000).op(0xfd43, v.and))),
  row('i32x4.relaxed_trunc_f64x2_s_zero', 0x103, 1, truncation(0xfdfc, signed, (lanes) =>
    lanes.get(0).doubles(0x00200000, 0xc1e00000 | 0).op(0xfd4a).get(0).doubles(0, 0x41e00000).op(0xfd49, v.and).narrowMask())),
  row('i32x4.relaxed_trunc_f64x2_u_zero', 0x104, 1, truncation(0xfdfd, unsigned, (lanes) =>
    lanes.get(0).doubles(0, 0xbff00000 | 0).op(0xfd4a).get(0).doubles(0, 0x41f00000).op(0xfd49, v.and).narrowMask())),
  row('f32x4.relaxed_madd', 0x105, 3, { prepare: fewBits32 }, 'f32'),
  row('f32x4.relaxed_nmadd', 0x106, 3, { prepare: fewBits32 }, 'f32'),
  row('f64x2.relaxed_madd', 0x107, 3, { prepare: fewBits64 }, 'f64'),
  row('f64x2.relaxed_nmadd', 0x108, 3, { prepare: fewBits64 }, 'f64'),
  row('i8x16.relaxed_laneselect', 0x109, 3, selection('i8x16', 0xfd6c, 8)),
  // V8 on x86-64 selects by bytes, which the standard does not permit: lanes are all ones or all zeroes.
  row('i16x8.relaxed_laneselect', 0x10a, 3, { prepare: (lanes) => lanes.get(2).i32(15).op(0xfd8c).set(2) }),
  row('i32x4.relaxed_laneselect', 0x10b, 3, selection('i32x4', 0xfdac, 32)),
  row('i64x2.relaxed_laneselect', 0x10c, 3, selection('i64x2', 0xfdcc, 64)),
  row('f32x4.relaxed_min', 0x10d, 2, extremum(0xfde8, 'i32x4', 0xfd41, 0xfd42), 'f32'),
  row('f32x4.relaxed_max', 0x10e, 2, extremum(0xfde9, 'i32x4', 0xfd41, 0xfd42), 'f32'),
  row('f64x2.relaxed_min', 0x10f, 2, extremum(0xfdf4, 'i64x2', 0xfd47, 0xfd48), 'f64'),
  row('f64x2.relaxed_max', 0x110, 2, extremum(0xfdf5, 'i64x2', 0xfd47, 0xfd48), 'f64'),
  row('i16x8.relaxed_q15mulr_s', 0x111, 2, {
    plain: (lanes) => lanes.get(0).get(1).op(0xfd82),
    // −1 times −1 may wrap round.
    permitted: (lanes) => {
      const least = 0x80008000 | 0;
      lanes.get(0).words(least).op(equal.i16x8).get(1).words(least).op(equal.i16x8, v.and).get(3).words(least).op(equal.i16x8, v.and);
    },
  }),
  // Factors of seven bits are the same signed and unsigned, and their sums need no saturation.
  row('i16x8.relaxed_dot_i8x16_i7x16_s', 0x112, 2, { prepare: (lanes) => lanes.get(1).words(0x7f7f7f7f).op(v.and).set(1) }),
  row('i32x4.relaxed_dot_i8x16_i7x16_add_s', 0x113, 3, { prepare: (lanes) => lanes.get(1).words(0x7f7f7f7f).op(v.and).set(1) }),
];

/** All instructions on vectors, the relaxed ones included. */
export const allVectorInstructions: readonly VectorInstruction[] = [...vectorInstructions, ...relaxedInstructions];

export function isRelaxed(row: VectorInstruction): row is RelaxedInstruction {
  return row.group === 'relaxed';
}

/** The instruction behind its operands; its result is the plain one where it is permitted at all. NaNs are not canonical yet. */
export function writeRelaxed(out: ByteWriter, row: RelaxedInstruction, first: RelaxedLocals): void {
  const lanes = new Lanes(out, first);
  const { prepare, plain, permitted, params } = row;
  for (let i = params.length - 1; i >= 0; i--) lanes.set(i);
  prepare?.(lanes);
  params.forEach((_, index) => lanes.get(index));
  lanes.op(row.code).set(3);
  plain?.(lanes);
  lanes.get(3);
  if (permitted === undefined) return;
  permitted(lanes);
  lanes.op(v.bitselect);
}
