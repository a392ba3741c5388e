// Our compiler's engines in other processes: code for this CPU isolated from us, and code for other CPUs under qemu-user.
// Options are those of `compiled-engines.ts`. A runner that is lost (killed, a wild jump, a spoiled control page) is the crash of whatever was
// called, one that does not answer in time is exhaustion; either way the next store has a new one.

import { threadRunner, whyNoRunner } from '../../../compiler/index.ts';
import type { CompileOptions } from '../../../compiler/index.ts';
import type { TargetName } from '../../../compiler/inside.ts';
import type { Engine } from '../engine.ts';
import { machineEngine } from './compiled-engines.ts';

/** Machine code of `target` in a runner, which may take `timeout` milliseconds for a call. */
export function runnerEngine(name: string, target: TargetName, options: CompileOptions, timeout?: number): Engine {
  return machineEngine(name, target, options, { whyNot: () => whyNoRunner(target), processor: () => threadRunner(target, timeout), isRemote: true });
}
