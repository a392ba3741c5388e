// Variations of a recording: neighbours that differ in one place of meaning, and crossings of two. What guided fuzzing tries between fresh cases.
//
// Any result replays to something valid, because a recording is read section by section and whatever is missing is drawn at random. A piece is a section or a part
// with the draws before it, up to the piece before: in lists those ask "one more?", so that pieces can be taken out and put in.

import type { ChoiceSource, RandomSource } from './choices.ts';
import { isMark, opens, type Recording } from './recording.ts';

/** A section or part: from its opening mark to behind its closing one. `from` is where the draws before it begin. */
interface Piece {
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

const mostVariations = 3;
const mostPerturbed = 4;
const longestBlock = 24;

function piecesOf(recording: Recording): readonly Piece[] {
  const pieces: Piece[] = [];
  const open: number[] = [];
  const length = recording.values.length;
  for (let at = 0; at < length; at++) {
    if (!isMark(recording, at)) continue;
    if (opens(recording, at)) open.push(at);
    else {
      const start = open.pop() ?? 0;
      let from = start;
      while (from > 0 && !isMark(recording, from - 1)) from--;
      pieces.push({ from, start, end: at + 1 });
    }
  }
  return pieces;
}

/** `into` with the entries from `start` to `end` replaced by those of `other` from `from` to `to`. */
function spliced(into: Recording, start: number, end: number, other: Recording, from: number, to: number): Recording {
  const column = (a: Uint32Array, b: Uint32Array): Uint32Array => {
    const result = new Uint32Array(a.length - (end - start) + (to - from));
    result.set(a.subarray(0, start));
    result.set(b.subarray(from, to), start);
    result.set(a.subarray(end), start + to - from);
    return result;
  };
  return { values: column(into.values, other.values), limits: column(into.limits, other.limits) };
}

function without(recording: Recording, start: number, end: number): Recording {
  return spliced(recording, start, end, recording, 0, 0);
}

const pick = <T>(list: readonly T[], random: RandomSource): T | undefined => list[random.next(list.length)];

/** A draw near `at`, or -1 where there is none. */
function drawNear(recording: Recording, at: number): number {
  const length = recording.values.length;
  for (let step = 0; step < length; step++) {
    const place = (at + step) % length;
    if (!isMark(recording, place)) return place;
  }
  return -1;
}

function newValue(recording: Recording, at: number, random: RandomSource, rest: ChoiceSource): number {
  const limit = recording.limits[at] ?? 1;
  const old = recording.values[at] ?? 0;
  switch (random.next(6)) {
    case 0: return 0;
    case 1: return limit;
    case 2: return Math.min(limit, old + 1);
    case 3: return Math.max(0, old - 1);
    default: return rest.next(limit + 1);
  }
}

/** Draws outside all sections and parts: what decides most. */
function outerDraws(recording: Recording): number[] {
  const places: number[] = [];
  let depth = 0;
  for (let at = 0; at < recording.values.length; at++) {
    if (isMark(recording, at)) depth += opens(recording, at) ? 1 : -1;
    else if (depth === 0) places.push(at);
  }
  return places;
}

/** A few draws answered otherwise; half of the time of those that decide most. */
function perturbed(recording: Recording, random: RandomSource, rest: ChoiceSource): Recording {
  const values = recording.values.slice();
  const outer = random.next(2) === 0 ? outerDraws(recording) : [];
  for (let count = 1 + random.next(mostPerturbed); count > 0; count--) {
    const at = pick(outer, random) ?? drawNear(recording, random.next(values.length));
    if (at >= 0) values[at] = newValue(recording, at, random, rest);
  }
  return { values, limits: recording.limits };
}

/** From some place in a piece, or in the whole, nothing is left: it grows anew. */
function regrown(recording: Recording, pieces: readonly Piece[], random: RandomSource): Recording {
  const piece = random.next(8) === 0 ? undefined : pick(pieces, random);
  const [start, end] = piece === undefined ? [0, recording.values.length] : [piece.start + 1, piece.end - 1];
  let from = random.next(2) === 0 ? start : start + random.next(Math.max(1, end - start));
  // Marks must stay balanced: from inside an inner piece, its end and all others' to the outer end stay.
  let depth = 0;
  for (let at = start; at < from; at++) if (isMark(recording, at)) depth += opens(recording, at) ? 1 : -1;
  while (depth > 0 && from > start) {
    from--;
    if (isMark(recording, from)) depth += opens(recording, from) ? -1 : 1;
  }
  return without(recording, from, end);
}

/** A block of draws of one section doubled, dropped, or put in another's place. */
function blockMoved(recording: Recording, other: Recording, random: RandomSource, rest: ChoiceSource): Recording {
  const blockAt = (of: Recording): readonly [number, number] => {
    const start = Math.max(0, drawNear(of, random.next(of.values.length)));
    let end = start;
    while (end < of.values.length && !isMark(of, end) && end - start < longestBlock && random.next(8) > 0) end++;
    return [start, end];
  };
  const [start, end] = blockAt(recording);
  switch (random.next(4)) {
    case 0: return without(recording, start, end);
    case 1: return spliced(recording, start, start, recording, start, end);
    default: {
      // Where the other has a draw of the same bound, what follows it probably means the same.
      const limit = recording.limits[start] ?? 0;
      const places: number[] = [];
      for (let at = 0; at < other.limits.length; at++) if (other.limits[at] === limit && limit !== 0) places.push(at);
      const from = pick(places, random);
      if (from === undefined) return perturbed(recording, random, rest);
      let to = from;
      while (to < other.values.length && !isMark(other, to) && to - from < Math.max(1, end - start)) to++;
      return spliced(recording, start, Math.max(end, Math.min(start + 1, recording.values.length)), other, from, to);
    }
  }
}

/** A piece out of the list it stands in, in twice, or replaced by one of another recording that begins alike. */
function pieceMoved(recording: Recording, pieces: readonly Piece[], other: Recording, random: RandomSource, rest: ChoiceSource): Recording {
  const piece = pick(pieces, random);
  if (piece === undefined) return blockMoved(recording, other, random, rest);
  switch (random.next(6)) {
    case 0: return without(recording, piece.from, piece.end);
    case 1: return spliced(recording, piece.end, piece.end, recording, piece.from, piece.end);
    default: {
      const first = recording.limits[piece.start + 1];
      const others = piecesOf(other);
      const alike = others.filter(({ start }) => other.limits[start + 1] === first && other.values[start] === recording.values[piece.start]);
      const foreign = pick(alike.length > 0 ? alike : others, random);
      return foreign === undefined ? regrown(recording, pieces, random) : spliced(recording, piece.start + 1, piece.end - 1, other, foreign.start + 1, foreign.end - 1);
    }
  }
}

/** The beginning of one and the end of the other, cut at the same depth where the bounds of the draws are the same. */
function crossed(recording: Recording, other: Recording, random: RandomSource): Recording {
  const cut = pick(outerDraws(recording), random);
  if (cut === undefined) return recording;
  const fits = outerDraws(other).filter((at) => other.limits[at] === recording.limits[cut]);
  const from = pick(fits, random);
  return from === undefined ? recording : spliced(recording, cut, recording.values.length, other, from, other.values.length);
}

/** A neighbour of a recording; `other` is where foreign pieces come from, `rest` answers draws anew. */
export function variationOf(recording: Recording, other: Recording, random: RandomSource, rest: ChoiceSource): Recording {
  let result = recording;
  if (result.values.length === 0) return other;
  for (let count = 1 + random.next(mostVariations); count > 0; count--) {
    const kind = random.next(8);
    if (result.values.length === 0 || kind < 2) {
      if (result.values.length > 0) result = perturbed(result, random, rest);
      continue;
    }
    if (kind === 7) result = crossed(result, other, random);
    else if (kind === 6) result = blockMoved(result, other, random, rest);
    else {
      const pieces = piecesOf(result);
      result = kind === 5 || pieces.length === 0 ? regrown(result, pieces, random) : pieceMoved(result, pieces, other, random, rest);
    }
  }
  return result;
}
