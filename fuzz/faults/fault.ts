// What a planted fault is: a replacement rule or a stage transformer, put into the compiler through its seam, and what must come of it.

import type { Fault, StageName } from '../../compiler/inside.ts';

export interface PlantedFault {
  readonly name: string;
  /** What went wrong, where such a thing has happened before, and what shows it. */
  readonly summary: string;
  readonly faults: readonly Fault[];
  /** The stage that must be named as the first to differ. */
  readonly level: StageName;
  /** What in it must be named as guilty: a rule, the row of an instruction, an allocator. */
  readonly rule?: string;
  /** The smallest module that shows it, as text: proof that the fault works, never a seed. */
  readonly witness: string;
}
