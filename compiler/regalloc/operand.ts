// One operand of one machine instruction, as the allocator sees it: a virtual register with a role, a moment and a constraint, in an int32.
//
//   bits 0–19 virtual register | 20 def | 21 late | 22–24 constraint | 25–30 detail (physical register, or number of the operand to share with)
//
// Each instruction has two half-points. Early: sources are read. Late: results are written.
//   use early  the usual source: may share a register with a def late
//   use late   still needed when results are written: shares with no def
//   def late   the usual result
//   def early  written before all sources are read (also every temporary): shares with no use and no other def
// Machine code is in SSA form: every virtual register has one def, or is one block's parameter.

import { type PReg, type VReg, asPReg, asVReg } from '../base/entity.ts';

export const constraints = {
  /** A register of the virtual register's class, or its spill slot. */
  any: 0,
  /** Some allocatable register of the class. */
  register: 1,
  /** A stack slot. */
  stack: 2,
  /** The physical register in `detail`, allocatable or not. */
  fixed: 3,
  /** (def only) The register of the use that is operand `detail` of the same instruction. */
  reuse: 4,
} as const;
export type Constraint = keyof typeof constraints;

export type Operand = number & { readonly operandBrand: true };

const vregMask = 0xfffff;
const defBit = 1 << 20;
const lateBit = 1 << 21;

/** Virtual registers per function. */
export const maxVRegs = vregMask + 1;

export function packOperand(vreg: VReg, role: 'use' | 'def', moment: 'early' | 'late', constraint: Constraint, detail = 0): Operand {
  return (vreg |
    (role === 'def' ? defBit : 0) |
    (moment === 'late' ? lateBit : 0) |
    (constraints[constraint] << 22) |
    (detail << 25)) as Operand;
}
export const vregOf = (operand: Operand): VReg => asVReg(operand & vregMask);
export const isDef = (operand: Operand): boolean => (operand & defBit) !== 0;
export const isLate = (operand: Operand): boolean => (operand & lateBit) !== 0;
/** A value of `constraints`. */
export const constraintOf = (operand: Operand): number => (operand >>> 22) & 7;
export const detailOfOperand = (operand: Operand): number => (operand >>> 25) & 63;
/** The register that a `fixed` operand names; undefined for the others. */
export const maybeFixedRegisterOf = (operand: Operand): PReg | undefined => (constraintOf(operand) === constraints.fixed ? fixedRegisterOf(operand) : undefined);
/** The register a `fixed` operand names. */
export const fixedRegisterOf = (operand: Operand): PReg => asPReg((operand >>> 25) & 63);
