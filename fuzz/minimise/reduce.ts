// A module made small: the one way there for the verb `reduce`, for campaigns and for benchmarks.

import { type SearchOptions, search, type SearchProgress } from './engine.ts';
import { guarded, type Steadiness, steadinessOf } from './flaky.ts';
import { instructionsOf, type ModuleCandidate, moduleSubject, startingCandidate } from './wasm-subject.ts';

/** How a reduction went. */
export interface ReductionFigures {
  readonly instructions: { readonly before: number; readonly after: number };
  readonly tries: number;
  readonly discarded: number;
  /** False when time ran out before nothing helped any more. */
  readonly isFinished: boolean;
  readonly steadiness: Steadiness;
  readonly accepted: Readonly<Record<string, number>>;
}

export interface Reduction extends ReductionFigures {
  readonly bytes: Uint8Array;
}

/** What was given cannot be read, or is never interesting. */
export class NothingToReduce extends Error {
  override readonly name = 'NothingToReduce';
  /** Whether it could be read: then the predicate has said no. */
  readonly isReadable: boolean;

  constructor(message: string, isReadable: boolean) {
    super(message);
    this.isReadable = isReadable;
  }
}

export interface ReduceOptions extends SearchOptions<ModuleCandidate> {
  /** Whether candidates must be valid before the predicate sees them; false where validity itself is the question. */
  readonly mustBeValid?: boolean;
  /** How often the start is judged, to see whether the predicate is steady. */
  readonly trials?: number;
}

export type { SearchProgress };

/** Reduces a module; throws `NothingToReduce` when the predicate never holds for it. */
export async function reduceModule(bytes: Uint8Array, judge: (bytes: Uint8Array) => Promise<boolean> | boolean, options: ReduceOptions): Promise<Reduction> {
  const { mustBeValid = true, trials = 3 } = options;
  const start = startingCandidate(bytes);
  if ('kind' in start) throw new NothingToReduce(`the module is malformed: ${start.message}`, false);
  const steadiness = await steadinessOf(async () => judge(bytes), trials);
  if (steadiness.yes === 0) throw new NothingToReduce(`the module is not interesting: the predicate said no ${steadiness.of} times`, true);
  const isInteresting = guarded(async (candidate: ModuleCandidate) => judge(candidate.bytes), steadiness);
  const { best, tries, discarded, isFinished, accepted } = await search(moduleSubject(mustBeValid), start, isInteresting, options);
  return { bytes: best.bytes, instructions: { before: instructionsOf(start.m), after: instructionsOf(best.m) }, tries, discarded, isFinished, steadiness, accepted };
}
