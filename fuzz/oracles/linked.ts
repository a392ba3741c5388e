// What counts as behaviour of several modules that are linked: the same as for one (observe.ts), of all together.
//
// They are instantiated in order in one store, each importing from the host and from those before it; host calls of all make one trace. Instantiating is the first
// step for each: how it ended is an outcome like that of a call, and when a module is stopped by a trap, what it has left in the others shows. Then
// the exports of all are called, round by round, each call with all modules' fuel filled. The state is that of all instances, one behind the other.

import type { LinkedModule } from '../generate/linked.ts';
import { RandomSource } from '../generate/choices.ts';
import { argumentsFor, seedOf } from './argument-sets.ts';
import type { Engine, EngineInstance, EngineStore, Outcome, StoreOptions } from './engine.ts';
import { HostWorld, openHost } from './host.ts';
import { type ModuleInterface, readModuleInterface } from './module-interface.ts';
import { type Behaviour, isWholeRun, openBehaviour, type OpenBehaviour, openWith, type Plan, type PlannedCall, refuel, type State, stateOf } from './observe.ts';

export interface LinkedPlan extends Plan {
  readonly modules: readonly { readonly name: string; readonly shape: ModuleInterface; readonly hasFuel: boolean }[];
  /** In the order in which they happen: the module that is instantiated or called. */
  readonly steps: readonly { readonly module: number; readonly call: PlannedCall | undefined }[];
}

/** Plans the steps for modules that some engine has accepted. */
export function planLinked(modules: readonly LinkedModule[], rounds: number): LinkedPlan {
  const shapes = modules.map(({ name, bytes }) => {
    const shape = readModuleInterface(bytes);
    return { name, shape, hasFuel: shape.exports.some((it) => it.name === refuel.name && it.kind === 'function') };
  });
  const random = new RandomSource(modules.reduce((seed, { bytes }) => Math.imul(seed, 31) ^ seedOf(bytes), 0));
  const steps: { module: number; call: PlannedCall | undefined }[] = shapes.map((_, module) => ({ module, call: undefined }));
  for (let round = 0; round < rounds; round++) {
    shapes.forEach(({ shape }, module) => {
      for (const { name, kind, index } of shape.exports) {
        const type = kind === 'function' && name !== refuel.name ? shape.types[shape.functions[index] ?? -1] : undefined;
        if (type !== undefined) steps.push({ module, call: { name, args: argumentsFor(type.params, random) } });
      }
    });
  }
  const calls = steps.map(({ module, call }): PlannedCall => ({ name: `${shapes[module]?.name ?? ''}.${call?.name ?? '(instantiation)'}`, args: call?.args ?? [] }));
  const [first] = shapes;
  if (first === undefined) throw new RangeError('a plan for no modules');
  return { modules: shapes, steps, calls, shape: first.shape, hasFuel: first.hasFuel };
}

/** Runs a plan on one engine. */
export function observeLinked(engine: Engine, modules: readonly LinkedModule[], plan: LinkedPlan, options: StoreOptions = {}): OpenBehaviour {
  if (isWholeRun(engine)) return openBehaviour({ kind: 'refused', as: 'unsupported', message: 'several modules in one store' });
  return openWith(engine, options, (store) => run(store, modules, plan));
}

const nothing: Outcome = { kind: 'values', values: [] };

function run(store: EngineStore, modules: readonly LinkedModule[], plan: LinkedPlan): Behaviour {
  const world = new HostWorld();
  const instances: (EngineInstance | undefined)[] = modules.map(() => undefined);
  const outcomes: Outcome[] = [];
  const instantiate = (index: number): Behaviour | Outcome => {
    const { bytes } = modules[index] ?? { bytes: new Uint8Array() };
    const compiled = store.compile(bytes);
    if (compiled.kind === 'unsupported') return { kind: 'refused', as: 'unsupported', message: compiled.feature };
    if (compiled.kind !== 'compiled') return { kind: 'refused', as: compiled.kind, message: compiled.message };
    const shape = plan.modules[index]?.shape ?? plan.shape;
    const host = openHost(store, { ...shape, imports: shape.imports.filter(({ module }) => module === 'host') }, compiled.module, world);
    const started = store.instantiate(compiled.module, (module, name) => {
      const other = modules.findIndex((it) => it.name === module);
      return other < 0 ? host.resolve(module, name) : instances[other]?.maybeExport(name);
    });
    if (started.kind === 'link') return { kind: 'link', message: started.message };
    if (started.kind === 'stopped') return started.outcome;
    instances[index] = started.instance;
    return nothing;
  };
  for (const { module, call } of plan.steps) {
    if (call === undefined) {
      // Whoever needs a module that was stopped cannot be linked either, on no engine.
      const needed = plan.modules[module]?.shape.imports.some((it) => modules.findIndex(({ name }) => name === it.module) >= 0 && instances[modules.findIndex(({ name }) => name === it.module)] === undefined);
      const outcome = needed === true ? nothing : instantiate(module);
      if (outcome.kind === 'refused' || outcome.kind === 'link' || outcome.kind === 'stopped' || outcome.kind === 'ran' || outcome.kind === 'crashed') return outcome;
      outcomes.push(outcome);
      if (outcome.kind === 'exhaustion') break;
      continue;
    }
    const instance = instances[module];
    if (instance === undefined) {
      outcomes.push(nothing);
      continue;
    }
    plan.modules.forEach(({ hasFuel }, index) => {
      if (hasFuel) instances[index]?.invoke(refuel.name, refuel.args);
    });
    const outcome = instance.invoke(call.name, call.args);
    outcomes.push(outcome);
    if (outcome.kind === 'exhaustion' || outcome.kind === 'exit') break;
  }
  return { kind: 'ran', outcomes, trace: world.trace, state: stateOfAll(instances, plan) };
}

function stateOfAll(instances: readonly (EngineInstance | undefined)[], plan: LinkedPlan): State {
  // Where there is no instance, nobody sees anything: places are kept, so that all engines' states have the same form.
  const states = plan.modules.map(({ shape }, index): State => {
    const instance = instances[index];
    if (instance !== undefined) return stateOf(instance, shape);
    return { memories: shape.memories.map(() => undefined), globals: shape.globals.map(() => undefined), tables: shape.tables.map(() => undefined) };
  });
  // An engine that sees exports only says nothing of tables.
  const tables = states.map(({ tables: list }, index) => [...list, ...new Array<undefined>(Math.max(0, (plan.modules[index]?.shape.tables.length ?? 0) - list.length)).fill(undefined)]);
  return { memories: states.flatMap(({ memories }) => memories), globals: states.flatMap(({ globals }) => globals), tables: tables.flat() };
}
