// The first level that differs: the engines form a ladder from the module to machine code, and the lowest rung that departs from the reference names the stage
// between it and the rung above.

import { compareBehaviours } from './compare.ts';
import type { Plan } from './observe.ts';
import type { Ballot } from './vote.ts';

interface Rung {
  readonly matches: (engine: string) => boolean;
  /** The stage whose work this rung is the first to show. */
  readonly level: string;
}

const ladder: readonly Rung[] = [
  { matches: (engine) => engine === 'ir', level: 'translate' },
  { matches: (engine) => engine === 'ir-opt', level: 'optimise' },
  { matches: (engine) => /^(x86-64|aarch64|riscv64)(:|$)/.test(engine), level: 'backend' },
];

/** The level named by a set of ballots, the first of which is the reference; undefined when no rung of the ladder differs. */
export function levelOf(ballots: readonly Ballot[], plan: Plan): string | undefined {
  const [reference, ...others] = ballots;
  if (reference === undefined) return undefined;
  for (const { matches, level } of ladder) {
    for (const { engine, behaviour } of others) {
      if (matches(engine) && compareBehaviours(reference.behaviour, behaviour, plan).verdict === 'disagree') return level;
    }
  }
  return undefined;
}
