// The default predicate: does a module still show on the engines what it showed?
//
// The quick question comes first, most candidates fail it: do the reference and the odd engine disagree at all? Only then all engines are asked, and the
// stage to blame is looked for. A module that takes the reference too long is no candidate: engines without fuel might never end it.

import type { Fault } from '../../compiler/inside.ts';
import { examine, type Lab } from '../campaign/examine.ts';
import { emptyTally } from '../campaign/tally.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { locateLevel } from '../oracles/levels.ts';
import { type Behaviour, observe, type Plan, planFor } from '../oracles/observe.ts';
import { type Ballot, vote } from '../oracles/vote.ts';
import { openWabt } from '../oracles/wabt.ts';
import { classOf, type Wish } from './wish.ts';

export interface LaboratoryOrder {
  /** The first is the reference. */
  readonly engines: readonly string[];
  readonly faults: readonly Fault[];
  /** Rounds of calls over all exports. */
  readonly rounds: number;
  /** Whether wabt's validator has an opinion that counts. */
  readonly asksWabt: boolean;
}

export interface Laboratory {
  /** What a module shows; undefined when the engines agree. */
  look(bytes: Uint8Array): Promise<Wish | undefined>;
  shows(bytes: Uint8Array, wish: Wish): Promise<boolean>;
}

/** Instructions that one call of a candidate may take on the reference. */
const referenceFuel = 2_000_000;

const isEndless = (behaviour: Behaviour): boolean => {
  if (behaviour.kind === 'stopped') return behaviour.outcome.kind === 'exhaustion';
  return behaviour.kind === 'ran' && behaviour.outcomes.at(-1)?.kind === 'exhaustion';
};

/** Tells whether a module's calls end on the reference interpreter within bounds, so that engines without fuel may be asked about it. */
export async function openTermination(): Promise<(bytes: Uint8Array, rounds: number) => boolean> {
  const interp = await openEngine('interp');
  return (bytes, rounds) => !isEndless(observe(interp, bytes, planFor(bytes, rounds), { fuel: referenceFuel }));
}

export async function openLaboratory({ engines: names, faults, rounds, asksWabt }: LaboratoryOrder): Promise<Laboratory> {
  const engines: Engine[] = [];
  for (const name of names) engines.push(await openEngine(name, faults));
  const interp = await openEngine('interp');
  const lab: Lab = { engines, occasional: [], askWabt: asksWabt ? await openWabt() : undefined };

  const locate = async (bytes: Uint8Array, plan: Plan): Promise<{ readonly level: string | undefined; readonly rule: string | undefined }> => {
    const [reference] = engines;
    if (reference === undefined) return { level: undefined, rule: undefined };
    const run = (engine: Engine): Behaviour => observe(engine, bytes, plan);
    const location = await locateLevel(run(reference), plan, bytes, run, engines, faults);
    return { level: location?.level, rule: location?.rule };
  };

  const differenceOf = (plan: Plan, behaviourOf: (engine: Engine) => Behaviour): Extract<Wish, { kind: 'difference' }> | undefined => {
    const ballots = engines.map((engine): Ballot => ({ engine: engine.name, behaviour: behaviourOf(engine) }));
    const { verdict, odd, kind } = vote(ballots, plan);
    const crashed = ballots.find(({ behaviour }) => behaviour.kind === 'crashed')?.engine;
    return verdict === 'disagree' ? { kind: 'difference', of: classOf(kind), odd: crashed ?? odd, level: undefined, rule: undefined } : undefined;
  };

  return {
    look: async (bytes) => {
      const plan = planFor(bytes, rounds);
      const difference = differenceOf(plan, (engine) => observe(engine, bytes, plan));
      return difference === undefined ? undefined : { ...difference, ...(await locate(bytes, plan)) };
    },
    shows: async (bytes, wish) => {
      const plan = planFor(bytes, rounds);
      const bounded = observe(interp, bytes, plan, { fuel: referenceFuel });
      if (isEndless(bounded)) return false;
      if (wish.kind === 'death') {
        // Nobody is asked anything: whoever is left to hear the answer has not died.
        for (const engine of engines) observe(engine, bytes, plan);
        return false;
      }
      // What ended within bounds ends the same way without them. Each engine runs once.
      const seen = new Map<string, Behaviour>([[interp.name, bounded]]);
      const behaviourOf = (engine: Engine): Behaviour => {
        const behaviour = seen.get(engine.name) ?? observe(engine, bytes, plan);
        seen.set(engine.name, behaviour);
        return behaviour;
      };
      const odd = engines.find(({ name }) => name === wish.odd);
      const [reference] = engines;
      if (odd !== undefined && reference !== undefined && odd !== reference && compareBehaviours(behaviourOf(reference), behaviourOf(odd), plan).verdict !== 'disagree') return false;
      if (wish.kind === 'signature') return examine(lab, bytes, rounds, emptyTally(), undefined).finding?.signature === wish.signature;
      const difference = differenceOf(plan, behaviourOf);
      if (difference === undefined || difference.of !== wish.of || (wish.odd !== undefined && difference.odd !== wish.odd)) return false;
      if (wish.level === undefined) return true;
      const { level, rule } = await locate(bytes, plan);
      return level === wish.level && (wish.rule === undefined || rule === wish.rule);
    },
  };
}
