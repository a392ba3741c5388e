// Short pieces of assembly for tests and planted faults.

import { bug } from '../../base/errors.ts';
import { zoneAddress } from '../../contract/runner.ts';
import type { Specimens } from '../../contract/specimens.ts';

export const specimens: Specimens = {
  // exit_group
  exit: ['addi a7, zero, 94', 'addi a0, zero, 42', 'ecall'],
  endlessLoop: ['jal zero, 0x0'],
  wildJump: ['addi a0, zero, 1024', 'jalr zero, 0(a0)'],
  wildAccess: ['addi a0, zero, 1024', 'lw a0, 0(a0)'],
  stackOverflow: ['addi sp, sp, -16', 'sd a0, 0(sp)', 'jal zero, 0x0'],
  spoiledControlPage: ['addi a0, zero, 1', zoneAddress === 2 ** 44 ? 'slli a0, a0, 44' : bug('the zone begins elsewhere', 'riscv64/specimens.ts'), 'addi a1, zero, 77', 'sw a1, 0(a0)', 'ebreak'],
};
