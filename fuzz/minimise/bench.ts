// A benchmark of reduction: one case made small by this search in three ways of asking, and by `wasm-reduce`, each under the same predicate.
//
// The predicate is that the interpreter and the engine with the fault differ in the same class of behaviour, asked of a worker process. `assay` asks it directly,
// `assay --exec` and `wasm-reduce` through the same command (predicate-desk.ts). The worker's start is nobody's time. What comes out is judged once more.

import { cpuSeconds } from '../faults/process-time.ts';
import { type BenchCase, instructionsIn, judgeOf } from './bench-case.ts';
import { commandJudge, type Judge } from './judge.ts';
import { openDesk } from './predicate-desk.ts';
import { reduceModule } from './reduce.ts';
import { runWasmReduce, withPlainTypes } from './wasm-reduce.ts';

export const ways = ['assay', 'assay --exec', 'wasm-reduce'] as const;
export type Way = (typeof ways)[number];

export interface Measured {
  readonly bytes: number;
  readonly instructions: number;
  /** By the clock. */
  readonly seconds: number;
  /** Of processor time, all processes together. */
  readonly cpuSeconds: number;
  /** Candidates that the predicate judged. */
  readonly tries: number;
  /** Whether the result still shows the fault. */
  readonly isInteresting: boolean;
  /** Why it ended before nothing helped any more; absent where it did not. */
  readonly failure?: string;
}

export interface MeasureOptions {
  /** Processor time for each way; twenty times as much by the clock ends it too. */
  readonly seconds: number;
  /** Candidates that `assay` judges at a time; commands are asked one after another. */
  readonly width: number;
  /** The program `wasm-reduce`. */
  readonly wasmReduce: string | undefined;
}

const failed = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Outcome {
  readonly bytes: Uint8Array;
  readonly tries: number;
  readonly failure: string | undefined;
}

/** Makes a case small in one way. A reducer's failure is a result, too. */
export async function measure(way: Way, given: BenchCase, { seconds, width, wasmReduce }: MeasureOptions): Promise<Measured> {
  const judge = judgeOf(given, way === 'assay' ? width : 1);
  let outcome: Outcome;
  try {
    await judge.judge(given.bytes);
    const begun = { clock: performance.now(), cpu: cpuSeconds() };
    const isLate = (): boolean => cpuSeconds() - begun.cpu > seconds || performance.now() - begun.clock > seconds * 20_000;
    try {
      outcome = way === 'assay' ? await byUs(given.bytes, (bytes) => judge.judge(bytes), width, isLate) : await byCommand(way, given, judge, isLate, wasmReduce);
    } catch (error) {
      outcome = { bytes: given.bytes, tries: 0, failure: failed(error) };
    }
    const took = { seconds: (performance.now() - begun.clock) / 1000, cpuSeconds: cpuSeconds() - begun.cpu };
    const { bytes, tries, failure } = outcome;
    return { bytes: bytes.length, instructions: instructionsIn(bytes), ...took, tries, isInteresting: await judge.judge(bytes), ...(failure === undefined ? {} : { failure }) };
  } finally {
    judge.close();
  }
}

async function byUs(start: Uint8Array, judge: (bytes: Uint8Array) => Promise<boolean>, width: number, isLate: () => boolean): Promise<Outcome> {
  const { bytes, tries, isFinished } = await reduceModule(start, judge, { width, isLate, trials: 1 });
  return { bytes, tries, failure: isFinished ? undefined : 'time ran out' };
}

async function byCommand(way: Exclude<Way, 'assay'>, { bytes: start }: BenchCase, judge: Judge, isLate: () => boolean, wasmReduce: string | undefined): Promise<Outcome> {
  let failure: string | undefined;
  const asked: Judge = way === 'wasm-reduce' ? { ...judge, judge: (bytes) => judge.judge(withPlainTypes(bytes)) } : judge;
  const desk = openDesk(asked, (error) => {
    failure = failed(error);
  });
  const command = commandJudge(desk.command, 30);
  try {
    if (way === 'assay --exec') {
      const outcome = await byUs(start, (bytes) => command.judge(bytes), 1, isLate);
      return { ...outcome, failure: failure ?? outcome.failure };
    }
    if (wasmReduce === undefined) throw new Error('there is no wasm-reduce here that can start processes');
    const ended = await runWasmReduce(wasmReduce, start, desk, isLate);
    return { bytes: withPlainTypes(ended.bytes), tries: desk.asked(), failure: failure ?? ended.failure };
  } finally {
    command.close();
    desk.close();
  }
}

export interface QuestionCost {
  /** Milliseconds by the clock, of a question asked directly and of one asked by the command: the median of some. */
  readonly direct: number;
  readonly command: number;
}

const samples = 15;

/** What it costs to ask about a case: directly, and by the command that is started for it. */
export async function costOfQuestions(given: BenchCase): Promise<QuestionCost> {
  const judge = judgeOf(given, 1);
  const desk = openDesk(judge, (error) => {
    throw error;
  });
  const command = commandJudge(desk.command, 30);
  const timeOf = async (ask: () => Promise<boolean>): Promise<number> => {
    const begun = performance.now();
    await ask();
    return performance.now() - begun;
  };
  const direct: number[] = [];
  const byCommand: number[] = [];
  try {
    // In turns, so that both meet the same machine; the first of each is for warming up.
    for (let i = 0; i <= samples; i++) {
      direct.push(await timeOf(() => judge.judge(given.bytes)));
      byCommand.push(await timeOf(() => command.judge(given.bytes)));
    }
    const medianOf = (times: readonly number[]): number => times.slice(1).sort((a, b) => a - b)[samples >> 1] ?? 0;
    return { direct: medianOf(direct), command: medianOf(byCommand) };
  } finally {
    command.close();
    desk.close();
    judge.close();
  }
}
