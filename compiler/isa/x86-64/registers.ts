// The registers of x86-64: numbers, names by width, and which the allocator may hand out.
// Integer registers 0–15 carry their hardware numbers, xmm0–xmm15 are 32–47.
//
// Pinned or reserved: rsp stack, rbp frame, r15 vmctx, r11 and xmm15 scratch of the emitter and of parallel moves.
// Every other register is destroyed by a call; r15 and rbp are kept by the callee.
// Names by width: Intel SDM volume 1, 3.4.1.1 "General-Purpose Registers in 64-Bit Mode".

import { bug } from '../../base/errors.ts';
import type { FixedRegisters, Registers } from '../../machine/target.ts';

const names8 = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;
const names4 = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'r8d', 'r9d', 'r10d', 'r11d', 'r12d', 'r13d', 'r14d', 'r15d'];
const names2 = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di', 'r8w', 'r9w', 'r10w', 'r11w', 'r12w', 'r13w', 'r14w', 'r15w'];
const names1 = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil', 'r8b', 'r9b', 'r10b', 'r11b', 'r12b', 'r13b', 'r14b', 'r15b'];
const byWidth: Record<number, readonly string[]> = { 1: names1, 2: names2, 4: names4, 8: names8 };

export const rax = 0;
export const rcx = 1;
export const rdx = 2;
export const rbx = 3;
export const rsp = 4;
export const rbp = 5;
export const rsi = 6;
export const rdi = 7;
export const r8 = 8;
export const r9 = 9;
export const r10 = 10;
export const r11 = 11;
export const r12 = 12;
export const r13 = 13;
export const r14 = 14;
export const r15 = 15;
export const xmm0 = 32;
export const xmm15 = 47;

/** Integer and float scratch, never allocated. */
export const scratchInteger = r11;
export const scratchFloat = xmm15;
export const vmctxRegister = r15;

export const fixedRegisters: FixedRegisters = { vmctx: vmctxRegister, framePointer: rbp, stackPointer: rsp };

export const registerFile: Registers = {
  allocatable: [
    [rax, rcx, rdx, rsi, rdi, rbx, r8, r9, r10, r12, r13, r14],
    [32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46],
  ],
  scratch: [scratchInteger, scratchFloat],
};

/** Name of a register used at `bytes` bytes; an xmm register has one name. */
export function registerName(register: number, bytes: number): string {
  if (register >= xmm0 && register <= xmm15) return `xmm${register - xmm0}`;
  return byWidth[bytes]?.[register] ?? bug(`no register ${register} of ${bytes} bytes`);
}

const numbers = new Map<string, { readonly register: number; readonly bytes: number }>();
for (const bytes of [1, 2, 4, 8]) for (const [register, name] of (byWidth[bytes] ?? []).entries()) numbers.set(name, { register, bytes });
for (let i = 0; i < 16; i++) numbers.set(`xmm${i}`, { register: xmm0 + i, bytes: 16 });

/** The register and width a name stands for. */
export function maybeRegister(name: string): { readonly register: number; readonly bytes: number } | undefined {
  return numbers.get(name);
}
/** Number of a register by its full-width name. */
export function registerNumber(name: string): number {
  return numbers.get(name)?.register ?? bug(`no register '${name}'`);
}
