// The vector instructions a generator can write (standard, appendix A.7, prefix 0xfd): one row each, in the groups that a swarm switches.
//
// Every vector is exact: an instruction that may give a NaN (`nan`) is followed by a canonicalisation of that lane shape, and a scalar float that enters
// a vector is exact already (`exact`). So vectors are compared bit for bit. The relaxed ones are in `relaxed-instructions.ts`.

import type { NumericType } from './types.ts';

export const vectorGroups = ['bits', 'lanes', 'shift', 'compare', 'arithmetic', 'saturate', 'min-max', 'widen', 'narrow', 'multiply', 'reduce', 'float', 'float-compare', 'convert', 'relaxed'] as const;
export type VectorGroup = (typeof vectorGroups)[number];

type VectorOperand = NumericType | 'v128';

export interface VectorInstruction {
  readonly name: string;
  readonly code: number;
  readonly params: readonly VectorOperand[];
  readonly result: VectorOperand;
  readonly group: VectorGroup;
  /** Lanes that an immediate can name; 0 where there is none; 32 with sixteen of them for a shuffle. */
  readonly lanes: number;
  readonly nan: 'f32' | 'f64' | undefined;
}

interface Extra {
  readonly lanes?: number;
  readonly nan?: 'f32' | 'f64';
}

function op(name: string, code: number, params: readonly VectorOperand[], result: VectorOperand, group: VectorGroup, { lanes = 0, nan }: Extra = {}): VectorInstruction {
  return { name, code: 0xfd00 + code, params, result, group, lanes, nan };
}

const unary = ['v128'] as const;
const binary = ['v128', 'v128'] as const;
const shifted = ['v128', 'i32'] as const;

/** Consecutive codes from `first` on. */
function run(shape: string, first: number, names: readonly string[], params: readonly VectorOperand[], result: VectorOperand, group: VectorGroup, extra?: Extra): VectorInstruction[] {
  return names.map((name, index) => op(`${shape}.${name}`, first + index, params, result, group, extra));
}

const signed = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'] as const;
const ordered = ['eq', 'ne', 'lt', 'gt', 'le', 'ge'] as const;
const halves = (verb: string, from: string): string[] => [`${verb}_low_${from}_s`, `${verb}_high_${from}_s`, `${verb}_low_${from}_u`, `${verb}_high_${from}_u`];

