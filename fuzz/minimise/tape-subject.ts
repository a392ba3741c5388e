// Tapes as what the search reduces: whatever a generator makes of a shorter tape is still valid, ends by itself, and needs no knowledge of what it is.
//
// Changes are cuts and lowered numbers at places of one tape, and any of them together give another tape. It is replayed and recorded anew, so a
// candidate's tape is what its generator really asked for.

import { type Choices, tapeChoices } from '../generate/choices.ts';
import type { Candidate, Pass, SearchOptions, SearchResult, Subject } from './engine.ts';
import { search } from './engine.ts';

export interface TapeCandidate<T> extends Candidate {
  readonly tape: readonly number[];
  readonly spans: readonly number[];
  readonly built: T;
}

export type TapeChange =
  /** Cuts `length` numbers out. */
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'lower'; readonly at: number; readonly to: number };

/** Shorter tapes cost less, and of tapes as long those with smaller numbers. */
function costOf(tape: readonly number[]): number {
  let cost = tape.length;
  for (const value of tape) cost += Math.log2(1 + value) / 64;
  return cost;
}

function candidateOf<T>(build: (c: Choices) => T, tape: readonly number[]): TapeCandidate<T> {
  const choices = tapeChoices(tape);
  const built = build(choices);
  return { tape: choices.tape, spans: choices.spans, built, cost: costOf(choices.tape), key: choices.tape.join(',') };
}

function changed(tape: readonly number[], changes: readonly TapeChange[]): number[] {
  const next: (number | undefined)[] = [...tape];
  for (const change of changes) {
    if (change.kind === 'cut') next.fill(undefined, change.at, change.at + change.length);
    else if (next[change.at] !== undefined) next[change.at] = change.to;
  }
  return next.filter((value) => value !== undefined);
}

type TapePass = Pass<{ readonly tape: readonly number[]; readonly spans: readonly number[] }, TapeChange>;

/** Sections, which the generator brackets because they belong together. */
const cutSections: TapePass = {
  name: 'cut-sections',
  propose: ({ spans }) => {
    const cuts: Extract<TapeChange, { kind: 'cut' }>[] = [];
    for (let i = 0; i + 1 < spans.length; i += 2) cuts.push({ kind: 'cut', at: spans[i] ?? 0, length: (spans[i + 1] ?? 0) - (spans[i] ?? 0) });
    return cuts.filter(({ length }) => length > 0).sort((a, b) => b.length - a.length);
  },
};

/** Single numbers from the end, which the search takes in blocks. */
const cutBlocks: TapePass = { name: 'cut-blocks', propose: ({ tape }) => tape.map((_, at): TapeChange => ({ kind: 'cut', at, length: 1 })).reverse() };

/** Counts and kinds are small numbers: lowered by one, together with the draws of what they may have counted. */
const countable = 32;

const lowerCounts: TapePass = {
  name: 'lower-counts',
  propose: ({ tape }) => tape.flatMap((value, at) => (value === 0 || value > countable ? [] : [at])).map((at): TapeChange => ({ kind: 'lower', at, to: (tape[at] ?? 1) - 1 })),
};

const zero: TapePass = { name: 'zero', propose: ({ tape }) => tape.flatMap((value, at): TapeChange[] => (value === 0 ? [] : [{ kind: 'lower', at, to: 0 }])) };

const halve: TapePass = { name: 'halve', propose: ({ tape }) => tape.flatMap((value, at): TapeChange[] => (value < 2 ? [] : [{ kind: 'lower', at, to: value >> 1 }])) };

export function tapeSubject<T>(build: (c: Choices) => T): Subject<TapeCandidate<T>, TapeChange> {
  return { passes: [cutSections, cutBlocks, zero, halve, lowerCounts], apply: ({ tape }, changes) => candidateOf(build, changed(tape, changes)) };
}

/** The smallest found of what a generator makes of smaller tapes; what `start` recorded must be interesting. */
export function searchTape<T>(build: (c: Choices) => T, start: { readonly tape: readonly number[] }, isInteresting: (built: T) => Promise<boolean> | boolean, options: SearchOptions<TapeCandidate<T>>): Promise<SearchResult<TapeCandidate<T>>> {
  return search(tapeSubject(build), candidateOf(build, start.tape), async ({ built }) => isInteresting(built), options);
}
