// The metamorphic oracle: a module and a mutant of the same meaning must behave the same, on one engine alone.
//
// So a fault shows that no other engine can judge, and one that all engines share. Both are called by the original's plan, since a plan depends on a module's
// bytes. A mutant may have functions at other indices, so references to functions count as such and no more; it may have more globals, which do not count; and
// it may need more or less stack, so exhaustion is incomparable, as between engines.

import { type Comparison, compareBehaviours } from '../oracles/compare.ts';
import type { Engine, Outcome } from '../oracles/engine.ts';
import { readModuleInterface } from '../oracles/module-interface.ts';
import { type Behaviour, observe, type Plan, planFor, type State } from '../oracles/observe.ts';
import type { Value } from '../oracles/value.ts';

const anyFunction = Symbol('a function');

function withoutIndex(value: Value): Value {
  return value.type === 'ref' && value.kind === 'function' ? { type: 'ref', kind: 'function', handle: anyFunction } : value;
}

function stateWithoutIndices({ memories, globals, tables }: State): State {
  return { memories, globals: globals.map((value) => (value === undefined ? undefined : withoutIndex(value))), tables: tables.map((table) => table?.map(withoutIndex)) };
}

function outcomeWithoutIndices(outcome: Outcome): Outcome {
  return outcome.kind === 'values' ? { ...outcome, values: outcome.values.map(withoutIndex) } : outcome;
}

function withoutIndices(behaviour: Behaviour): Behaviour {
  switch (behaviour.kind) {
    case 'ran': return { ...behaviour, outcomes: behaviour.outcomes.map(outcomeWithoutIndices), state: stateWithoutIndices(behaviour.state) };
    case 'stopped': return { ...behaviour, outcome: outcomeWithoutIndices(behaviour.outcome), state: stateWithoutIndices(behaviour.state) };
    default: return behaviour;
  }
}

/** Compares what an engine does with a module and with a mutant of the same meaning; the original is named first. */
export function compareWithMutant(engine: Engine, original: Uint8Array, mutant: Uint8Array, rounds: number): Comparison {
  const plan = planFor(original, rounds);
  const mutantPlan: Plan = { ...plan, shape: readModuleInterface(mutant) };
  const expected = observe(engine, original, plan);
  // What the engine refuses or fails on is for other oracles.
  if (expected.kind === 'refused' || expected.kind === 'crashed') return { verdict: 'incomparable', reason: `the original is ${expected.kind}` };
  return compareBehaviours(withoutIndices(expected), withoutIndices(observe(engine, mutant, mutantPlan)), plan);
}
