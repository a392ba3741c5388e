// What the rule files of RISC-V share: the maker of rules, rows by type, and tests of constants.

import { type ConstantPattern, k, rulesOf, simm12, where } from '../../../ir/pattern.ts';
import { type Type, f32, i32, i64 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';

export const rule = rulesOf<Selector, void>();

/** The first of two rows for 4-byte types, the second for 8-byte types. */
export const byWidth = (type: Type | 0, row4: number, row8: number): number => (type === i32 || type === f32 ? row4 : row8);
/** Bytes of a type. */
export const widthOf = (type: Type | 0): 4 | 8 => (type === i32 || type === f32 ? 4 : 8);

export const integerClass = 0;
export const floatClass = 1;

/** Both integer types, with what rule names call them. */
export const integerWidths = [
  ['i32', i32],
  ['i64', i64],
] as const;

export const hasZba = (_: unknown, c: Selector): boolean => c.features.has('zba');
export const hasZbb = (_: unknown, c: Selector): boolean => c.features.has('zbb');

type FirstConstant = 'k' | 'k64' | 'kLow' | 'kHigh';

/** A constant of 12 signed bits, and one whose negation is. */
export const short: ConstantPattern<FirstConstant> = simm12(k);
export const negatedShort: ConstantPattern<FirstConstant> = where(k, (low, high) => high === low >> 31 && low >= -0x7ff && low <= 0x800);
