// A guard against predicates that do not always give the same answer.
//
// The start is judged several times. If it is always interesting, each candidate is judged once. Otherwise a candidate is judged until it has been interesting
// as often as half the start's rate asks for, or cannot be any more: k of n. So a flaky finding is not lost to one unlucky run, and a lucky one does not
// lead the search to something that shows the fault much more rarely.

export interface Steadiness {
  /** Runs in which the start was interesting, of how many. */
  readonly yes: number;
  readonly of: number;
  /** What each candidate must reach: so often interesting in so many runs. */
  readonly needed: number;
  readonly runs: number;
}

/** Runs of a candidate when the start was seen to be flaky. */
const flakyRuns = 8;

/** Judges the start `of` times; `yes` is 0 when it is never interesting. */
export async function steadinessOf(judge: () => Promise<boolean>, of = 3): Promise<Steadiness> {
  let yes = 0;
  let runs = 0;
  for (; runs < of; runs++) if (await judge()) yes++;
  if (yes === runs) return { yes, of: runs, needed: 1, runs: 1 };
  // Some more, for a rate worth the name.
  for (; runs < of + flakyRuns; runs++) if (await judge()) yes++;
  return { yes, of: runs, needed: Math.max(1, Math.ceil((flakyRuns * yes) / runs / 2)), runs: flakyRuns };
}

/** A predicate that asks as often as the start's steadiness demands. */
export function guarded<T>(judge: (candidate: T) => Promise<boolean>, { needed, runs }: Steadiness): (candidate: T) => Promise<boolean> {
  return async (candidate) => {
    let yes = 0;
    for (let run = 0; run < runs && needed - yes <= runs - run; run++) {
      if (await judge(candidate)) yes++;
      if (yes >= needed) return true;
    }
    return false;
  };
}
