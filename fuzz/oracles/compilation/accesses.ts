// Each call touches the bytes of memory that the standard says, no others: address, width and direction of every access, so that one that is too wide, made
// twice or left out is seen where it hurts nothing. The reference interpreter's accesses are held against the evaluated IR's, call by call.
//
//   as translated          the same accesses in the same order
//   after the mid-end      the same, but for loads that are left out. Stores stay, all of them and in their order, and nothing is new, wider or narrower.
//     which loads          with guard pages, those whose value is known: since the last store of the call to any memory the same bytes were read at the same
//                          width, or that store wrote them, with 4 or 8 bytes (a narrower one is not remembered). That is what number-values may do.
//                          With explicit bounds any, since a load behind its check cannot fail and may go when nobody needs it.
//
// Calls, the host and bulk instructions are not in the trace, so a load that is wrongly taken from before one is not seen here; results show it.
// Memories go by the order in which their store made them.

import type { Fault } from '../../../compiler/inside.ts';
import { compareBehaviours } from '../compare.ts';
import type { Engine, MemoryAccess } from '../engine.ts';
import { evaluatedEngine } from '../engines/compiled-engines.ts';
import { interpreterEngine } from '../engines/interpreter.ts';
import { type Behaviour, observe, type Plan, planFor } from '../observe.ts';
import type { CompilationOracle, CompilationVerdict } from './oracle.ts';

/** One access as a word, `store 4 at 1024 in memory 0`. */
type Line = string;

/** What one run touched: instantiation first, then each call. */
interface Trace {
  readonly behaviour: Behaviour;
  readonly calls: readonly (readonly Line[])[];
  readonly isWhole: boolean;
}

/** More accesses than generated modules make, and less than fills a machine's memory. */
const longestTrace = 200_000;

function traceOf(engine: Engine, module: Uint8Array, plan: Plan): Trace {
  const calls: Line[][] = [[]];
  let length = 0;
  const onAccess = ({ kind, memory, address, width }: MemoryAccess): void => {
    if (++length <= longestTrace) calls.at(-1)?.push(`${kind} ${width} at ${address} in memory ${memory}`);
  };
  const behaviour = observe(engine, module, plan, { onAccess, onCall: () => calls.push([]) });
  return { behaviour, calls, isWhole: length <= longestTrace };
}

const isLoad = (line: Line): boolean => line.startsWith('load');
const placeOf = (line: Line): string => line.slice(line.indexOf(' '));
const isRemembered = (line: Line): boolean => / [48] at /.test(line);

/** The first thing that `actual` may not do, given what the standard does; undefined when there is none. */
export function maybeAccessFault(wanted: readonly Line[], actual: readonly Line[], mayDrop: 'nothing' | 'known loads' | 'loads'): string | undefined {
  const known = new Set<string>();
  let next = 0;
  for (const line of wanted) {
    const isSame = actual[next] === line;
    if (isSame) next++;
    else if (!isLoad(line) || mayDrop === 'nothing' || (mayDrop === 'known loads' && !known.has(placeOf(line)))) {
      return actual[next] === undefined ? `${line} is missing` : `${actual[next]} in place of ${line}`;
    }
    if (isLoad(line)) known.add(placeOf(line));
    else {
      known.clear();
      if (isRemembered(line)) known.add(placeOf(line));
    }
  }
  return actual[next] === undefined ? undefined : `${actual[next]}, which the standard does not make`;
}

/** How many of the calls can be compared: those before one that ran out of something. */
function comparable({ behaviour, isWhole }: Trace, calls: number): number {
  if (!isWhole) return 0;
  switch (behaviour.kind) {
    case 'ran': {
      const exhausted = behaviour.outcomes.findIndex(({ kind }) => kind === 'exhaustion');
      return exhausted < 0 ? calls : exhausted + 1;
    }
    case 'stopped': return behaviour.outcome.kind === 'exhaustion' ? 0 : 1;
    default: return 0;
  }
}

function ask(module: Uint8Array, turn: number, faults: readonly Fault[]): CompilationVerdict {
  const bounds = turn % 4 === 3 ? 'explicit' : 'guard';
  const plan = planFor(module);
  const reference = traceOf(interpreterEngine, module, plan);
  for (const opt of ['none', 'speed'] as const) {
    const name = [opt === 'none' ? 'ir' : 'ir-opt', ...(bounds === 'explicit' ? [bounds] : [])].join(':');
    const actual = traceOf(evaluatedEngine(name, { opt, bounds, faults }), module, plan);
    if (actual.behaviour.kind === 'refused') return { verdict: 'incomparable', reason: actual.behaviour.message };
    if (actual.behaviour.kind === 'crashed') return { verdict: 'incomparable', reason: 'the compiler threw' };
    // What a call does is the engines' business, and what it touches follows from that.
    if (compareBehaviours(reference.behaviour, actual.behaviour, plan).verdict === 'disagree') return { verdict: 'incomparable', reason: 'the engines disagree' };
    const mayDrop = opt === 'none' ? 'nothing' : bounds === 'guard' ? 'known loads' : 'loads';
    const calls = Math.min(comparable(reference, reference.calls.length), comparable(actual, actual.calls.length));
    if (calls === 0) return { verdict: 'incomparable', reason: 'nothing ran to its end' };
    for (let call = 0; call < calls; call++) {
      const fault = maybeAccessFault(reference.calls[call] ?? [], actual.calls[call] ?? [], mayDrop);
      if (fault === undefined) continue;
      const where = call === 0 ? 'instantiation' : `call ${call}, of ${JSON.stringify(plan.calls[call - 1]?.name)}`;
      return { verdict: 'disagree', culprit: name, fingerprint: fault.replaceAll(/ at \d+/g, ''), detail: `${where}: ${fault}` };
    }
  }
  return { verdict: 'agree' };
}

export const accesses: CompilationOracle = { name: 'accesses', summary: 'the IR touches the bytes of memory that the standard says', every: 256, ask };
