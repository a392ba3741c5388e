// Places in code that name something whose address is not known while the function is compiled.
// Kinds follow the processors' psABI documents; the formulas use S (symbol), A (addend), P (place).

import type { TargetName } from './artifact.ts';

export type RelocationKind =
  /** x86-64 R_X86_64_PLT32 / PC32: 32 bits, S + A - P, where A is -4 for a call whose displacement ends the instruction. */
  | 'x86-64.pc32'
  /** AArch64 R_AARCH64_CALL26: bits 0–25 of the instruction, (S + A - P) / 4. */
  | 'aarch64.call26'
  /** RISC-V R_RISCV_CALL_PLT: auipc + jalr pair, S + A - P split in 20 and 12 bits. */
  | 'riscv64.call';

/** A use of function `func`'s address at byte `offset` of the code it stands in. */
export interface Relocation {
  readonly offset: number;
  readonly kind: RelocationKind;
  readonly func: number;
  readonly addend: number;
}

/** The target whose code holds relocations of this kind. */
export function targetOf(kind: RelocationKind): TargetName {
  return kind.slice(0, kind.indexOf('.')) as TargetName;
}
