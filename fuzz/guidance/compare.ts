// Every target guided and by random numbers, for the same CPU time on the same build, some runs side by side: what guidance is worth.
//
// Nothing stops the whole: a run that cannot start or fails is a row that says so. An interrupt ends the runs that are under way, which answer with what they have.

import { type GuidedPlan, type GuidedResult, runGuided } from './supervise.ts';

/** Of the pair's two, and side by side where two run at once: so both have the same neighbours on the machine. */
export const comparedModes = ['random', 'guided'] as const;

export type ComparedRun =
  | { readonly plan: GuidedPlan; readonly result: GuidedResult; readonly isInterrupted: boolean }
  | { readonly plan: GuidedPlan; readonly failure: string };

/** On a machine with other work, a run has so much more time than CPU time before it ends anyway. */
const patience = 3;
/** Starting a process, loading the compiler with counters, the self-test. */
const startSeconds = 20;

/** Wall time of a run of so much CPU time, at most. */
export function longestRun(cpuSeconds: number): number {
  return cpuSeconds * patience;
}

/** Minutes for so many runs: on a quiet machine, and at most. */
export function expectedMinutes(runs: number, atOnce: number, cpuSeconds: number): { readonly quiet: number; readonly most: number } {
  const turns = Math.ceil(runs / atOnce);
  return { quiet: (turns * (cpuSeconds + startSeconds)) / 60, most: (turns * (longestRun(cpuSeconds) + startSeconds)) / 60 };
}

async function runOne(plan: GuidedPlan, command: readonly [string, ...string[]], onProgress: Progress, signal: AbortSignal): Promise<ComparedRun> {
  try {
    const result = await runGuided(plan, command, (figures, seconds) => onProgress(plan, figures, seconds), signal);
    if (result.blind !== undefined) return { plan, failure: result.blind };
    if (result.figures.executions === 0 && !signal.aborted) return { plan, failure: `no case was run; processes died by ${Object.keys(result.deaths).join(', ') || 'nothing known'}` };
    return { plan, result, isInterrupted: signal.aborted };
  } catch (error) {
    return { plan, failure: error instanceof Error ? error.message : String(error) };
  }
}

export type Progress = (plan: GuidedPlan, figures: GuidedResult['figures'], seconds: number) => void;

/** Runs the plans in order, so many at once, and tells of each as it ends. */
export async function compareRuns(plans: readonly GuidedPlan[], atOnce: number, command: readonly [string, ...string[]], signal: AbortSignal, onRun: (run: ComparedRun) => void, onProgress: Progress): Promise<void> {
  const waiting = [...plans];
  const lane = async (): Promise<void> => {
    for (let plan = waiting.shift(); plan !== undefined && !signal.aborted; plan = waiting.shift()) onRun(await runOne(plan, command, onProgress, signal));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, plans.length) }, lane));
}
