// The counters of one process: an arena of bytes, of which every instrumented module gets a part and every named event a cell.
//
// libFuzzer watches the arena (native.ts), clears it before each input and reads it after. For reports the process itself keeps which cells were ever hit;
// that works the same without libFuzzer, so that guided and unguided runs are measured by one measure.
// Cells are clamped: a counter that has reached 255 stays there.

/** Edges of the compiler and events together; more is refused loudly. */
const capacity = 1 << 16;
const events = 1 << 13;

export class Counters {
  /** What libFuzzer watches. */
  readonly bytes: Buffer = Buffer.alloc(capacity);
  private readonly cells = new Uint8ClampedArray(this.bytes.buffer, this.bytes.byteOffset, capacity);
  private readonly words = new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, capacity / 4);
  private readonly seen = new Uint8Array(capacity);
  private readonly parts = new Map<string, { readonly start: number; readonly count: number }>();
  private readonly eventCells = new Map<string, number>();
  private used = 0;
  private hitCount = 0;
  private readonly saved = Buffer.alloc(capacity);
  /** Cells that the last input hit, the first `hitCells` of them; filled by `remember`. */
  readonly hit = new Uint32Array(capacity);
  /** Cells of modules, and of events, that were ever hit. */
  edgesSeen = 0;
  eventsSeen = 0;

  /** The counters of a module; the same for the same name. */
  partOf(name: string, count: number): Uint8ClampedArray {
    let part = this.parts.get(name);
    if (part === undefined) {
      part = { start: this.used, count };
      this.used += count;
      if (this.used > capacity - events) throw new Error(`more than ${capacity - events} edges: raise the capacity in counters.ts`);
      this.parts.set(name, part);
    }
    return this.cells.subarray(part.start, part.start + part.count);
  }

  /** Records that an event happened so often during this input. */
  event(name: string, times: number): void {
    let cell = this.eventCells.get(name);
    if (cell === undefined) {
      if (this.eventCells.size === events) return;
      cell = capacity - 1 - this.eventCells.size;
      this.eventCells.set(name, cell);
    }
    this.cells[cell] = times;
  }

  /** Remembers what this input hit; call once after each. Answers whether any cell was new. */
  remember(): boolean {
    const before = this.edgesSeen + this.eventsSeen;
    this.hitCount = 0;
    this.rememberFrom(0, this.used);
    this.rememberFrom(capacity - this.eventCells.size, capacity);
    return this.edgesSeen + this.eventsSeen > before;
  }

  private rememberFrom(start: number, end: number): void {
    const { words, seen, cells, hit } = this;
    for (let word = start >> 2; word < (end + 3) >> 2; word++) {
      if (words[word] === 0) continue;
      for (let cell = 4 * word; cell < 4 * word + 4; cell++) {
        if (cells[cell] === 0) continue;
        hit[this.hitCount++] = cell;
        if (seen[cell] === 1) continue;
        seen[cell] = 1;
        if (cell < capacity - events) this.edgesSeen++;
        else this.eventsSeen++;
      }
    }
  }

  get hitCells(): number {
    return this.hitCount;
  }

  /** How often the last input hit a cell, 255 at most. */
  readonly timesOf = (cell: number): number => this.cells[cell] ?? 0;

  /** What libFuzzer does before each input. */
  clear(): void {
    this.cells.fill(0, 0, this.used);
    this.cells.fill(0, capacity - this.eventCells.size);
  }

  /** Puts what the last input hit aside, so that others can run before libFuzzer reads it. */
  save(): void {
    this.saved.set(this.bytes);
  }

  restore(): void {
    this.bytes.set(this.saved);
  }

  /** Edges of the modules that are loaded. */
  get edges(): number {
    return this.used;
  }

  /** Of a module: for each edge, whether it was ever hit. */
  seenOf(name: string): readonly boolean[] {
    const part = this.parts.get(name);
    return part === undefined ? [] : [...this.seen.subarray(part.start, part.start + part.count)].map((hit) => hit === 1);
  }

  /** What the last input hit: by module the numbers of its edges, ascending, and the events by name. */
  lastHit(): { readonly edges: Readonly<Record<string, readonly number[]>>; readonly events: readonly string[] } {
    const edges: Record<string, readonly number[]> = {};
    for (const [name, { start, count }] of this.parts) {
      const hit: number[] = [];
      for (let index = 0; index < count; index++) if (this.cells[start + index] !== 0) hit.push(index);
      if (hit.length > 0) edges[name] = hit;
    }
    return { edges, events: [...this.eventCells].flatMap(([name, cell]) => (this.cells[cell] === 0 ? [] : [name])) };
  }
}
