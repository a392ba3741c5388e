// The targets this compiler knows: one line each.

import { bug } from '../base/errors.ts';
import type { TargetName } from '../contract/artifact.ts';
import type { Target } from '../machine/target.ts';
import { a64Target } from './aarch64/target.ts';
import { rvTarget } from './riscv64/target.ts';
import { x64Target } from './x86-64/target.ts';

const targets: Partial<Record<TargetName, Target>> = {
  'x86-64': x64Target,
  aarch64: a64Target,
  riscv64: rvTarget,
};

export const targetNames = Object.keys(targets) as TargetName[];

export function targetOf(name: TargetName): Target {
  return targets[name] ?? bug(`no backend for ${name}`);
}
