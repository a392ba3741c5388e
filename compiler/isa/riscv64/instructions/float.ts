// Float arithmetic, comparison, moves and conversions (F and D). Arithmetic rounds to nearest even whatever the fcsr says.
// Encodings: The RISC-V Instruction Set Manual, volume I, F and D extensions.
// An f32 in its register has ones above it (NaN boxing): every instruction that writes one sees to it, so moves copy whole registers.

import type { RvRow } from '../encoding/row.ts';

export const float = {
  fadd32:            { asm: 'fadd.s {d}, {a}, {b}, rne', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x00000053 },
  fadd64:            { asm: 'fadd.d {d}, {a}, {b}, rne', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x02000053 },
  fsub32:            { asm: 'fsub.s {d}, {a}, {b}, rne', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x08000053 },
  fsub64:            { asm: 'fsub.d {d}, {a}, {b}, rne', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x0a000053 },
  fmul32:            { asm: 'fmul.s {d}, {a}, {b}, rne', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x10000053 },
  fmul64:            { asm: 'fmul.d {d}, {a}, {b}, rne', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x12000053 },
  fdiv32:            { asm: 'fdiv.s {d}, {a}, {b}, rne', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x18000053 },
  fdiv64:            { asm: 'fdiv.d {d}, {a}, {b}, rne', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x1a000053 },
  fsqrt32:           { asm: 'fsqrt.s {d}, {a}, rne', operands: ['def d x4 rd', 'use a x4 rs1'], bits: 0x58000053 },
  fsqrt64:           { asm: 'fsqrt.d {d}, {a}, rne', operands: ['def d x8 rd', 'use a x8 rs1'], bits: 0x5a000053 },
  // the sign of b, negated, or that of both exclusive-ored, on the rest of a
  fsgnj32:           { asm: 'fsgnj.s', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x20000053 },
  fsgnj64:           { asm: 'fsgnj.d', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x22000053 },
  fsgnjn32:          { asm: 'fsgnjn.s', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x20001053 },
  fsgnjn64:          { asm: 'fsgnjn.d', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x22001053 },
  fsgnjx32:          { asm: 'fsgnjx.s', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x20002053 },
  fsgnjx64:          { asm: 'fsgnjx.d', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x22002053 },
  // the number if one source is a NaN; -0 is below +0
  fmin32:            { asm: 'fmin.s', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x28000053 },
  fmin64:            { asm: 'fmin.d', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x2a000053 },
  fmax32:            { asm: 'fmax.s', operands: ['def d x4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0x28001053 },
  fmax64:            { asm: 'fmax.d', operands: ['def d x8 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0x2a001053 },
  // comparison: 0 or 1, and 0 if either source is a NaN
  feq32:             { asm: 'feq.s', operands: ['def d r4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0xa0002053 },
  feq64:             { asm: 'feq.d', operands: ['def d r4 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0xa2002053 },
  flt32:             { asm: 'flt.s', operands: ['def d r4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0xa0001053 },
  flt64:             { asm: 'flt.d', operands: ['def d r4 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0xa2001053 },
  fle32:             { asm: 'fle.s', operands: ['def d r4 rd', 'use a x4 rs1', 'use b x4 rs2'], bits: 0xa0000053 },
  fle64:             { asm: 'fle.d', operands: ['def d r4 rd', 'use a x8 rs1', 'use b x8 rs2'], bits: 0xa2000053 },
  fclass32:          { asm: 'fclass.s', operands: ['def d r4 rd', 'use a x4 rs1'], bits: 0xe0001053 },
  fclass64:          { asm: 'fclass.d', operands: ['def d r4 rd', 'use a x8 rs1'], bits: 0xe2001053 },
  // bits between the register files
  fmv_x_w:           { asm: 'fmv.x.w', operands: ['def d r4 rd', 'use a x4 rs1'], bits: 0xe0000053 },
  fmv_w_x:           { asm: 'fmv.w.x', operands: ['def d x4 rd', 'use a r4 rs1'], bits: 0xf0000053 },
  fmv_x_d:           { asm: 'fmv.x.d', operands: ['def d r8 rd', 'use a x8 rs1'], bits: 0xe2000053 },
  fmv_d_x:           { asm: 'fmv.d.x', operands: ['def d x8 rd', 'use a r8 rs1'], bits: 0xf2000053 },
  // between the widths; to the wider one nothing is rounded
  fcvt_s_d:          { asm: 'fcvt.s.d {d}, {a}, rne', operands: ['def d x4 rd', 'use a x8 rs1'], bits: 0x40100053 },
  fcvt_d_s:          { asm: 'fcvt.d.s', operands: ['def d x8 rd', 'use a x4 rs1'], bits: 0x42000053 },
  // to integers: the nearest of the type for what is out of range, the largest for NaN; 32-bit results are sign-extended, unsigned ones too
  fcvt_w_s:          { asm: 'fcvt.w.s', operands: ['def d r4 rd', 'use a x4 rs1', 'imm rm i32 rm'], bits: 0xc0000053 },
  fcvt_wu_s:         { asm: 'fcvt.wu.s', operands: ['def d r4 rd', 'use a x4 rs1', 'imm rm i32 rm'], bits: 0xc0100053 },
  fcvt_l_s:          { asm: 'fcvt.l.s', operands: ['def d r8 rd', 'use a x4 rs1', 'imm rm i32 rm'], bits: 0xc0200053 },
  fcvt_lu_s:         { asm: 'fcvt.lu.s', operands: ['def d r8 rd', 'use a x4 rs1', 'imm rm i32 rm'], bits: 0xc0300053 },
  fcvt_w_d:          { asm: 'fcvt.w.d', operands: ['def d r4 rd', 'use a x8 rs1', 'imm rm i32 rm'], bits: 0xc2000053 },
  fcvt_wu_d:         { asm: 'fcvt.wu.d', operands: ['def d r4 rd', 'use a x8 rs1', 'imm rm i32 rm'], bits: 0xc2100053 },
  fcvt_l_d:          { asm: 'fcvt.l.d', operands: ['def d r8 rd', 'use a x8 rs1', 'imm rm i32 rm'], bits: 0xc2200053 },
  fcvt_lu_d:         { asm: 'fcvt.lu.d', operands: ['def d r8 rd', 'use a x8 rs1', 'imm rm i32 rm'], bits: 0xc2300053 },
  // from integers
  fcvt_s_w:          { asm: 'fcvt.s.w', operands: ['def d x4 rd', 'use a r4 rs1', 'imm rm i32 rm'], bits: 0xd0000053 },
  fcvt_s_wu:         { asm: 'fcvt.s.wu', operands: ['def d x4 rd', 'use a r4 rs1', 'imm rm i32 rm'], bits: 0xd0100053 },
  fcvt_s_l:          { asm: 'fcvt.s.l', operands: ['def d x4 rd', 'use a r8 rs1', 'imm rm i32 rm'], bits: 0xd0200053 },
  fcvt_s_lu:         { asm: 'fcvt.s.lu', operands: ['def d x4 rd', 'use a r8 rs1', 'imm rm i32 rm'], bits: 0xd0300053 },
  fcvt_d_w:          { asm: 'fcvt.d.w', operands: ['def d x8 rd', 'use a r4 rs1'], bits: 0xd2000053 },
  fcvt_d_wu:         { asm: 'fcvt.d.wu', operands: ['def d x8 rd', 'use a r4 rs1'], bits: 0xd2100053 },
  fcvt_d_l:          { asm: 'fcvt.d.l', operands: ['def d x8 rd', 'use a r8 rs1', 'imm rm i32 rm'], bits: 0xd2200053 },
  fcvt_d_lu:         { asm: 'fcvt.d.lu', operands: ['def d x8 rd', 'use a r8 rs1', 'imm rm i32 rm'], bits: 0xd2300053 },
} as const satisfies Record<string, RvRow>;
