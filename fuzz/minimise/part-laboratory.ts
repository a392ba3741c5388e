// The default predicate for cases that are no modules: does a case of a target that tests one part of the compiler still give a finding of the same signature?

import type { Fault } from '../../compiler/inside.ts';
import { emptyTally } from '../campaign/tally.ts';
import { readTrial } from '../targets/read-trial.ts';
import type { Laboratory } from './laboratory.ts';

export interface PartCase {
  readonly target: string;
  /** What its cases are called. */
  readonly file: string;
}

export function openPartLaboratory({ target, file }: PartCase, faults: readonly Fault[]): Laboratory {
  const findingOf = async (bytes: Uint8Array): Promise<{ readonly signature: string; readonly odd: string | undefined } | undefined> =>
    (await readTrial({ target, file, bytes }, faults)).run({ tally: emptyTally(), origin: undefined, turns: undefined, asksOpinions: true }).finding;
  return {
    look: async (bytes) => {
      const finding = await findingOf(bytes);
      return finding === undefined ? undefined : { kind: 'signature', signature: finding.signature, odd: finding.odd };
    },
    shows: async (bytes, wish) => {
      const signature = (await findingOf(bytes))?.signature;
      // Where deaths are looked for, whoever is left to answer has not died.
      return wish.kind === 'signature' && signature === wish.signature;
    },
  };
}
