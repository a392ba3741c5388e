// What files, debuggers, Node, qemu and the kernel call AArch64; see contract/platform.ts.
// Source: ELF for the Arm 64-bit Architecture, 5.2 "ELF Header", 5.7 "Relocation"; DWARF for the same, 4.1 "DWARF register names".

import type { Platform } from '../../contract/platform.ts';

export const platform: Platform = {
  title: 'AArch64',
  nodeArch: 'arm64',
  emulator: 'qemu-aarch64',
  triple: 'aarch64-linux-gnu',
  debianArch: 'arm64',
  readelfMachine: 'AArch64',
  // EM_AARCH64; R_AARCH64_PREL32.
  elf: { machine: 183, flags: 0, relative32: 261 },
  // stp x29, x30, [sp, #-16]! · mov x29, sp
  frame: { stackPointer: 31, framePointer: 29, returnAddress: 30, pushesReturnAddress: false, codeAlignment: 4, moved: 4, saved: 4, set: 8 },
  capstone: { architecture: 'CS_ARCH_ARM64', mode: 'CS_MODE_LITTLE_ENDIAN', sameMnemonics: false },
  idleCode: 0,
  futex: 98,
  featuresIn: () => [],
};
