// What the rule files of x86-64 share: the maker of rules, and rows by type.

import { rulesOf } from '../../../ir/pattern.ts';
import { type Type, f32, i32 } from '../../../ir/types.ts';
import type { Selector } from '../../../machine/select.ts';

export const rule = rulesOf<Selector, void>();

/** The first of two rows for 4-byte types, the second for 8-byte types. */
export const byWidth = (type: Type | 0, row4: number, row8: number): number => (type === i32 || type === f32 ? row4 : row8);
/** The same for an immediate or a size in bytes. */
export const widthOf = (type: Type | 0): 4 | 8 => (type === i32 || type === f32 ? 4 : 8);

export const integerClass = 0;
export const floatClass = 1;
