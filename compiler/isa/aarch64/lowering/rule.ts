// What the rule files of AArch64 share: the maker of rules, rows by type, and tests of constants.

import { type ConstantPattern, k, rulesOf, where } from '../../../ir/pattern.ts';
import { type Type, f32, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';
import { encodeLogical32, encodeLogical64 } from '../encoding/logical-immediate.ts';

export const rule = rulesOf<Selector, void>();

/** The first of two rows for 4-byte types, the second for 8-byte types. */
export const byWidth = (type: Type | 0, row4: number, row8: number): number => (type === i32 || type === f32 ? row4 : row8);
/** Bytes of a type. */
export const widthOf = (type: Type | 0): 4 | 8 => (type === i32 || type === f32 ? 4 : 8);

export const integerClass = 0;
export const floatClass = 1;

/** Both integer types, with what rule names and row names call them. */
export const integerWidths = [
  ['i32', i32, 32],
  ['i64', i64, 64],
] as const;

/** Whether add and sub can take an unsigned constant: 12 bits, shifted by 12 or not. */
export const isArithmetic = (low: number, high: number): boolean => high === 0 && low >= 0 && ((low & ~0xfff) === 0 || (low & ~0xfff000) === 0);

const negatedLow = (low: number): number => -low | 0;
const negatedHigh = (low: number, high: number): number => (~high + (low === 0 ? 1 : 0)) | 0;

type FirstConstant = 'k' | 'k64' | 'kLow' | 'kHigh';

/** A constant that add and sub take as it is, or negated. */
export const arithmetic: ConstantPattern<FirstConstant> = where(k, (low, high, type) => isArithmetic(low, type === i32 ? 0 : high));
export const negatedArithmetic: ConstantPattern<FirstConstant> = where(k, (low, high, type) => isArithmetic(negatedLow(low), type === i32 ? 0 : negatedHigh(low, high)));
/** A constant that the logical instructions take. */
export const logical: ConstantPattern<FirstConstant> = where(k, (low, high, type) => (type === i32 ? encodeLogical32(low) : encodeLogical64(low, high)) >= 0);

/** Emits the immediate form of an instruction with an arithmetic constant; `plain` and `shifted` are its two rows. */
export function emitArithmetic(c: Selector, plain: number, shifted: number, result: number, source: number, constant: number): void {
  if (constant <= 0xfff) c.emit(plain, result, source, constant);
  else c.emit(shifted, result, source, constant >>> 12);
}
