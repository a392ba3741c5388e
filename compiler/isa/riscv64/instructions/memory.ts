// Loads and stores. All tolerate any address: Linux guarantees it to user programs, by emulation where the processor does not do it, and qemu does.
// Encodings: The RISC-V Instruction Set Manual, volume I, "Load and Store Instructions", F and D extensions.

import type { RvRow } from '../encoding/row.ts';

export const memory = {
  lb:                { asm: 'lb', operands: ['def d r8 rd', 'use a m1 load'], bits: 0x00000003 },
  lb32:              { asm: 'lb', operands: ['def d r4 rd', 'use a m1 load'], bits: 0x00000003, alias: true },
  lbu:               { asm: 'lbu', operands: ['def d r8 rd', 'use a m1 load'], bits: 0x00004003 },
  lbu32:             { asm: 'lbu', operands: ['def d r4 rd', 'use a m1 load'], bits: 0x00004003, alias: true },
  lh:                { asm: 'lh', operands: ['def d r8 rd', 'use a m2 load'], bits: 0x00001003 },
  lh32:              { asm: 'lh', operands: ['def d r4 rd', 'use a m2 load'], bits: 0x00001003, alias: true },
  lhu:               { asm: 'lhu', operands: ['def d r8 rd', 'use a m2 load'], bits: 0x00005003 },
  lhu32:             { asm: 'lhu', operands: ['def d r4 rd', 'use a m2 load'], bits: 0x00005003, alias: true },
  lw:                { asm: 'lw', operands: ['def d r4 rd', 'use a m4 load'], bits: 0x00002003 },
  lw_wide:           { asm: 'lw', operands: ['def d r8 rd', 'use a m4 load'], bits: 0x00002003, alias: true },
  lwu:               { asm: 'lwu', operands: ['def d r8 rd', 'use a m4 load'], bits: 0x00006003 },
  ld:                { asm: 'ld', operands: ['def d r8 rd', 'use a m8 load'], bits: 0x00003003 },
  flw:               { asm: 'flw', operands: ['def d x4 rd', 'use a m4 load'], bits: 0x00002007 },
  fld:               { asm: 'fld', operands: ['def d x8 rd', 'use a m8 load'], bits: 0x00003007 },
  sb:                { asm: 'sb', operands: ['use a r1 rs2', 'def m m1 store'], bits: 0x00000023 },
  sb_zero:           { asm: 'sb', operands: ['pin zero r8 rs2=zero', 'def m m1 store'], bits: 0x00000023, alias: true },
  sh:                { asm: 'sh', operands: ['use a r2 rs2', 'def m m2 store'], bits: 0x00001023 },
  sh_zero:           { asm: 'sh', operands: ['pin zero r8 rs2=zero', 'def m m2 store'], bits: 0x00001023, alias: true },
  sw:                { asm: 'sw', operands: ['use a r4 rs2', 'def m m4 store'], bits: 0x00002023 },
  sw_zero:           { asm: 'sw', operands: ['pin zero r8 rs2=zero', 'def m m4 store'], bits: 0x00002023, alias: true },
  sd:                { asm: 'sd', operands: ['use a r8 rs2', 'def m m8 store'], bits: 0x00003023 },
  sd_zero:           { asm: 'sd', operands: ['pin zero r8 rs2=zero', 'def m m8 store'], bits: 0x00003023, alias: true },
  fsw:               { asm: 'fsw', operands: ['use a x4 rs2', 'def m m4 store'], bits: 0x00002027 },
  fsd:               { asm: 'fsd', operands: ['use a x8 rs2', 'def m m8 store'], bits: 0x00003027 },
  // our own vmctx, back from the frame
  reset_vmctx:       { asm: 'ld', operands: ['pin vmctx r8 rd=s11', 'use a m8 load'], bits: 0x00003003, alias: true },
} as const satisfies Record<string, RvRow>;
