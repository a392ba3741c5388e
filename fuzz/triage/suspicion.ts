// Which of the things that took part is to blame, judged by where they took part: spectrum-based fault localisation.
//
// Each observation is one run: what took part in it (features), and whether engines disagreed. What took part in every run that went wrong and in few
// that went right is suspicious. The measure is Ochiai's, failing / √(all failing × all with the feature): 1 for a feature that took part in all failing runs
// and in no other, 0 for one that took part in none.
// Source: Abreu, Zoeteweij, van Gemund, "On the accuracy of spectrum-based fault localization" (2007), which compares such measures.

export interface Observation {
  readonly features: ReadonlySet<string>;
  readonly disagrees: boolean;
  /** What was run, for reports. */
  readonly what: string;
}

export interface Suspect {
  readonly feature: string;
  /** From 0 to 1. */
  readonly score: number;
  /** Runs that disagreed in which it took part, and all that disagreed. */
  readonly failing: number;
  readonly allFailing: number;
  /** Runs that agreed in which it took part. */
  readonly passing: number;
}

/** All features of the runs that disagreed, the most suspicious first; of equals, by name. Empty when no run disagreed. */
export function rankSuspects(observations: readonly Observation[]): Suspect[] {
  const failing = new Map<string, number>();
  const passing = new Map<string, number>();
  let allFailing = 0;
  for (const { features, disagrees } of observations) {
    if (disagrees) allFailing++;
    const counts = disagrees ? failing : passing;
    for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  }
  return [...failing]
    .map(([feature, count]): Suspect => {
      const agreed = passing.get(feature) ?? 0;
      return { feature, score: count / Math.sqrt(allFailing * (count + agreed)), failing: count, allFailing, passing: agreed };
    })
    .sort((a, b) => b.score - a.score || (a.feature < b.feature ? -1 : 1));
}

/** Those as suspicious as the first. */
export function leaders(suspects: readonly Suspect[]): readonly Suspect[] {
  const [first] = suspects;
  return first === undefined ? [] : suspects.filter(({ score }) => first.score - score < 1e-9);
}

/** In words: how often it took part where engines disagreed, and where they did not. */
export function suspicionText({ feature, score, failing, allFailing, passing }: Suspect): string {
  return `${feature} takes part in ${failing} of ${allFailing} that disagree and in ${passing} that agree (Ochiai ${score.toFixed(2)})`;
}