/** Vector instructions on operands from the stack, their immediates lanes at most. */
export const vectorInstructions: readonly VectorInstruction[] = [
  op('i8x16.shuffle', 0x0d, binary, 'v128', 'lanes', { lanes: 32 }),
  op('i8x16.swizzle', 0x0e, binary, 'v128', 'lanes'),
  op('i8x16.splat', 0x0f, ['i32'], 'v128', 'lanes'),
  op('i16x8.splat', 0x10, ['i32'], 'v128', 'lanes'),
  op('i32x4.splat', 0x11, ['i32'], 'v128', 'lanes'),
  op('i64x2.splat', 0x12, ['i64'], 'v128', 'lanes'),
  op('f32x4.splat', 0x13, ['f32'], 'v128', 'lanes'),
  op('f64x2.splat', 0x14, ['f64'], 'v128', 'lanes'),
  op('i8x16.extract_lane_s', 0x15, unary, 'i32', 'lanes', { lanes: 16 }),
  op('i8x16.extract_lane_u', 0x16, unary, 'i32', 'lanes', { lanes: 16 }),
  op('i8x16.replace_lane', 0x17, shifted, 'v128', 'lanes', { lanes: 16 }),
  op('i16x8.extract_lane_s', 0x18, unary, 'i32', 'lanes', { lanes: 8 }),
  op('i16x8.extract_lane_u', 0x19, unary, 'i32', 'lanes', { lanes: 8 }),
  op('i16x8.replace_lane', 0x1a, shifted, 'v128', 'lanes', { lanes: 8 }),
  op('i32x4.extract_lane', 0x1b, unary, 'i32', 'lanes', { lanes: 4 }),
  op('i32x4.replace_lane', 0x1c, shifted, 'v128', 'lanes', { lanes: 4 }),
  op('i64x2.extract_lane', 0x1d, unary, 'i64', 'lanes', { lanes: 2 }),
  op('i64x2.replace_lane', 0x1e, ['v128', 'i64'], 'v128', 'lanes', { lanes: 2 }),
  op('f32x4.extract_lane', 0x1f, unary, 'f32', 'lanes', { lanes: 4 }),
  op('f32x4.replace_lane', 0x20, ['v128', 'f32'], 'v128', 'lanes', { lanes: 4 }),
  op('f64x2.extract_lane', 0x21, unary, 'f64', 'lanes', { lanes: 2 }),
  op('f64x2.replace_lane', 0x22, ['v128', 'f64'], 'v128', 'lanes', { lanes: 2 }),
  ...run('i8x16', 0x23, signed, binary, 'v128', 'compare'),
  ...run('i16x8', 0x2d, signed, binary, 'v128', 'compare'),
  ...run('i32x4', 0x37, signed, binary, 'v128', 'compare'),
  ...run('f32x4', 0x41, ordered, binary, 'v128', 'float-compare'),
  ...run('f64x2', 0x47, ordered, binary, 'v128', 'float-compare'),
  ...run('i64x2', 0xd6, ['eq', 'ne', 'lt_s', 'gt_s', 'le_s', 'ge_s'], binary, 'v128', 'compare'),
  op('v128.not', 0x4d, unary, 'v128', 'bits'),
  ...run('v128', 0x4e, ['and', 'andnot', 'or', 'xor'], binary, 'v128', 'bits'),
  op('v128.bitselect', 0x52, ['v128', 'v128', 'v128'], 'v128', 'bits'),
  op('v128.any_true', 0x53, unary, 'i32', 'reduce'),
  op('f32x4.demote_f64x2_zero', 0x5e, unary, 'v128', 'convert', { nan: 'f32' }),
  op('f64x2.promote_low_f32x4', 0x5f, unary, 'v128', 'convert', { nan: 'f64' }),
  ...run('i8x16', 0x60, ['abs', 'neg', 'popcnt'], unary, 'v128', 'arithmetic'),
  ...run('i8x16', 0x63, ['all_true', 'bitmask'], unary, 'i32', 'reduce'),
  ...run('i8x16', 0x65, ['narrow_i16x8_s', 'narrow_i16x8_u'], binary, 'v128', 'narrow'),
  ...run('f32x4', 0x67, ['ceil', 'floor', 'trunc', 'nearest'], unary, 'v128', 'float', { nan: 'f32' }),
  ...run('i8x16', 0x6b, ['shl', 'shr_s', 'shr_u'], shifted, 'v128', 'shift'),
  op('i8x16.add', 0x6e, binary, 'v128', 'arithmetic'),
  ...run('i8x16', 0x6f, ['add_sat_s', 'add_sat_u'], binary, 'v128', 'saturate'),
  op('i8x16.sub', 0x71, binary, 'v128', 'arithmetic'),
  ...run('i8x16', 0x72, ['sub_sat_s', 'sub_sat_u'], binary, 'v128', 'saturate'),
  ...run('f64x2', 0x74, ['ceil', 'floor'], unary, 'v128', 'float', { nan: 'f64' }),
  ...run('i8x16', 0x76, ['min_s', 'min_u', 'max_s', 'max_u'], binary, 'v128', 'min-max'),
  op('f64x2.trunc', 0x7a, unary, 'v128', 'float', { nan: 'f64' }),
  op('i8x16.avgr_u', 0x7b, binary, 'v128', 'arithmetic'),
  ...run('i16x8', 0x7c, ['extadd_pairwise_i8x16_s', 'extadd_pairwise_i8x16_u'], unary, 'v128', 'widen'),
  ...run('i32x4', 0x7e, ['extadd_pairwise_i16x8_s', 'extadd_pairwise_i16x8_u'], unary, 'v128', 'widen'),
  ...run('i16x8', 0x80, ['abs', 'neg'], unary, 'v128', 'arithmetic'),
  op('i16x8.q15mulr_sat_s', 0x82, binary, 'v128', 'multiply'),
  ...run('i16x8', 0x83, ['all_true', 'bitmask'], unary, 'i32', 'reduce'),
  ...run('i16x8', 0x85, ['narrow_i32x4_s', 'narrow_i32x4_u'], binary, 'v128', 'narrow'),
  ...run('i16x8', 0x87, halves('extend', 'i8x16'), unary, 'v128', 'widen'),
  ...run('i16x8', 0x8b, ['shl', 'shr_s', 'shr_u'], shifted, 'v128', 'shift'),
  op('i16x8.add', 0x8e, binary, 'v128', 'arithmetic'),
  ...run('i16x8', 0x8f, ['add_sat_s', 'add_sat_u'], binary, 'v128', 'saturate'),
  op('i16x8.sub', 0x91, binary, 'v128', 'arithmetic'),
  ...run('i16x8', 0x92, ['sub_sat_s', 'sub_sat_u'], binary, 'v128', 'saturate'),
  op('f64x2.nearest', 0x94, unary, 'v128', 'float', { nan: 'f64' }),
  op('i16x8.mul', 0x95, binary, 'v128', 'multiply'),
  ...run('i16x8', 0x96, ['min_s', 'min_u', 'max_s', 'max_u'], binary, 'v128', 'min-max'),
  op('i16x8.avgr_u', 0x9b, binary, 'v128', 'arithmetic'),
  ...run('i16x8', 0x9c, halves('extmul', 'i8x16'), binary, 'v128', 'multiply'),
  ...run('i32x4', 0xa0, ['abs', 'neg'], unary, 'v128', 'arithmetic'),
  ...run('i32x4', 0xa3, ['all_true', 'bitmask'], unary, 'i32', 'reduce'),
  ...run('i32x4', 0xa7, halves('extend', 'i16x8'), unary, 'v128', 'widen'),
  ...run('i32x4', 0xab, ['shl', 'shr_s', 'shr_u'], shifted, 'v128', 'shift'),
  op('i32x4.add', 0xae, binary, 'v128', 'arithmetic'),
  op('i32x4.sub', 0xb1, binary, 'v128', 'arithmetic'),
  op('i32x4.mul', 0xb5, binary, 'v128', 'multiply'),
  ...run('i32x4', 0xb6, ['min_s', 'min_u', 'max_s', 'max_u'], binary, 'v128', 'min-max'),
  op('i32x4.dot_i16x8_s', 0xba, binary, 'v128', 'multiply'),
  ...run('i32x4', 0xbc, halves('extmul', 'i16x8'), binary, 'v128', 'multiply'),
  ...run('i64x2', 0xc0, ['abs', 'neg'], unary, 'v128', 'arithmetic'),
  ...run('i64x2', 0xc3, ['all_true', 'bitmask'], unary, 'i32', 'reduce'),
  ...run('i64x2', 0xc7, halves('extend', 'i32x4'), unary, 'v128', 'widen'),
  ...run('i64x2', 0xcb, ['shl', 'shr_s', 'shr_u'], shifted, 'v128', 'shift'),
  op('i64x2.add', 0xce, binary, 'v128', 'arithmetic'),
  op('i64x2.sub', 0xd1, binary, 'v128', 'arithmetic'),
  op('i64x2.mul', 0xd5, binary, 'v128', 'multiply'),
  ...run('i64x2', 0xdc, halves('extmul', 'i32x4'), binary, 'v128', 'multiply'),
  ...run('f32x4', 0xe0, ['abs', 'neg'], unary, 'v128', 'float'),
  op('f32x4.sqrt', 0xe3, unary, 'v128', 'float', { nan: 'f32' }),
  ...run('f32x4', 0xe4, ['add', 'sub', 'mul', 'div', 'min', 'max'], binary, 'v128', 'float', { nan: 'f32' }),
  // These two select an operand as it is (4.3.3 "fpmin").
  ...run('f32x4', 0xea, ['pmin', 'pmax'], binary, 'v128', 'float'),
  ...run('f64x2', 0xec, ['abs', 'neg'], unary, 'v128', 'float'),
  op('f64x2.sqrt', 0xef, unary, 'v128', 'float', { nan: 'f64' }),
  ...run('f64x2', 0xf0, ['add', 'sub', 'mul', 'div', 'min', 'max'], binary, 'v128', 'float', { nan: 'f64' }),
  ...run('f64x2', 0xf6, ['pmin', 'pmax'], binary, 'v128', 'float'),
  ...run('i32x4', 0xf8, ['trunc_sat_f32x4_s', 'trunc_sat_f32x4_u'], unary, 'v128', 'convert'),
  ...run('f32x4', 0xfa, ['convert_i32x4_s', 'convert_i32x4_u'], unary, 'v128', 'convert'),
  ...run('i32x4', 0xfc, ['trunc_sat_f64x2_s_zero', 'trunc_sat_f64x2_u_zero'], unary, 'v128', 'convert'),
  ...run('f64x2', 0xfe, ['convert_low_i32x4_s', 'convert_low_i32x4_u'], unary, 'v128', 'convert'),
];

