// The cases of the benchmark: twelve planted faults in all parts of the compiler, each with the module in which a search from number 0 found it (bench-case.ts).

import type { Recipe } from './bench-case.ts';

export const benchRecipes: readonly Recipe[] = [
  // frontend
  { fault: 'address-extends-sign', of: 'behaviour', number: 686, arrangement: 4 },
  { fault: 'loop-branch-shifts-operands', of: 'behaviour', number: 12, arrangement: 1, isBeyondBinaryen: true },
  // mid-end
  { fault: 'shift-count-unmasked', of: 'behaviour', number: 931, arrangement: 1 },
  { fault: 'unsigned-division-keeps-sign', of: 'behaviour', number: 64, arrangement: 1 },
  { fault: 'load-forgets-store', of: 'behaviour', number: 677, arrangement: 1 },
  // lowering
  { fault: 'arithmetic-shift-is-logical', of: 'behaviour', number: 1866, arrangement: 1 },
  { fault: 'extension-fills-with-zero', of: 'behaviour', number: 538, arrangement: 1 },
  // allocation
  { fault: 'call-spares-a-register', of: 'behaviour', number: 11, arrangement: 1 },
  { fault: 'temporary-written-late', of: 'crash', number: 2, arrangement: 1 },
  // encoding
  { fault: 'byte-register-without-rex', of: 'behaviour', number: 183, arrangement: 1 },
  { fault: 'shift-left-goes-right', of: 'behaviour', number: 2, arrangement: 1 },
  // traps
  { fault: 'trap-codes-by-ordinal', of: 'behaviour', number: 27, arrangement: 5 },
];
