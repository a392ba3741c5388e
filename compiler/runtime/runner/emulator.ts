// How a runner's file is started on this machine: as it stands where the CPU is its own, by qemu's user-mode emulation elsewhere.

import { spawnSync } from 'node:child_process';
import type { TargetName } from '../../contract/artifact.ts';
import { targetNames, targetOf } from '../../isa/index.ts';
import { whyNoSystem } from '../cpu/libc.ts';

/** Node's and qemu's names of our targets. */
const architectures: Record<TargetName, { readonly node: string; readonly qemu: string }> = {
  'x86-64': { node: 'x64', qemu: 'qemu-x86_64' },
  aarch64: { node: 'arm64', qemu: 'qemu-aarch64' },
  riscv64: { node: 'riscv64', qemu: 'qemu-riscv64' },
};

/** The program that executes code of `target` here; without a command the CPU does. */
export type Emulator = { readonly command: string | undefined };

const found = new Map<TargetName, Emulator | undefined>();

/** Looked for once: programs are not installed while we run. */
export function maybeEmulator(target: TargetName): Emulator | undefined {
  const { node, qemu } = architectures[target];
  if (process.arch === node) return { command: undefined };
  if (!found.has(target)) {
    const command = [qemu, `${qemu}-static`].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
    found.set(target, command === undefined ? undefined : { command });
  }
  return found.get(target);
}

/** Why no runner of this target can work here, or undefined. */
export function whyNoRunner(target: TargetName): string | undefined {
  if (!targetNames.includes(target)) return `there is no backend for ${target}`;
  if (targetOf(target).runner === undefined) return `the backend for ${target} has no runner`;
  const why = whyNoSystem();
  if (why !== undefined) return why;
  return maybeEmulator(target) === undefined ? `${architectures[target].qemu} is not on the PATH; apt-get install qemu-user` : undefined;
}
