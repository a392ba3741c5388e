// Binaryen's interpreter as an engine, by way of `wasm-opt --fuzz-exec-before`: it runs all exports in order and prints what each returns.
// Its words: `src/tools/execution-results.h` and the traps in `src/wasm-interpreter.h` of that project, as printed.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from '../engine.ts';
import type { Behaviour, Plan, WholeRunEngine } from '../observe.ts';
import type { ProgramRun } from './program.ts';
import { integerFrom, ran, stoppedBy, typeOfCall, unanswered, wholeRunEngine } from './whole-run.ts';
import { ForeignThread } from './thread.ts';

const milliseconds = 10_000;
const loadMilliseconds = 60_000;
const folder = dirname(createRequire(import.meta.url).resolve('binaryen'));

const traps: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, 'unreachable'],
  [/^(?:i32|i64)\.(?:div|rem)_[su] by 0/, 'integer divide by zero'],
  [/overflow/, 'integer overflow'],
  [/of nan/i, 'invalid conversion to integer'],
  [/> memory|highest > memory|out of bounds memory|out of bounds segment access in memory/, 'out of bounds memory access'],
];

function outcomesOf(lines: readonly string[], plan: Plan): Outcome[] {
  const outcomes: Outcome[] = [];
  let current: string | undefined;
  let outcome: Outcome | undefined;
  const finish = (): void => {
    if (current !== undefined) outcomes.push(outcome ?? { kind: 'values', values: [] });
    outcome = undefined;
  };
  for (const line of lines) {
    const started = /^\[fuzz-exec\] export (.*)$/.exec(line)?.[1];
    if (started !== undefined) {
      finish();
      current = started;
      continue;
    }
    const note = /^\[fuzz-exec\] note result: (\S+) => (.*)$/.exec(line);
    if (note?.[1] !== undefined && note[1] === current) {
      const [type = ''] = typeOfCall(plan, current).results;
      outcome = { kind: 'values', values: [integerFrom(type, note[2] ?? '')] };
    }
    const trap = /^\[trap (.*)\]$/.exec(line)?.[1];
    if (trap !== undefined) outcome = { kind: 'trap', trap: traps.find(([pattern]) => pattern.test(trap))?.[1], detail: trap };
    if (line.startsWith('[host limit')) outcome = { kind: 'exhaustion', what: line.includes('stack') ? 'stack' : 'memory' };
    if (line.startsWith('[exception thrown')) outcome = { kind: 'exception', tag: '', values: [] };
  }
  finish();
  return outcomes;
}

/** What the program printed for a module, as behaviour. */
export function readBinaryenOutput({ output: coloured, exitCode }: ProgramRun, plan: Plan): Behaviour {
  const output = stripVTControlCharacters(coloured);
  const lines = output.split('\n');
  const refusal = /^\[parse exception: (.*)\]$|^Fatal: (error validating input)$|^\[wasm-validator error.*?\] (.*)$/m.exec(output);
  if (refusal !== null) return { kind: 'refused', as: 'invalid', message: refusal[1] ?? refusal[2] ?? refusal[3] ?? '' };
  const outcomes = outcomesOf(lines, plan);
  const limit = outcomes.findIndex(({ kind }) => kind === 'exhaustion');
  if (limit >= 0) return ran(outcomes.slice(0, limit + 1));
  if (outcomes.length === plan.calls.length) return ran(outcomes);
  if (outcomes.length === 0 && lines.some((line) => line.startsWith('[host limit'))) {
    return stoppedBy({ kind: 'exhaustion', what: 'stack' });
  }
  // An exception that leaves the start function is told as a failure to instantiate.
  if (outcomes.length === 0 && lines.some((line) => line.startsWith('[exception thrown'))) return stoppedBy({ kind: 'exception', tag: '', values: [] });
  const stopped = /^\[trap (.*)\]$/m.exec(output)?.[1];
  if (outcomes.length === 0 && stopped !== undefined) {
    return stoppedBy({ kind: 'trap', trap: traps.find(([pattern]) => pattern.test(stopped))?.[1], detail: stopped });
  }
  throw new Error(`binaryen ended with exit code ${exitCode} after ${outcomes.length} of ${plan.calls.length} calls: ${output.slice(-300)}`);
}

const thread = new ForeignThread(new URL('program-thread.ts', import.meta.url), { path: join(folder, 'bin/wasm-opt'), args: ['-all', '--fuzz-exec-before'] }, loadMilliseconds);

export const binaryenEngine: WholeRunEngine = wholeRunEngine({
  name: 'binaryen',
  version: '132.0.0',
  run: (bytes, plan) => {
    const answer = thread.ask(bytes, milliseconds);
    return answer.kind !== 'answer' ? unanswered(answer) : readBinaryenOutput(answer.value as ProgramRun, plan);
  },
});
