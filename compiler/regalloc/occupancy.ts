// Which bundle holds each register when, and where registers are reserved for fixed operands.
// Points are cut into windows; per register and window there is a list of the ranges that touch it, sorted by start. A range is entered in
// every window it touches, so a query looks at no more than the windows of its own range, and no list is longer than a window allows.
// A reservation on behalf of virtual register v (owner -1 - v) is in nobody's way but v's neighbours': v itself may live there.

import { i32At } from '../base/cells.ts';
import { Quads } from './quads.ts';

/** log2 of the points in a window: 64 instructions. */
const windowShift = 8;

// Fields of an entry.
const from = 0;
const to = 1;
const owner = 2;
const next = 3;

export class Occupancy {
  private head = new Int32Array(0);
  private windows = 0;
  private readonly entries = new Quads();

  /** Empties all registers of a function with points below `points`. */
  reset(points: number): void {
    this.windows = (points >> windowShift) + 1;
    if (this.head.length < 64 * this.windows) this.head = new Int32Array(128 * this.windows);
    this.head.fill(-1, 0, 64 * this.windows);
    this.entries.clear();
  }

  insert(register: number, start: number, end: number, who: number): void {
    const last = register * this.windows + ((end - 1) >> windowShift);
    for (let window = register * this.windows + (start >> windowShift); window <= last; window++) {
      let before = -1;
      let after = i32At(this.head, window);
      while (after >= 0 && this.entries.at(after, from) < start) {
        before = after;
        after = this.entries.at(after, next);
      }
      const entry = this.entries.push(start, end, who, after);
      if (before < 0) this.head[window] = entry;
      else this.entries.set(before, next, entry);
    }
  }

  remove(register: number, start: number, end: number, who: number): void {
    const last = register * this.windows + ((end - 1) >> windowShift);
    for (let window = register * this.windows + (start >> windowShift); window <= last; window++) {
      let before = -1;
      for (let entry = i32At(this.head, window); entry >= 0; entry = this.entries.at(entry, next)) {
        if (this.entries.at(entry, owner) === who && this.entries.at(entry, from) === start) {
          if (before < 0) this.head[window] = this.entries.at(entry, next);
          else this.entries.set(before, next, this.entries.at(entry, next));
          break;
        }
        before = entry;
      }
    }
  }

  /** First point in `[start, end)` at which `register` is not free for `vreg`, or -1. */
  firstConflict(register: number, start: number, end: number, vreg: number): number {
    const last = register * this.windows + ((end - 1) >> windowShift);
    for (let window = register * this.windows + (start >> windowShift); window <= last; window++) {
      for (let entry = i32At(this.head, window); entry >= 0; entry = this.entries.at(entry, next)) {
        const entryStart = this.entries.at(entry, from);
        if (entryStart >= end) break;
        if (this.entries.at(entry, to) > start && this.entries.at(entry, owner) !== -1 - vreg) return Math.max(entryStart, start);
      }
    }
    return -1;
  }

  /** The entry behind `entry` (-1 for the first, then the answer of the last call) in conflict with `vreg` in `[start, end)`, or -1. */
  nextConflict(register: number, start: number, end: number, vreg: number, cursor: ConflictCursor): number {
    const last = register * this.windows + ((end - 1) >> windowShift);
    while (cursor.window <= last) {
      let entry = cursor.entry === startOfWindow ? i32At(this.head, cursor.window) : cursor.entry;
      for (; entry >= 0; entry = this.entries.at(entry, next)) {
        if (this.entries.at(entry, from) >= end) break;
        if (this.entries.at(entry, to) > start && this.entries.at(entry, owner) !== -1 - vreg) {
          cursor.entry = this.entries.at(entry, next);
          return this.entries.at(entry, owner);
        }
      }
      cursor.window++;
      cursor.entry = startOfWindow;
    }
    cursor.done = true;
    return noOwner;
  }

  /** Sets `cursor` in front of the first conflict of a range. */
  begin(register: number, start: number, cursor: ConflictCursor): void {
    cursor.window = register * this.windows + (start >> windowShift);
    cursor.entry = startOfWindow;
    cursor.done = false;
  }
}

const startOfWindow = -2;
/** Owner of a reservation that belongs to no virtual register: nobody may live there. */
export const noOwner = -0x7fffffff;

/** A place in the conflicts of one range; reused. */
export interface ConflictCursor {
  window: number;
  entry: number;
  done: boolean;
}
