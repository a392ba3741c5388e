// The process that fuzzes, from its order to its end: opens engines and target, and drives the session the way the order says.

import type { Lab } from '../campaign/examine.ts';
import { Slot } from '../campaign/in-flight.ts';
import { selfTestEngine } from '../campaign/self-test.ts';
import { selfTestFault } from '../faults/index.ts';
import type { Engine } from '../oracles/engine.ts';
import { openEngine } from '../oracles/engines/index.ts';
import { maybeTarget, moduleTargets } from '../targets/index.ts';
import type { OpenTarget, Target } from '../targets/target.ts';
import type { Counters } from './counters.ts';
import { explore } from './explore.ts';
import type { SessionOrder } from './order.ts';
import { replay } from './replay.ts';
import { Blind, Session, tell } from './session.ts';

async function openAll(names: readonly string[], faults: Parameters<typeof openEngine>[1] = []): Promise<Engine[]> {
  const engines: Engine[] = [];
  for (const name of names) engines.push(await openEngine(name, faults));
  return engines;
}

/** The target with a fault in it: its own, or for modules one in the compiler beside the reference. */
async function openPlanted(target: Target): Promise<OpenTarget> {
  if (target.openPlanted !== undefined) return target.openPlanted();
  const [reference] = await openAll(['interp']);
  const [faulty] = await openAll([await selfTestEngine()], selfTestFault.faults);
  const engines = [reference, faulty].flatMap((engine) => engine ?? []);
  return moduleTargets[0].open({ engines, occasional: [], askWabt: undefined }, selfTestFault.faults);
}

/** Runs a session to its end; writes messages as lines of JSON. Exit code 3 when it cannot see or catch. */
export async function runSession(order: SessionOrder, counters: Counters): Promise<void> {
  const target = maybeTarget(order.target);
  if (target === undefined) throw new Error(`no target is called '${order.target}'`);
  const slot = new Slot(order.slot);
  const engines = target.usesEngines ? await openAll(order.engines) : [];
  const lab: Lab = { engines, occasional: [], askWabt: undefined, onEngine: (index) => slot.engine(index) };
  const open = await target.open(lab, []);
  const session = new Session(order, counters, target, open, await openPlanted(target), slot, [...engines, open]);
  let blind: Blind | undefined;
  try {
    switch (order.mode) {
      case 'guided':
        await explore(session);
        break;
      case 'random':
        session.random();
        break;
      case 'replay':
        replay(session);
    }
  } catch (error) {
    if (!(error instanceof Blind)) throw error;
    blind = error;
  }
  if (blind !== undefined) {
    tell({ kind: 'blind', reason: blind.message });
    process.exitCode = 3;
    return;
  }
  session.tellStatus('done');
  slot.close();
}
