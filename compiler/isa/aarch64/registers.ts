// The registers of AArch64: numbers, names by width, and which the allocator may hand out.
// Integer registers x0–x30 carry their hardware numbers, the vector registers v0–v31 are 32–63.
// Number 31 is the stack pointer in some fields of an instruction and the zero register in the others; the row's field says which.
//
// Pinned or reserved: x28 vmctx, x29 frame pointer, x30 link register, x18 the platform's, x16 and x17 scratch of the emitter (x16 of parallel moves too),
// v31 scratch. Every other register is destroyed by a call; x28 and x29 are kept by the callee.
// Names: Arm Architecture Reference Manual (DDI 0487), C1.2.5 "Register names".

import { bug } from '../../base/errors.ts';
import type { FixedRegisters, Registers } from '../../machine/target.ts';

export const x0 = 0;
export const x1 = 1;
export const x2 = 2;
export const x9 = 9;
export const x10 = 10;
export const x11 = 11;
export const x12 = 12;
export const x13 = 13;
export const x16 = 16;
export const x17 = 17;
export const x19 = 19;
export const x20 = 20;
export const x28 = 28;
export const x29 = 29;
export const x30 = 30;
/** Number 31 in a field that means the stack pointer, and in one that means zero. */
export const stackPointer = 31;
export const zero = 31;
export const v0 = 32;
export const v31 = 63;

/** Integer and float scratch, never allocated; the emitter may use the second integer one between two instructions of the vcode. */
export const scratchInteger = x16;
export const secondScratch = x17;
export const scratchFloat = v31;
export const vmctxRegister = x28;
export const framePointer = x29;
export const linkRegister = x30;

const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export const fixedRegisters: FixedRegisters = { vmctx: vmctxRegister, framePointer, stackPointer };

export const registerFile: Registers = {
  allocatable: [[...from(0, 15), ...from(19, 27)], from(v0, v31 - 1)],
  scratch: [scratchInteger, scratchFloat],
};

const floatLetters: Record<number, string> = { 1: 'b', 2: 'h', 4: 's', 8: 'd', 16: 'q' };

/** Name of a register used at `bytes` bytes; 31 is the stack pointer. */
export function registerName(register: number, bytes: number): string {
  if (register >= v0 && register <= v31) return `${floatLetters[bytes] ?? bug(`no float register of ${bytes} bytes`)}${register - v0}`;
  if (register === stackPointer) return bytes === 8 ? 'sp' : 'wsp';
  if (register < 0 || register > 31) bug(`no register ${register}`);
  return `${bytes === 8 ? 'x' : 'w'}${register}`;
}

/** The same with 31 for zero. */
export function registerOrZeroName(register: number, bytes: number): string {
  if (register !== zero) return registerName(register, bytes);
  return bytes === 8 ? 'xzr' : 'wzr';
}

interface NamedRegister {
  readonly register: number;
  /** Bytes of the register the name stands for; 4 for `w` names. */
  readonly bytes: number;
}

const numbers = new Map<string, NamedRegister>();
for (let register = 0; register <= 30; register++) {
  numbers.set(`w${register}`, { register, bytes: 4 });
  numbers.set(`x${register}`, { register, bytes: 8 });
}
for (const bytes of [4, 8]) {
  numbers.set(registerName(stackPointer, bytes), { register: stackPointer, bytes });
  numbers.set(registerOrZeroName(zero, bytes), { register: zero, bytes });
}
for (const [bytes, letter] of Object.entries(floatLetters)) {
  for (let i = 0; i < 32; i++) numbers.set(`${letter}${i}`, { register: v0 + i, bytes: Number(bytes) });
}

/** The register and width a name stands for. */
export function maybeRegister(name: string): NamedRegister | undefined {
  return numbers.get(name);
}
/** Number of a register by one of its names. */
export function registerNumber(name: string): number {
  return numbers.get(name)?.register ?? bug(`no register '${name}'`);
}
