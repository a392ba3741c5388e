// What the registry says of an engine: its names, where it takes part, and how to get it.

import type { CompileOptions } from '../../../compiler/inside.ts';
import type { Engine } from '../engine.ts';

export interface EngineRow {
  readonly base: string;
  /** One line on what it is. */
  readonly summary: string;
  /** Full names worth listing and running by default. */
  readonly names: readonly string[];
  /** Full names that take part in a campaign unless it says otherwise. */
  readonly campaign: readonly string[];
  /** Full names that take turns at some of such a campaign's modules, and see every one on which others disagree. */
  readonly occasional: readonly string[];
  /** The engine of that full name, or undefined for options it does not know. `inside` is for our compiler. */
  readonly maybeLoad: (name: string, options: readonly string[], inside: Inside) => Promise<Engine | undefined>;
}

/** What the lab puts into an engine of our compiler: faults, and a control that limits and watches what it does. */
export interface Inside extends Pick<CompileOptions, 'faults' | 'control'> {
  /** Milliseconds that code in a runner may take before the runner counts as lost; the runtime's own limit where nothing is said. */
  readonly runnerTimeout?: number;
}
