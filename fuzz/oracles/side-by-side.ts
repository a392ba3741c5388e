// One module or program on several engines, side by side: what each did, the verdict, the odd one, and the first level that differs.

import type { Fault } from '../../compiler/inside.ts';
import { isCompilers } from './engine-name.ts';
import type { Engine } from './engine.ts';
import { locateLevel, type LocateOptions, type Location } from './levels.ts';
import { standalone } from './foreign/standalone.ts';
import { whyNotWhole } from './foreign/whole-run.ts';
import { type Behaviour, isWholeRun, observe, type Plan, type PlannedCall, planFor } from './observe.ts';
import { readModuleInterface } from './module-interface.ts';
import { type Ballot, type Vote, vote } from './vote.ts';
import { type ProgramInput, type ProgramRun, runProgram } from './wasi/program.ts';

export interface SideBySide extends Vote {
  readonly plan: Plan;
  readonly ballots: readonly Ballot[];
  /** The first stage whose work differs, when engines disagree and our compiler is to blame. */
  readonly location: Location | undefined;
  /** The module that was run, where an engine wanted one that stands alone. */
  readonly stoodAlone: Uint8Array | undefined;
}

/** Instructions a call may take on the reference before it is taken out of the plan, since engines without fuel might never end it. */
const referenceFuel = 50_000_000;

async function located(engines: readonly Engine[], ballots: Ballot[], plan: Plan, bytes: Uint8Array, run: (engine: Engine) => Behaviour, faults: readonly Fault[], stoodAlone: Uint8Array | undefined, locating: LocateOptions | 'not'): Promise<SideBySide> {
  const outcome = vote(ballots, plan);
  const reference = ballots[0]?.behaviour;
  // Where an engine of somebody else's stands alone, there is nothing of ours to search.
  const isOurs = outcome.odd === undefined || isCompilers(outcome.odd);
  const isWanted = locating !== 'not' && outcome.verdict === 'disagree' && isOurs;
  const location = isWanted && reference !== undefined ? await locateLevel(reference, plan, bytes, run, engines, faults, locating) : undefined;
  return { ...outcome, plan, ballots, location, stoodAlone };
}

/** Whether all engines can run the plan. */
function canRun(engines: readonly Engine[], plan: Plan): boolean {
  return engines.every((engine) => !isWholeRun(engine) || whyNotWhole(plan, engine.takesArguments) === undefined);
}

/**
 * Runs a module on engines, the first of which is the reference: the given calls, or else rounds over all exports. `faults` are those planted in the engines.
 * Where an engine runs only modules that stand alone, all engines run this one made so; throws `NotStandalone` where it cannot be.
 * `locating` is how the guilty level is searched for, or that it is not.
 */
export async function moduleSideBySide(
  engines: readonly Engine[], bytes: Uint8Array, calls?: readonly PlannedCall[], faults: readonly Fault[] = [], rounds?: number, locating: LocateOptions | 'not' = {},
): Promise<SideBySide> {
  const [reference] = engines;
  if (reference === undefined) throw new RangeError('no engines');
  let plan: Plan = calls === undefined ? planFor(bytes, rounds) : { shape: readModuleInterface(bytes), calls, hasFuel: false };
  if (calls === undefined && !plan.hasFuel) {
    const trial = observe(reference, bytes, plan, { fuel: referenceFuel });
    const last = trial.kind === 'ran' ? trial.outcomes.at(-1) : undefined;
    if (trial.kind === 'ran' && last?.kind === 'exhaustion') plan = { ...plan, calls: plan.calls.slice(0, trial.outcomes.length - 1) };
  }
  // Engines that run whole modules make each call once; a module that does not stand alone yet gets its calls inside.
  if (calls === undefined && !canRun(engines, plan) && canRun(engines, planFor(bytes, 1))) plan = planFor(bytes, 1);
  const stoodAlone = canRun(engines, plan) ? undefined : standalone(bytes, plan);
  const module = stoodAlone ?? bytes;
  if (stoodAlone !== undefined) plan = planFor(module, 1);
  const run = (engine: Engine): Behaviour => observe(engine, module, plan);
  const ballots = engines.map((engine): Ballot => ({ engine: engine.name, behaviour: run(engine) }));
  return await located(engines, ballots, plan, module, run, faults, stoodAlone, locating);
}

function behaviourOf({ ending, stdout, stderr, files }: ProgramRun): Behaviour {
  if ('message' in ending && ending.kind === 'refused') return { kind: 'refused', as: ending.message.startsWith('unsupported') ? 'unsupported' : 'invalid', message: ending.message };
  if ('message' in ending) return { kind: 'link', message: ending.message };
  const left = Object.fromEntries(Object.entries(files).map(([path, digest]) => [`file ${path}`, new TextEncoder().encode(digest)]));
  return { kind: 'ran', outcomes: [ending], trace: [], state: { memories: [], globals: [], tables: [], streams: { stdout, stderr, ...left } } };
}

/** Runs a WASI program on engines and compares how it ends and everything it writes. */
export async function programSideBySide(engines: readonly Engine[], input: ProgramInput, faults: readonly Fault[] = []): Promise<SideBySide & { readonly runs: readonly ProgramRun[] }> {
  const plan: Plan = { shape: readModuleInterface(input.bytes), calls: [{ name: '_start', args: [] }], hasFuel: false };
  const runs: ProgramRun[] = [];
  const run = (engine: Engine): Behaviour => {
    try {
      const result = runProgram(engine, input);
      runs.push(result);
      return behaviourOf(result);
    } catch (error) {
      return { kind: 'crashed', error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
  const ballots = engines.map((engine): Ballot => ({ engine: engine.name, behaviour: run(engine) }));
  return { ...(await located(engines, ballots, plan, input.bytes, run, faults, undefined, {})), runs };
}
