// Float arithmetic, rounding, comparison, moves, and the few vector instructions that scalar code needs.
// Encodings: Arm Architecture Reference Manual (DDI 0487), chapter C7. Writing a part of a vector register clears the rest of it.

import type { A64Row } from '../encoding/row.ts';

export const float = {
  fadd32:            { asm: 'fadd', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e202800 },
  fadd64:            { asm: 'fadd', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e602800 },
  fsub32:            { asm: 'fsub', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e203800 },
  fsub64:            { asm: 'fsub', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e603800 },
  fmul32:            { asm: 'fmul', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e200800 },
  fmul64:            { asm: 'fmul', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e600800 },
  fdiv32:            { asm: 'fdiv', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e201800 },
  fdiv64:            { asm: 'fdiv', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e601800 },
  // fmin and fmax answer NaN if either source is one, and order -0 below 0
  fmin32:            { asm: 'fmin', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e205800 },
  fmin64:            { asm: 'fmin', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e605800 },
  fmax32:            { asm: 'fmax', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m'], bits: 0x1e204800 },
  fmax64:            { asm: 'fmax', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m'], bits: 0x1e604800 },
  fabs32:            { asm: 'fabs', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e20c000 },
  fabs64:            { asm: 'fabs', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e60c000 },
  fneg32:            { asm: 'fneg', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e214000 },
  fneg64:            { asm: 'fneg', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e614000 },
  fsqrt32:           { asm: 'fsqrt', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e21c000 },
  fsqrt64:           { asm: 'fsqrt', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e61c000 },
  // rounding: to nearest even, up, down, towards zero
  frintn32:          { asm: 'frintn', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e244000 },
  frintn64:          { asm: 'frintn', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e644000 },
  frintp32:          { asm: 'frintp', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e24c000 },
  frintp64:          { asm: 'frintp', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e64c000 },
  frintm32:          { asm: 'frintm', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e254000 },
  frintm64:          { asm: 'frintm', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e654000 },
  frintz32:          { asm: 'frintz', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e25c000 },
  frintz64:          { asm: 'frintz', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e65c000 },
  // comparison; unordered sets carry and overflow
  fcmp32:            { asm: 'fcmp', operands: ['use a x4 n', 'use b x4 m'], bits: 0x1e202000, flags: 'write' },
  fcmp64:            { asm: 'fcmp', operands: ['use a x8 n', 'use b x8 m'], bits: 0x1e602000, flags: 'write' },
  fcmp32_zero:       { asm: 'fcmp {a}, #0.0', operands: ['use a x4 n'], bits: 0x1e202008, flags: 'write' },
  fcmp64_zero:       { asm: 'fcmp {a}, #0.0', operands: ['use a x8 n'], bits: 0x1e602008, flags: 'write' },
  fcsel32:           { asm: 'fcsel', operands: ['def d x4 d', 'use a x4 n', 'use b x4 m', 'imm cc condition cc'], bits: 0x1e200c00, flags: 'read' },
  fcsel64:           { asm: 'fcsel', operands: ['def d x8 d', 'use a x8 n', 'use b x8 m', 'imm cc condition cc'], bits: 0x1e600c00, flags: 'read' },
  // moves and immediates
  fmov32_rr:         { asm: 'fmov', operands: ['def d x4 d', 'use a x4 n'], bits: 0x1e204000, copy: true },
  fmov64_rr:         { asm: 'fmov', operands: ['def d x8 d', 'use a x8 n'], bits: 0x1e604000, copy: true },
  mov128_rr:         { asm: 'mov {d.16b}, {a.16b}', operands: ['def d x16 d', 'use a x16 nm'], bits: 0x4ea01c00, copy: true },
  fmov32_imm:        { asm: 'fmov', operands: ['def d x4 d', 'imm n i32 float8'], bits: 0x1e201000 },
  fmov64_imm:        { asm: 'fmov', operands: ['def d x8 d', 'imm n i32 float8'], bits: 0x1e601000 },
  movi_zero:         { asm: 'movi {d}, #0', operands: ['def d x8 d'], bits: 0x2f00e400 },
  // bits of a vector; bsl takes b where a has ones, else c; bit and bif copy b where c has ones or zeros
  cnt:               { asm: 'cnt {d.8b}, {a.8b}', operands: ['def d x8 d', 'use a x8 n'], bits: 0x0e205800 },
  addv:              { asm: 'addv {d.b}, {a.8b}', operands: ['def d x8 d', 'use a x8 n'], bits: 0x0e31b800 },
  bsl:               { asm: 'bsl {a.8b}, {b.8b}, {c.8b}', operands: ['mod a x8 d', 'use b x8 n', 'use c x8 m'], bits: 0x2e601c00 },
  bit:               { asm: 'bit {a.8b}, {b.8b}, {c.8b}', operands: ['mod a x8 d', 'use b x8 n', 'use c x8 m'], bits: 0x2ea01c00 },
  bif:               { asm: 'bif {a.8b}, {b.8b}, {c.8b}', operands: ['mod a x8 d', 'use b x8 n', 'use c x8 m'], bits: 0x2ee01c00 },
  // shifts of a vector; sli keeps the bits it does not shift into
  ushr32:            { asm: 'ushr {d.2s}, {a.2s}, #{n}', operands: ['def d x4 d', 'use a x4 n', 'imm n i32 vright32'], bits: 0x2f000400 },
  ushr64:            { asm: 'ushr {d}, {a}, #{n}', operands: ['def d x8 d', 'use a x8 n', 'imm n i32 vright64'], bits: 0x7f000400 },
  sli32:             { asm: 'sli {a.2s}, {b.2s}, #{n}', operands: ['mod a x4 d', 'use b x4 n', 'imm n i32 vleft32'], bits: 0x2f005400 },
  sli64:             { asm: 'sli {a}, {b}, #{n}', operands: ['mod a x8 d', 'use b x8 n', 'imm n i32 vleft64'], bits: 0x7f005400 },
} as const satisfies Record<string, A64Row>;