export interface VectorAccess {
  readonly name: string;
  readonly code: number;
  /** Bytes accessed; the natural alignment. */
  readonly width: 1 | 2 | 4 | 8 | 16;
  readonly kind: 'load' | 'store' | 'load-lane' | 'store-lane';
}

function access(name: string, code: number, width: 1 | 2 | 4 | 8 | 16, kind: VectorAccess['kind'] = 'load'): VectorAccess {
  return { name, code: 0xfd00 + code, width, kind };
}

export const vectorAccesses: readonly VectorAccess[] = [
  access('v128.load', 0x00, 16),
  access('v128.load8x8_s', 0x01, 8), access('v128.load8x8_u', 0x02, 8), access('v128.load16x4_s', 0x03, 8), access('v128.load16x4_u', 0x04, 8), access('v128.load32x2_s', 0x05, 8), access('v128.load32x2_u', 0x06, 8),
  access('v128.load8_splat', 0x07, 1), access('v128.load16_splat', 0x08, 2), access('v128.load32_splat', 0x09, 4), access('v128.load64_splat', 0x0a, 8),
  access('v128.load32_zero', 0x5c, 4), access('v128.load64_zero', 0x5d, 8),
  access('v128.load8_lane', 0x54, 1, 'load-lane'), access('v128.load16_lane', 0x55, 2, 'load-lane'), access('v128.load32_lane', 0x56, 4, 'load-lane'), access('v128.load64_lane', 0x57, 8, 'load-lane'),
  access('v128.store', 0x0b, 16, 'store'),
  access('v128.store8_lane', 0x58, 1, 'store-lane'), access('v128.store16_lane', 0x59, 2, 'store-lane'), access('v128.store32_lane', 0x5a, 4, 'store-lane'), access('v128.store64_lane', 0x5b, 8, 'store-lane'),
];
