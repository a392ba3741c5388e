// What an engine's name says. It is a base and options, `riscv64:none:explicit`; the bases of machine code are the targets' names, with `-isolated` behind
// them where code also runs in this process and is to run in another.

import { isTargetName, type TargetName, targetOf } from '../../compiler/inside.ts';

const isolated = '-isolated';

/** The target whose machine code an engine runs, or undefined for one that runs none of ours. */
export function maybeTargetOfEngine(engine: string): TargetName | undefined {
  const [base = ''] = engine.split(':');
  const name = base.endsWith(isolated) ? base.slice(0, -isolated.length) : base;
  return isTargetName(name) ? name : undefined;
}

/** The base of the engine that runs a target's code in a process of its own. */
export function runnerBase(target: TargetName): string {
  return targetOf(target).inProcess === undefined ? target : `${target}${isolated}`;
}

/** Whether an engine's code runs in a process of its own. */
export function isInRunner(engine: string): boolean {
  const target = maybeTargetOfEngine(engine);
  return target !== undefined && engine.split(':')[0] === runnerBase(target);
}

/** The words behind an engine's base. */
export const optionsOfEngine = (engine: string): readonly string[] => engine.split(':').slice(1);

/** Whether an engine is one of our compiler's: its levels and all its targets. */
export function isCompilers(engine: string): boolean {
  const [base = ''] = engine.split(':');
  return base === 'ir' || base === 'ir-opt' || maybeTargetOfEngine(engine) !== undefined;
}
