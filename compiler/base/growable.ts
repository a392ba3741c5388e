// Growable typed arrays. Columns double, so that pushing is amortised constant and reading is one bounds-checked load.
// Reading beyond `length` answers whatever the cell holds; entity tables never mint beyond their length.

import { firstInt32s, newInt32s, newInt64s } from './storage.ts';

/** A column that stays empty costs no storage; the first cell makes room for this many. */
const initialCells = 16;
const noCells = new Int32Array();

/** Up to so many cells are copied one by one: a view of the source costs as much as they do. */
const mostCopiedSingly = 64;

function copyCells(from: Int32Array, to: Int32Array, count: number): void {
  if (count > mostCopiedSingly) to.set(count === from.length ? from : from.subarray(0, count));
  else for (let i = 0; i < count; i++) to[i] = from[i] as number;
}

/** A growable column of int32 cells. */
export class Int32Column {
  private cells: Int32Array;
  length = 0;
  constructor(capacity = 0) {
    this.cells = capacity === 0 ? noCells : newInt32s(capacity);
  }
  /** The cell at `index`, which must be below `length`. */
  at(index: number): number {
    return this.cells[index] as number;
  }
  set(index: number, value: number): void {
    this.cells[index] = value;
  }
  /** Appends a cell and answers its index. */
  push(value: number): number {
    const index = this.length;
    if (index === this.cells.length) this.grow(index + 1);
    this.cells[index] = value;
    this.length = index + 1;
    return index;
  }
  /** Appends `count` cells filled with `value` and answers the index of the first. */
  extend(count: number, value: number): number {
    const start = this.length;
    const end = start + count;
    if (end > this.cells.length) this.grow(end);
    this.cells.fill(value, start, end);
    this.length = end;
    return start;
  }
  /** Empties the column and keeps its storage. */
  clear(): void {
    this.length = 0;
  }
  /** Takes over the cells of another column. */
  assign(other: Int32Column): void {
    if (this.cells.length < other.length) this.cells = newInt32s(other.length);
    copyCells(other.cells, this.cells, other.length);
    this.length = other.length;
  }
  /** A copy of the cells in use. */
  toArray(): Int32Array {
    return this.cells.slice(0, this.length);
  }
  /** The cells in use, in place where that costs nothing; the column must not change any more. */
  inPlace(): Int32Array {
    return firstInt32s(this.cells, this.length);
  }
  private grow(needed: number): void {
    const next = newInt32s(Math.max(needed, this.cells.length * 2, initialCells));
    copyCells(this.cells, next, this.length);
    this.cells = next;
  }
}

/** Which of two int32 cells over a 64-bit one is the low half. */
const lowHalf = new Int32Array(new BigInt64Array([1n]).buffer)[0] === 1 ? 0 : 1;

const noWideCells = new BigInt64Array();

/** A growable column of 64-bit cells, for wide constants. */
export class BigInt64Column {
  private cells: BigInt64Array = noWideCells;
  private halves: Int32Array = noCells;
  length = 0;
  at(index: number): bigint {
    return this.cells[index] as bigint;
  }
  /** Low 32 bits as an int32: unlike `at`, makes no bigint. */
  lowAt(index: number): number {
    return this.halves[2 * index + lowHalf] as number;
  }
  /** High 32 bits as an int32. */
  highAt(index: number): number {
    return this.halves[2 * index + 1 - lowHalf] as number;
  }
  /** Appends a cell (wrapped to 64 bits) and answers its index. */
  push(value: bigint): number {
    if (this.length === this.cells.length) this.take(this, Math.max(8, this.length * 2));
    this.cells[this.length] = value;
    return this.length++;
  }
  clear(): void {
    this.length = 0;
  }
  /** Takes over the cells of another column. */
  assign(other: BigInt64Column): void {
    if (other.length > this.cells.length) this.take(other, other.length);
    else copyCells(other.halves, this.halves, 2 * other.length);
    this.length = other.length;
  }
  /** Fresh storage for `count` cells, the first of which are another column's. */
  private take(other: BigInt64Column, count: number): void {
    const { cells, halves } = newInt64s(count);
    copyCells(other.halves, halves, 2 * other.length);
    this.cells = cells;
    this.halves = halves;
  }
}
