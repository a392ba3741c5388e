// Collects groups of parallel moves in whatever order an allocator finds them, and delivers one sorted sequence.
// Per place (the instruction in front of which moves stand) there is one linked list; a new group goes in front of all earlier
// groups of its place, which suits an allocator that walks code backwards: what it finds later executes earlier.
// Groups stay sets of simultaneous moves until the end, so that slots may still be laid on top of each other.

import { i32At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import { ParallelMoves } from './parallel-moves.ts';
import { type Moves, firstSlotLocation } from './problem.ts';
import { Quads } from './quads.ts';

// Fields of an entry.
const from = 0;
const to = 1;
const bytes = 2;
const next = 3;

export class MoveList {
  private head = new Int32Array(0);
  private readonly entries = new Quads();
  /** The group each entry belongs to. */
  private readonly group = new Int32Column();
  private readonly parallel = new ParallelMoves();
  private readonly sequence = new Quads();
  private groups = 0;
  private places = 0;

  /** Empties the list and prepares it for moves before instructions `0 … places-1`. */
  reset(places: number): void {
    this.places = places;
    if (this.head.length < places) this.head = new Int32Array(Math.max(places, this.head.length * 2));
    this.head.fill(-1, 0, places);
    this.entries.clear();
    this.group.clear();
    this.groups = 0;
  }

  /** Begins a group; the moves added until the next one happen at once. */
  begin(): void {
    this.groups++;
  }

  /** Adds a move to the group at hand, which stands before instruction `before`, ahead of all groups already there. */
  add(before: number, source: number, target: number, width: number): void {
    // A slot that keeps its value over an edge is mentioned there all the same: it lives that long.
    if (source === target && source < firstSlotLocation) return;
    this.head[before] = this.entries.push(source, target, width, i32At(this.head, before));
    this.group.push(this.groups);
  }

  /** First entry before instruction `before`, or -1; the others by `following`. */
  first(before: number): number {
    return i32At(this.head, before);
  }
  following(entry: number): number {
    return this.entries.at(entry, next);
  }
  fromOf(entry: number): number {
    return this.entries.at(entry, from);
  }
  toOf(entry: number): number {
    return this.entries.at(entry, to);
  }

  /** All moves in sequence, sorted by place, with slots where `slotLocation` says; fresh arrays that belong to the caller. */
  toMoves(scratch: readonly [number, number], slotLocation: Int32Array, extraSlot: () => number): Moves {
    const { parallel, sequence } = this;
    sequence.clear();
    const relocate = (location: number): number => (location < firstSlotLocation ? location : i32At(slotLocation, location - firstSlotLocation));
    for (let place = 0; place < this.places; place++) {
      let entry = i32At(this.head, place);
      while (entry >= 0) {
        const group = this.group.at(entry);
        parallel.clear();
        for (; entry >= 0 && this.group.at(entry) === group; entry = this.entries.at(entry, next)) {
          parallel.add(relocate(this.entries.at(entry, from)), relocate(this.entries.at(entry, to)), this.entries.at(entry, bytes));
        }
        if (parallel.pending === 0) continue;
        parallel.resolve(scratch, extraSlot);
        for (let m = 0; m < parallel.length; m++) sequence.push(place, parallel.fromOf(m), parallel.toOf(m), parallel.bytesOf(m));
      }
    }
    return movesOf(sequence);
  }
}

/** Moves from records of place, from, to and bytes. */
export function movesOf(sequence: Quads): Moves {
  const count = sequence.length;
  const moves = { before: newInt32s(count), from: newInt32s(count), to: newInt32s(count), bytes: newBytes(count) };
  for (let m = 0; m < count; m++) {
    moves.before[m] = sequence.at(m, 0);
    moves.from[m] = sequence.at(m, 1);
    moves.to[m] = sequence.at(m, 2);
    moves.bytes[m] = sequence.at(m, 3);
  }
  return moves;
}

/** How many of `moves` store to a slot, load from one, and stay in registers. */
export function countMoves(moves: Moves): { spills: number; reloads: number; moves: number } {
  let spills = 0;
  let reloads = 0;
  for (let m = 0; m < moves.from.length; m++) {
    if (i32At(moves.to, m) >= firstSlotLocation) spills++;
    else if (i32At(moves.from, m) >= firstSlotLocation) reloads++;
  }
  return { spills, reloads, moves: moves.from.length - spills - reloads };
}
