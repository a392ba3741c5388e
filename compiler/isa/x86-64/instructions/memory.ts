// Moves between integer registers, memory and immediates, and address computation.
// Encodings: Intel SDM volume 2, MOV, LEA, PUSH, POP.

import type { X64Row } from '../encoding/row.ts';

export const memory = {
  mov32_rr:          { asm: 'mov', operands: ['def d r4 rm', 'use a r4 reg'], opcode: 0x89, copy: true },
  mov64_rr:          { asm: 'mov', operands: ['def d r8 rm', 'use a r8 reg'], opcode: 0x89, wide: true, copy: true },
  // Zero-extends the low half: the same bytes as mov32_rr, but no copy for the allocator to remove.
  movzx32_64_rr:     { asm: 'mov', operands: ['def d r4 rm', 'use a r4 reg'], opcode: 0x89, alias: true },
  mov32_rm:          { asm: 'mov', operands: ['def d r4 reg', 'use a m4 rm'], opcode: 0x8b },
  mov64_rm:          { asm: 'mov', operands: ['def d r8 reg', 'use a m8 rm'], opcode: 0x8b, wide: true },
  mov8_mr:           { asm: 'mov', operands: ['def d m1 rm', 'use a r1 reg'], opcode: 0x88 },
  mov16_mr:          { asm: 'mov', operands: ['def d m2 rm', 'use a r2 reg'], opcode: 0x89, prefix: 0x66 },
  mov32_mr:          { asm: 'mov', operands: ['def d m4 rm', 'use a r4 reg'], opcode: 0x89 },
  mov64_mr:          { asm: 'mov', operands: ['def d m8 rm', 'use a r8 reg'], opcode: 0x89, wide: true },
  mov8_mi:           { asm: 'mov', operands: ['def d m1 rm', 'imm n s8 imm'], opcode: 0xc6, digit: 0 },
  mov16_mi:          { asm: 'mov', operands: ['def d m2 rm', 'imm n i16 imm'], opcode: 0xc7, digit: 0, prefix: 0x66 },
  mov32_mi:          { asm: 'mov', operands: ['def d m4 rm', 'imm n i32 imm'], opcode: 0xc7, digit: 0 },
  mov64_mi:          { asm: 'mov', operands: ['def d m8 rm', 'imm n s32 imm'], opcode: 0xc7, digit: 0, wide: true },
  mov32_ri:          { asm: 'mov', operands: ['def d r4 op', 'imm n i32 imm'], opcode: 0xb8 },
  mov64_ri32:        { asm: 'mov', operands: ['def d r8 rm', 'imm n s32 imm'], opcode: 0xc7, digit: 0, wide: true },
  mov64_ri:          { asm: 'movabs', operands: ['def d r8 op', 'imm n i64 imm'], opcode: 0xb8, wide: true },
  lea32:             { asm: 'lea', operands: ['def d r4 reg', 'imm a m0 rm'], opcode: 0x8d },
  lea64:             { asm: 'lea', operands: ['def d r8 reg', 'imm a m0 rm'], opcode: 0x8d, wide: true },
  // the stack and the pinned registers
  push:              { asm: 'push', operands: ['use a r8 op'], opcode: 0x50 },
  pop:               { asm: 'pop', operands: ['def d r8 op'], opcode: 0x58 },
  set_vmctx:         { asm: 'mov', operands: ['pin vmctx r8 rm=r15', 'use a r8 reg'], opcode: 0x89, wide: true, alias: true },
  reset_vmctx:       { asm: 'mov', operands: ['pin vmctx r8 reg=r15', 'use a m8 rm'], opcode: 0x8b, wide: true, alias: true },
  get_vmctx:         { asm: 'mov', operands: ['def d r8 rm', 'pin vmctx r8 reg=r15'], opcode: 0x89, wide: true, alias: true },
} as const satisfies Record<string, X64Row>;
