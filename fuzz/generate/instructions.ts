// The instructions a generator can write: one row each. Opcodes and types are from the standard's index of instructions (appendix A.7).
//
// `exact` lists operands whose NaN bits the instruction shows to integers or keeps in the result: what flows there must have its NaNs canonicalised first,
// or engines may differ with full right (4.3.3 "NaN Propagation").
// `guard` names how an operand is kept from trapping where a module is to run on.
// Opcodes with a prefix are written `0xfc00 + n`. A group is what a swarm switches on and off.

import type { NumericType } from './types.ts';

export const groups = [
  'arithmetic', 'bitwise', 'shift', 'divide', 'compare', 'count', 'sign-extend', 'wrap',
  'float-arithmetic', 'float-divide', 'float-sign', 'float-round', 'float-compare', 'convert', 'truncate', 'saturate', 'reinterpret',
] as const;
export type Group = (typeof groups)[number];

export interface PlainInstruction {
  readonly name: string;
  readonly code: number;
  readonly params: readonly NumericType[];
  readonly result: NumericType;
  readonly group: Group;
  readonly exact: readonly number[];
  readonly guard: 'divisor' | 'signed-divisor' | 'truncation' | undefined;
}

interface Extra {
  readonly exact?: readonly number[];
  readonly guard?: 'divisor' | 'signed-divisor' | 'truncation';
}

function op(name: string, code: number, params: readonly NumericType[], result: NumericType, group: Group, extra: Extra = {}): PlainInstruction {
  return { name, code, params, result, group, exact: extra.exact ?? [], guard: extra.guard };
}

function integers(t: 'i32' | 'i64', test: number, compare: number, count: number): PlainInstruction[] {
  const unary = [t] as const;
  const binary = [t, t] as const;
  return [
    op(`${t}.eqz`,    test,         unary,  'i32', 'compare'),
    op(`${t}.eq`,     compare,      binary, 'i32', 'compare'),
    op(`${t}.ne`,     compare + 1,  binary, 'i32', 'compare'),
    op(`${t}.lt_s`,   compare + 2,  binary, 'i32', 'compare'),
    op(`${t}.lt_u`,   compare + 3,  binary, 'i32', 'compare'),
    op(`${t}.gt_s`,   compare + 4,  binary, 'i32', 'compare'),
    op(`${t}.gt_u`,   compare + 5,  binary, 'i32', 'compare'),
    op(`${t}.le_s`,   compare + 6,  binary, 'i32', 'compare'),
    op(`${t}.le_u`,   compare + 7,  binary, 'i32', 'compare'),
    op(`${t}.ge_s`,   compare + 8,  binary, 'i32', 'compare'),
    op(`${t}.ge_u`,   compare + 9,  binary, 'i32', 'compare'),
    op(`${t}.clz`,    count,        unary,  t,     'count'),
    op(`${t}.ctz`,    count + 1,    unary,  t,     'count'),
    op(`${t}.popcnt`, count + 2,    unary,  t,     'count'),
    op(`${t}.add`,    count + 3,    binary, t,     'arithmetic'),
    op(`${t}.sub`,    count + 4,    binary, t,     'arithmetic'),
    op(`${t}.mul`,    count + 5,    binary, t,     'arithmetic'),
    op(`${t}.div_s`,  count + 6,    binary, t,     'divide', { guard: 'signed-divisor' }),
    op(`${t}.div_u`,  count + 7,    binary, t,     'divide', { guard: 'divisor' }),
    op(`${t}.rem_s`,  count + 8,    binary, t,     'divide', { guard: 'divisor' }),
    op(`${t}.rem_u`,  count + 9,    binary, t,     'divide', { guard: 'divisor' }),
    op(`${t}.and`,    count + 10,   binary, t,     'bitwise'),
    op(`${t}.or`,     count + 11,   binary, t,     'bitwise'),
    op(`${t}.xor`,    count + 12,   binary, t,     'bitwise'),
    op(`${t}.shl`,    count + 13,   binary, t,     'shift'),
    op(`${t}.shr_s`,  count + 14,   binary, t,     'shift'),
    op(`${t}.shr_u`,  count + 15,   binary, t,     'shift'),
    op(`${t}.rotl`,   count + 16,   binary, t,     'shift'),
    op(`${t}.rotr`,   count + 17,   binary, t,     'shift'),
  ];
}

