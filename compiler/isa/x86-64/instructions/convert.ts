// Conversions between integers and floats, and between the float widths.
// Encodings: Intel SDM volume 2. The truncating forms answer the integer indefinite value (the sign bit alone) for NaN and out of range.

import type { X64Row } from '../encoding/row.ts';

export const convert = {
  cvtss2sd_rr:       { asm: 'cvtss2sd', operands: ['def d x8 reg', 'use a x4 rm'], prefix: 0xf3, map: '0f', opcode: 0x5a },
  cvtss2sd_rm:       { asm: 'cvtss2sd', operands: ['def d x8 reg', 'use a m4 rm'], prefix: 0xf3, map: '0f', opcode: 0x5a },
  cvtsd2ss_rr:       { asm: 'cvtsd2ss', operands: ['def d x4 reg', 'use a x8 rm'], prefix: 0xf2, map: '0f', opcode: 0x5a },
  cvtsd2ss_rm:       { asm: 'cvtsd2ss', operands: ['def d x4 reg', 'use a m8 rm'], prefix: 0xf2, map: '0f', opcode: 0x5a },
  cvtsi2ss32_rr:     { asm: 'cvtsi2ss', operands: ['mod d x4 reg', 'use a r4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2a },
  cvtsi2ss32_rm:     { asm: 'cvtsi2ss', operands: ['mod d x4 reg', 'use a m4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2a },
  cvttss2si32_rr:    { asm: 'cvttss2si', operands: ['def d r4 reg', 'use a x4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2c },
  cvttss2si32_rm:    { asm: 'cvttss2si', operands: ['def d r4 reg', 'use a m4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2c },
  cvtsi2ss64_rr:     { asm: 'cvtsi2ss', operands: ['mod d x4 reg', 'use a r8 rm'], prefix: 0xf3, map: '0f', opcode: 0x2a, wide: true },
  cvtsi2ss64_rm:     { asm: 'cvtsi2ss', operands: ['mod d x4 reg', 'use a m8 rm'], prefix: 0xf3, map: '0f', opcode: 0x2a, wide: true },
  cvttss2si64_rr:    { asm: 'cvttss2si', operands: ['def d r8 reg', 'use a x4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2c, wide: true },
  cvttss2si64_rm:    { asm: 'cvttss2si', operands: ['def d r8 reg', 'use a m4 rm'], prefix: 0xf3, map: '0f', opcode: 0x2c, wide: true },
  cvtsi2sd32_rr:     { asm: 'cvtsi2sd', operands: ['mod d x8 reg', 'use a r4 rm'], prefix: 0xf2, map: '0f', opcode: 0x2a },
  cvtsi2sd32_rm:     { asm: 'cvtsi2sd', operands: ['mod d x8 reg', 'use a m4 rm'], prefix: 0xf2, map: '0f', opcode: 0x2a },
  cvttsd2si32_rr:    { asm: 'cvttsd2si', operands: ['def d r4 reg', 'use a x8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2c },
  cvttsd2si32_rm:    { asm: 'cvttsd2si', operands: ['def d r4 reg', 'use a m8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2c },
  cvtsi2sd64_rr:     { asm: 'cvtsi2sd', operands: ['mod d x8 reg', 'use a r8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2a, wide: true },
  cvtsi2sd64_rm:     { asm: 'cvtsi2sd', operands: ['mod d x8 reg', 'use a m8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2a, wide: true },
  cvttsd2si64_rr:    { asm: 'cvttsd2si', operands: ['def d r8 reg', 'use a x8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2c, wide: true },
  cvttsd2si64_rm:    { asm: 'cvttsd2si', operands: ['def d r8 reg', 'use a m8 rm'], prefix: 0xf2, map: '0f', opcode: 0x2c, wide: true },
} as const satisfies Record<string, X64Row>;
