// Two behaviours of one module: do they agree?
//
// Bit for bit, −0 ≠ +0. Two floats that are both NaN agree: which NaN an operation gives is left open by the standard, and generated modules let no
// NaN's bits reach integers or memory uncanonicalised. Reaching a limit of the engine (exhaustion), or a feature it lacks, is incomparable, never agreement.

import type { Outcome } from './engine.ts';
import { isNaN32, isNaN64 } from './host.ts';
import { sameMemory } from './memories.ts';
import type { Behaviour, Plan, State } from './observe.ts';
import type { Value } from './value.ts';
import { showOutcome, showValue } from '../wast/match.ts';

export type Comparison =
  | { readonly verdict: 'agree' }
  /** `kind` is the stable part, for signatures; `detail` is for people. */
  | { readonly verdict: 'disagree'; readonly kind: DifferenceKind; readonly detail: string }
  | { readonly verdict: 'incomparable'; readonly reason: string };

export type DifferenceKind = 'validity' | 'link' | 'start' | 'outcome' | 'result' | 'trap-kind' | 'host-calls' | 'memory' | 'global' | 'table' | 'output' | 'crash';

const agree: Comparison = { verdict: 'agree' };

export function sameValue(a: Value, b: Value): boolean {
  switch (a.type) {
    case 'i32':
    case 'i64':
    case 'v128':
      return a.type === b.type && a.bits === b.bits;
    case 'f32':
      return b.type === 'f32' && (a.bits === b.bits || (isNaN32(a.bits) && isNaN32(b.bits)));
    case 'f64':
      return b.type === 'f64' && (a.bits === b.bits || (isNaN64(a.bits) && isNaN64(b.bits)));
    case 'ref':
      if (b.type !== 'ref' || a.kind !== b.kind) return false;
      if (a.kind === 'extern') return b.kind === 'extern' && a.id === b.id;
      if (a.kind === 'i31') return b.kind === 'i31' && a.value === b.value;
      // Handles are an engine's own, unless both give the function's index.
      if (a.kind === 'function') return b.kind !== 'function' || typeof a.handle !== 'number' || typeof b.handle !== 'number' || a.handle === b.handle;
      return true;
  }
}

export function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined || right === undefined || !sameValue(left, right)) return false;
  }
  return true;
}

const anyNull = 'null reference';

/** V8 has one message for all uses of null, where the test suite's words tell what was expected instead. */
function sameTrap(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  const isNull = (trap: string): boolean => /^null .*reference$/.test(trap);
  return (a === anyNull && isNull(b)) || (b === anyNull && isNull(a));
}

function compareOutcomes(a: Outcome, b: Outcome): { kind: DifferenceKind } | 'agree' | 'exhaustion' {
  if (a.kind === 'exhaustion' || b.kind === 'exhaustion') return 'exhaustion';
  if (a.kind !== b.kind) return { kind: 'outcome' };
  switch (a.kind) {
    case 'values':
      return b.kind === 'values' && sameValues(a.values, b.values) ? 'agree' : { kind: 'result' };
    case 'trap':
      return b.kind !== 'trap' || sameTrap(a.trap, b.trap) ? 'agree' : { kind: 'trap-kind' };
    case 'exception':
      if (b.kind !== 'exception') return { kind: 'result' };
      // An exception out of the start function is of a tag that V8 has not shown yet, and so is its payload.
      if (a.tag === '' || b.tag === '') return 'agree';
      return a.tag === b.tag && sameValues(a.values, b.values) ? 'agree' : { kind: 'result' };
    case 'exit':
      return b.kind === 'exit' && a.code === b.code ? 'agree' : { kind: 'result' };
  }
}

function disagree(kind: DifferenceKind, detail: string): Comparison {
  return { verdict: 'disagree', kind, detail };
}

/** A sparse memory is looked at only where somebody has touched it. */
function sameMemories(a: State, left: Uint8Array, b: State, right: Uint8Array): boolean {
  if (b.isSparse === true) return sameMemory(left, right);
  if (a.isSparse === true) return sameMemory(right, left);
  return Buffer.compare(left, right) === 0;
}

/** Compares what is left: globals, memories, tables, streams. */
export function compareStates(a: State, b: State): Comparison {
  for (let i = 0; i < Math.min(a.globals.length, b.globals.length); i++) {
    const left = a.globals[i];
    const right = b.globals[i];
    if (left !== undefined && right !== undefined && !sameValue(left, right)) return disagree('global', `global ${i}: ${showValue(left)} against ${showValue(right)}`);
  }
  for (let i = 0; i < Math.min(a.memories.length, b.memories.length); i++) {
    const left = a.memories[i];
    const right = b.memories[i];
    if (left === undefined || right === undefined) continue;
    if (left.length !== right.length) return disagree('memory', `memory ${i}: ${left.length} bytes against ${right.length}`);
    if (sameMemories(a, left, b, right)) continue;
    const at = left.findIndex((byte, index) => byte !== right[index]);
    return disagree('memory', `memory ${i} at ${at}: ${hex(left, at)} against ${hex(right, at)}`);
  }
  for (let i = 0; i < Math.min(a.tables.length, b.tables.length); i++) {
    const left = a.tables[i];
    const right = b.tables[i];
    if (left === undefined || right === undefined || sameValues(left, right)) continue;
    return disagree('table', `table ${i}: [${left.map(showValue).join(', ')}] against [${right.map(showValue).join(', ')}]`);
  }
  for (const name of new Set([...Object.keys(a.streams ?? {}), ...Object.keys(b.streams ?? {})])) {
    const left = a.streams?.[name];
    const right = b.streams?.[name];
    if (left === undefined || right === undefined) return disagree('output', `${name} is written by one only`);
    if (Buffer.compare(left, right) === 0) continue;
    const at = left.findIndex((byte, index) => byte !== right[index]);
    return disagree('output', `${name} from byte ${at < 0 ? left.length : at} on (${left.length} and ${right.length} bytes)`);
  }
  return agree;
}

