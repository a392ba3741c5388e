// `wasm-interp` of wabt as an engine. Its words for outcomes: `src/interp` and `src/tools/wasm-interp.cc` of that project, as printed.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Outcome } from '../engine.ts';
import type { Behaviour, Plan, WholeRunEngine } from '../observe.ts';
import type { ProgramRun } from './program.ts';
import { integerFrom, ran, stoppedBy, typeOfCall, unanswered, wholeRunEngine } from './whole-run.ts';
import { ForeignThread } from './thread.ts';

const milliseconds = 4000;
const loadMilliseconds = 20_000;
const folder = dirname(createRequire(import.meta.url).resolve('wabt'));

/** Its words for a trap, and the test suite's. An atomic access may be unaligned and outside at once, and either may be named, so that kind is left open. */
const traps: readonly (readonly [RegExp, string])[] = [
  [/^unreachable executed/, 'unreachable'],
  [/^integer divide by zero/, 'integer divide by zero'],
  [/^integer overflow/, 'integer overflow'],
  [/^invalid conversion to integer/, 'invalid conversion to integer'],
  [/^out of bounds memory access/, 'out of bounds memory access'],
  [/^out of bounds table access/, 'out of bounds table access'],
  [/^undefined table index/, 'undefined element'],
  [/^uninitialized table element/, 'uninitialized element'],
  [/^indirect call signature mismatch/, 'indirect call type mismatch'],
  [/^null reference/, 'null reference'],
  [/^expected shared memory/, 'expected shared memory'],
];

export function wabtOutcome(text: string, results: readonly string[]): Outcome {
  const error = /^error: (.*)$/.exec(text)?.[1];
  if (error !== undefined) {
    if (/uncaught exception/.test(error)) return { kind: 'exception', tag: '', values: [] };
    if (/call stack exhausted|value stack exhausted/.test(error)) return { kind: 'exhaustion', what: 'stack' };
    return { kind: 'trap', trap: traps.find(([pattern]) => pattern.test(error))?.[1], detail: error };
  }
  const [type = ''] = results;
  const value = /^(?:i32|i64):(-?\d+)$/.exec(text)?.[1];
  if (results.length === 0) return { kind: 'values', values: [] };
  if (value === undefined) throw new Error(`wabt printed '${text}' for a result of type ${type}`);
  return { kind: 'values', values: [integerFrom(type, value)] };
}

/** Refusals of what it does not claim to read: garbage collection, and instructions it has no code for. */
const unread = /unexpected type form|expected valid \w+ type|unexpected opcode|^not implemented/;

const notExecuted: Behaviour = { kind: 'refused', as: 'unsupported', message: 'an instruction that it reads and does not execute' };

/** What the program printed for a module, as behaviour. */
export function readWabtOutput({ output: coloured, exitCode }: ProgramRun, plan: Plan): Behaviour {
  const output = stripVTControlCharacters(coloured);
  const lines = new Map<string, string>();
  for (const line of output.split('\n')) {
    const call = /^(\w+)\(\) =>\s?(.*)$/.exec(line);
    if (call?.[1] !== undefined) lines.set(call[1], call[2] ?? '');
  }
  const outcomes: Outcome[] = [];
  for (const { name } of plan.calls) {
    const text = lines.get(name);
    if (text === undefined) break;
    if (text === 'error: not implemented') return notExecuted;
    const outcome = wabtOutcome(text, typeOfCall(plan, name).results);
    outcomes.push(outcome);
    if (outcome.kind === 'exhaustion') return ran(outcomes);
  }
  if (outcomes.length === plan.calls.length) return ran(outcomes);
  const refusal = /^(?:module\.wasm:)?[0-9a-f]+: error: (.*)$/m.exec(output)?.[1];
  if (outcomes.length === 0 && refusal !== undefined) return { kind: 'refused', as: unread.test(refusal) ? 'unsupported' : 'invalid', message: refusal };
  const first = output.split('\n').find((line) => line.includes('error')) ?? output.split('\n', 1)[0] ?? '';
  const stopped = /^(?:module\.wasm: )?error(?: initializing module)?: (.*)$/.exec(first)?.[1];
  if (outcomes.length === 0 && stopped !== undefined) {
    if (stopped === 'not implemented') return notExecuted;
    return stoppedBy(wabtOutcome(`error: ${stopped}`, []));
  }
  throw new Error(`wabt ended with exit code ${exitCode} after ${outcomes.length} of ${plan.calls.length} calls: ${output.slice(-300)}`);
}

const thread = new ForeignThread(new URL('program-thread.ts', import.meta.url), { path: join(folder, 'bin/wasm-interp'), args: ['--enable-all', '--run-all-exports'] }, loadMilliseconds);

export const wabtEngine: WholeRunEngine = wholeRunEngine({
  name: 'wabt',
  version: '1.0.39',
  run: (bytes, plan) => {
    const answer = thread.ask(bytes, milliseconds);
    return answer.kind !== 'answer' ? unanswered(answer) : readWabtOutput(answer.value as ProgramRun, plan);
  },
});
