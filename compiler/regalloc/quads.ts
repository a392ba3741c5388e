// A growable table of records of four int32 cells: one growth check and one base address per record, where parallel columns cost four.
// The users name the fields; entry indices are dense and start at 0.

export class Quads {
  private cells = new Int32Array(256);
  length = 0;
  /** Empties the table and keeps its storage. */
  clear(): void {
    this.length = 0;
  }
  /** Appends a record and answers its index. */
  push(a: number, b: number, c: number, d: number): number {
    const index = this.length++;
    const at = index << 2;
    if (at === this.cells.length) this.grow();
    const cells = this.cells;
    cells[at] = a;
    cells[at + 1] = b;
    cells[at + 2] = c;
    cells[at + 3] = d;
    return index;
  }
  /** Field 0 to 3 of the record at `index`. */
  at(index: number, field: number): number {
    return this.cells[(index << 2) + field] as number;
  }
  set(index: number, field: number, value: number): void {
    this.cells[(index << 2) + field] = value;
  }
  private grow(): void {
    const next = new Int32Array(this.cells.length * 2);
    next.set(this.cells);
    this.cells = next;
  }
}
