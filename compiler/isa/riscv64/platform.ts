// What files, debuggers, Node, qemu and the kernel call RISC-V of 64 bits; see contract/platform.ts.
// Source: RISC-V ELF psABI, "File Header", "Relocations", "DWARF Register Numbers"; the kernel's Documentation/arch/riscv/uabi.rst for the `isa` line.

import type { Platform } from '../../contract/platform.ts';

export const platform: Platform = {
  title: 'RISC-V',
  nodeArch: 'riscv64',
  emulator: 'qemu-riscv64',
  triple: 'riscv64-linux-gnu',
  debianArch: 'riscv64',
  readelfMachine: 'RISC-V',
  // EM_RISCV; EF_RISCV_FLOAT_ABI_DOUBLE; R_RISCV_32_PCREL.
  elf: { machine: 243, flags: 0x4, relative32: 57 },
  // addi sp, sp, -16 · sd ra, 8(sp) · sd s0, 0(sp) · addi s0, sp, 0
  frame: { stackPointer: 2, framePointer: 8, returnAddress: 1, pushesReturnAddress: false, codeAlignment: 1, moved: 4, saved: 12, set: 16 },
  idleCode: 0,
  futex: 98,
  // `isa : rv64imafdc_zicsr_zba_zbb`: extensions of several letters stand between underscores.
  featuresIn: (cpuinfo) => /^isa\s*:\s*(\w+)$/m.exec(cpuinfo)?.[1]?.split('_').slice(1) ?? [],
};
