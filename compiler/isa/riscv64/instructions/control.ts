// Jumps, calls, returns, traps, and what the emitter makes of several instructions.
// Encodings: The RISC-V Instruction Set Manual, volume I, "Control Transfer Instructions". Displacements count from the instruction itself.
// Branches within a function are emitted through branches.ts, which sees to their ranges. Where a comparison is part of a row, its name says what is
// compared: w 32 bits, d 64 bits, and z the second is zero. ltu and geu compare sign-extended 32-bit values as rightly as zero-extended ones.

import type { RvRow } from '../encoding/row.ts';

export const control = {
  j:                 { asm: 'jal', operands: ['pin zero r8 rd=zero', 'imm to block rel21'], bits: 0x0000006f, ends: 'jump', alias: true },
  branch_w:          { asm: 'b{cc} {a}, {b}, {to}', operands: ['use a r4 rs1', 'use b r4 rs2', 'imm cc condition cc', 'imm to block rel13', 'imm otherwise block -'], bits: 0x00000063, ends: 'branch', alias: true },
  branch_wz:         { asm: 'b{cc} {a}, {b}, {to}', operands: ['use a r4 rs1', 'pin b r8 rs2=zero', 'imm cc condition cc', 'imm to block rel13', 'imm otherwise block -'], bits: 0x00000063, ends: 'branch', alias: true },
  branch_d:          { asm: 'b{cc} {a}, {b}, {to}', operands: ['use a r8 rs1', 'use b r8 rs2', 'imm cc condition cc', 'imm to block rel13', 'imm otherwise block -'], bits: 0x00000063, ends: 'branch' },
  branch_dz:         { asm: 'b{cc} {a}, {b}, {to}', operands: ['use a r8 rs1', 'pin b r8 rs2=zero', 'imm cc condition cc', 'imm to block rel13', 'imm otherwise block -'], bits: 0x00000063, ends: 'branch', alias: true },
  jal:               { asm: 'jal', operands: ['def d r8 rd', 'imm to block rel21'], bits: 0x0000006f },
  jalr:              { asm: 'jalr {d}, {n}({a})', operands: ['def d r8 rd', 'use a r8 rs1', 'imm n i32 imm12'], bits: 0x00000067 },
  // result = b where the condition holds, else a, by a branch over a move
  select_i32_w:      { asm: 'select', operands: ['mod a r4 -', 'use b r4 -', 'use p r4 -', 'use q r4 -', 'imm cc condition -'], pseudo: true },
  select_i32_wz:     { asm: 'select', operands: ['mod a r4 -', 'use b r4 -', 'use p r4 -', 'imm cc condition -'], pseudo: true },
  select_i32_d:      { asm: 'select', operands: ['mod a r4 -', 'use b r4 -', 'use p r8 -', 'use q r8 -', 'imm cc condition -'], pseudo: true },
  select_i32_dz:     { asm: 'select', operands: ['mod a r4 -', 'use b r4 -', 'use p r8 -', 'imm cc condition -'], pseudo: true },
  select_i64_w:      { asm: 'select', operands: ['mod a r8 -', 'use b r8 -', 'use p r4 -', 'use q r4 -', 'imm cc condition -'], pseudo: true },
  select_i64_wz:     { asm: 'select', operands: ['mod a r8 -', 'use b r8 -', 'use p r4 -', 'imm cc condition -'], pseudo: true },
  select_i64_d:      { asm: 'select', operands: ['mod a r8 -', 'use b r8 -', 'use p r8 -', 'use q r8 -', 'imm cc condition -'], pseudo: true },
  select_i64_dz:     { asm: 'select', operands: ['mod a r8 -', 'use b r8 -', 'use p r8 -', 'imm cc condition -'], pseudo: true },
  select_f32_w:      { asm: 'select', operands: ['mod a x4 -', 'use b x4 -', 'use p r4 -', 'use q r4 -', 'imm cc condition -'], pseudo: true },
  select_f32_wz:     { asm: 'select', operands: ['mod a x4 -', 'use b x4 -', 'use p r4 -', 'imm cc condition -'], pseudo: true },
  select_f32_d:      { asm: 'select', operands: ['mod a x4 -', 'use b x4 -', 'use p r8 -', 'use q r8 -', 'imm cc condition -'], pseudo: true },
  select_f32_dz:     { asm: 'select', operands: ['mod a x4 -', 'use b x4 -', 'use p r8 -', 'imm cc condition -'], pseudo: true },
  select_f64_w:      { asm: 'select', operands: ['mod a x8 -', 'use b x8 -', 'use p r4 -', 'use q r4 -', 'imm cc condition -'], pseudo: true },
  select_f64_wz:     { asm: 'select', operands: ['mod a x8 -', 'use b x8 -', 'use p r4 -', 'imm cc condition -'], pseudo: true },
  select_f64_d:      { asm: 'select', operands: ['mod a x8 -', 'use b x8 -', 'use p r8 -', 'use q r8 -', 'imm cc condition -'], pseudo: true },
  select_f64_dz:     { asm: 'select', operands: ['mod a x8 -', 'use b x8 -', 'use p r8 -', 'imm cc condition -'], pseudo: true },
  // traps if the condition holds, and always
  trap_if_w:         { asm: 'trap', operands: ['use a r4 -', 'use b r4 -', 'imm cc condition -', 'imm code trap -'], pseudo: true },
  trap_if_wz:        { asm: 'trap', operands: ['use a r4 -', 'imm cc condition -', 'imm code trap -'], pseudo: true },
  trap_if_d:         { asm: 'trap', operands: ['use a r8 -', 'use b r8 -', 'imm cc condition -', 'imm code trap -'], pseudo: true },
  trap_if_dz:        { asm: 'trap', operands: ['use a r8 -', 'imm cc condition -', 'imm code trap -'], pseudo: true },
  trap:              { asm: 'trap', operands: ['imm code trap -'], ends: 'trap', pseudo: true },
  // jumps to entry `index` of a table behind the function; the index is below the number of targets
  jump_table:        { asm: 'jump_table', operands: ['use index r4 -', 'imm targets blocks -'], ends: 'table', pseudo: true },
  call:              { asm: 'call', operands: ['imm callee function -', 'use args list -', 'def results list -'], call: true, pseudo: true },
  call_register:     { asm: 'jalr', operands: ['pin link r8 rd=ra', 'use callee r8 rs1', 'use args list -', 'def results list -'], bits: 0x00000067, call: true, alias: true },
  ret:               { asm: 'ret', operands: ['use results list -'], ends: 'return', pseudo: true },
  args:              { asm: 'args', operands: ['def args list -'], pseudo: true },
  // the environment; fences for data and for written code
  ecall:             { asm: 'ecall', operands: [], bits: 0x00000073 },
  ebreak:            { asm: 'ebreak', operands: [], bits: 0x00100073, traps: 'always', ends: 'trap' },
  fence:             { asm: 'fence rw, rw', operands: [], bits: 0x0330000f },
  fence_i:           { asm: 'fence.i', operands: [], bits: 0x0000100f },
} as const satisfies Record<string, RvRow>;
