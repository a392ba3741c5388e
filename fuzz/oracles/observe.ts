// What counts as behaviour: everything a module shows while it is instantiated and its exports are called.
//
// Results, trap kinds, the calls it makes to the host with their arguments, and the state it leaves: globals, memories and tables, also after a trap.
// A run is a plan, the same for every engine: rounds over all exported functions, each call with its own arguments, each with fresh fuel
// where the module has an export `refuel` (see generate/module.ts). A run ends early at exhaustion, which is an engine's own affair.

import { argumentsFor, seedOf } from './argument-sets.ts';
import type { Engine, EngineInstance, EngineStore, Outcome, Snapshot, StoreOptions } from './engine.ts';
import { RandomSource } from '../generate/choices.ts';
import { type HostCall, openHost } from './host.ts';
import { type ModuleInterface, readModuleInterface } from './module-interface.ts';
import type { Value } from './value.ts';

export interface PlannedCall {
  readonly name: string;
  readonly args: readonly Value[];
}

export interface Plan {
  readonly shape: ModuleInterface;
  readonly calls: readonly PlannedCall[];
  readonly hasFuel: boolean;
}

/** Indexed by memory, global and table; undefined where the engine cannot see. */
export interface State {
  readonly memories: readonly (Uint8Array | undefined)[];
  /** See `Snapshot`. */
  readonly isSparse?: boolean;
  readonly globals: readonly (Value | undefined)[];
  readonly tables: readonly (readonly Value[] | undefined)[];
  /** What a program wrote, by stream, and the files it left, by path. */
  readonly streams?: Readonly<Record<string, Uint8Array>>;
}

export type Behaviour =
  /** The module was refused; `unsupported` says nothing about the module. */
  | { readonly kind: 'refused'; readonly as: 'malformed' | 'invalid' | 'unsupported'; readonly message: string }
  | { readonly kind: 'link'; readonly message: string }
  /** Instantiation was stopped by a trap; imported memories show what had happened by then. */
  | { readonly kind: 'stopped'; readonly outcome: Outcome; readonly trace: readonly HostCall[]; readonly state: State }
  | { readonly kind: 'ran'; readonly outcomes: readonly Outcome[]; readonly trace: readonly HostCall[]; readonly state: State }
  /** The engine itself failed: it threw. */
  | { readonly kind: 'crashed'; readonly error: Error };

/** An engine that can only run a whole plan at once. */
export interface WholeRunEngine extends Engine {
  /** Whether calls may have arguments, and be made more than once; otherwise only modules that stand alone will do. */
  readonly takesArguments: boolean;
  runPlan(bytes: Uint8Array, plan: Plan): Behaviour;
}

export const isWholeRun = (engine: Engine): engine is WholeRunEngine => 'runPlan' in engine;

/** What a generated module is given to spend by each call. */
const fuelPerCall = 100;

/** Plans the calls for a module that some engine has accepted. */
export function planFor(bytes: Uint8Array, rounds = 3): Plan {
  const shape = readModuleInterface(bytes);
  const random = new RandomSource(seedOf(bytes));
  const calls: PlannedCall[] = [];
  const functions = shape.exports.filter(({ kind, name }) => kind === 'function' && name !== 'refuel');
  for (let round = 0; round < rounds; round++) {
    for (const { name, index } of functions) {
      const type = shape.types[shape.functions[index] ?? -1];
      if (type !== undefined) calls.push({ name, args: argumentsFor(type.params, random) });
    }
  }
  return { shape, calls, hasFuel: shape.exports.some(({ name, kind }) => name === 'refuel' && kind === 'function') };
}

const hostOnly: State = { memories: [], globals: [], tables: [] };

/** All that can be seen of an instance. */
export function stateOf(instance: EngineInstance, shape: ModuleInterface): State {
  const snapshot: Snapshot | undefined = instance.maybeSnapshot();
  if (snapshot !== undefined) return snapshot;
  const memories = new Array<Uint8Array | undefined>(shape.memories.length).fill(undefined);
  const globals = new Array<Value | undefined>(shape.globals.length).fill(undefined);
  for (const { name, kind, index } of shape.exports) {
    if (kind === 'memory') memories[index] = instance.memory(name).bytes();
    else if (kind === 'global') globals[index] = instance.readGlobal(name);
  }
  return { memories, globals, tables: [] };
}

export interface ObserveOptions extends StoreOptions {
  /** Called before each planned call, by its number, and once more behind the last that was made; calls are then made one by one. */
  readonly onCall?: (call: number, store: EngineStore) => void;
}

/** A behaviour whose memories are the engine's own, to be looked at until `close`: copying them costs as much as comparing them. */
export interface OpenBehaviour {
  readonly behaviour: Behaviour;
  close(): void;
}

