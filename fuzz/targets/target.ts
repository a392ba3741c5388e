// What a target is: choices in, a verdict out.
//
// A target is opened once per process and then makes trials. A trial is one case, ready to run: a module for several engines, an allocation problem for two
// allocators and a checker, an instruction for encoder and decoder. Campaigns with random numbers, libFuzzer's bytes and fast-check all drive the
// same `build`; whatever found something, `read` makes the same trial of the file that the finding keeps.

import type { Fault } from '../../compiler/inside.ts';
import type { Lab } from '../campaign/examine.ts';
import { count, engineTally, type Tally } from '../campaign/tally.ts';
import { byteChoices, type Choices, type RandomSource } from '../generate/choices.ts';
import type { EngineStatistics } from '../oracles/engine.ts';
import type { Finding } from '../triage/finding.ts';
import { normaliseError, signatureOf } from '../triage/signature.ts';

export interface Judgement {
  readonly verdict: 'agree' | 'disagree' | 'incomparable';
  readonly finding: Finding | undefined;
}

/** What a trial is told by whoever runs it. */
export interface Circumstances {
  /** Is added to. */
  readonly tally: Tally;
  readonly origin: Finding['origin'];
  /** Places of the occasional engines whose turn it is; undefined: of all. */
  readonly turns: readonly number[] | undefined;
  /** Foreign validators are asked too. */
  readonly asksOpinions: boolean;
}

export interface Trial {
  /** What the case is called in a finding's folder: `repro.` and an ending that says how to read it. */
  readonly file: string;
  /** The case as that file, from which `read` makes it again. */
  content(): Uint8Array;
  /** Never throws: what the tested code throws is a finding. */
  run(circumstances: Circumstances): Judgement;
}

/** A case that killed its process before it could be written out: the drawn numbers, 32 bits each, little-endian. */
export const tapeFile = 'repro.tape';

/** A guided fuzzer's input that killed its process. */
export const inputFile = 'repro.input';

export interface OpenTarget {
  /** A trial for any choices at all. */
  build(c: Choices): Trial;
  /** A trial for a fuzzer's bytes: by default what `build` makes of them as choices. */
  fromBytes(bytes: Uint8Array): Trial;
  /** A neighbour of an input, where inputs are the cases themselves and no choices; `other` is where foreign parts come from. */
  vary?(input: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array;
  /** The trial that a file of this target holds; throws with a reason when it holds none. */
  read(content: Uint8Array): Trial;
  /** What the tested code counts about itself; absent where it counts nothing. */
  statistics?(): EngineStatistics;
}

export interface Target {
  readonly name: string;
  readonly summary: string;
  /** Share of the trials when a campaign has several targets. */
  readonly weight: number;
  /** Whether each of its trials is a module that the campaign's engines run. */
  readonly runsModules: boolean;
  /** Whether it needs the campaign's engines, as modules do; others test one part of the compiler by itself. */
  readonly usesEngines: boolean;
  open(lab: Lab, faults: readonly Fault[]): Promise<OpenTarget>;
  /** The target with a fault of its own kind planted, which proves that it can catch; absent where the campaign's self-test plants one in the compiler. */
  openPlanted?(): Promise<OpenTarget>;
}

/** What the oracle of one part says of a case. */
export type PartVerdict =
  | { readonly verdict: 'agree' }
  | { readonly verdict: 'incomparable'; readonly reason: string }
  | {
      readonly verdict: 'disagree';
      readonly kind: string;
      /** The part at fault, as far as that is known. */
      readonly culprit: string;
      /** Stable words that tell this fault from others of its kind. */
      readonly fingerprint: string;
      readonly detail: string;
    };

export const agreement: PartVerdict = { verdict: 'agree' };

/** A target of one part of the compiler, over cases of type `Case`. */
export interface Part<Case> {
  readonly file: string;
  build(c: Choices): Case;
  /** Where a fuzzer's bytes are the case itself and no choices: the case, and neighbours of such bytes. */
  readonly bytes?: { read(bytes: Uint8Array): Case; vary(input: Uint8Array, other: Uint8Array, random: RandomSource): Uint8Array };
  print(given: Case): Uint8Array;
  read(content: Uint8Array): Case;
  /** What this throws is a crash of the tested part. */
  judge(given: Case): PartVerdict;
  statistics?(): EngineStatistics;
}

/** Makes a target of a part: counts what its oracle says, and turns disagreement and crashes into findings. `plant` is the part with a fault in it. */
export function partTarget<Case>(name: string, summary: string, open: (faults: readonly Fault[]) => Part<Case> | Promise<Part<Case>>, plant: () => Part<Case>): Target {
  const opened = (part: Part<Case>): OpenTarget => {
    const trialOf = (given: Case): Trial => ({
      file: part.file,
      content: () => part.print(given),
      run: (circumstances) => counted(name, part.file, judged(part, given), circumstances),
    });
    return {
      build: (c) => trialOf(part.build(c)),
      fromBytes: (bytes) => trialOf(part.bytes === undefined ? part.build(byteChoices(bytes)) : part.bytes.read(bytes)),
      ...(part.bytes === undefined ? {} : { vary: part.bytes.vary }),
      read: (content) => trialOf(part.read(content)),
      ...(part.statistics === undefined ? {} : { statistics: () => part.statistics?.() ?? noStatistics }),
    };
  };
  return {
    name,
    summary,
    weight: 1,
    runsModules: false,
    usesEngines: false,
    open: async (_lab, faults) => opened(await open(faults)),
    openPlanted: async () => opened(plant()),
  };
}

const noStatistics: EngineStatistics = { fired: new Map(), rules: [], proofs: { checked: 0, failed: 0 } };

function judged<Case>(part: Part<Case>, given: Case): PartVerdict {
  try {
    return part.judge(given);
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    return { verdict: 'disagree', kind: 'crash', culprit: 'compiler', fingerprint: normaliseError(thrown), detail: thrown.stack ?? thrown.message };
  }
}

function counted(name: string, file: string, outcome: PartVerdict, { tally, origin }: Circumstances): Judgement {
  tally.modules++;
  tally.executions++;
  const counts = engineTally(tally, name);
  counts.executions++;
  counts[outcome.verdict]++;
  if (outcome.verdict === 'incomparable') count(tally.incomparable, `${name}: ${outcome.reason}`);
  if (outcome.verdict !== 'disagree') return { verdict: outcome.verdict, finding: undefined };
  const { kind, culprit, fingerprint, detail } = outcome;
  const signature = signatureOf({ kind: `${name}-${kind}`, engine: culprit, level: undefined, fingerprint });
  return { verdict: 'disagree', finding: { signature, kind, odd: culprit, level: undefined, detail, engines: { [culprit]: kind }, origin, target: name, file } };
}
