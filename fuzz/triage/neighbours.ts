// Modules near one on which engines disagree, and what engines make of them: the observations over which suspicion is spread.
//
// First each instruction of the module by itself, in all forms (generate/one-instruction.ts): every form is a function of a few instructions, so that what
// takes part in it is little, and a form that disagrees is proof for what its functions have in common. Where all of these agree, what is wrong needs more
// than one instruction: then whole modules, those the caller knows to be near and random ones.

import type { CompileOptions } from '../../compiler/inside.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { instructionModule, maybeInstructionRow } from '../generate/one-instruction.ts';
import { compareBehaviours } from '../oracles/compare.ts';
import type { Engine } from '../oracles/engine.ts';
import { observe, type Plan, planFor } from '../oracles/observe.ts';
import { featureKinds, type Features, featuresOf, unionOf } from './features.ts';
import type { Observation } from './suspicion.ts';

/** Rounds of calls with edge values that each form gets. */
const rounds = 16;
/** The same for whole modules. */
const moduleRounds = 3;
const randomModules = 64;
/** Constants and offsets within the forms are drawn anew for each variant. */
const variants = 2;

/** Looked at beside a module's own: what takes part in every function, as returns do, is told apart only by functions that do not go wrong. */
const contrast = ['i32.add', 'i32.lt_s', 'i64.sub', 'f32.mul', 'i64.load', 'i32.store'];

export interface Subject {
  readonly reference: Engine;
  readonly engine: Engine;
  /** How `engine` compiles. */
  readonly options: CompileOptions;
}

function disagrees({ reference, engine }: Subject, bytes: Uint8Array, plan: Plan): boolean {
  return compareBehaviours(observe(reference, bytes, plan), observe(engine, bytes, plan), plan).verdict === 'disagree';
}

/** Each instruction of the module that can stand by itself, by itself. */
export function observeInstructions(subject: Subject, features: Features): Observation[] {
  const observations: Observation[] = [];
  const own = [...unionOf(features)].filter((feature) => feature.startsWith(featureKinds.opcode)).map((feature) => feature.slice(featureKinds.opcode.length));
  const names = [...new Set([...own, ...contrast])].sort();
  for (const name of names) {
    const row = maybeInstructionRow(name);
    if (row === undefined) continue;
    for (let variant = 0; variant < variants; variant++) observations.push(...observeForms(subject, instructionModule(randomChoices(variant), row), name));
  }
  return observations;
}

/** An observation for each form of an instruction's module, whose exports are the functions in order. */
function observeForms(subject: Subject, bytes: Uint8Array, name: string): Observation[] {
  const own = featuresOf(bytes, subject.options);
  if (own === undefined) return [];
  const plan = planFor(bytes, rounds);
  const isWrong = disagrees(subject, bytes, plan);
  return [...own].map(([func, features]) => {
    const calls = plan.calls.filter((call) => call.name === `f${func}`);
    return { features, disagrees: isWrong && disagrees(subject, bytes, { ...plan, calls }), what: `${name}, form ${func}` };
  });
}

/** Whole modules: the one in question, those given, and random ones. */
export function observeModules(subject: Subject, bytes: Uint8Array, near: readonly Uint8Array[]): Observation[] {
  const observations: Observation[] = [];
  const observeWhole = (module: Uint8Array, what: string): void => {
    const own = featuresOf(module, subject.options);
    if (own !== undefined) observations.push({ features: unionOf(own), disagrees: disagrees(subject, module, planFor(module, moduleRounds)), what });
  };
  observeWhole(bytes, 'the module');
  near.forEach((module, index) => observeWhole(module, `neighbour ${index}`));
  for (let seed = 0; seed < randomModules; seed++) observeWhole(generateModule(randomChoices(seed)), `random module ${seed}`);
  return observations;
}
