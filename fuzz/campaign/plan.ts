// What a campaign is to do, and how its numbers are divided: module `n` of a target is a function of (target, seed, n), whoever runs it.
// Worker `w` of `k` takes the numbers w, w + k, w + 2k, …, so a campaign with the same seed and engines visits the same modules with any number of workers.

import { moduleSeed } from '../targets/module-seed.ts';

export interface CampaignPlan {
  /** Names of targets; numbers are divided among them by their weights. */
  readonly targets: readonly string[];
  /** The first is the reference. */
  readonly engines: readonly string[];
  /** Engines that take turns at some modules (`turnsAt`), and see every one on which the others disagree. */
  readonly occasional: readonly string[];
  /** Name of a fault to plant in our compiler. */
  readonly fault: string | undefined;
  readonly seed: number;
  readonly seconds: number;
  readonly workers: number;
  readonly maxModules: number;
  /** Where findings go. */
  readonly crashes: string;
  /** After so long on one engine's run of one module, the worker is taken for hung. */
  readonly hangSeconds: number;
  /** Milliseconds that code in a runner may take for a call before it counts as an endless loop; the runtime's own limit where nothing is said. */
  readonly runnerTimeout?: number;
  /** How long each new finding is made smaller; with 0 findings are saved as they are, and not looked at closer. */
  readonly shrinkSeconds: number;
  /** Measure where CPU time goes. */
  readonly profile?: boolean;
  /** Of how many modules, chosen by hash, wabt is asked about one; 1 asks about all, 0 about none. */
  readonly wabtEvery: number;
  /** Where ledger, corpora and status are kept, to go on from; without one they are dropped at the end. */
  readonly folder?: string;
  /** After how many numbers a worker runs a neighbour of a corpus entry, once there is a corpus: 0 for never. */
  readonly neighbourEvery?: number;
}

export const usualNeighbourEvery = 4;

/** Of how many neighbours one is a mutant of a module instead. */
export const mutantEvery = 3;

/** What one worker process is told. */
export interface WorkerOrder {
  readonly plan: CampaignPlan;
  /** Of the campaign, here always given. */
  readonly folder: string;
  readonly session: number;
  /** Of the sources, see build.ts. */
  readonly build: string;
  /** Its place among the workers. */
  readonly lane: number;
  /** First number to take; the step is the number of workers. */
  readonly first: number;
  /** Cases, by SHA-1 of what the slot held, that have killed workers: not to be run again. */
  readonly deadly: readonly string[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** The in-flight file this worker writes. */
  readonly slot: string;
}

/** Of how many modules one is shown to occasional engines, and to how many of them: each module more costs as much as a regular engine's. */
const occasionalEvery = 16;
const occasionalAtOnce = 2;

/** Which of `count` occasional engines a module is shown to, by the hash of its number: the same for any number of workers, and in the long run each as often. */
export function turnsAt(seed: number, number: number, count: number): readonly number[] {
  const hash = moduleSeed(seed + 1, number);
  if (hash % occasionalEvery !== 0 || count === 0) return [];
  const first = Math.floor(hash / occasionalEvery) % count;
  return Array.from({ length: Math.min(occasionalAtOnce, count) }, (_, i) => (first + i * Math.ceil(count / occasionalAtOnce)) % count);
}

/** Whether wabt is asked about a module. */
export function isForWabt(plan: CampaignPlan, number: number): boolean {
  return plan.wabtEvery > 0 && moduleSeed(plan.seed + 2, number) % plan.wabtEvery === 0;
}
