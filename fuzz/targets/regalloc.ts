// Allocation problems: both allocators solve them, the checker proves both answers, and both keep one data flow.
// One problem in eight is judged by the checker's naive twin as well. The allocators' own choices are drawn too (chaos), which must alter code and never meaning.

import { allocate, allocationAlgorithms, type Allocation, checkAllocation, CountingControl, describeFault, flowIsRight, parseProblem, printProblem, type Problem, spoilers, TextScanner } from '../../compiler/inside.ts';
import { drawProblem } from '../generate/allocation-problem.ts';
import { EventCounts, magnitudes } from './events.ts';
import { agreement, type Part, partTarget, type PartVerdict } from './target.ts';

export interface ProblemCase {
  readonly problem: Problem;
  /** Answers to the allocators' choices, used again from the start when they run out; empty for no chaos. */
  readonly chaos: readonly number[];
  readonly asksTwin: boolean;
}

export type Allocate = typeof allocate;

/** What the allocators do, as events: each by how often, in powers of two. */
const counted = ['spills', 'reloads', 'moves', 'splits'] as const;

function chooserOf(chaos: readonly number[]): (n: number) => number {
  let at = 0;
  return (n) => (chaos[at++ % chaos.length] ?? 0) % n;
}

/** The part, with the real allocators or with one that stands in for them. */
export function regallocPart(solve: Allocate = allocate): Part<ProblemCase> {
  const events = new EventCounts(allocationAlgorithms.flatMap((algorithm) => counted.flatMap((what) => magnitudes.map((size) => `${algorithm} ${what} ${size}`))));
  return {
    file: 'repro.ra',
    build: (c) => {
      const problem = drawProblem(c);
      const chaos = c.chance(1, 3) ? Array.from({ length: c.between(1, 16) }, () => c.draw(256)) : [];
      return { problem, chaos, asksTwin: c.chance(1, 8) };
    },
    print: ({ problem, chaos }) => new TextEncoder().encode(`${printProblem(problem)}; chaos ${chaos.join(' ')}\n`),
    read: (content) => {
      const text = new TextDecoder().decode(content);
      const chaos = /^; chaos(( \d+)*)\s*$/m.exec(text)?.[1]?.trim() ?? '';
      return { problem: parseProblem(new TextScanner(text)).problem, chaos: chaos === '' ? [] : chaos.split(' ').map(Number), asksTwin: true };
    },
    judge: ({ problem, chaos, asksTwin }) => {
      const fingerprints: string[] = [];
      for (const algorithm of allocationAlgorithms) {
        const control = chaos.length === 0 ? new CountingControl() : new CountingControl({ chooser: chooserOf(chaos) });
        const allocation = solve(problem, { algorithm, control });
        for (const what of counted) events.count(algorithm, what, allocation.statistics[what]);
        const refuted = refutation(problem, allocation, algorithm, asksTwin);
        if (typeof refuted !== 'string') return refuted;
        fingerprints.push(refuted);
      }
      const [first, second] = fingerprints;
      return first === second ? agreement : { verdict: 'disagree', kind: 'dataflow', culprit: 'allocators', fingerprint: '', detail: `single-pass realises data flow ${first}, backtracking ${second}` };
    },
    statistics: () => events.statistics(),
  };
}

/** The fingerprint of a proved allocation, or what is wrong with it. */
function refutation(problem: Problem, allocation: Allocation, algorithm: string, asksTwin: boolean): string | PartVerdict {
  const verdict = checkAllocation(problem, allocation);
  if (verdict.kind === 'faults') {
    const kinds = [...new Set(verdict.faults.map(({ kind }) => kind))].sort().join(', ');
    return { verdict: 'disagree', kind: 'refuted', culprit: algorithm, fingerprint: kinds, detail: verdict.faults.map(describeFault).join('\n') };
  }
  if (asksTwin && !flowIsRight(problem, allocation)) {
    return { verdict: 'disagree', kind: 'judges', culprit: algorithm, fingerprint: '', detail: 'the checker proves what its naive twin refutes' };
  }
  return verdict.fingerprint;
}

/** One use reads from somewhere else than the backtracking allocator said. */
const misplaced: Allocate = (problem, options) => {
  const right = allocate(problem, options);
  if (options.algorithm !== 'backtracking') return right;
  return spoilers['a use reads another location']?.(problem, right, (n) => n - 1)?.a ?? right;
};

export const regalloc = partTarget('regalloc', 'allocation problems for both allocators and the checker', () => regallocPart(), () => regallocPart(misplaced));
