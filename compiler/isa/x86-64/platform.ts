// What files, debuggers, Node, qemu and the kernel call x86-64; see contract/platform.ts.
// Source: System V psABI for AMD64, 4.1 "ELF Header", table 4.9 "Relocation Types", figure 3.36 "DWARF Register Number Mapping".

import type { Platform } from '../../contract/platform.ts';

/** The kernel's flags by our names of features; `abm` is its name for lzcnt. */
const kernelNames: Readonly<Record<string, string>> = { 'sse4.1': 'sse4_1', popcnt: 'popcnt', lzcnt: 'abm', bmi1: 'bmi1' };

export const platform: Platform = {
  title: 'x86-64',
  nodeArch: 'x64',
  emulator: 'qemu-x86_64',
  triple: 'x86_64-linux-gnu',
  debianArch: 'amd64',
  readelfMachine: 'Advanced Micro Devices X86-64',
  // EM_X86_64; R_X86_64_PC32.
  elf: { machine: 62, flags: 0, relative32: 2 },
  // push rbp · mov rbp, rsp
  frame: { stackPointer: 7, framePointer: 6, returnAddress: 16, pushesReturnAddress: true, codeAlignment: 1, moved: 1, saved: 1, set: 4 },
  capstone: { architecture: 'CS_ARCH_X86', mode: 'CS_MODE_64', sameMnemonics: true },
  idleCode: 0x06,
  futex: 202,
  featuresIn(cpuinfo) {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1]?.trim().split(/\s+/) ?? []);
    return Object.keys(kernelNames).filter((name) => flags.has(kernelNames[name] ?? ''));
  },
};
