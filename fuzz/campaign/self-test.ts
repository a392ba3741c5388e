// Before a campaign believes in silence: can it catch? A wrong rule is planted, and generated modules must show it.

import { selfTestFault } from '../faults/index.ts';
import { randomChoices } from '../generate/choices.ts';
import { generateModule } from '../generate/module.ts';
import { nativeEngineName, openEngine } from '../oracles/engines/index.ts';
import { observe, planFor } from '../oracles/observe.ts';
import { vote } from '../oracles/vote.ts';
import { moduleSeed } from '../targets/module-seed.ts';

export type SelfTest =
  | { readonly kind: 'caught'; readonly fault: string; readonly modules: number }
  | { readonly kind: 'missed'; readonly fault: string; readonly modules: number }
  | { readonly kind: 'impossible'; readonly reason: string };

/** Far more than it takes. */
const mostModules = 200;

/** Name of the engine that runs the code of the target in which the fault is planted. */
export async function selfTestEngine(): Promise<string> {
  const [target = await nativeEngineName()] = selfTestFault.faults.flatMap((fault) => (fault.kind === 'lowering' ? [fault.target] : []));
  return target;
}

/** Plants the fault in machine code and looks for it with the reference interpreter. */
export async function selfTest(seed: number): Promise<SelfTest> {
  const engines = [await openEngine('interp'), await openEngine(await selfTestEngine(), selfTestFault.faults)];
  for (const engine of engines) {
    const availability = engine.availability();
    if (!availability.available) return { kind: 'impossible', reason: `${engine.name}: ${availability.reason}` };
  }
  for (let number = 0; number < mostModules; number++) {
    const bytes = generateModule(randomChoices(moduleSeed(seed, number)));
    const plan = planFor(bytes);
    const ballots = engines.map((engine) => ({ engine: engine.name, behaviour: observe(engine, bytes, plan) }));
    if (vote(ballots, plan).verdict === 'disagree') return { kind: 'caught', fault: selfTestFault.name, modules: number + 1 };
  }
  return { kind: 'missed', fault: selfTestFault.name, modules: mostModules };
}
