// What one guided process is told, and what it tells.

import type { WayTotals } from './shares.ts';

export interface SessionOrder {
  readonly target: string;
  /** `guided`: coverage chooses the cases. `random`: the same build, driven by random numbers, to compare with. `replay`: inputs are run once each, and what they cover is written down. */
  readonly mode: 'guided' | 'random' | 'replay';
  /** Whether libFuzzer takes part in guiding: it does not load everywhere. */
  readonly libFuzzer: boolean;
  /** Folder of the corpus, in libFuzzer's layout: a file per input, named by its hash. */
  readonly corpus: string;
  readonly seed: number;
  readonly seconds: number;
  /** The session ends when this process has spent so much; absent: time alone ends it. */
  readonly cpuSeconds?: number;
  readonly engines: readonly string[];
  readonly crashes: string;
  /** The in-flight file (campaign/in-flight.ts) with the input that is running. */
  readonly slot: string;
  readonly shrinkSeconds: number;
  /** Whether the planted fault is looked for first; a successor of a process that died knows that it can catch. */
  readonly provesItself: boolean;
  /** For `replay`: the paths of the inputs, and the file to which what each covers is added, line by line. Inputs that it names already are not run again. */
  readonly replay?: { readonly inputs: readonly string[]; readonly log: string };
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
  /** By way of making cases, where there are several: cases, seconds, and cells never reached before. */
  readonly ways: Readonly<Record<string, WayTotals>>;
}

export type SessionMessage =
  | SessionStatus
  | { readonly kind: 'proved'; readonly sees: readonly [number, number]; readonly caught: string; readonly after: number }
  | { readonly kind: 'blind'; readonly reason: string }
  | { readonly kind: 'finding'; readonly signature: string; readonly path: string; readonly isNew: boolean };
