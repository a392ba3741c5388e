// Who wants to know where a module's time goes is told when each phase of a run begins; the phase before ends there.

/** What observing a module on an engine consists of. */
export const runPhases = ['compile', 'instantiate', 'execute', 'snapshot', 'dispose'] as const;
export type RunPhase = (typeof runPhases)[number];

export interface Stopwatch {
  phase(phase: RunPhase): void;
  /** What the clock of compilations reads, in milliseconds. */
  now(): number;
  /** How long the stages of a compilation took by that clock. */
  stages(milliseconds: ReadonlyMap<string, number>): void;
}
