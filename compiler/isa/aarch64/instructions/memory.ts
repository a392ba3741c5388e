// Loads, stores, moves, immediates and addresses.
// Encodings: Arm Architecture Reference Manual (DDI 0487), chapter C6. `mem` stands for every addressing form, see encoding/memory-operand.ts.

import type { A64Row } from '../encoding/row.ts';

export const memory = {
  // integer loads and stores of every width; narrow loads widen with zeros or copies of the sign
  ldrb:              { asm: 'ldrb', operands: ['def d r4 d', 'use a m1 mem'], bits: 0x39400000 },
  ldrh:              { asm: 'ldrh', operands: ['def d r4 d', 'use a m2 mem'], bits: 0x79400000 },
  ldr32:             { asm: 'ldr', operands: ['def d r4 d', 'use a m4 mem'], bits: 0xb9400000, literal: 0x18000000 },
  ldr64:             { asm: 'ldr', operands: ['def d r8 d', 'use a m8 mem'], bits: 0xf9400000, literal: 0x58000000 },
  ldrsb32:           { asm: 'ldrsb', operands: ['def d r4 d', 'use a m1 mem'], bits: 0x39c00000 },
  ldrsh32:           { asm: 'ldrsh', operands: ['def d r4 d', 'use a m2 mem'], bits: 0x79c00000 },
  ldrsb64:           { asm: 'ldrsb', operands: ['def d r8 d', 'use a m1 mem'], bits: 0x39800000 },
  ldrsh64:           { asm: 'ldrsh', operands: ['def d r8 d', 'use a m2 mem'], bits: 0x79800000 },
  ldrsw:             { asm: 'ldrsw', operands: ['def d r8 d', 'use a m4 mem'], bits: 0xb9800000, literal: 0x98000000 },
  strb:              { asm: 'strb', operands: ['use a r1 d', 'def m m1 mem'], bits: 0x39000000 },
  strh:              { asm: 'strh', operands: ['use a r2 d', 'def m m2 mem'], bits: 0x79000000 },
  str32:             { asm: 'str', operands: ['use a r4 d', 'def m m4 mem'], bits: 0xb9000000 },
  str64:             { asm: 'str', operands: ['use a r8 d', 'def m m8 mem'], bits: 0xf9000000 },
  strb_zero:         { asm: 'strb', operands: ['pin zero r4 d=xzr', 'def m m1 mem'], bits: 0x39000000 },
  strh_zero:         { asm: 'strh', operands: ['pin zero r4 d=xzr', 'def m m2 mem'], bits: 0x79000000 },
  str32_zero:        { asm: 'str', operands: ['pin zero r4 d=xzr', 'def m m4 mem'], bits: 0xb9000000 },
  str64_zero:        { asm: 'str', operands: ['pin zero r8 d=xzr', 'def m m8 mem'], bits: 0xf9000000 },
  // float and vector loads and stores
  ldrf32:            { asm: 'ldr', operands: ['def d x4 d', 'use a m4 mem'], bits: 0xbd400000, literal: 0x1c000000 },
  strf32:            { asm: 'str', operands: ['use a x4 d', 'def m m4 mem'], bits: 0xbd000000 },
  ldrf64:            { asm: 'ldr', operands: ['def d x8 d', 'use a m8 mem'], bits: 0xfd400000, literal: 0x5c000000 },
  strf64:            { asm: 'str', operands: ['use a x8 d', 'def m m8 mem'], bits: 0xfd000000 },
  ldrf128:           { asm: 'ldr', operands: ['def d x16 d', 'use a m16 mem'], bits: 0x3dc00000, literal: 0x9c000000 },
  strf128:           { asm: 'str', operands: ['use a x16 d', 'def m m16 mem'], bits: 0x3d800000 },
  // pairs; the forms with write-back move the stack pointer, before or after
  ldp64:             { asm: 'ldp', operands: ['def d r8 d', 'def d2 r8 a', 'use m m16 pair'], bits: 0xa9400000 },
  stp64:             { asm: 'stp', operands: ['use a r8 d', 'use b r8 a', 'def m m16 pair'], bits: 0xa9000000 },
  ldpf64:            { asm: 'ldp', operands: ['def d x8 d', 'def d2 x8 a', 'use m m16 pair'], bits: 0x6d400000 },
  stpf64:            { asm: 'stp', operands: ['use a x8 d', 'use b x8 a', 'def m m16 pair'], bits: 0x6d000000 },
  stp64_pre:         { asm: 'stp', operands: ['use a r8 d', 'use b r8 a', 'def m m16 prepair'], bits: 0xa9800000 },
  ldp64_post:        { asm: 'ldp', operands: ['def d r8 d', 'def d2 r8 a', 'use m m16 postpair'], bits: 0xa8c00000 },
  // moves and immediates; movk keeps the other bits
  mov32_rr:          { asm: 'mov {d}, {a}', operands: ['def d r4 d', 'pin zero r4 n=xzr', 'use a r4 m'], bits: 0x2a000000, copy: true },
  mov64_rr:          { asm: 'mov {d}, {a}', operands: ['def d r8 d', 'pin zero r8 n=xzr', 'use a r8 m'], bits: 0xaa000000, copy: true },
  // Zero-extends the low half: the same bytes as mov32_rr, but no copy for the allocator to remove.
  uxtw:              { asm: 'mov {d}, {a}', operands: ['def d r4 d', 'pin zero r4 n=xzr', 'use a r4 m'], bits: 0x2a000000, alias: true },
  mov_from_sp:       { asm: 'mov {d}, {a}', operands: ['def d r8 dsp', 'pin a r8 nsp=sp'], bits: 0x91000000, alias: true },
  mov_to_sp:         { asm: 'mov {d}, {a}', operands: ['pin d r8 dsp=sp', 'use a r8 nsp'], bits: 0x91000000, alias: true },
  movz32:            { asm: 'movz {d}, #{n}, lsl #{shift}', operands: ['def d r4 d', 'imm n i32 imm16', 'imm shift i32 half32'], bits: 0x52800000 },
  movn32:            { asm: 'movn {d}, #{n}, lsl #{shift}', operands: ['def d r4 d', 'imm n i32 imm16', 'imm shift i32 half32'], bits: 0x12800000 },
  movk32:            { asm: 'movk {a}, #{n}, lsl #{shift}', operands: ['mod a r4 d', 'imm n i32 imm16', 'imm shift i32 half32'], bits: 0x72800000 },
  mov32_logical:     { asm: 'orr {d}, {zero}, #{n}', operands: ['def d r4 dsp', 'pin zero r4 n=xzr', 'imm n i32 logical32'], bits: 0x32000000 },
  movz64:            { asm: 'movz {d}, #{n}, lsl #{shift}', operands: ['def d r8 d', 'imm n i32 imm16', 'imm shift i32 half64'], bits: 0xd2800000 },
  movn64:            { asm: 'movn {d}, #{n}, lsl #{shift}', operands: ['def d r8 d', 'imm n i32 imm16', 'imm shift i32 half64'], bits: 0x92800000 },
  movk64:            { asm: 'movk {a}, #{n}, lsl #{shift}', operands: ['mod a r8 d', 'imm n i32 imm16', 'imm shift i32 half64'], bits: 0xf2800000 },
  mov64_logical:     { asm: 'orr {d}, {zero}, #{n}', operands: ['def d r8 dsp', 'pin zero r8 n=xzr', 'imm n i64 logical64'], bits: 0xb2000000 },
  // addresses near the instruction: in bytes, or in pages of 4096 bytes
  adr:               { asm: 'adr', operands: ['def d r8 d', 'imm to block adr'], bits: 0x10000000 },
  adrp:              { asm: 'adrp', operands: ['def d r8 d', 'imm to block page'], bits: 0x90000000 },
  // the pinned register
  get_vmctx:         { asm: 'mov {d}, {vmctx}', operands: ['def d r8 d', 'pin zero r8 n=xzr', 'pin vmctx r8 m=x28'], bits: 0xaa000000, alias: true },
  set_vmctx:         { asm: 'mov {vmctx}, {a}', operands: ['pin vmctx r8 d=x28', 'pin zero r8 n=xzr', 'use a r8 m'], bits: 0xaa000000, alias: true },
  reset_vmctx:       { asm: 'ldr {vmctx}, {a}', operands: ['pin vmctx r8 d=x28', 'use a m8 mem'], bits: 0xf9400000, alias: true },
} as const satisfies Record<string, A64Row>;
