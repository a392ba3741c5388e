// The first level that differs, and so the stage that is to blame.
//
// Two answers. levelOf reads it off the ballots of a vote, as far as the engines that took part form a ladder: evaluated as translated, evaluated after the
// mid-end, machine code. locateLevel goes on from there for one module: through the mid-end stage by stage, each evaluated; then, by bisecting
// the mid-end's fuel, to the rule; and below the IR by the checks of each stage: a refuted allocation, bytes that do not say what was allocated,
// and, when neither is at fault, selection.

import { compile } from '../../compiler/index.ts';
import { CountingControl, type Fault, type StageName, stageNames, targetOf } from '../../compiler/inside.ts';
import { compareBehaviours } from './compare.ts';
import { emissionFault } from './emission.ts';
import { maybeTargetOfEngine, optionsOfEngine } from './engine-name.ts';
import type { Engine } from './engine.ts';
import { evaluatedEngine, maybeCompileOptions } from './engines/compiled-engines.ts';
import { openAfterStage, openEngine } from './engines/index.ts';
import type { Behaviour, Plan } from './observe.ts';
import type { Ballot } from './vote.ts';

interface Rung {
  readonly matches: (engine: string) => boolean;
  /** The stages whose work this rung is the first to show. */
  readonly level: string;
}

const isNative = (engine: string): boolean => maybeTargetOfEngine(engine) !== undefined;

const ladder: readonly Rung[] = [
  { matches: (engine) => engine === 'ir', level: 'translate' },
  { matches: (engine) => engine === 'ir-opt', level: 'mid-end' },
  { matches: isNative, level: 'backend' },
];

/** The stage in which a bug was thrown, from what the pipeline wrote on it. */
function stageOfCrash(behaviour: Behaviour): StageName | undefined {
  if (behaviour.kind !== 'crashed' || !('stage' in behaviour.error) || typeof behaviour.error.stage !== 'string') return undefined;
  const [name] = behaviour.error.stage.split(',');
  return stageNames.find((stage) => stage === name);
}

/** The level named by a set of ballots, the first of which is the reference; undefined when no rung of the ladder differs. */
export function levelOf(ballots: readonly Ballot[], plan: Plan): string | undefined {
  const [reference, ...others] = ballots;
  if (reference === undefined) return undefined;
  for (const { matches, level } of ladder) {
    for (const { engine, behaviour } of others) {
      if (matches(engine) && compareBehaviours(reference.behaviour, behaviour, plan).verdict === 'disagree') return stageOfCrash(behaviour) ?? level;
    }
  }
  return undefined;
}

export interface Location {
  /** The first stage whose work differs. */
  readonly level: StageName;
  /** The rule or pass whose change makes the difference, where the mid-end is to blame; the row of the instruction that the code lacks, where emission is. */
  readonly rule: string | undefined;
  /** What the stage's own check says, where one does. */
  readonly evidence: string | undefined;
}

/** Largest fuel with which an engine still agrees; the change after it is the guilty one. */
async function guiltyRule(agreesWith: (engine: Engine) => boolean, bytes: Uint8Array, faults: readonly Fault[]): Promise<string | undefined> {
  const withFuel = (fuel: number): { control: CountingControl; engine: Engine } => {
    const control = new CountingControl({ fuel });
    return { control, engine: evaluatedEngine('ir-opt', { opt: 'speed', faults, control }) };
  };
  const all = new CountingControl();
  compile(bytes, { opt: 'speed', until: 'ir', faults, control: all });
  let good = 0;
  let bad = all.asked;
  if (!agreesWith(withFuel(0).engine)) return undefined;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (agreesWith(withFuel(middle).engine)) good = middle;
    else bad = middle;
  }
  const { control } = withFuel(bad);
  compile(bytes, { opt: 'speed', until: 'ir', faults, control });
  return control.lastGranted;
}

/**
 * Finds the stage to blame for a module on which our compiler differs from `reference`; undefined when it does not differ at any level.
 * `run` executes the module on an engine as the reference was run; `natives` are the machine-code engines that took part.
 */
export async function locateLevel(reference: Behaviour, plan: Plan, bytes: Uint8Array, run: (engine: Engine) => Behaviour, natives: readonly Engine[], faults: readonly Fault[] = []): Promise<Location | undefined> {
  const agreesWith = (engine: Engine): boolean => compareBehaviours(reference, run(engine), plan).verdict !== 'disagree';
  const translated = run(await openEngine('ir', faults));
  if (compareBehaviours(reference, translated, plan).verdict === 'disagree') return { level: stageOfCrash(translated) ?? 'translate', rule: undefined, evidence: undefined };
  const optimised = run(await openEngine('ir-opt', faults));
  if (compareBehaviours(reference, optimised, plan).verdict === 'disagree') {
    const crashed = stageOfCrash(optimised);
    if (crashed !== undefined) return { level: crashed, rule: undefined, evidence: undefined };
    for (const stage of stageNames.slice(1, stageNames.indexOf('select'))) {
      if (!agreesWith(await openAfterStage(stage, faults))) return { level: stage, rule: await guiltyRule(agreesWith, bytes, faults), evidence: undefined };
    }
  }
  for (const engine of natives) {
    const target = maybeTargetOfEngine(engine.name);
    if (target === undefined) continue;
    const behaviour = run(engine);
    if (compareBehaviours(reference, behaviour, plan).verdict !== 'disagree') continue;
    const crashed = stageOfCrash(behaviour);
    if (crashed !== undefined) return { level: crashed, rule: undefined, evidence: behaviour.kind === 'crashed' ? behaviour.error.message : undefined };
    const options = maybeCompileOptions(optionsOfEngine(engine.name), targetOf(target).features);
    const fault = emissionFault(bytes, { ...options, target, faults });
    return fault === undefined ? { level: 'select', rule: undefined, evidence: undefined } : { level: 'emit', rule: fault.name, evidence: fault.text };
  }
  return undefined;
}
