// The trial that a finding's folder holds, whichever way the case was kept: as the target's own file, as the tape that makes it, or as a fuzzer's input.

import type { Fault } from '../../compiler/inside.ts';
import { tapeChoices } from '../generate/choices.ts';
import { maybeTarget } from './index.ts';
import { inputFile, tapeFile, type Trial } from './target.ts';

export interface KeptCase {
  readonly target: string | undefined;
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Makes the trial of a case of one of the part targets, with faults planted if any are given; throws when there is no such target or the file holds no case. */
export async function readTrial({ target: name, file, bytes }: KeptCase, faults: readonly Fault[] = []): Promise<Trial> {
  const target = maybeTarget(name ?? '');
  if (target === undefined) throw new Error(`no target is called '${name ?? ''}'`);
  const opened = await target.open({ engines: [], occasional: [], askWabt: undefined }, faults);
  if (file === inputFile) return opened.fromBytes(bytes);
  if (file !== tapeFile) return opened.read(bytes);
  const tape = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return opened.build(tapeChoices([...tape]));
}
