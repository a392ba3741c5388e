// The trial that a finding's folder holds, whichever way the case was kept: as the target's own file, as the tape that makes it, or as a fuzzer's input.

import type { Fault } from '../../compiler/inside.ts';
import { tapeChoices } from '../generate/choices.ts';
import type { Engine } from '../oracles/engine.ts';
import { engineNames, openEngine } from '../oracles/engines/index.ts';
import { maybeTarget } from './index.ts';
import { inputFile, tapeFile, type Trial } from './target.ts';

export interface KeptCase {
  readonly target: string | undefined;
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Names of the engines that took part, some of which may be none. */
  readonly engines?: readonly string[];
}

/** The engines of a case, as far as they work here; where fewer than two do, the reference and V8 stand in. */
async function enginesOfCase(names: readonly string[], faults: readonly Fault[]): Promise<readonly Engine[]> {
  const known = await engineNames();
  const engines: Engine[] = [];
  for (const name of new Set(['interp', ...names.filter((it) => known.includes(it)), 'v8'])) {
    const engine = await openEngine(name, faults);
    if (engine.availability().available) engines.push(engine);
  }
  return engines;
}

/** Makes the trial of a case of a target other than modules, with faults planted if any are given; throws when there is no such target or the file holds no case. */
export async function readTrial({ target: name, file, bytes, engines = [] }: KeptCase, faults: readonly Fault[] = []): Promise<Trial> {
  const target = maybeTarget(name ?? '');
  if (target === undefined) throw new Error(`no target is called '${name ?? ''}'`);
  const opened = await target.open({ engines: target.usesEngines ? await enginesOfCase(engines, faults) : [], occasional: [], askWabt: undefined }, faults);
  if (file === inputFile) return opened.fromBytes(bytes);
  if (file !== tapeFile) return opened.read(bytes);
  const tape = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return opened.build(tapeChoices([...tape]));
}
