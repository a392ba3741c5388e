// Engines that take a module and answer with all that its exports return: foreign interpreters that are programs, or that cannot be trusted to come back.
// They take modules that stand alone (`standalone.ts`); what else they are given they refuse by name, and say nothing about.

import type { Engine, EngineFunctionType, Outcome } from '../engine.ts';
import type { Behaviour, Plan, WholeRunEngine } from '../observe.ts';
import type { Value } from '../value.ts';
import type { Answer } from './thread.ts';

/** Every export once, in order, without arguments: what all of these engines can do. Some can make calls with arguments. */
export function whyNotWhole({ shape, calls, hasFuel }: Plan, takesArguments = false): string | undefined {
  if (shape.imports.length > 0) return 'imports';
  if (takesArguments) return hasFuel ? 'calls that refuel' : undefined;
  const functions = shape.exports.filter(({ kind }) => kind === 'function');
  if (functions.length !== shape.exports.length) return 'exports other than functions';
  if (hasFuel || calls.length !== functions.length) return 'calls of an export more or less than once';
  for (const [index, { name, args }] of calls.entries()) {
    if (args.length > 0) return 'calls with arguments';
    if (functions[index]?.name !== name) return 'calls in another order than that of the exports';
  }
  return undefined;
}

/** The type of the function that a call names. */
export function typeOfCall({ shape }: Plan, name: string): EngineFunctionType {
  const index = shape.exports.find((entry) => entry.kind === 'function' && entry.name === name)?.index ?? -1;
  return shape.types[shape.functions[index] ?? -1] ?? { params: [], results: [] };
}

/** An integer of a type from the decimal text that a program prints, signed or not. */
export function integerFrom(type: string, text: string): Value {
  const value = BigInt(text);
  return type === 'i32' ? { type: 'i32', bits: Number(BigInt.asIntN(32, value)) } : { type: 'i64', bits: BigInt.asIntN(64, value) };
}

/** The state that these engines do not show: a module that stands alone returns its state. */
const unseen = { trace: [], state: { memories: [], globals: [], tables: [] } } as const;

export function ran(outcomes: readonly Outcome[]): Behaviour {
  return { kind: 'ran', outcomes, ...unseen };
}

/** Instantiation ended so. */
export function stoppedBy(outcome: Outcome): Behaviour {
  return { kind: 'stopped', outcome, ...unseen };
}

/** What became of a module that got no answer: nothing that compares, or a crash. */
export function unanswered(answer: Exclude<Answer, { readonly kind: 'answer' }>): Behaviour {
  if (answer.kind === 'late') return ran([{ kind: 'exhaustion', what: 'fuel' }]);
  return { kind: 'crashed', error: new Error(answer.message) };
}

export interface WholeRunParts {
  readonly name: string;
  readonly version: string;
  readonly takesArguments?: boolean;
  readonly run: (bytes: Uint8Array, plan: Plan) => Behaviour;
}

/** An engine of that kind. */
export function wholeRunEngine({ name, version, takesArguments = false, run }: WholeRunParts): WholeRunEngine {
  const engine: Engine = {
    name,
    version,
    availability: () => ({ available: true }),
    openStore: () => {
      throw new Error(`${name} runs whole modules that stand alone (diff and fuzz --subject do that), not one call after another`);
    },
  };
  return {
    ...engine,
    takesArguments,
    runPlan: (bytes, plan) => {
      const reason = whyNotWhole(plan, takesArguments);
      return reason === undefined ? run(bytes, plan) : { kind: 'refused', as: 'unsupported', message: reason };
    },
  };
}
