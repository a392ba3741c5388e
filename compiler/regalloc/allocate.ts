// The door of this room: a problem in, an allocation out. Both algorithms answer to the same checker (checker.ts).
// single-pass:  one backward walk, for compile time.
// backtracking: live ranges, bundles, eviction and splitting, for the code.

import { type Control, CountingControl } from '../base/control.ts';
import { unreachable } from '../base/errors.ts';
import { allocateBacktracking } from './backtracking.ts';
import type { Allocation, Problem } from './problem.ts';
import { allocateSinglePass } from './single-pass.ts';

export const allocationAlgorithms = ['single-pass', 'backtracking'] as const;
export type AllocationAlgorithm = (typeof allocationAlgorithms)[number];

export interface AllocationOptions {
  readonly algorithm: AllocationAlgorithm;
  /** Chooses among equally correct allocations under test; absent, choice 0 everywhere. */
  readonly control?: Control;
}

/** Gives every operand of `problem` a location and inserts the moves that make it so. */
export function allocate(problem: Problem, options: AllocationOptions): Allocation {
  const control = options.control ?? new CountingControl();
  switch (options.algorithm) {
    case 'single-pass':
      return allocateSinglePass(problem, control);
    case 'backtracking':
      return allocateBacktracking(problem, control);
    default:
      return unreachable(options.algorithm);
  }
}
