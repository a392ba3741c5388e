// All simplification rules, in the order they are tried: by family, which only matters within one opcode.

import type { SimplificationRule } from '../rewriter.ts';
import { checkRules } from './checks.ts';
import { compareRules } from './compares.ts';
import { floatRules } from './floats.ts';
import { integerRules } from './integers.ts';
import { memoryRules } from './memory.ts';
import { selectRules } from './selects.ts';
import { shiftRules } from './shifts.ts';

export const simplificationRules: readonly SimplificationRule[] = [
  ...integerRules,
  ...shiftRules,
  ...compareRules,
  ...selectRules,
  ...memoryRules,
  ...floatRules,
  ...checkRules,
];
