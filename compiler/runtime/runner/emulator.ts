// How a runner's file is started on this machine: as it stands where the CPU is its own, by qemu's user-mode emulation elsewhere.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TargetName } from '../../contract/artifact.ts';
import { targetNames, targetOf } from '../../isa/index.ts';
import { whyNoSystem } from '../cpu/libc.ts';

/** Node's and qemu's names of our targets. */
const architectures: Record<TargetName, { readonly node: string; readonly qemu: string }> = {
  'x86-64': { node: 'x64', qemu: 'qemu-x86_64' },
  aarch64: { node: 'arm64', qemu: 'qemu-aarch64' },
  riscv64: { node: 'riscv64', qemu: 'qemu-riscv64' },
};

/** The program that executes code of `target` here; undefined when the CPU does. */
export type Emulator = { readonly path: string | undefined };

function maybeOnPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

export function maybeEmulator(target: TargetName): Emulator | undefined {
  const { node, qemu } = architectures[target];
  if (process.arch === node) return { path: undefined };
  const path = maybeOnPath(qemu) ?? maybeOnPath(`${qemu}-static`);
  return path === undefined ? undefined : { path };
}

/** Why no runner of this target can work here, or undefined. */
export function whyNoRunner(target: TargetName): string | undefined {
  if (!targetNames.includes(target)) return `there is no backend for ${target}`;
  if (targetOf(target).runner === undefined) return `the backend for ${target} has no runner`;
  const why = whyNoSystem();
  if (why !== undefined) return why;
  return maybeEmulator(target) === undefined ? `${architectures[target].qemu} is not on the PATH; apt-get install qemu-user` : undefined;
}
