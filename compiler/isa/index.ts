// The targets this compiler knows: an import and a row each.

import { bug } from '../base/errors.ts';
import type { Target } from '../machine/target.ts';
import { a64Target } from './aarch64/target.ts';
import { rvTarget } from './riscv64/target.ts';
import { x64Target } from './x86-64/target.ts';

const targets = {
  'x86-64': x64Target,
  aarch64: a64Target,
  riscv64: rvTarget,
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;

/** In the order of the table; code is compiled for the first unless something else is asked for. */
export const targetNames = Object.keys(targets) as readonly TargetName[];
for (const name of targetNames) if (targets[name].name !== name) bug(`the target ${targets[name].name} stands under another name`, name);

export const defaultTarget: TargetName = 'x86-64';

export const isTargetName = (name: string): name is TargetName => Object.hasOwn(targets, name);

export function targetOf(name: TargetName): Target {
  return targets[name];
}

/** The target that a CPU which Node calls `arch` executes, if there is one. */
export function maybeTargetOn(arch: string): TargetName | undefined {
  return targetNames.find((name) => targets[name].platform.nodeArch === arch);
}
