// Several behaviours of one module: what is the verdict, and who is odd?
//
// The first engine listed is the reference; every other is compared with it. Where they disagree, all pairs are compared, and the engine that agrees with
// fewest of the others is the odd one, if there is exactly one such: two against one names the one.

import { type Comparison, compareBehaviours, type DifferenceKind } from './compare.ts';
import type { Behaviour, Plan } from './observe.ts';

export interface Ballot {
  readonly engine: string;
  readonly behaviour: Behaviour;
}

export interface Vote {
  readonly verdict: 'agree' | 'disagree' | 'incomparable';
  /** Against the reference, in the order of the ballots after the first. */
  readonly comparisons: readonly { readonly engine: string; readonly comparison: Comparison }[];
  readonly odd: string | undefined;
  readonly kind: DifferenceKind | undefined;
  readonly detail: string | undefined;
}

/** Counts the ballots; the first is the reference. */
export function vote(ballots: readonly Ballot[], plan: Plan): Vote {
  const [reference, ...others] = ballots;
  if (reference === undefined) throw new RangeError('a vote without ballots');
  const comparisons = others.map(({ engine, behaviour }) => ({ engine, comparison: compareBehaviours(reference.behaviour, behaviour, plan) }));
  const differing = comparisons.find(({ comparison }) => comparison.verdict === 'disagree');
  if (differing === undefined || differing.comparison.verdict !== 'disagree') {
    // A reference that crashed is a disagreement already; with nobody to compare with, nothing was learnt.
    if (reference.behaviour.kind === 'crashed') return { verdict: 'disagree', comparisons, odd: reference.engine, kind: 'crash', detail: reference.behaviour.error.message };
    const verdict = comparisons.some(({ comparison }) => comparison.verdict === 'agree') ? 'agree' : 'incomparable';
    return { verdict, comparisons, odd: undefined, kind: undefined, detail: undefined };
  }
  const { kind, detail } = differing.comparison;
  return { verdict: 'disagree', comparisons, odd: oddOne(ballots, plan), kind, detail: `${reference.engine} against ${differing.engine}: ${detail}` };
}

function oddOne(ballots: readonly Ballot[], plan: Plan): string | undefined {
  const friends = ballots.map(() => 0);
  for (let i = 0; i < ballots.length; i++) {
    for (let j = i + 1; j < ballots.length; j++) {
      const a = ballots[i];
      const b = ballots[j];
      if (a === undefined || b === undefined || compareBehaviours(a.behaviour, b.behaviour, plan).verdict !== 'agree') continue;
      friends[i] = (friends[i] ?? 0) + 1;
      friends[j] = (friends[j] ?? 0) + 1;
    }
  }
  const fewest = Math.min(...friends);
  const lonely = ballots.filter((_, index) => friends[index] === fewest);
  return ballots.length > 2 && lonely.length === 1 ? lonely[0]?.engine : undefined;
}
