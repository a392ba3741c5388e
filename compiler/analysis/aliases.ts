// What an instruction may read or write in memory, as sets of regions (ir/function.ts: accesses of different regions never overlap).
// A set is a mask, bit `1 << region`. Two accesses of one region overlap unless they have the same base and their bytes are apart.

import type { Inst } from '../base/entity.ts';
import { type IrFunction, detailOf, firstOperand, immediateOf, opcodeOf, regions, secondOperand } from '../ir/function.ts';
import { rowOf } from '../ir/opcodes.ts';
import { accessBytes, accessType } from '../ir/typing.ts';

export const noRegions = 0;
export const allRegions = Object.values(regions).reduce<number>((mask, region) => mask | (1 << region), 0);
/** Number of regions; their codes are below it. */
export const regionCount = Object.keys(regions).length;

const regionMask = 15;
const readonlyBit = 16;

export const regionOfFlags = (flags: number): number => flags & regionMask;
export const isReadonly = (flags: number): boolean => (flags & readonlyBit) !== 0;
/** Trap code of an access, 0 if it cannot fault where it stands. */
export const trapOfFlags = (flags: number): number => (flags >> 5) & 31;

/** Regions whose bytes may differ after `inst`. */
export function regionsWritten(f: IrFunction, inst: Inst): number {
  switch (rowOf(opcodeOf(f, inst)).effect) {
    case 'store':
      return 1 << regionOfFlags(detailOf(f, inst));
    case 'call':
      return allRegions;
    default:
      return noRegions;
  }
}

/** Regions whose bytes `inst` may look at; bytes that never change do not count. */
export function regionsRead(f: IrFunction, inst: Inst): number {
  switch (rowOf(opcodeOf(f, inst)).effect) {
    case 'load':
      return isReadonly(detailOf(f, inst)) ? noRegions : 1 << regionOfFlags(detailOf(f, inst));
    case 'call':
      return allRegions;
    default:
      return noRegions;
  }
}

/** True unless two accesses (loads or stores) certainly touch different bytes. */
export function mayOverlap(f: IrFunction, a: Inst, b: Inst): boolean {
  if (regionOfFlags(detailOf(f, a)) !== regionOfFlags(detailOf(f, b))) return false;
  if (addressOperand(f, a) !== addressOperand(f, b)) return true;
  const startA = immediateOf(f, a);
  const startB = immediateOf(f, b);
  return startA < startB + accessBytes(opcodeOf(f, b), accessType(f, b)) && startB < startA + accessBytes(opcodeOf(f, a), accessType(f, a));
}

/** The address an access starts from, its offset left out. */
export function addressOperand(f: IrFunction, inst: Inst): number {
  return rowOf(opcodeOf(f, inst)).effect === 'load' ? firstOperand(f, inst) : secondOperand(f, inst);
}
