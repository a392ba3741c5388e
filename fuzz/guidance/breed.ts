// What guided fuzzing keeps of a case and how it makes others of it: a recording of choices, or for a target whose inputs are the cases themselves, bytes.

import { ByteSource, type ChoiceSource, Choices, type RandomSource } from '../generate/choices.ts';
import { bytesOf, recordedChoices, type Recording, ReplaySource, zeros } from '../generate/recording.ts';
import { variationOf } from '../generate/variation.ts';
import type { OpenTarget, Trial } from '../targets/target.ts';

/** A case that is about to run. */
export interface Bred<T> {
  readonly trial: Trial;
  /** What to keep of it. */
  readonly value: T;
  /** What made it; undefined for bytes. */
  readonly choices: Pick<Choices, 'tape' | 'spans'> | undefined;
}

export interface Breed<T> {
  /** A case made of nothing but what a source answers. */
  fresh(source: ChoiceSource): Bred<T>;
  vary(parent: T, other: T, random: RandomSource, rest: ChoiceSource): Bred<T>;
  /** Of an input as corpora hold it. */
  read(input: Uint8Array): Bred<T>;
  /** The input as corpora hold it. */
  write(value: T): Uint8Array;
  size(value: T): number;
}

function recordings(open: OpenTarget): Breed<Recording> {
  const built = (source: ChoiceSource): Bred<Recording> => {
    const { choices, recording } = recordedChoices(source);
    const trial = open.build(choices);
    return { trial, value: recording(), choices };
  };
  return {
    fresh: built,
    vary: (parent, other, random, rest) => built(new ReplaySource(variationOf(parent, other, random, rest), random.next(4) === 0 ? zeros : rest)),
    read: (input) => built(new ByteSource(input)),
    write: bytesOf,
    size: ({ values }) => values.length,
  };
}

function contents(open: OpenTarget, vary: NonNullable<OpenTarget['vary']>): Breed<Uint8Array> {
  const read = (input: Uint8Array): Bred<Uint8Array> => ({ trial: open.fromBytes(input), value: input, choices: undefined });
  return {
    fresh: (source) => {
      const choices = new Choices(source);
      const trial = open.build(choices);
      return { trial, value: trial.content(), choices };
    },
    vary: (parent, other, random) => read(vary(parent, other, random)),
    read,
    write: (value) => value,
    size: ({ length }) => length,
  };
}

/** Calls `use` with the breed of a target; what a breed keeps is its own affair. */
export function withBreed<R>(open: OpenTarget, use: <T>(breed: Breed<T>) => R): R {
  return open.vary === undefined ? use(recordings(open)) : use(contents(open, (parent, other, random) => open.vary?.(parent, other, random) ?? parent));
}
