// The interpreter of the npm package `webassemblyjs` as an engine: the MVP, written in JavaScript, unmaintained.
//
// It gives a trap no kind of its own, and throws errors of several classes for traps, for limits, and for what it cannot do. An error that speaks of its own insides
// is taken for what it is, a crash; one that an embedder could take for a trap is a trap of unknown kind.

import type { Outcome } from '../engine.ts';
import type { Behaviour, WholeRunEngine } from '../observe.ts';
import { openMvpReader } from '../wabt.ts';
import { ForeignThread } from './thread.ts';
import { type CallAnswer, type ModuleAnswer, type ModuleQuestion, outOfSteps } from './webassemblyjs-protocol.ts';
import { integerFrom, ran, typeOfCall, wholeRunEngine } from './whole-run.ts';

const milliseconds = 10_000;
const loadMilliseconds = 10_000;

const exhausted = /^Maximum call stack|out of steps/;
const traps: readonly (readonly [RegExp, string])[] = [
  [/^memory access out of bounds/, 'out of bounds memory access'],
  [/divide by zero/i, 'integer divide by zero'],
  [/integer overflow/i, 'integer overflow'],
];

function outcomeOf(answer: CallAnswer, results: readonly string[]): Outcome {
  switch (answer.kind) {
    case 'nothing':
      return { kind: 'values', values: [] };
    case 'value': {
      const [type = answer.type] = results;
      // A value where none belongs is dropped by the caller; one of another type is the interpreter's own mistake.
      if (results.length === 0) return { kind: 'values', values: [] };
      if (answer.type !== type) throw new Error(`a result of type ${answer.type} from a function of type ${type}`);
      return { kind: 'values', values: [integerFrom(type, answer.text)] };
    }
    case 'error': {
      const { name, message } = answer;
      if (exhausted.test(message)) return { kind: 'exhaustion', what: message === outOfSteps ? 'fuel' : 'stack' };
      const trap = traps.find(([pattern]) => pattern.test(message))?.[1];
      if (name !== 'ExecutionHasBeenTrapped' && trap === undefined) throw new Error(`${name}: ${message}`);
      return { kind: 'trap', trap, detail: message };
    }
  }
}

const thread = new ForeignThread(new URL('webassemblyjs-thread.ts', import.meta.url), undefined, loadMilliseconds);

const isMvp = await openMvpReader();

export const webassemblyjsEngine: WholeRunEngine = wholeRunEngine({
  name: 'webassemblyjs',
  version: '1.14.1',
  run: (bytes, plan): Behaviour => {
    if (!isMvp(bytes)) return { kind: 'refused', as: 'unsupported', message: 'more than the MVP' };
    const question: ModuleQuestion = { bytes, calls: plan.calls.map(({ name }) => name) };
    const answer = thread.ask(question, milliseconds);
    if (answer.kind === 'late') return ran([{ kind: 'exhaustion', what: 'fuel' }]);
    const module = answer.value as ModuleAnswer;
    switch (module.kind) {
      case 'refused':
        return { kind: 'refused', as: 'invalid', message: module.message };
      case 'not-instantiated':
        return { kind: 'stopped', outcome: outcomeOf({ kind: 'error', name: module.name, message: module.message }, []), trace: [], state: { memories: [], globals: [], tables: [] } };
      case 'ran': {
        const outcomes: Outcome[] = [];
        for (const [index, call] of module.calls.entries()) {
          const outcome = outcomeOf(call, typeOfCall(plan, plan.calls[index]?.name ?? '').results);
          outcomes.push(outcome);
          if (outcome.kind === 'exhaustion') break;
        }
        return ran(outcomes);
      }
    }
  },
});
