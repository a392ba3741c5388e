// A fixed-size set of dense indices, one bit each.

import { newInt32s } from './storage.ts';

/** A set of entities with indices in `[0, size)`. */
export class BitSet {
  private readonly words: Int32Array;
  readonly size: number;
  constructor(size: number) {
    this.size = size;
    this.words = newInt32s((size + 31) >>> 5);
  }
  has(index: number): boolean {
    return (((this.words[index >>> 5] as number) >>> (index & 31)) & 1) !== 0;
  }
  add(index: number): void {
    this.words[index >>> 5] = (this.words[index >>> 5] as number) | (1 << (index & 31));
  }
  delete(index: number): void {
    this.words[index >>> 5] = (this.words[index >>> 5] as number) & ~(1 << (index & 31));
  }
  clear(): void {
    this.words.fill(0);
  }
  fill(): void {
    for (let i = 0; i < this.size; i++) this.add(i);
  }
  copyFrom(other: BitSet): void {
    this.words.set(other.words);
  }
  /** Adds all of `other`; answers whether anything was new. */
  union(other: BitSet): boolean {
    let changed = 0;
    for (let w = 0; w < this.words.length; w++) {
      const before = this.words[w] as number;
      const after = before | (other.words[w] as number);
      changed |= before ^ after;
      this.words[w] = after;
    }
    return changed !== 0;
  }
  /** Removes all of `other`. */
  subtract(other: BitSet): void {
    for (let w = 0; w < this.words.length; w++) this.words[w] = (this.words[w] as number) & ~(other.words[w] as number);
  }
  /** Keeps what is also in `other`; answers whether anything went. */
  intersect(other: BitSet): boolean {
    let changed = 0;
    for (let w = 0; w < this.words.length; w++) {
      const before = this.words[w] as number;
      const after = before & (other.words[w] as number);
      changed |= before ^ after;
      this.words[w] = after;
    }
    return changed !== 0;
  }
  equals(other: BitSet): boolean {
    for (let w = 0; w < this.words.length; w++) if (this.words[w] !== other.words[w]) return false;
    return this.size === other.size;
  }
  /** The least member at or above `from`, or -1. */
  next(from: number): number {
    let w = from >>> 5;
    if (w >= this.words.length) return -1;
    let bits = (this.words[w] as number) & (-1 << (from & 31));
    while (bits === 0) {
      if (++w >= this.words.length) return -1;
      bits = this.words[w] as number;
    }
    return (w << 5) + (31 - Math.clz32(bits & -bits));
  }
  count(): number {
    let n = 0;
    for (let i = this.next(0); i >= 0; i = this.next(i + 1)) n++;
    return n;
  }
}