function floats(t: 'f32' | 'f64', compare: number, first: number): PlainInstruction[] {
  const unary = [t] as const;
  const binary = [t, t] as const;
  return [
    op(`${t}.eq`,       compare,     binary, 'i32', 'float-compare'),
    op(`${t}.ne`,       compare + 1, binary, 'i32', 'float-compare'),
    op(`${t}.lt`,       compare + 2, binary, 'i32', 'float-compare'),
    op(`${t}.gt`,       compare + 3, binary, 'i32', 'float-compare'),
    op(`${t}.le`,       compare + 4, binary, 'i32', 'float-compare'),
    op(`${t}.ge`,       compare + 5, binary, 'i32', 'float-compare'),
    op(`${t}.abs`,      first,       unary,  t,     'float-sign'),
    op(`${t}.neg`,      first + 1,   unary,  t,     'float-sign'),
    op(`${t}.ceil`,     first + 2,   unary,  t,     'float-round'),
    op(`${t}.floor`,    first + 3,   unary,  t,     'float-round'),
    op(`${t}.trunc`,    first + 4,   unary,  t,     'float-round'),
    op(`${t}.nearest`,  first + 5,   unary,  t,     'float-round'),
    op(`${t}.sqrt`,     first + 6,   unary,  t,     'float-divide'),
    op(`${t}.add`,      first + 7,   binary, t,     'float-arithmetic'),
    op(`${t}.sub`,      first + 8,   binary, t,     'float-arithmetic'),
    op(`${t}.mul`,      first + 9,   binary, t,     'float-arithmetic'),
    op(`${t}.div`,      first + 10,  binary, t,     'float-divide'),
    op(`${t}.min`,      first + 11,  binary, t,     'float-arithmetic'),
    op(`${t}.max`,      first + 12,  binary, t,     'float-arithmetic'),
    // The sign of a NaN would become the sign of the result.
    op(`${t}.copysign`, first + 13,  binary, t,     'float-sign', { exact: [1] }),
  ];
}

const truncation = { guard: 'truncation' } as const;

