// What a campaign can run: a target turns choices into a module, and says how many rounds of calls it deserves.

import type { Choices } from '../generate/choices.ts';
import { generateModernModule, generateModule } from '../generate/module.ts';
import { generateInstructionModule, generateVectorInstructionModule } from '../generate/one-instruction.ts';

export interface Target {
  readonly name: string;
  readonly summary: string;
  readonly build: (c: Choices) => Uint8Array;
  /** How often each export is called, each time with other arguments. */
  readonly rounds: number;
  /** Share of the modules when a campaign has several targets. */
  readonly weight: number;
  /** Whether wabt's opinion counts: of Wasm 3.0 it knows some parts not at all and others wrongly (`return_call_indirect` through a 64-bit table). */
  readonly isKnownToWabt: boolean;
}

export const targets: readonly [Target, ...Target[]] = [
  { name: 'modules', summary: 'whole modules of what our compiler compiles', build: generateModule, rounds: 3, weight: 7, isKnownToWabt: true },
  { name: 'instructions', summary: 'one such instruction in every form, over operand edges', build: generateInstructionModule, rounds: 24, weight: 1, isKnownToWabt: true },
  { name: 'modules-3.0', summary: 'whole modules with features of Wasm 3.0 and threads', build: generateModernModule, rounds: 3, weight: 2, isKnownToWabt: false },
  { name: 'instructions-3.0', summary: 'one vector instruction in every form, over operand edges', build: generateVectorInstructionModule, rounds: 24, weight: 1, isKnownToWabt: false },
];

/** Targets for a campaign over these engines: where all of them know Wasm 3.0, nothing else is worth their time. */
export function targetsFor(engines: readonly string[]): readonly Target[] {
  const isModern = engines.every((engine) => engine === 'v8' || engine.split(':')[0] === 'interp');
  return isModern ? targets.filter(({ name }) => name.endsWith('-3.0')) : targets;
}

export function maybeTarget(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}

/** The seed of a campaign's module with a number: any two differ in all bits about equally. */
export function moduleSeed(seed: number, number: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35);
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  return x >>> 0;
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
