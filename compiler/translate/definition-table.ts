// A hash table from (block, local) to the value the local has at the block's end. Open addressing with linear probing over flat columns.
// Entries are never removed one by one; `reset` forgets them all.

import { type Block, type Value, asValue } from '../base/entity.ts';

const smallCapacity = 1024;
const free = -1;
const entryCells = 3;

export class DefinitionTable {
  /** Entries of three cells: block (`free` if unused), local, value. */
  private cells = new Int32Array(smallCapacity * entryCells).fill(free);
  private mask = smallCapacity - 1;
  private count = 0;

  get size(): number {
    return this.count;
  }

  reset(): void {
    if (this.count === 0) return;
    // A large table is not worth clearing for the small function that probably follows.
    if (this.mask >= smallCapacity * 8) {
      this.cells = new Int32Array(smallCapacity * entryCells);
      this.mask = smallCapacity - 1;
    }
    this.cells.fill(free);
    this.count = 0;
  }

  private find(block: number, local: number): number {
    const { cells, mask } = this;
    let slot = (Math.imul(block, 0x9e3779b1) ^ Math.imul(local + 1, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const cell = slot * entryCells;
      const owner = cells[cell] as number;
      if (owner === free || (owner === block && cells[cell + 1] === local)) return cell;
      slot = (slot + 1) & mask;
    }
  }

  /** The value, or undefined when the block says nothing of the local. */
  maybeGet(block: Block, local: number): Value | undefined {
    const cell = this.find(block, local);
    return this.cells[cell] === free ? undefined : asValue(this.cells[cell + 2] as number);
  }

  set(block: Block, local: number, value: Value): void {
    const cell = this.find(block, local);
    if (this.cells[cell] === free) {
      if (this.count * 2 >= this.mask) {
        this.grow();
        this.set(block, local, value);
        return;
      }
      this.count++;
      this.cells[cell] = block;
      this.cells[cell + 1] = local;
    }
    this.cells[cell + 2] = value;
  }

  private grow(): void {
    const old = this.cells;
    const capacity = (this.mask + 1) * 2;
    this.cells = new Int32Array(capacity * entryCells).fill(free);
    this.mask = capacity - 1;
    for (let from = 0; from < old.length; from += entryCells) {
      if (old[from] === free) continue;
      const to = this.find(old[from] as number, old[from + 1] as number);
      this.cells[to] = old[from] as number;
      this.cells[to + 1] = old[from + 1] as number;
      this.cells[to + 2] = old[from + 2] as number;
    }
  }
}
