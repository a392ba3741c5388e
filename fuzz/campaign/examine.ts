// One module through all engines: run, vote, count, and make a finding of a disagreement. What a worker does for every module, and `replay` for one.

import type { Engine, StoreOptions } from '../oracles/engine.ts';
import { type Comparison, describe } from '../oracles/compare.ts';
import { observeOpen, type OpenBehaviour, planFor, type Plan } from '../oracles/observe.ts';
import { type Ballot, vote } from '../oracles/vote.ts';
import type { Opinion } from '../oracles/wabt.ts';
import type { ModuleInterface } from '../oracles/module-interface.ts';
import type { Finding } from '../triage/finding.ts';
import { normaliseError, signatureOf } from '../triage/signature.ts';
import { levelOf } from '../oracles/levels.ts';
import type { Profile } from './profile.ts';
import { count, engineTally, type Tally } from './tally.ts';

export interface Examination {
  readonly verdict: Comparison['verdict'];
  readonly finding: Finding | undefined;
}

export interface Lab {
  /** The first is the reference. */
  readonly engines: readonly Engine[];
  /** Run when it is their turn, or when the others disagree: more witnesses, and the rungs that name a level. */
  readonly occasional: readonly Engine[];
  readonly askWabt: ((bytes: Uint8Array, shape: ModuleInterface) => Opinion) | undefined;
  /** Measures where the time goes. */
  readonly profile?: Profile;
  /** Hears which engine is about to run: its place among `engines` followed by `occasional`. */
  readonly onEngine?: (index: number) => void;
}

/** An engine's run whose memories are still to be looked at. */
interface OpenRun {
  readonly engine: string;
  readonly close: () => void;
}

/** Runs a module on engines and judges. `tally` is added to; `turns` are the places of the occasional engines whose turn it is, all unless said otherwise. */
export function examine(lab: Lab, bytes: Uint8Array, rounds: number, tally: Tally, origin: Finding['origin'], turns?: readonly number[]): Examination {
  lab.profile?.lab('plan');
  const plan = planFor(bytes, rounds);
  return examineWith(lab, [bytes], plan, (engine, options) => observeOpen(engine, bytes, plan, options), tally, origin, turns);
}

/** Runs whatever `run` runs on engines and judges. `modules` are all that it instantiates; the first is the one that validators are asked about. */
export function examineWith(
  lab: Lab, modules: readonly Uint8Array[], plan: Plan, run: (engine: Engine, options: StoreOptions) => OpenBehaviour, tally: Tally, origin: Finding['origin'], turns: readonly number[] = [...lab.occasional.keys()],
): Examination {
  const open: OpenRun[] = [];
  try {
    return judge(lab, modules, plan, run, tally, origin, turns, open);
  } finally {
    for (const { engine, close } of open) {
      lab.profile?.engineBegins(engine);
      lab.profile?.phase('dispose');
      close();
    }
    lab.profile?.lab('compare');
  }
}