/** Instructions without immediates: operands from the stack, one result. */
export const plainInstructions: readonly PlainInstruction[] = [
  ...integers('i32', 0x45, 0x46, 0x67),
  ...integers('i64', 0x50, 0x51, 0x79),
  ...floats('f32', 0x5b, 0x8b),
  ...floats('f64', 0x61, 0x99),
  op('i32.wrap_i64',        0xa7,   ['i64'], 'i32', 'wrap'),
  op('i32.trunc_f32_s',     0xa8,   ['f32'], 'i32', 'truncate', truncation),
  op('i32.trunc_f32_u',     0xa9,   ['f32'], 'i32', 'truncate', truncation),
  op('i32.trunc_f64_s',     0xaa,   ['f64'], 'i32', 'truncate', truncation),
  op('i32.trunc_f64_u',     0xab,   ['f64'], 'i32', 'truncate', truncation),
  op('i64.extend_i32_s',    0xac,   ['i32'], 'i64', 'wrap'),
  op('i64.extend_i32_u',    0xad,   ['i32'], 'i64', 'wrap'),
  op('i64.trunc_f32_s',     0xae,   ['f32'], 'i64', 'truncate', truncation),
  op('i64.trunc_f32_u',     0xaf,   ['f32'], 'i64', 'truncate', truncation),
  op('i64.trunc_f64_s',     0xb0,   ['f64'], 'i64', 'truncate', truncation),
  op('i64.trunc_f64_u',     0xb1,   ['f64'], 'i64', 'truncate', truncation),
  op('f32.convert_i32_s',   0xb2,   ['i32'], 'f32', 'convert'),
  op('f32.convert_i32_u',   0xb3,   ['i32'], 'f32', 'convert'),
  op('f32.convert_i64_s',   0xb4,   ['i64'], 'f32', 'convert'),
  op('f32.convert_i64_u',   0xb5,   ['i64'], 'f32', 'convert'),
  op('f32.demote_f64',      0xb6,   ['f64'], 'f32', 'convert'),
  op('f64.convert_i32_s',   0xb7,   ['i32'], 'f64', 'convert'),
  op('f64.convert_i32_u',   0xb8,   ['i32'], 'f64', 'convert'),
  op('f64.convert_i64_s',   0xb9,   ['i64'], 'f64', 'convert'),
  op('f64.convert_i64_u',   0xba,   ['i64'], 'f64', 'convert'),
  op('f64.promote_f32',     0xbb,   ['f32'], 'f64', 'convert'),
  op('i32.reinterpret_f32', 0xbc,   ['f32'], 'i32', 'reinterpret', { exact: [0] }),
  op('i64.reinterpret_f64', 0xbd,   ['f64'], 'i64', 'reinterpret', { exact: [0] }),
  op('f32.reinterpret_i32', 0xbe,   ['i32'], 'f32', 'reinterpret'),
  op('f64.reinterpret_i64', 0xbf,   ['i64'], 'f64', 'reinterpret'),
  op('i32.extend8_s',       0xc0,   ['i32'], 'i32', 'sign-extend'),
  op('i32.extend16_s',      0xc1,   ['i32'], 'i32', 'sign-extend'),
  op('i64.extend8_s',       0xc2,   ['i64'], 'i64', 'sign-extend'),
  op('i64.extend16_s',      0xc3,   ['i64'], 'i64', 'sign-extend'),
  op('i64.extend32_s',      0xc4,   ['i64'], 'i64', 'sign-extend'),
  op('i32.trunc_sat_f32_s', 0xfc00, ['f32'], 'i32', 'saturate'),
  op('i32.trunc_sat_f32_u', 0xfc01, ['f32'], 'i32', 'saturate'),
  op('i32.trunc_sat_f64_s', 0xfc02, ['f64'], 'i32', 'saturate'),
  op('i32.trunc_sat_f64_u', 0xfc03, ['f64'], 'i32', 'saturate'),
  op('i64.trunc_sat_f32_s', 0xfc04, ['f32'], 'i64', 'saturate'),
  op('i64.trunc_sat_f32_u', 0xfc05, ['f32'], 'i64', 'saturate'),
  op('i64.trunc_sat_f64_s', 0xfc06, ['f64'], 'i64', 'saturate'),
  op('i64.trunc_sat_f64_u', 0xfc07, ['f64'], 'i64', 'saturate'),
];

export interface MemoryInstruction {
  readonly name: string;
  readonly code: number;
  readonly type: NumericType;
  /** Bytes accessed; the natural alignment. */
  readonly width: 1 | 2 | 4 | 8;
}

function access(name: string, code: number, type: NumericType, width: 1 | 2 | 4 | 8): MemoryInstruction {
  return { name, code, type, width };
}

export const loads: readonly MemoryInstruction[] = [
  access('i32.load',     0x28, 'i32', 4), access('i64.load',     0x29, 'i64', 8), access('f32.load',     0x2a, 'f32', 4), access('f64.load',     0x2b, 'f64', 8),
  access('i32.load8_s',  0x2c, 'i32', 1), access('i32.load8_u',  0x2d, 'i32', 1), access('i32.load16_s', 0x2e, 'i32', 2), access('i32.load16_u', 0x2f, 'i32', 2),
  access('i64.load8_s',  0x30, 'i64', 1), access('i64.load8_u',  0x31, 'i64', 1), access('i64.load16_s', 0x32, 'i64', 2), access('i64.load16_u', 0x33, 'i64', 2),
  access('i64.load32_s', 0x34, 'i64', 4), access('i64.load32_u', 0x35, 'i64', 4),
];

