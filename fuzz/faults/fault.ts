// What a planted fault is: something put into the compiler through its seam, where it comes from, and what must come of it.

import type { Fault, StageName, TargetName } from '../../compiler/inside.ts';

/** The part of the compiler that a fault sits in. */
export type Component = 'frontend' | 'mid-end' | 'lowering' | 'allocation' | 'encoding' | 'traps' | 'runtime';

export interface PlantedFault {
  readonly name: string;
  /** What goes wrong, and what shows it. */
  readonly summary: string;
  /** Where such a thing has happened before. */
  readonly history: string;
  readonly component: Component;
  /** The target on whose machine code it is looked for. */
  readonly target: TargetName;
  readonly faults: readonly Fault[];
  /** The stage that must be named as the first to differ. */
  readonly level: StageName;
  /** What in it must be named as guilty: a rule, the row of an instruction, an allocator, `trap-table`, `width`; absent where nothing has a name. */
  readonly rule?: string;
  /** Other names that are as right, where a fault sits in more than one rule or row. */
  readonly alsoRight?: readonly string[];
  /** Its code may touch or jump to anything: whoever runs it in this process may die. */
  readonly isWild?: true;
  /** The smallest module that shows it, as text: proof that the fault works, never a seed. */
  readonly witness: string;
}