function hex(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 8)).toString('hex');
}

/** Compares the calls of the host. */
export function compareTraces(a: Pick<Behaviour & { readonly kind: 'ran' }, 'trace'>, b: Pick<Behaviour & { readonly kind: 'ran' }, 'trace'>): Comparison {
  for (let i = 0; i < Math.max(a.trace.length, b.trace.length); i++) {
    const left = a.trace[i];
    const right = b.trace[i];
    if (left !== undefined && right !== undefined && left.name === right.name && sameValues(left.args, right.args)) continue;
    const show = (call: typeof left): string => (call === undefined ? 'no call' : `${call.name}(${call.args.map(showValue).join(', ')})`);
    return disagree('host-calls', `host call ${i}: ${show(left)} against ${show(right)}`);
  }
  return agree;
}

/** Compares two behaviours under the same plan; `a` is named first in details. */
export function compareBehaviours(a: Behaviour, b: Behaviour, plan: Plan): Comparison {
  if (a.kind === 'crashed') return disagree('crash', `${a.error.message} against ${describe(b)}`);
  if (b.kind === 'crashed') return disagree('crash', `${describe(a)} against ${b.error.message}`);
  for (const one of [a, b]) if (one.kind === 'refused' && one.as === 'unsupported') return { verdict: 'incomparable', reason: `unsupported: ${one.message}` };
  if (a.kind === 'refused' || b.kind === 'refused') return a.kind === b.kind ? agree : disagree('validity', `${describe(a)} against ${describe(b)}`);
  if (a.kind === 'link' || b.kind === 'link') return a.kind === b.kind ? agree : disagree('link', `${describe(a)} against ${describe(b)}`);
  if (a.kind === 'stopped' || b.kind === 'stopped') {
    if (a.kind !== 'stopped' || b.kind !== 'stopped') {
      const stopped = a.kind === 'stopped' ? a : b;
      if (stopped.kind === 'stopped' && stopped.outcome.kind === 'exhaustion') return { verdict: 'incomparable', reason: `exhaustion: ${stopped.outcome.what}` };
      return disagree('start', `${describe(a)} against ${describe(b)}`);
    }
    const outcome = compareOutcomes(a.outcome, b.outcome);
    if (outcome === 'exhaustion') return { verdict: 'incomparable', reason: 'exhaustion: at the start' };
    if (outcome !== 'agree') return disagree(outcome.kind, `${describe(a)} against ${describe(b)}`);
    const traces = compareTraces(a, b);
    return traces.verdict === 'agree' ? compareStates(a.state, b.state) : traces;
  }
  for (let i = 0; i < Math.max(a.outcomes.length, b.outcomes.length); i++) {
    const left = a.outcomes[i];
    const right = b.outcomes[i];
    if (left === undefined || right === undefined) break;
    const outcome = compareOutcomes(left, right);
    if (outcome === 'agree') continue;
    // What came before agreed; what comes after starts from different states.
    if (outcome === 'exhaustion') return { verdict: 'incomparable', reason: `exhaustion: ${left.kind === 'exhaustion' ? left.what : right.kind === 'exhaustion' ? right.what : ''}` };
    const call = plan.calls[i];
    const arguments_ = call === undefined ? '' : `${call.name}(${call.args.map(showValue).join(', ')})`;
    return disagree(outcome.kind, `call ${i}, ${arguments_}: ${showOutcome(left)} against ${showOutcome(right)}`);
  }
  const traces = compareTraces(a, b);
  return traces.verdict === 'agree' ? compareStates(a.state, b.state) : traces;
}

/** One line on how a run ended. */
export function describe(behaviour: Behaviour): string {
  switch (behaviour.kind) {
    case 'refused':
      return `${behaviour.as}: ${behaviour.message}`;
    case 'link':
      return `link error: ${behaviour.message}`;
    case 'stopped':
      return `stopped at the start by ${showOutcome(behaviour.outcome)}`;
    case 'ran': {
      const [only] = behaviour.outcomes;
      if (behaviour.outcomes.length === 1 && only !== undefined) return showOutcome(only);
      const values = behaviour.outcomes.filter(({ kind }) => kind === 'values').length;
      return `${behaviour.outcomes.length} calls: ${values} gave values, ${behaviour.outcomes.length - values} did not`;
    }
    case 'crashed':
      return `crashed: ${behaviour.error.message}`;
  }
}