export const stores: readonly MemoryInstruction[] = [
  access('i32.store',    0x36, 'i32', 4), access('i64.store',    0x37, 'i64', 8), access('f32.store',    0x38, 'f32', 4), access('f64.store',    0x39, 'f64', 8),
  access('i32.store8',   0x3a, 'i32', 1), access('i32.store16',  0x3b, 'i32', 2), access('i64.store8',   0x3c, 'i64', 1), access('i64.store16',  0x3d, 'i64', 2),
  access('i64.store32',  0x3e, 'i64', 4),
];

/** Opcodes of the instructions that generators write by name: control, variables, references, tables, bulk memory. */
export const codes = {
  unreachable: 0x00, nop: 0x01, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f, call: 0x10, callIndirect: 0x11,
  drop: 0x1a, select: 0x1b, selectTyped: 0x1c, localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24, tableGet: 0x25, tableSet: 0x26,
  memorySize: 0x3f, memoryGrow: 0x40, i32Const: 0x41, i64Const: 0x42, f32Const: 0x43, f64Const: 0x44, i32Eqz: 0x45, i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32And: 0x71, i32Or: 0x72,
  i32Xor: 0x73, i32Shl: 0x74, i32ShrS: 0x75, i32ShrU: 0x76, i64Shl: 0x86, i64ShrS: 0x87, i64ShrU: 0x88, i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64And: 0x83, i64Or: 0x84, i64Xor: 0x85, i64Rotl: 0x89, i32Rotl: 0x77, f32Eq: 0x5b, f64Eq: 0x61, f32Add: 0x92, f64Add: 0xa0,
  f32Sub: 0x93, f64Sub: 0xa1, f32Mul: 0x94, f64Mul: 0xa2, i32Wrap: 0xa7, i64ExtendS: 0xac, i64ExtendU: 0xad, f32ConvertI32S: 0xb2, f64ConvertI32S: 0xb7, f64ConvertI32U: 0xb8, i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd,
  f32ReinterpretI32: 0xbe, f64ReinterpretI64: 0xbf, f32ConvertI32U: 0xb3, refNull: 0xd0, refIsNull: 0xd1, refFunc: 0xd2, memoryInit: 0xfc08, dataDrop: 0xfc09, memoryCopy: 0xfc0a, memoryFill: 0xfc0b,
  throw: 0x08, throwRef: 0x0a, tryTable: 0x1f, returnCall: 0x12, returnCallIndirect: 0x13, callRef: 0x14, returnCallRef: 0x15, refEq: 0xd3, refAsNonNull: 0xd4, brOnNull: 0xd5, brOnNonNull: 0xd6,
  i32RemU: 0x70, i32Eq: 0x46,
  structNew: 0xfb00, structNewDefault: 0xfb01, structGet: 0xfb02, structGetS: 0xfb03, structGetU: 0xfb04, structSet: 0xfb05, arrayNew: 0xfb06, arrayNewDefault: 0xfb07, arrayNewFixed: 0xfb08,
  arrayNewData: 0xfb09, arrayNewElem: 0xfb0a, arrayGet: 0xfb0b, arrayGetS: 0xfb0c, arrayGetU: 0xfb0d, arraySet: 0xfb0e, arrayLen: 0xfb0f, arrayFill: 0xfb10, arrayCopy: 0xfb11, arrayInitData: 0xfb12,
  arrayInitElem: 0xfb13, refTest: 0xfb14, refTestNull: 0xfb15, refCast: 0xfb16, refCastNull: 0xfb17, brOnCast: 0xfb18, brOnCastFail: 0xfb19, anyConvertExtern: 0xfb1a, externConvertAny: 0xfb1b, refI31: 0xfb1c,
  i31GetS: 0xfb1d, i31GetU: 0xfb1e, vectorConst: 0xfd0c, i32x4Extract: 0xfd1b, i64x2Extract: 0xfd1d, bitselect: 0xfd52, f32x4Eq: 0xfd41, f64x2Eq: 0xfd47,
  tableInit: 0xfc0c, elemDrop: 0xfc0d, tableCopy: 0xfc0e, tableGrow: 0xfc0f, tableSize: 0xfc10, tableFill: 0xfc11,
} as const;
