// The targets by name, and how a campaign's numbers are divided among them.

import type { Choices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { generateMutant } from '../mutate/mutants.ts';
import { generateInstructionModule, generateVectorInstructionModule } from '../generate/one-instruction.ts';
import { encode } from './encode.ts';
import { malformed } from './malformed.ts';
import { type ModuleTarget, moduleTarget } from './module-target.ts';
import { pairs } from './pairs.ts';
import { regalloc } from './regalloc.ts';
import { moduleSeed } from './module-seed.ts';
import { rules } from './rules.ts';
import type { Target } from './target.ts';
import { text } from './text.ts';

export { moduleSeed };

export const moduleTargets: readonly [ModuleTarget, ...ModuleTarget[]] = [
  moduleTarget({ name: 'modules', summary: 'whole modules of what our compiler compiles', generate: generateModule, rounds: 3, weight: 7, isKnownToWabt: true }),
  moduleTarget({ name: 'instructions', summary: 'one such instruction in every form, over operand edges', generate: generateInstructionModule, rounds: 8, weight: 8, isKnownToWabt: true }),
  moduleTarget({ name: 'modules-3.0', summary: 'whole modules with features of Wasm 3.0 and threads', generate: generateModernModule, rounds: 3, weight: 2, isKnownToWabt: false }),
  moduleTarget({ name: 'mutants', summary: 'whole modules after some mutations', generate: generateMutant, rounds: 3, weight: 1, isKnownToWabt: false }),
  moduleTarget({ name: 'instructions-3.0', summary: 'one vector instruction in every form, over operand edges', generate: generateVectorInstructionModule, rounds: 8, weight: 1, isKnownToWabt: false }),
];

/** A module by any of the generators: what a fuzzer's bytes choose among. */
const differential = moduleTarget({
  name: 'differential', summary: 'any of the above', generate: generateAny, rounds: 3, weight: 1, isKnownToWabt: false,
});

function generateAny(c: Choices): Uint8Array {
  const kind = c.draw(16);
  return kind < 10 ? generateModule(c) : kind < 12 ? generateModernModule(c) : kind < 15 ? generateInstructionModule(c) : generateVectorInstructionModule(c);
}

/** Each tests one part of the compiler by itself. */
export const partTargets: readonly Target[] = [malformed, rules, regalloc, encode, text];

/** The targets that are worth guiding: one for all modules, and the parts. */
export const guidedTargets: readonly string[] = [differential, ...partTargets].map(({ name }) => name);

export const targets: readonly Target[] = [...moduleTargets, differential, pairs, ...partTargets];

/** Targets for a campaign over these engines that names none: where all engines know Wasm 3.0, nothing else is worth their time. */
export function targetsFor(engines: readonly string[]): readonly Target[] {
  const isModern = engines.every((engine) => engine === 'v8' || engine.split(':')[0] === 'interp');
  return isModern ? moduleTargets.filter(({ name }) => name.endsWith('-3.0')) : [...moduleTargets, pairs];
}

export function maybeTarget(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}

/** One whose cases are modules. */
export function maybeModuleTarget(name: string): ModuleTarget | undefined {
  return [...moduleTargets, differential].find((target) => target.name === name);
}

/** The target that a number belongs to, by weight; the same for any number of workers. */
export function targetOf(list: readonly Target[], seed: number, number: number): number {
  const total = list.reduce((sum, target) => sum + target.weight, 0);
  let rest = moduleSeed(~seed, number) % total;
  for (let index = 0; index < list.length; index++) {
    rest -= list[index]?.weight ?? 0;
    if (rest < 0) return index;
  }
  return 0;
}
