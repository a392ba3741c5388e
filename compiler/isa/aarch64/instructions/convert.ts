// Conversions between integers and floats, and between the float widths. Names: source, then result; w and x are integers, s and d floats.
// Encodings: Arm Architecture Reference Manual (DDI 0487), chapter C7.

import type { A64Row } from '../encoding/row.ts';

export const convert = {
  fcvt_32_64:        { asm: 'fcvt', operands: ['def d x8 d', 'use a x4 n'], bits: 0x1e22c000 },
  fcvt_64_32:        { asm: 'fcvt', operands: ['def d x4 d', 'use a x8 n'], bits: 0x1e624000 },
  // bits between the register files
  fmov_w_s:          { asm: 'fmov', operands: ['def d x4 d', 'use a r4 n'], bits: 0x1e270000 },
  // The same bytes, where the zeros above count.
  fmov_w_s_wide:     { asm: 'fmov', operands: ['def d x8 d', 'use a r4 n'], bits: 0x1e270000, alias: true },
  fmov_s_w:          { asm: 'fmov', operands: ['def d r4 d', 'use a x4 n'], bits: 0x1e260000 },
  fmov_x_d:          { asm: 'fmov', operands: ['def d x8 d', 'use a r8 n'], bits: 0x9e670000 },
  fmov_d_x:          { asm: 'fmov', operands: ['def d r8 d', 'use a x8 n'], bits: 0x9e660000 },
  // from integers, rounded to nearest even
  scvtf_w_s:         { asm: 'scvtf', operands: ['def d x4 d', 'use a r4 n'], bits: 0x1e220000 },
  scvtf_w_d:         { asm: 'scvtf', operands: ['def d x8 d', 'use a r4 n'], bits: 0x1e620000 },
  scvtf_x_s:         { asm: 'scvtf', operands: ['def d x4 d', 'use a r8 n'], bits: 0x9e220000 },
  scvtf_x_d:         { asm: 'scvtf', operands: ['def d x8 d', 'use a r8 n'], bits: 0x9e620000 },
  ucvtf_w_s:         { asm: 'ucvtf', operands: ['def d x4 d', 'use a r4 n'], bits: 0x1e230000 },
  ucvtf_w_d:         { asm: 'ucvtf', operands: ['def d x8 d', 'use a r4 n'], bits: 0x1e630000 },
  ucvtf_x_s:         { asm: 'ucvtf', operands: ['def d x4 d', 'use a r8 n'], bits: 0x9e230000 },
  ucvtf_x_d:         { asm: 'ucvtf', operands: ['def d x8 d', 'use a r8 n'], bits: 0x9e630000 },
  // to integers, towards zero; NaN gives 0, what is out of range the nearest integer of the type
  fcvtzs_s_w:        { asm: 'fcvtzs', operands: ['def d r4 d', 'use a x4 n'], bits: 0x1e380000 },
  fcvtzs_s_x:        { asm: 'fcvtzs', operands: ['def d r8 d', 'use a x4 n'], bits: 0x9e380000 },
  fcvtzs_d_w:        { asm: 'fcvtzs', operands: ['def d r4 d', 'use a x8 n'], bits: 0x1e780000 },
  fcvtzs_d_x:        { asm: 'fcvtzs', operands: ['def d r8 d', 'use a x8 n'], bits: 0x9e780000 },
  fcvtzu_s_w:        { asm: 'fcvtzu', operands: ['def d r4 d', 'use a x4 n'], bits: 0x1e390000 },
  fcvtzu_s_x:        { asm: 'fcvtzu', operands: ['def d r8 d', 'use a x4 n'], bits: 0x9e390000 },
  fcvtzu_d_w:        { asm: 'fcvtzu', operands: ['def d r4 d', 'use a x8 n'], bits: 0x1e790000 },
  fcvtzu_d_x:        { asm: 'fcvtzu', operands: ['def d r8 d', 'use a x8 n'], bits: 0x9e790000 },
} as const satisfies Record<string, A64Row>;
