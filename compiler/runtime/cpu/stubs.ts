// The few pieces of machine code that belong to the process and not to an artifact, written with our own assembler from the text of this CPU's ISA.

import { bug } from '../../base/errors.ts';
import type { InProcessProgram } from '../../contract/in-process.ts';
import { maybeTargetOn, type TargetName, targetNames, targetOf } from '../../isa/index.ts';
import { assemble } from './assemble.ts';

/** The target whose code runs in this process, if there is one. */
export function maybeNativeTarget(arch: string = process.arch): TargetName | undefined {
  const name = maybeTargetOn(arch);
  return name === undefined || targetOf(name).inProcess === undefined ? undefined : name;
}

/** All targets whose code can run in the runtime's own process, on their CPUs. */
export const nativeTargets: readonly TargetName[] = targetNames.filter((name) => targetOf(name).inProcess !== undefined);

export interface ProcessStubs {
  entryThunk(record: number): Uint8Array;
  guardedCallback(callback: number): Uint8Array;
  defaultHandler(signalFunction: number): Uint8Array;
  signalHandler: InProcessProgram['signalHandler'];
}

/** The stubs of this process's CPU; see contract/in-process.ts. */
export function processStubs(): ProcessStubs {
  const name = maybeNativeTarget() ?? bug('no code of ours runs in process on this CPU', process.arch);
  const { inProcess = bug('this target does not run in process', name), assembleLines } = targetOf(name);
  const bytes = (lines: readonly string[]): Uint8Array => assemble(lines, assembleLines).code;
  return {
    entryThunk: (record) => bytes(inProcess.entryThunk(record)),
    guardedCallback: (callback) => bytes(inProcess.guardedCallback(callback)),
    defaultHandler: (signalFunction) => bytes(inProcess.defaultHandler(signalFunction)),
    signalHandler: inProcess.signalHandler,
  };
}
