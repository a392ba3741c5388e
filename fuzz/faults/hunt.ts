// One hunt: a process in which a fault is planted and the lab runs from nothing until it finds something, then makes it small and says what is to blame.
// Told by its only argument (a `HuntOrder` as JSON), answers over the IPC channel, as soon as there is something to tell: what comes later may kill it.

import { examine, type Lab } from '../campaign/examine.ts';
import { Slot } from '../campaign/in-flight.ts';
import { turnsAt } from '../campaign/plan.ts';
import { emptyTally } from '../campaign/tally.ts';
import { endWithSupervisor } from '../campaign/watchdog.ts';
import { randomChoices } from '../generate/choices.ts';
import { openTermination } from '../minimise/laboratory.ts';
import { type Reduction, reduceModule } from '../minimise/reduce.ts';
import { maybeTargetOfEngine } from '../oracles/engine-name.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { type Location, locateLevel } from '../oracles/levels.ts';
import { type Behaviour, observe, planFor } from '../oracles/observe.ts';
import { moduleSeed, targetOf, targetsFor } from '../targets/index.ts';
import { isModuleTarget, type ModuleTarget } from '../targets/module-target.ts';
import type { Finding } from '../triage/finding.ts';
import { maybeFault } from './index.ts';
import { cpuSeconds } from './process-time.ts';

export interface HuntOrder {
  /** Name of the fault; undefined for the control, in which nothing is wrong. */
  readonly fault: string | undefined;
  readonly seed: number;
  /** Processor time to give up after. */
  readonly seconds: number;
  /** The first is the reference. */
  readonly engines: readonly string[];
  readonly occasional: readonly string[];
  /** Seconds to make the case small in. */
  readonly shrinkSeconds: number;
  /** The in-flight file this process writes. */
  readonly slot: string;
}

export interface Effort {
  readonly modules: number;
  readonly executions: number;
  readonly cpuSeconds: number;
}

export type HuntMessage =
  | ({ readonly kind: 'progress' } & Effort)
  | ({ readonly kind: 'found'; readonly how: string; readonly odd: string; readonly detail: string; readonly target: string; readonly number: number } & Effort)
  | { readonly kind: 'reduced'; readonly bytes: number; readonly instructions: number }
  | { readonly kind: 'located'; readonly level: string; readonly rule: string | undefined; readonly evidence: string | undefined }
  | ({ readonly kind: 'nothing' } & Effort);

const progressEvery = 50;

/** The oracle that a finding speaks for, in words. */
function oracleOf({ kind, detail }: Finding): string {
  if (kind !== 'crash') return kind;
  if (detail.includes('allocation refuted')) return 'allocation proof';
  if (detail.includes('ill-formed IR') || detail.includes('vcode is not well-formed')) return 'verifier';
  if (/out of (?:range|reach)/.test(detail)) return 'branch range';
  if (/touched an address outside|a signal where no trap can be/.test(detail)) return 'stray access';
  return 'crash';
}

function tell(message: HuntMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

async function hunt(order: HuntOrder): Promise<void> {
  const { seed } = order;
  const faults = order.fault === undefined ? [] : (maybeFault(order.fault)?.faults ?? []);
  const open = async (names: readonly string[]): Promise<Engine[]> => {
    const list: Engine[] = [];
    for (const name of names) list.push(await openEngine(name, faults));
    return list;
  };
  const engines = await open(order.engines);
  const occasional = await open(order.occasional);
  const slot = new Slot(order.slot);
  const lab: Lab = { engines, occasional, askWabt: undefined, onEngine: (index) => slot.engine(index) };
  const targets: readonly ModuleTarget[] = targetsFor([...order.engines, ...order.occasional]).filter(isModuleTarget);
  const tally = emptyTally();
  const effort = (): Effort => ({ modules: tally.modules, executions: tally.executions, cpuSeconds: cpuSeconds() });
  for (let number = 0; ; number++) {
    if (number % progressEvery === 0) {
      await tell({ kind: 'progress', ...effort() });
      if (cpuSeconds() > order.seconds) break;
    }
    const index = targetOf(targets, seed, number);
    const target = targets[index];
    if (target === undefined) break;
    const choices = randomChoices(moduleSeed(seed, number));
    const bytes = target.generate(choices);
    slot.begin(index, number, bytes);
    const { finding } = examine(lab, bytes, target.rounds, tally, undefined, turnsAt(seed, number, occasional.length));
    slot.end();
    if (finding === undefined) continue;
    await tell({ kind: 'found', ...effort(), how: oracleOf(finding), odd: finding.odd ?? '', detail: finding.detail.split('\n', 3).join(' '), target: target.name, number });
    const pair: Lab = { ...lab, engines: [engines[0], pairOf(engines, occasional, finding)].flatMap((engine) => engine ?? []), occasional: [] };
    // What a stray access meets depends on the memories around it, so two engines alone may agree.
    const smallest = (those: Lab): Promise<Reduction | undefined> => reduced(those, bytes, target.rounds, order.shrinkSeconds, (candidate) => slot.begin(index, number, candidate));
    const small = await smallest(pair) ?? await smallest(lab);
    if (small !== undefined) await tell({ kind: 'reduced', bytes: small.bytes.length, instructions: small.instructions.after });
    const location = await located(engines, occasional, small?.bytes ?? bytes, target.rounds, faults);
    if (location !== undefined) await tell({ kind: 'located', level: location.level, rule: location.rule, evidence: location.evidence });
    return;
  }
  await tell({ kind: 'nothing', ...effort() });
}

/** The engine that stands alone, or where none does the first of our compiler's. */
function pairOf(engines: readonly Engine[], occasional: readonly Engine[], { odd }: Finding): Engine | undefined {
  return [...engines, ...occasional].find(({ name }) => name === odd) ?? engines.find(({ name }) => maybeTargetOfEngine(name) !== undefined);
}

/** The smallest module on which these engines still differ in the same way; undefined where they do not. */
async function reduced(lab: Lab, bytes: Uint8Array, rounds: number, seconds: number, onCandidate: (bytes: Uint8Array) => void): Promise<Reduction | undefined> {
  const signature = examine(lab, bytes, rounds, emptyTally(), undefined).finding?.signature;
  if (signature === undefined || seconds === 0) return undefined;
  const terminates = await openTermination();
  const late = performance.now() + seconds * 1000;
  const isInteresting = (candidate: Uint8Array): boolean => {
    onCandidate(candidate);
    return terminates(candidate, rounds) && examine(lab, candidate, rounds, emptyTally(), undefined).finding?.signature === signature;
  };
  return await reduceModule(bytes, isInteresting, { isLate: () => performance.now() > late, trials: 1 });
}

async function located(engines: readonly Engine[], occasional: readonly Engine[], bytes: Uint8Array, rounds: number, faults: NonNullable<Parameters<typeof locateLevel>[5]>): Promise<Location | undefined> {
  const [reference] = engines;
  if (reference === undefined) return undefined;
  const plan = planFor(bytes, rounds);
  const run = (engine: Engine): Behaviour => observe(engine, bytes, plan);
  return await locateLevel(run(reference), plan, bytes, run, [...engines, ...occasional], faults);
}

// What a fault makes of compiled code may loop.
endWithSupervisor();
await hunt(JSON.parse(process.argv[2] ?? '{}') as HuntOrder);
process.disconnect?.();
