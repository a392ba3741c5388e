// The first level that differs, and so the stage that is to blame; and within it the rule, row, pass, instruction or allocator.
//
// Two answers. levelOf reads the level off the ballots of a vote, as far as the engines that took part form a ladder: evaluated as translated, evaluated
// after the mid-end, machine code. locateLevel goes on from there for one module:
//   front end   a module that is refused, or instantiated differently, never gets as far as code
//   translate   the evaluated IR differs: which wasm instruction, by suspicion over neighbouring modules (triage/neighbours.ts)
//   mid-end     stage by stage, each evaluated; then the rule, by bisecting the mid-end's fuel (triage/fuel.ts)
//   back end    triage/backend.ts
// Every answer comes with the evidence for it.

import { compile } from '../../compiler/index.ts';
import type { CompileOptions, Fault, StageName } from '../../compiler/inside.ts';
import { stageNames } from '../../compiler/inside.ts';
import { locateInBackend } from '../triage/backend.ts';
import { featureKinds, featuresOf, unionOf } from '../triage/features.ts';
import { bisectFuel } from '../triage/fuel.ts';
import { observeInstructions, observeModules } from '../triage/neighbours.ts';
import { leaders, rankSuspects, suspicionText } from '../triage/suspicion.ts';
import { compareBehaviours, describe } from './compare.ts';
import { maybeTargetOfEngine, optionsOfEngine } from './engine-name.ts';
import type { Engine } from './engine.ts';
import { maybeCompileOptions } from './engines/compiled-engines.ts';
import { openAfterStage, openEngine } from './engines/index.ts';
import { type Behaviour, observe, type Plan } from './observe.ts';
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
  /** The first stage whose work differs; `validate` for a module judged differently, `runtime` for one that differs before any of its code runs. */
  readonly level: StageName | 'validate' | 'runtime';
  /**
   * What in the stage is to blame, where that can be told: a simplification or pass of the mid-end by the name of its change, a lowering rule, the row of an
   * instruction, `trap-table`, `prologue`, the allocator, for `translate` a wasm instruction.
   */
  readonly rule: string | undefined;
  /** Why: what the stage's own check says, or what was run and with which outcome. */
  readonly evidence: string | undefined;
  /** The engine that shows it. */
  readonly engine?: string;
  /** For a rule found by fuel: how many changes of how many still agree. */
  readonly fuel?: { readonly good: number; readonly total: number };
}

/** One thing tried on the way, for people who watch. */
export interface Step {
  readonly kind: 'engine' | 'stage' | 'fuel' | 'check' | 'neighbours';
  readonly text: string;
}

export interface LocateOptions {
  readonly onStep?: (step: Step) => void;
  /** Modules near the one in question, in which the guilty part may or may not take part. */
  readonly near?: readonly Uint8Array[];
}

/** One search: what all of its parts need. */
export interface Search {
  readonly reference: Behaviour;
  readonly plan: Plan;
  readonly bytes: Uint8Array;
  readonly run: (engine: Engine) => Behaviour;
  readonly faults: readonly Fault[];
  readonly near: readonly Uint8Array[];
  agreesWith(engine: Engine): boolean;
  step(kind: Step['kind'], text: string): void;
}

/**
 * Finds the stage to blame for a module on which our compiler differs from `reference`; undefined when it does not differ at any level.
 * `run` executes the module on an engine as the reference was run; `natives` are the machine-code engines that took part.
 */
export async function locateLevel(
  reference: Behaviour, plan: Plan, bytes: Uint8Array, run: (engine: Engine) => Behaviour, natives: readonly Engine[], faults: readonly Fault[] = [], options: LocateOptions = {},
): Promise<Location | undefined> {
  const search: Search = {
    reference, plan, bytes, run, faults, near: options.near ?? [],
    agreesWith: (engine) => compareBehaviours(reference, run(engine), plan).verdict !== 'disagree',
    step: (kind, text) => options.onStep?.({ kind, text }),
  };
  const inIr = await locateInIr(search, []);
  if (inIr !== undefined) return inIr;
  for (const engine of natives) {
    if (!isNative(engine.name)) continue;
    const behaviour = run(engine);
    const { verdict } = compareBehaviours(reference, behaviour, plan);
    search.step('engine', `${engine.name}: ${verdict === 'disagree' ? `differs (${describe(behaviour)})` : verdict === 'agree' ? 'agrees' : 'not comparable'}`);
    if (verdict !== 'disagree') continue;
    // Explicit bounds checks are other IR, whose levels have not been looked at yet.
    const words = optionsOfEngine(engine.name);
    const inOwnIr = words.includes('explicit') ? await locateInIr(search, ['explicit']) : undefined;
    if (inOwnIr !== undefined) return inOwnIr;
    const crashed = stageOfCrash(behaviour);
    return { engine: engine.name, ...(await locateInBackend(search, engine.name, behaviour, crashed)) };
  }
  return undefined;
}

