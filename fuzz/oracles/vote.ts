// Several behaviours of one module: what is the verdict, and who is odd?
//
// The first engine listed is the reference; every other is compared with it. Where they disagree, engines that agree with each other form camps, and
// a camp counts as many voices as there are independent makers in it: all configurations of our compiler are one voice, since they share their faults.
// If one camp has more voices than any other, the first engine outside it is the odd one: two against one names the one.

import { type Comparison, compareBehaviours, type DifferenceKind } from './compare.ts';
import { isCompilers } from './engine-name.ts';
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

/** Who made an engine: the compiler's configurations and levels are one maker. */
function makerOf(engine: string): string {
  const [base = engine] = engine.split(':');
  return isCompilers(engine) ? 'compiler' : base;
}

function oddOne(ballots: readonly Ballot[], plan: Plan): string | undefined {
  const camps: Ballot[][] = [];
  for (const ballot of ballots) {
    const camp = camps.find(([first]) => first !== undefined && compareBehaviours(first.behaviour, ballot.behaviour, plan).verdict === 'agree');
    if (camp === undefined) camps.push([ballot]);
    else camp.push(ballot);
  }
  const voices = camps.map((camp) => new Set(camp.map(({ engine }) => makerOf(engine))).size);
  const most = Math.max(...voices);
  const leaders = camps.filter((_, index) => voices[index] === most);
  const [majority] = leaders;
  if (leaders.length !== 1 || majority === undefined) return undefined;
  return ballots.find((ballot) => !majority.includes(ballot))?.engine;
}
