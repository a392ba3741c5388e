// How a runner's file is started on this machine: as it stands where the CPU is its own, by qemu's user-mode emulation elsewhere.

import { spawnSync } from 'node:child_process';
import { type TargetName, targetOf } from '../../isa/index.ts';
import { whyNoSystem } from '../cpu/libc.ts';

/** The program that executes code of `target` here; without a command the CPU does. */
export type Emulator = { readonly command: string | undefined };

const found = new Map<TargetName, Emulator | undefined>();

/** Looked for once: programs are not installed while we run. */
export function maybeEmulator(target: TargetName): Emulator | undefined {
  const { nodeArch, emulator } = targetOf(target).platform;
  if (process.arch === nodeArch) return { command: undefined };
  if (!found.has(target)) {
    const command = [emulator, `${emulator}-static`].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
    found.set(target, command === undefined ? undefined : { command });
  }
  return found.get(target);
}

/** Why no runner of this target can work here, or undefined. */
export function whyNoRunner(target: TargetName): string | undefined {
  const { runner, platform } = targetOf(target);
  if (runner === undefined) return `the backend for ${target} has no runner`;
  const why = whyNoSystem();
  if (why !== undefined) return why;
  return maybeEmulator(target) === undefined ? `${platform.emulator} is not on the PATH; apt-get install qemu-user` : undefined;
}
