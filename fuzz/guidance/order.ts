// What one guided process is told, and what it tells.

export interface SessionOrder {
  readonly target: string;
  /** `guided`: libFuzzer chooses the inputs. `random`: the same build, driven by random numbers, to compare with. */
  readonly mode: 'guided' | 'random';
  /** Folder of the corpus, in libFuzzer's layout: a file per input, named by its hash. */
  readonly corpus: string;
  readonly seed: number;
  readonly seconds: number;
  readonly engines: readonly string[];
  readonly crashes: string;
  /** The in-flight file (campaign/in-flight.ts) with the input that is running. */
  readonly slot: string;
  readonly shrinkSeconds: number;
  /** Whether the planted fault is looked for first; a successor of a process that died knows that it can catch. */
  readonly provesItself: boolean;
  /** Where the report of edges never reached goes when the session ends; absent for none. */
  readonly coverageReport?: string;
}

export interface SessionStatus {
  readonly kind: 'status' | 'done';
  readonly executions: number;
  readonly seconds: number;
  /** Of this process, since it began to fuzz: what a rate should be measured by on a machine that does other things too. */
  readonly cpuSeconds: number;
  /** Edges of the compiler that were reached, of those that are loaded. */
  readonly edges: number;
  readonly edgesLoaded: number;
  /** Named events (rules, allocator decisions) that happened. */
  readonly events: number;
  readonly eventsKnown: number;
  readonly proofs: { readonly checked: number; readonly failed: number };
  readonly agree: number;
  readonly disagree: number;
  readonly incomparable: number;
  /** Inputs after which something had been reached that never was before. */
  readonly newPaths: number;
  /** Seconds from the start to the last of them. */
  readonly lastNewPath: number;
}

export type SessionMessage =
  | SessionStatus
  | { readonly kind: 'proved'; readonly sees: readonly [number, number]; readonly caught: string; readonly after: number }
  | { readonly kind: 'blind'; readonly reason: string }
  | { readonly kind: 'finding'; readonly signature: string; readonly path: string; readonly isNew: boolean };
