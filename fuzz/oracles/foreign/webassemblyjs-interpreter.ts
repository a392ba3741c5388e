// The interpreter of the npm package `webassemblyjs` as an engine: the MVP, written in JavaScript, unmaintained.
//
// It gives a trap no kind of its own, and throws errors of several classes for traps, for limits, and for what it cannot do. An error that speaks of its own insides
// is taken for what it is, a crash; one that an embedder could take for a trap is a trap of unknown kind.

import type { Outcome } from '../engine.ts';
import type { Behaviour, WholeRunEngine } from '../observe.ts';
import type { Value } from '../value.ts';
import { openMvpReader } from '../mvp.ts';
import { ForeignThread } from './thread.ts';
import { type CallAnswer, type CallArgument, type ModuleAnswer, type ModuleQuestion, outOfSteps } from './webassemblyjs-protocol.ts';
import { integerFrom, ran, stoppedBy, typeOfCall, unanswered, wholeRunEngine } from './whole-run.ts';

const milliseconds = 10_000;
const loadMilliseconds = 10_000;

const exhausted = /^Maximum call stack|out of steps/;
const traps: readonly (readonly [RegExp, string])[] = [
  [/^memory access out of bounds/, 'out of bounds memory access'],
  [/divide by zero/i, 'integer divide by zero'],
  [/integer overflow/i, 'integer overflow'],
];

const scratch = new DataView(new ArrayBuffer(8));

/** A float by its bits; an f32 that is none, having been computed as an f64, is shown as that. A NaN's payload is lost in a JavaScript number, and compares with any. */
function floatOf(type: string, number: number): Value {
  if (type === 'f32' && Object.is(Math.fround(number), number)) {
    scratch.setFloat32(0, number);
    return { type: 'f32', bits: scratch.getUint32(0) };
  }
  scratch.setFloat64(0, number);
  return { type: 'f64', bits: scratch.getBigUint64(0) };
}

function argumentOf(value: Value): CallArgument {
  switch (value.type) {
    case 'i32': return value.bits;
    case 'i64': return { low: Number(BigInt.asIntN(32, value.bits)), high: Number(BigInt.asIntN(32, value.bits >> 32n)) };
    case 'f32':
      scratch.setUint32(0, value.bits);
      return scratch.getFloat32(0);
    case 'f64':
      scratch.setBigUint64(0, value.bits);
      return scratch.getFloat64(0);
    default:
      throw new TypeError(`webassemblyjs: an argument of type ${value.type}`);
  }
}

function outcomeOf(answer: CallAnswer, results: readonly string[]): Outcome {
  switch (answer.kind) {
    case 'nothing':
      return { kind: 'values', values: [] };
    case 'value': {
      // A value where none belongs is dropped by the caller; one of another type is an answer, and a wrong one.
      if (results.length === 0) return { kind: 'values', values: [] };
      if (!/^-?\d+$/.test(answer.text)) throw new Error(`a result of type ${answer.type} without a value`);
      return { kind: 'values', values: [integerFrom(answer.type, answer.text)] };
    }
    case 'float': {
      if (results.length === 0) return { kind: 'values', values: [] };
      return { kind: 'values', values: [floatOf(answer.type, answer.number)] };
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
  takesArguments: true,
  run: (bytes, plan): Behaviour => {
    if (!isMvp(bytes, plan.shape)) return { kind: 'refused', as: 'unsupported', message: 'more than the MVP' };
    const question: ModuleQuestion = { bytes, calls: plan.calls.map(({ name, args }) => ({ name, args: args.map(argumentOf) })) };
    const answer = thread.ask(question, milliseconds);
    if (answer.kind !== 'answer') return unanswered(answer);
    const module = answer.value as ModuleAnswer;
    switch (module.kind) {
      case 'refused':
        return { kind: 'refused', as: 'invalid', message: module.message };
      case 'not-instantiated':
        return stoppedBy(outcomeOf({ kind: 'error', name: module.name, message: module.message }, []));
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
