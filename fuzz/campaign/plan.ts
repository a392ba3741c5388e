// What a campaign is to do, and how its numbers are divided: module `n` of a target is a function of (target, seed, n), whoever runs it.
// Worker `w` of `k` takes the numbers w, w + k, w + 2k, …, so a campaign with the same seed and engines visits the same modules with any number of workers.

export interface CampaignPlan {
  /** Names of targets; numbers are divided among them by their weights. */
  readonly targets: readonly string[];
  /** The first is the reference. */
  readonly engines: readonly string[];
  /** Engines that see every eighth module, and every one on which the others disagree. */
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
  /** How long each new finding is made smaller. */
  readonly shrinkSeconds: number;
  /** Every how manieth module a worker keeps wabt's opinion of; 1 asks about all. */
  readonly wabtEvery: number;
}

/** What one worker process is told. */
export interface WorkerOrder {
  readonly plan: CampaignPlan;
  /** First number to take; the step is the number of workers. */
  readonly first: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** The in-flight file this worker writes. */
  readonly slot: string;
}
