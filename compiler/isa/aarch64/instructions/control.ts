// Jumps, calls, returns, traps and barriers.
// Encodings: Arm Architecture Reference Manual (DDI 0487), chapter C6. Displacements count from the instruction itself. Branches within a function are
// emitted through branches.ts, which sees to their ranges.

import type { A64Row } from '../encoding/row.ts';

export const control = {
  b:                 { asm: 'b', operands: ['imm to block rel26'], bits: 0x14000000, ends: 'jump' },
  b_cond:            { asm: 'b.{cc} {to}', operands: ['imm cc condition cc0', 'imm to block rel19', 'imm otherwise block -'], bits: 0x54000000, flags: 'read', ends: 'branch' },
  cbz32:             { asm: 'cbz', operands: ['use a r4 d', 'imm to block rel19', 'imm otherwise block -'], bits: 0x34000000, ends: 'branch', opposite: 'cbnz32' },
  cbz64:             { asm: 'cbz', operands: ['use a r8 d', 'imm to block rel19', 'imm otherwise block -'], bits: 0xb4000000, ends: 'branch', opposite: 'cbnz64' },
  cbnz32:            { asm: 'cbnz', operands: ['use a r4 d', 'imm to block rel19', 'imm otherwise block -'], bits: 0x35000000, ends: 'branch', opposite: 'cbz32' },
  cbnz64:            { asm: 'cbnz', operands: ['use a r8 d', 'imm to block rel19', 'imm otherwise block -'], bits: 0xb5000000, ends: 'branch', opposite: 'cbz64' },
  tbz32:             { asm: 'tbz', operands: ['use a r4 d', 'imm n i32 bit32', 'imm to block rel14', 'imm otherwise block -'], bits: 0x36000000, ends: 'branch', opposite: 'tbnz32' },
  tbz64:             { asm: 'tbz', operands: ['use a r8 d', 'imm n i32 bit64', 'imm to block rel14', 'imm otherwise block -'], bits: 0xb6000000, ends: 'branch', opposite: 'tbnz64' },
  tbnz32:            { asm: 'tbnz', operands: ['use a r4 d', 'imm n i32 bit32', 'imm to block rel14', 'imm otherwise block -'], bits: 0x37000000, ends: 'branch', opposite: 'tbz32' },
  tbnz64:            { asm: 'tbnz', operands: ['use a r8 d', 'imm n i32 bit64', 'imm to block rel14', 'imm otherwise block -'], bits: 0xb7000000, ends: 'branch', opposite: 'tbz64' },
  br:                { asm: 'br', operands: ['use to r8 n'], bits: 0xd61f0000, ends: 'jump' },
  // Jumps to entry `index` of a table behind the jump; the index is below the number of targets. Destroys both scratch registers.
  jump_table:        { asm: 'jump_table', operands: ['use index r4 -', 'imm targets blocks -'], ends: 'table', pseudo: true },
  // Traps on a condition, on a value that is or is not zero, and always.
  b_cond_trap:       { asm: 'b.{cc} trap', operands: ['imm cc condition -', 'imm code trap -'], flags: 'read', pseudo: true },
  cbz32_trap:        { asm: 'cbz {a}, trap', operands: ['use a r4 -', 'imm code trap -'], pseudo: true },
  cbz64_trap:        { asm: 'cbz {a}, trap', operands: ['use a r8 -', 'imm code trap -'], pseudo: true },
  cbnz32_trap:       { asm: 'cbnz {a}, trap', operands: ['use a r4 -', 'imm code trap -'], pseudo: true },
  cbnz64_trap:       { asm: 'cbnz {a}, trap', operands: ['use a r8 -', 'imm code trap -'], pseudo: true },
  trap:              { asm: 'trap', operands: ['imm code trap -'], ends: 'trap', pseudo: true },
  bl:                { asm: 'bl', operands: ['imm callee function rel26', 'use args list -', 'def results list -'], bits: 0x94000000, call: true },
  blr:               { asm: 'blr', operands: ['use callee r8 n', 'use args list -', 'def results list -'], bits: 0xd63f0000, call: true },
  ret:               { asm: 'ret', operands: ['use results list -'], ends: 'return', pseudo: true },
  args:              { asm: 'args', operands: ['def args list -'], pseudo: true },
  ret_lr:            { asm: 'ret', operands: [], bits: 0xd65f03c0, ends: 'return' },
  brk:               { asm: 'brk', operands: ['imm n i32 imm16'], bits: 0xd4200000, traps: 'always', ends: 'trap' },
  udf:               { asm: 'udf', operands: ['imm n i32 udf16'], bits: 0x00000000, traps: 'always', ends: 'trap' },
  svc:               { asm: 'svc', operands: ['imm n i32 imm16'], bits: 0xd4000001 },
  nop:               { asm: 'nop', operands: [], bits: 0xd503201f },
  // making written code visible to the instruction stream
  dc_cvau:           { asm: 'dc cvau, {a}', operands: ['use a r8 d'], bits: 0xd50b7b20 },
  ic_ivau:           { asm: 'ic ivau, {a}', operands: ['use a r8 d'], bits: 0xd50b7520 },
  dsb_ish:           { asm: 'dsb ish', operands: [], bits: 0xd5033b9f },
  dmb_ish:           { asm: 'dmb ish', operands: [], bits: 0xd5033bbf },
  isb:               { asm: 'isb', operands: [], bits: 0xd5033fdf },
} as const satisfies Record<string, A64Row>;
