// Turns a set of moves that happen at once into a sequence that has the same effect.
// Needs:  every destination written once; locations as in problem.ts; one scratch register per class that is in no move.
// Leaves: moves between registers, and between a register and a slot; never slot to slot.
// Method: a move is ready when nobody still waits to read its destination. What remains when no move is ready is disjoint cycles;
//         each is opened by saving one location in a scratch register.
//         Slot-to-slot moves pass through a scratch register: through the integer one if it is free and the value fits, else through the
//         float one. Where a cycle holds the only register that fits, the saved value goes to an extra slot instead.
// Cost:   linear in moves.

import { i32At } from '../base/cells.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { firstSlotLocation } from './problem.ts';
import { Quads } from './quads.ts';

// Fields of a move.
const from = 0;
const to = 1;
const bytes = 2;

/** Bytes that an integer register holds. */
const integerBytes = 8;

export class ParallelMoves {
  private readonly wanted = new Quads();
  private readonly sequence = new Quads();
  private readonly ready = new Int32Column();
  // By location: how many pending moves read it, and 1 + the pending move that writes it.
  private reads = new Int32Array(256);
  private writer = new Int32Array(256);

  /** Moves added since `clear`, without those from a location to itself. */
  get pending(): number {
    return this.wanted.length;
  }
  /** Length of the sequence after `resolve`. */
  get length(): number {
    return this.sequence.length;
  }
  fromOf(index: number): number {
    return this.sequence.at(index, from);
  }
  toOf(index: number): number {
    return this.sequence.at(index, to);
  }
  bytesOf(index: number): number {
    return this.sequence.at(index, bytes);
  }

  clear(): void {
    this.wanted.clear();
  }

  add(source: number, target: number, width: number): void {
    if (source !== target) this.wanted.push(source, target, width, 0);
  }

  /** Computes the sequence. `extraSlot` answers the location of a 16-byte slot that nobody else uses; it is rarely asked. */
  resolve(scratch: readonly [number, number], extraSlot: () => number): void {
    this.sequence.clear();
    const count = this.wanted.length;
    if (count === 1) {
      this.emit(this.wanted.at(0, from), this.wanted.at(0, to), this.wanted.at(0, bytes), scratch, -1);
      return;
    }
    for (let m = 0; m < count; m++) {
      const source = this.wanted.at(m, from);
      const target = this.wanted.at(m, to);
      if (Math.max(source, target) >= this.reads.length) this.growTo(Math.max(source, target) + 1);
      this.reads[source] = i32At(this.reads, source) + 1;
      if (i32At(this.writer, target) !== 0) bug('two parallel moves write one location', `location ${target}`);
      this.writer[target] = m + 1;
    }
    this.ready.clear();
    for (let m = 0; m < count; m++) if (i32At(this.reads, this.wanted.at(m, to)) === 0) this.ready.push(m);
    this.drain(scratch, -1);
    for (let m = 0; m < count; m++) if (i32At(this.writer, this.wanted.at(m, to)) === m + 1) this.openCycle(m, scratch, extraSlot);
  }

  /** Emits all moves that are ready or become so; `held` is the scratch register that holds a cycle's saved value, or -1. */
  private drain(scratch: readonly [number, number], held: number): void {
    while (this.ready.length > 0) {
      const m = this.ready.at(--this.ready.length);
      const source = this.wanted.at(m, from);
      const target = this.wanted.at(m, to);
      this.emit(source, target, this.wanted.at(m, bytes), scratch, source === held ? -1 : held);
      this.writer[target] = 0;
      if (source === held) continue;
      const readers = i32At(this.reads, source) - 1;
      this.reads[source] = readers;
      const next = i32At(this.writer, source);
      if (readers === 0 && next !== 0) this.ready.push(next - 1);
    }
  }

  /** Saves the destination of move `m`, which lies on a cycle, and runs the cycle. */
  private openCycle(m: number, scratch: readonly [number, number], extraSlot: () => number): void {
    const saved = this.wanted.at(m, to);
    // Walk against the moves: the writer of each location reads the location before it.
    let wideThroughSlots = false;
    let last = m;
    for (let step = m; ; ) {
      const source = this.wanted.at(step, from);
      const slots = source >= firstSlotLocation && this.wanted.at(step, to) >= firstSlotLocation;
      if (slots && this.wanted.at(step, bytes) > integerBytes) wideThroughSlots = true;
      last = step;
      if (source === saved) break;
      step = i32At(this.writer, source) - 1;
    }
    const width = this.wanted.at(last, bytes);
    // The register that holds the value is of the class of the register it comes from or goes to, if there is one.
    const partner = saved < firstSlotLocation ? saved : this.wanted.at(last, to);
    const float = width > integerBytes || (partner >= 32 && partner < firstSlotLocation);
    let held = float ? scratch[1] : scratch[0];
    this.reads[saved] = 0;
    if (float && wideThroughSlots) {
      const slot = extraSlot();
      if (slot >= this.reads.length) this.growTo(slot + 1);
      this.emit(saved, slot, width, scratch, -1);
      this.wanted.set(last, from, slot);
      this.reads[slot] = 1;
      held = -1;
    } else {
      this.emit(saved, held, width, scratch, -1);
      this.wanted.set(last, from, held);
    }
    this.ready.push(m);
    this.drain(scratch, held);
  }

  private emit(source: number, target: number, width: number, scratch: readonly [number, number], held: number): void {
    let direct = source;
    if (source >= firstSlotLocation && target >= firstSlotLocation) {
      direct = width > integerBytes || held === scratch[0] ? scratch[1] : scratch[0];
      if (direct === held) bug('no scratch register for a move between slots', `location ${target}`);
      this.sequence.push(source, direct, width, 0);
    }
    this.sequence.push(direct, target, width, 0);
  }

  private growTo(locations: number): void {
    const size = Math.max(locations, this.reads.length * 2);
    const reads = new Int32Array(size);
    const writer = new Int32Array(size);
    reads.set(this.reads);
    writer.set(this.writer);
    this.reads = reads;
    this.writer = writer;
  }
}
