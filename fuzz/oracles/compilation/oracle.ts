// Oracles that need none of a campaign's engines: they judge a compilation by itself, some by running it on engines of their own. Campaigns ask each about a share of their modules, beside what engines say.

import type { Fault, StageName } from '../../../compiler/inside.ts';

export type CompilationVerdict =
  | { readonly verdict: 'agree' }
  | { readonly verdict: 'incomparable'; readonly reason: string }
  /** `culprit` is the compiler's configuration, named like an engine; `level` the stage to blame, where the oracle knows; `fingerprint` tells faults of one kind apart. */
  | { readonly verdict: 'disagree'; readonly culprit: string; readonly level?: StageName; readonly fingerprint: string; readonly detail: string };

export interface CompilationOracle {
  /** The kind of its findings, and its row in the counts. */
  readonly name: string;
  readonly summary: string;
  /** Of how many modules, chosen by hash, it is asked about one. */
  readonly every: number;
  /** `turn` is any number; oracles with several configurations take one by it. What the compiler throws is the engines' business and incomparable here. */
  ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict | Promise<CompilationVerdict>;
}
