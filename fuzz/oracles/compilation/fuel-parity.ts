// A call consumes as much fuel wherever it runs, and one that is given less stops at the same place: what our compiler's code counts (translate/fuel.ts) is
// held against the interpreter's count of executed instructions, call by call, on the IR as translated, after the mid-end, and in machine code.
//
// Each module runs twice. First with fuel enough: every call that ends by itself must have consumed exactly the same, traps included. Then with less than one
// of the calls needs, a number drawn by the turn: that call must run out on both, having consumed all, and leave the same memories, globals and tables, and
// have made the same calls to the host. The stack runs out where an engine likes: from there on nothing is compared.

import { type Fault, maybeTargetOn } from '../../../compiler/inside.ts';
import { compareBehaviours, compareStates, compareTraces } from '../compare.ts';
import type { Engine, Outcome } from '../engine.ts';
import { evaluatedEngine, nativeEngine } from '../engines/compiled-engines.ts';
import { interpreterEngine } from '../engines/interpreter.ts';
import { type Behaviour, observe, type Plan, planFor } from '../observe.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

/** For each planned call that was made, how it ended and what it consumed. */
interface Account {
  readonly behaviour: Behaviour;
  readonly calls: readonly { readonly outcome: Outcome; readonly fuel: number }[];
}

/** More than calls of generated modules take, and little enough for code that a fault has made endless. */
const enough = 2e6;

function accountOf(engine: Engine, module: Uint8Array, plan: Plan, fuel: number): Account {
  const before: number[] = [];
  const behaviour = observe(engine, module, plan, { fuel, onCall: (_call, store) => before.push(store.fuelUsed?.() ?? Number.NaN) });
  const outcomes = behaviour.kind === 'ran' ? behaviour.outcomes : [];
  return { behaviour, calls: outcomes.map((outcome, call) => ({ outcome, fuel: (after(before, call) ?? Number.NaN) - (before[call] ?? Number.NaN) })) };
}

/** Between two calls the module's own refuelling runs, which costs the same everywhere. */
const after = (before: readonly number[], call: number): number | undefined => before[call + 1];

/** What is wrong with an account; undefined when nothing is. `undefined` fuel: as much as there is. */
function faultOf(wanted: Account, actual: Account, plan: Plan): string | undefined {
  for (const [call, { outcome, fuel }] of wanted.calls.entries()) {
    const found = actual.calls[call];
    const name = `call ${call + 1}, of ${JSON.stringify(plan.calls[call]?.name)}`;
    if (found === undefined) return `${name} was not made`;
    if (isOtherExhaustion(outcome) || isOtherExhaustion(found.outcome)) return undefined;
    if (outcome.kind !== found.outcome.kind) return `${name}: ${outcome.kind} after ${fuel} instructions against ${found.outcome.kind} after ${found.fuel}`;
    if (fuel !== found.fuel) return `${name} consumes ${fuel}, not ${found.fuel}`;
    if (outcome.kind === 'exhaustion') return stateFault(wanted.behaviour, actual.behaviour, name);
  }
  return undefined;
}

/** Ran out of something else than fuel, which is not the same everywhere. */
const isOtherExhaustion = (outcome: Outcome): boolean => outcome.kind === 'exhaustion' && outcome.what !== 'fuel';

function stateFault(wanted: Behaviour, actual: Behaviour, name: string): string | undefined {
  if (wanted.kind !== 'ran' || actual.kind !== 'ran') return undefined;
  for (const comparison of [compareTraces(wanted, actual), compareStates(wanted.state, actual.state)]) {
    if (comparison.verdict === 'disagree') return `${name} runs out and leaves: ${comparison.detail}`;
  }
  return undefined;
}

/** What of the compiler is asked beside the evaluated IR, in turn; machine code only where this CPU runs it. */
function enginesAt(turn: number, faults: readonly Fault[]): Engine[] {
  const target = maybeTargetOn(process.arch);
  const engines = [evaluatedEngine('ir', { opt: 'none', faults }), evaluatedEngine('ir-opt', { opt: 'speed', faults })];
  if (target === undefined) return engines;
  const opt = turn % 2 === 0 ? 'speed' : 'none';
  const native = nativeEngine(`${target}:${opt}`, target, { faults, opt });
  return native.availability().available ? [...engines, native] : engines;
}

function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict {
  const plan = planFor(module);
  const whole = accountOf(interpreterEngine, module, plan, enough);
  const most = Math.max(0, ...whole.calls.map(({ fuel }) => fuel));
  // Somewhere below what the longest call needs.
  const less = 1 + (Math.imul(turn + 1, 0x9e3779b1) >>> 0) % Math.max(1, most - 1);
  const accounts = [{ fuel: enough, wanted: whole }, ...(most < 2 ? [] : [{ fuel: less, wanted: accountOf(interpreterEngine, module, plan, less) }])];
  if (whole.calls.length === 0) return { verdict: 'incomparable', reason: 'nothing ran' };
  for (const engine of enginesAt(turn, faults)) {
    for (const { fuel, wanted } of accounts) {
      const actual = accountOf(engine, module, plan, fuel);
      if (actual.behaviour.kind === 'refused') return { verdict: 'incomparable', reason: actual.behaviour.message };
      if (actual.behaviour.kind === 'crashed') return { verdict: 'incomparable', reason: 'the compiler threw' };
      // What a call does is the engines' business, and what it consumes follows from that.
      if (compareBehaviours(wanted.behaviour, actual.behaviour, plan).verdict === 'disagree' && fuel === enough) return { verdict: 'incomparable', reason: 'the engines disagree' };
      const fault = faultOf(wanted, actual, plan);
      if (fault === undefined) continue;
      return { verdict: 'disagree', culprit: engine.name, fingerprint: fault.replace(/^call \d+, of "[^"]*":? /, '').replaceAll(/\d+/g, 'N'), detail: fuel === enough ? fault : `with ${fuel} of fuel: ${fault}` };
    }
  }
  return { verdict: 'agree' };
}

export const fuelParity: CompilationOracle = { name: 'fuel', summary: 'a call consumes as much fuel wherever it runs', every: 512, ask };
