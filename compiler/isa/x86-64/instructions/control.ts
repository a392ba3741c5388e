// Jumps, calls, returns and traps.
// Encodings: Intel SDM volume 2, JMP, Jcc, CALL, RET, UD2. Branches within a function stand in vcode in their long form; the emitter takes the
// short one where it reaches.

import type { X64Row } from '../encoding/row.ts';

export const control = {
  jmp:               { asm: 'jmp', operands: ['imm to block rel'], opcode: 0xe9, ends: 'jump' },
  jcc:               { asm: 'j{cc} {to}', operands: ['imm cc condition cc', 'imm to block rel', 'imm otherwise block -'], map: '0f', opcode: 0x80, flags: 'read', ends: 'branch' },
  jmp_short:         { asm: 'jmp', operands: ['imm to block rel8'], opcode: 0xeb, ends: 'jump' },
  jcc_short:         { asm: 'j{cc} {to}', operands: ['imm cc condition cc', 'imm to block rel8'], opcode: 0x70, flags: 'read', ends: 'branch' },
  // Jumps if either of two conditions holds: two instructions on one set of flags.
  jcc2:              { asm: 'j{cc}|{cc2} {to}', operands: ['imm cc condition -', 'imm cc2 condition -', 'imm to block -', 'imm otherwise block -'], flags: 'read', ends: 'branch', pseudo: true },
  jmp_r:             { asm: 'jmp', operands: ['use to r8 rm'], opcode: 0xff, digit: 4, ends: 'jump' },
  jmp_m:             { asm: 'jmp', operands: ['use to m8 rm'], opcode: 0xff, digit: 4, ends: 'jump' },
  // Jumps to entry `index` of a table behind the code; the index is below the number of targets.
  jump_table:        { asm: 'jump_table', operands: ['use index r8 -', 'temp target r8 -', 'temp entry r8 -', 'imm targets blocks -'], ends: 'table', pseudo: true },
  jcc_trap:          { asm: 'j{cc} trap', operands: ['imm cc condition -', 'imm code trap -'], flags: 'read', pseudo: true },
  trap:              { asm: 'trap', operands: ['imm code trap -'], ends: 'trap', pseudo: true },
  call:              { asm: 'call', operands: ['imm callee function rel', 'use args list -', 'def results list -'], opcode: 0xe8, call: true },
  call_r:            { asm: 'call', operands: ['use callee r8 rm', 'use args list -', 'def results list -'], opcode: 0xff, digit: 2, call: true },
  call_m:            { asm: 'call', operands: ['use callee m8 rm', 'use args list -', 'def results list -'], opcode: 0xff, digit: 2, call: true },
  ret:               { asm: 'ret', operands: ['use results list -'], opcode: 0xc3, ends: 'return', pseudo: true },
  args:              { asm: 'args', operands: ['def args list -'], pseudo: true },
  leave:             { asm: 'leave', operands: [], opcode: 0xc9 },
  ret_near:          { asm: 'ret', operands: [], opcode: 0xc3, ends: 'return' },
  ud2:               { asm: 'ud2', operands: [], map: '0f', opcode: 0x0b, traps: 'always', ends: 'trap' },
  nop:               { asm: 'nop', operands: [], opcode: 0x90 },
} as const satisfies Record<string, X64Row>;