/** The front end, translation and the mid-end, judged by evaluating the IR; `words` are the engine's options that change it. */
async function locateInIr(search: Search, words: readonly string[]): Promise<Location | undefined> {
  const { reference, plan, faults, run, step, agreesWith } = search;
  const options: CompileOptions = { ...maybeCompileOptions(words), faults };
  const translated = run(await openEngine(['ir', ...words].join(':'), faults));
  const first = compareBehaviours(reference, translated, plan);
  step('engine', `${['ir', ...words].join(':')} (the IR as translated, evaluated): ${first.verdict === 'disagree' ? `differs (${describe(translated)})` : first.verdict === 'agree' ? 'agrees' : 'not comparable'}`);
  if (first.verdict === 'disagree') return await locateInFrontEnd(search, words, translated);
  const optimised = run(await openEngine(['ir-opt', ...words].join(':'), faults));
  if (compareBehaviours(reference, optimised, plan).verdict !== 'disagree') {
    step('engine', `${['ir-opt', ...words].join(':')} (the IR after the mid-end, evaluated): agrees`);
    return undefined;
  }
  step('engine', `${['ir-opt', ...words].join(':')} (the IR after the mid-end, evaluated): differs (${describe(optimised)})`);
  const crashed = stageOfCrash(optimised);
  let level = crashed === undefined ? undefined : (stageBetween(search.bytes, options) ?? crashed);
  if (level === undefined) {
    for (const stage of stageNames.slice(1, stageNames.indexOf('select'))) {
      const agrees = agreesWith(await openAfterStage(stage, faults, words));
      step('stage', `after ${stage}: ${agrees ? 'agrees' : 'differs'}`);
      if (agrees) continue;
      level = stage;
      break;
    }
  }
  if (level === undefined) return undefined;
  const bisection = await bisectFuel(
    search.bytes, { ...options, opt: 'speed', until: 'ir' }, undefined,
    (control) => openEngine(['ir-opt', ...words].join(':'), faults, { control }), agreesWith, (text) => step('fuel', text),
  ).catch((): 'crashed' => 'crashed');
  const message = crashed !== undefined && optimised.kind === 'crashed' ? [optimised.error.message] : [];
  if (bisection === 'crashed') return { level, rule: undefined, evidence: message.join('; ') || undefined };
  if (bisection === 'none') return { level, rule: undefined, evidence: [...message, 'it differs also when no optional change is allowed'].join('; ') };
  const { fuel, total, change } = bisection;
  return { level, rule: change, evidence: [...message, `with the first ${fuel} of ${total} changes of the mid-end it agrees; the next, ${change}, makes it differ`].join('; '), fuel: { good: fuel, total } };
}

/** The stage that throws when the verifier looks after every one, and not only at the end; undefined when none does. */
function stageBetween(bytes: Uint8Array, options: CompileOptions): StageName | undefined {
  try {
    compile(bytes, { ...options, opt: 'speed', until: 'ir', verify: 'between' });
    return undefined;
  } catch (error) {
    return stageOfCrash({ kind: 'crashed', error: error instanceof Error ? error : new Error(String(error)) });
  }
}

/** A difference that the IR as translated shows: the validator, the runtime, or the translation of an instruction. */
async function locateInFrontEnd(search: Search, words: readonly string[], translated: Behaviour): Promise<Location> {
  const { reference, plan, bytes, faults, step } = search;
  const crashed = stageOfCrash(translated);
  const message = translated.kind === 'crashed' ? translated.error.message : undefined;
  if (crashed !== undefined && crashed !== 'translate') return { level: crashed, rule: undefined, evidence: message };
  if (translated.kind === 'refused' || reference.kind === 'refused') return { level: 'validate', rule: undefined, evidence: `${describe(reference)} against ${describe(translated)}` };
  if (translated.kind === 'link' || reference.kind === 'link') return { level: 'runtime', rule: undefined, evidence: `${describe(reference)} against ${describe(translated)}` };
  const engine = await openEngine(['ir', ...words].join(':'), faults);
  const subject = { reference: await openEngine('interp'), engine, options: { ...maybeCompileOptions(words), opt: 'none', until: 'ir', faults } satisfies CompileOptions };
  if (crashed === undefined && !plan.shape.hasStart) {
    const idle = { ...plan, calls: [] };
    const before = compareBehaviours(observe(subject.reference, bytes, idle), observe(engine, bytes, idle), idle);
    step('check', `instantiated, with nothing called: ${before.verdict === 'disagree' ? `differs (${before.detail})` : 'agrees'}`);
    if (before.verdict === 'disagree') return { level: 'runtime', rule: undefined, evidence: `it differs before any function is called: ${before.detail}` };
  }
  const features = featuresOf(bytes, subject.options);
  const alone = features === undefined ? [] : observeInstructions(subject, features);
  const isAlone = alone.some(({ disagrees }) => disagrees);
  step('neighbours', `${alone.length} functions of one instruction each: ${alone.filter(({ disagrees }) => disagrees).length} disagree`);
  const observations = isAlone ? alone : observeModules(subject, bytes, search.near);
  if (!isAlone) step('neighbours', `${observations.length} whole modules: ${observations.filter(({ disagrees }) => disagrees).length} disagree`);
  const own = features === undefined ? undefined : unionOf(features);
  const suspects = rankSuspects(observations).filter(({ feature }) => feature.startsWith(featureKinds.opcode) && own?.has(feature) !== false);
  const [suspect] = suspects;
  const reasons = [...(message === undefined ? [] : [message]), ...leaders(suspects).slice(0, 3).map(suspicionText), isAlone ? `confirmed by the instruction alone` : 'no instruction alone shows it'];
  return { level: 'translate', rule: suspect?.feature.slice(featureKinds.opcode.length), evidence: reasons.join('; ') };
}
