// Collects inserted moves in whatever order an allocator finds them, and delivers them sorted.
// Per place (the instruction in front of which moves stand) there is one linked list; a new group goes in front of all earlier
// groups of its place, which suits an allocator that walks code backwards: what it finds later executes earlier.

import { i32At } from '../base/cells.ts';
import type { ParallelMoves } from './parallel-moves.ts';
import { type Moves, firstSlotLocation } from './problem.ts';
import { Quads } from './quads.ts';

// Fields of an entry.
const source = 0;
const target = 1;
const width = 2;
const next = 3;

export class MoveList {
  private head = new Int32Array(0);
  private readonly entries = new Quads();
  private places = 0;

  /** Empties the list and prepares it for moves before instructions `0 … places-1`. */
  reset(places: number): void {
    this.places = places;
    if (this.head.length < places) this.head = new Int32Array(Math.max(places, this.head.length * 2));
    this.head.fill(-1, 0, places);
    this.entries.clear();
  }

  /** Puts the resolved sequence `group` before instruction `before`, ahead of the moves already there. */
  prependGroup(before: number, group: ParallelMoves): void {
    for (let m = group.length - 1; m >= 0; m--) {
      this.head[before] = this.entries.push(group.fromOf(m), group.toOf(m), group.bytesOf(m), i32At(this.head, before));
    }
  }

  /** All moves, sorted by place; fresh arrays that belong to the caller. */
  toMoves(): Moves {
    const count = this.entries.length;
    const before = new Int32Array(count);
    const from = new Int32Array(count);
    const to = new Int32Array(count);
    const bytes = new Uint8Array(count);
    let m = 0;
    if (count > 0) {
      for (let place = 0; place < this.places; place++) {
        for (let entry = i32At(this.head, place); entry >= 0; entry = this.entries.at(entry, next)) {
          before[m] = place;
          from[m] = this.entries.at(entry, source);
          to[m] = this.entries.at(entry, target);
          bytes[m++] = this.entries.at(entry, width);
        }
      }
    }
    return { before, from, to, bytes };
  }
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