/** Runs and judges; behaviours stay open until all are compared, and are added to `open`. */
function judge(
  lab: Lab, modules: readonly Uint8Array[], plan: Plan, run: (engine: Engine, options: StoreOptions) => OpenBehaviour, tally: Tally, origin: Finding['origin'], turns: readonly number[], open: OpenRun[],
): Examination {
  const { profile } = lab;
  tally.modules += modules.length;
  for (const bytes of modules) tally.bytes += bytes.length;
  const ballotOf = (engine: Engine, index: number): Ballot => {
    lab.onEngine?.(index);
    tally.executions += modules.length;
    engineTally(tally, engine.name).executions += modules.length;
    profile?.engineBegins(engine.name);
    const { behaviour, close } = run(engine, { anyNaN: true, ...(profile === undefined ? {} : { stopwatch: profile }) });
    open.push({ engine: engine.name, close });
    return { engine: engine.name, behaviour };
  };
  const ballots = lab.engines.map(ballotOf);
  profile?.lab('compare');
  let outcome = vote(ballots, plan);
  const showTo = (chosen: (index: number) => boolean): void => {
    lab.occasional.forEach((engine, index) => {
      if (chosen(index)) ballots.push(ballotOf(engine, lab.engines.length + index));
    });
    profile?.lab('compare');
    outcome = vote(ballots, plan);
  };
  const isContested = outcome.verdict === 'disagree';
  if (isContested || turns.length > 0) showTo((index) => isContested || turns.includes(index));
  if (!isContested && outcome.verdict === 'disagree') showTo((index) => !turns.includes(index));
  const { verdict, comparisons, odd, kind, detail } = outcome;
  for (const { engine, comparison } of comparisons) {
    engineTally(tally, engine)[comparison.verdict] += modules.length;
    if (comparison.verdict === 'incomparable') count(tally.incomparable, `${engine}: ${comparison.reason}`, modules.length);
  }
  const reference = ballots[0];
  if (reference !== undefined) {
    // The reference agrees with itself; what it shows is worth knowing all the same.
    const counts = engineTally(tally, reference.engine);
    counts[verdict] += modules.length;
    if (reference.behaviour.kind === 'ran') {
      tally.calls += reference.behaviour.outcomes.length;
      for (const outcome of reference.behaviour.outcomes) count(tally.outcomes, outcome.kind === 'trap' ? `trap: ${outcome.trap ?? '?'}` : outcome.kind);
    } else count(tally.outcomes, reference.behaviour.kind);
  }
  const engines = Object.fromEntries(ballots.map(({ engine, behaviour }) => [engine, describe(behaviour)]));
  let finding: Finding | undefined;
  if (verdict === 'disagree' && kind !== undefined) {
    const crashed = ballots.find(({ behaviour }) => behaviour.kind === 'crashed');
    const fingerprint = crashed?.behaviour.kind === 'crashed' ? normaliseError(crashed.behaviour.error) : '';
    const level = levelOf(ballots, plan);
    const signature = signatureOf({ kind, engine: crashed?.engine ?? odd, level, fingerprint });
    finding = { signature, kind, odd: crashed?.engine ?? odd, level, detail: crashed?.behaviour.kind === 'crashed' ? (crashed.behaviour.error.stack ?? detail ?? '') : (detail ?? ''), engines, origin };
  }
  finding ??= validityFinding(lab, modules[0] ?? new Uint8Array(), plan, ballots, engines, tally, origin);
  return { verdict, finding };
}

/** A module that the reference refuses is a fault of the generator; one that wabt judges otherwise is a question. */
function validityFinding(
  lab: Lab, bytes: Uint8Array, plan: Plan, ballots: readonly Ballot[], engines: Readonly<Record<string, string>>, tally: Tally, origin: Finding['origin'],
): Finding | undefined {
  const reference = ballots[0]?.behaviour;
  const isRefused = reference?.kind === 'refused' && reference.as !== 'unsupported';
  if (isRefused && origin !== undefined) {
    return { signature: signatureOf({ kind: 'generator', engine: undefined, level: undefined, fingerprint: reference.message.replaceAll(/\d+/g, 'N') }), kind: 'generator', odd: undefined, level: undefined, detail: reference.message, engines, origin };
  }
  if (lab.askWabt === undefined) return undefined;
  lab.profile?.engineBegins('wabt');
  lab.profile?.phase('compile');
  const opinion = lab.askWabt(bytes, plan.shape);
  lab.profile?.lab('compare');
  const counts = engineTally(tally, 'wabt');
  counts.executions++;
  if (opinion.kind === 'unreadable') {
    counts.incomparable++;
    count(tally.incomparable, `wabt: ${opinion.reason}`);
    return undefined;
  }
  if ((opinion.kind === 'invalid') === isRefused) {
    counts.agree++;
    return undefined;
  }
  counts.disagree++;
  const detail = opinion.kind === 'invalid' ? opinion.message : 'wabt accepts the module';
  return { signature: signatureOf({ kind: 'validity', engine: 'wabt', level: undefined, fingerprint: detail.replaceAll(/[0-9a-f]{7}|\d+/g, 'N') }), kind: 'validity', odd: 'wabt', level: undefined, detail, engines: { ...engines, wabt: opinion.kind }, origin };
}

/** Adds what the engines count about themselves; called once, at the end of a worker's life or on each report. */
export function statisticsOf(engines: readonly Pick<Engine, 'statistics'>[]): { fired: Record<string, number>; rules: string[]; proofs: { checked: number; failed: number } } {
  const fired: Record<string, number> = {};
  const rules = new Set<string>();
  const proofs = { checked: 0, failed: 0 };
  for (const engine of engines) {
    const statistics = engine.statistics?.();
    if (statistics === undefined) continue;
    for (const [rule, number] of statistics.fired) count(fired, rule, number);
    for (const rule of statistics.rules) rules.add(rule);
    proofs.checked += statistics.proofs.checked;
    proofs.failed += statistics.proofs.failed;
  }
  return { fired, rules: [...rules], proofs };
}
