// The runner of a target as an executable file, and the addresses in it that its driver needs.

import { bug } from '../../base/errors.ts';
import { zone, zoneAddress } from '../../contract/runner.ts';
import { type TargetName, targetOf } from '../../isa/index.ts';
import type { RunnerProgram } from '../../contract/runner-program.ts';
import { executableCodeAddress, writeExecutable } from '../../object/executable.ts';
import { assemble } from '../cpu/assemble.ts';

export interface BuiltRunner {
  readonly program: RunnerProgram;
  readonly file: Uint8Array;
  /** Addresses in the running program. */
  readonly hostCallback: number;
  readonly signalHandler: number;
  /** 0 where the kernel wants none. */
  readonly restorer: number;
}

const built = new Map<TargetName, BuiltRunner>();

/** The runner of a target that has one. */
export function builtRunner(target: TargetName): BuiltRunner {
  let made = built.get(target);
  if (made === undefined) built.set(target, (made = build(target)));
  return made;
}

function build(target: TargetName): BuiltRunner {
  const { assembleLines, runner: program, platform } = targetOf(target);
  if (program === undefined) return bug('this target has no runner', target);
  const { code, labels } = assemble(program.lines, assembleLines);
  const addressOf = (label: string): number => executableCodeAddress + (labels.get(label) ?? bug(`the runner has no label ${label}`, target));
  const handler = program.signalHandler({ ranges: zoneAddress + zone.ranges, previous: addressOf('fatal') });
  const handlerOffset = Math.ceil(code.length / 16) * 16;
  const whole = new Uint8Array(handlerOffset + handler.length);
  whole.set(code);
  whole.set(handler, handlerOffset);
  return {
    program,
    file: writeExecutable(platform.elf, whole, new Map([...labels, ['signalHandler', handlerOffset]]), 'start'),
    hostCallback: addressOf('hostCallback'),
    signalHandler: executableCodeAddress + handlerOffset,
    restorer: labels.has('restorer') ? addressOf('restorer') : 0,
  };
}
