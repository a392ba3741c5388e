// Short pieces of assembly for tests and planted faults.

import { zoneAddress } from '../../contract/runner.ts';
import type { Specimens } from '../../contract/specimens.ts';

export const specimens: Specimens = {
  // exit_group
  exit: ['mov eax, 231', 'mov edi, 42', '.byte 0x0f', '.byte 0x05'],
  endlessLoop: ['jmp 0x0'],
  wildJump: ['mov eax, 4660', 'jmp rax'],
  wildAccess: ['mov eax, 4660', 'mov eax, dword ptr [rax]'],
  stackOverflow: ['push rax', 'jmp 0x0'],
  spoiledControlPage: [`movabs rax, 0x${zoneAddress.toString(16)}`, 'mov dword ptr [rax], 77', 'ud2'],
};