function withOwnMemories(behaviour: Behaviour): Behaviour {
  if (behaviour.kind !== 'ran' && behaviour.kind !== 'stopped') return behaviour;
  return { ...behaviour, state: { ...behaviour.state, isSparse: false, memories: behaviour.state.memories.map((memory) => memory?.slice()) } };
}

/** Runs something in a store of its own. Never throws: what the engine throws is a crash. */
export function openWith(engine: Engine, options: StoreOptions, work: (store: EngineStore) => Behaviour): OpenBehaviour {
  let store: EngineStore | undefined;
  try {
    store = engine.openStore(options);
    const open = store;
    const behaviour = work(store);
    return { behaviour: store.isRemote === true ? withOwnMemories(behaviour) : behaviour, close: () => open.dispose() };
  } catch (error) {
    store?.dispose();
    return openBehaviour({ kind: 'crashed', error: error instanceof Error ? error : new Error(String(error)) });
  }
}

/** A behaviour that holds nothing of an engine's. */
export function openBehaviour(behaviour: Behaviour): OpenBehaviour {
  return { behaviour, close: () => undefined };
}

/** Runs a plan on one engine. */
export function observeOpen(engine: Engine, bytes: Uint8Array, plan: Plan, options: ObserveOptions = {}): OpenBehaviour {
  if (!isWholeRun(engine)) return openWith(engine, options, (store) => run(store, bytes, plan, options));
  options.stopwatch?.phase('execute');
  try {
    return openBehaviour(engine.runPlan(bytes, plan));
  } catch (error) {
    return openBehaviour({ kind: 'crashed', error: error instanceof Error ? error : new Error(String(error)) });
  }
}

/** The same, with memories that stay. */
export function observe(engine: Engine, bytes: Uint8Array, plan: Plan, options: ObserveOptions = {}): Behaviour {
  return closed(observeOpen(engine, bytes, plan, options), options);
}

/** Copies what is the engine's own, and closes. */
export function closed({ behaviour, close }: OpenBehaviour, options: StoreOptions = {}): Behaviour {
  try {
    return withOwnMemories(behaviour);
  } finally {
    options.stopwatch?.phase('dispose');
    close();
  }
}

function run(store: EngineStore, bytes: Uint8Array, plan: Plan, { stopwatch, onCall }: ObserveOptions): Behaviour {
  stopwatch?.phase('compile');
  const compiled = store.compile(bytes);
  if (compiled.kind === 'unsupported') return { kind: 'refused', as: 'unsupported', message: compiled.feature };
  if (compiled.kind !== 'compiled') return { kind: 'refused', as: compiled.kind, message: compiled.message };
  const { shape } = plan;
  stopwatch?.phase('instantiate');
  const host = openHost(store, shape, compiled.module);
  const started = store.instantiate(compiled.module, host.resolve);
  if (started.kind === 'link') return { kind: 'link', message: started.message };
  if (started.kind === 'stopped') {
    const memories = host.memories.map((memory) => store.readMemory(memory).bytes());
    return { kind: 'stopped', outcome: started.outcome, trace: host.trace, state: { ...hostOnly, memories } };
  }
  const { instance } = started;
  stopwatch?.phase('execute');
  const outcomes = (onCall === undefined ? maybeAtOnce(instance, plan) : undefined) ?? oneByOne(instance, plan, (call) => onCall?.(call, store));
  stopwatch?.phase('snapshot');
  return { kind: 'ran', outcomes, trace: host.trace, state: stateOf(instance, shape) };
}

const fuel: Value = { type: 'i32', bits: fuelPerCall };
/** The call that fills a generated module's fuel. */
export const refuel: PlannedCall = { name: 'refuel', args: [fuel] };

/** All calls in one go, for engines to which the way there is long. */
function maybeAtOnce(instance: EngineInstance, plan: Plan): readonly Outcome[] | undefined {
  const outcomes = instance.maybeInvokeAll?.(plan.hasFuel ? plan.calls.flatMap((call) => [refuel, call]) : plan.calls);
  if (outcomes === undefined || !plan.hasFuel) return outcomes;
  // Of each pair the second says something; a first that does not return is for the engine to explain.
  const failed = outcomes.find(({ kind }, i) => i % 2 === 0 && kind !== 'values');
  if (failed !== undefined) throw new Error(`refuelling ended in ${failed.kind}`);
  return outcomes.filter((_, i) => i % 2 === 1);
}

function oneByOne(instance: EngineInstance, plan: Plan, onCall: (call: number) => void): Outcome[] {
  const outcomes: Outcome[] = [];
  for (let index = 0; index < plan.calls.length; index++) {
    const call = plan.calls[index];
    if (call === undefined) break;
    if (plan.hasFuel) instance.invoke(refuel.name, refuel.args);
    onCall(index);
    const outcome = instance.invoke(call.name, call.args);
    outcomes.push(outcome);
    if (outcome.kind === 'exhaustion' || outcome.kind === 'exit') break;
  }
  onCall(outcomes.length);
  return outcomes;
}
