// The registers of RISC-V: numbers, names, and which the allocator may hand out.
// Integer registers x0–x31 carry their hardware numbers, the float registers f0–f31 are 32–63. A name does not depend on the width used.
//
// Pinned or reserved: x0 zero, ra, sp, gp and tp (the platform's), s0 frame pointer, s11 vmctx, t5 and t6 scratch of the emitter (t5 of parallel
// moves too), ft11 scratch. Every other register is destroyed by a call; s0 and s11 are kept by the callee.
// Names: RISC-V psABI, "Integer Register Convention" and "Floating-point Register Convention".

import { bug } from '../../base/errors.ts';
import type { FixedRegisters, Registers } from '../../machine/target.ts';

export const zero = 0;
export const ra = 1;
export const sp = 2;
export const t0 = 5;
export const t1 = 6;
export const t2 = 7;
export const s0 = 8;
export const s1 = 9;
export const a0 = 10;
export const a1 = 11;
export const a2 = 12;
export const a7 = 17;
export const s2 = 18;
export const s11 = 27;
export const t3 = 28;
export const t4 = 29;
export const t5 = 30;
export const t6 = 31;
/** Number of f0. */
export const f0 = 32;
export const fa0 = f0 + 10;
export const ft11 = f0 + 31;

/** Integer and float scratch, never allocated; the emitter may use the second integer one between two instructions of the vcode. */
export const scratchInteger = t5;
export const secondScratch = t6;
export const scratchFloat = ft11;
export const vmctxRegister = s11;
export const framePointer = s0;
export const linkRegister = ra;
export const stackPointer = sp;

const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

export const fixedRegisters: FixedRegisters = { vmctx: vmctxRegister, framePointer, stackPointer, zero };

export const registerFile: Registers = {
  allocatable: [
    [...from(a0, a7), ...from(t0, t2), t3, t4, s1, ...from(s2, s11 - 1)],
    [...from(fa0, fa0 + 7), ...from(f0, f0 + 9), ...from(f0 + 18, ft11 - 1)],
  ],
  scratch: [scratchInteger, scratchFloat],
};

const names: readonly string[] = [
  'zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', ...from(0, 7).map((n) => `a${n}`), ...from(2, 11).map((n) => `s${n}`), 't3', 't4', 't5', 't6',
  ...from(0, 7).map((n) => `ft${n}`), 'fs0', 'fs1', ...from(0, 7).map((n) => `fa${n}`), ...from(2, 11).map((n) => `fs${n}`), 'ft8', 'ft9', 'ft10', 'ft11',
];

/** Name of a register. */
export function registerName(register: number): string {
  return names[register] ?? bug(`no register ${register}`);
}

interface NamedRegister {
  readonly register: number;
  /** Bytes of the register the name stands for: always all of it. */
  readonly bytes: number;
}

const numbers = new Map<string, NamedRegister>(names.map((name, register) => [name, { register, bytes: 8 }]));

/** The register a name stands for. */
export function maybeRegister(name: string): NamedRegister | undefined {
  return numbers.get(name);
}
/** Number of a register by its name. */
export function registerNumber(name: string): number {
  return numbers.get(name)?.register ?? bug(`no register '${name}'`);
}
