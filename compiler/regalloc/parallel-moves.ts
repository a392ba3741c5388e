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

/** Bytes that an integer register holds. */
const integerBytes = 8;

export class ParallelMoves {
  private readonly from = new Int32Column();
  private readonly to = new Int32Column();
  private readonly bytes = new Int32Column();
  private readonly ready = new Int32Column();
  // By location: how many pending moves read it, and 1 + the pending move that writes it.
  private reads = new Int32Array(256);
  private writer = new Int32Array(256);
  private readonly outFrom = new Int32Column();
  private readonly outTo = new Int32Column();
  private readonly outBytes = new Int32Column();

  /** Moves added since `clear`. */
  get pending(): number {
    return this.from.length;
  }
  /** Length of the sequence after `resolve`. */
  get length(): number {
    return this.outFrom.length;
  }
  fromOf(index: number): number {
    return this.outFrom.at(index);
  }
  toOf(index: number): number {
    return this.outTo.at(index);
  }
  bytesOf(index: number): number {
    return this.outBytes.at(index);
  }

  clear(): void {
    this.from.clear();
    this.to.clear();
    this.bytes.clear();
  }

  add(from: number, to: number, bytes: number): void {
    this.from.push(from);
    this.to.push(to);
    this.bytes.push(bytes);
  }

  /** Computes the sequence. `extraSlot` answers the location of a 16-byte slot that nobody else uses; it is rarely asked. */
  resolve(scratch: readonly [number, number], extraSlot: () => number): void {
    this.outFrom.clear();
    this.outTo.clear();
    this.outBytes.clear();
    const count = this.from.length;
    if (count === 1) {
      const from = this.from.at(0);
      const to = this.to.at(0);
      if (from !== to) this.emit(from, to, this.bytes.at(0), scratch, -1);
      return;
    }
    for (let m = 0; m < count; m++) {
      const from = this.from.at(m);
      const to = this.to.at(m);
      if (from === to) continue;
      if (Math.max(from, to) >= this.reads.length) this.growTo(Math.max(from, to) + 1);
      this.reads[from] = i32At(this.reads, from) + 1;
      if (i32At(this.writer, to) !== 0) bug('two parallel moves write one location', `location ${to}`);
      this.writer[to] = m + 1;
    }
    this.ready.clear();
    for (let m = 0; m < count; m++) {
      if (this.from.at(m) !== this.to.at(m) && i32At(this.reads, this.to.at(m)) === 0) this.ready.push(m);
    }
    this.drain(scratch, -1);
    for (let m = 0; m < count; m++) {
      const saved = this.to.at(m);
      if (i32At(this.writer, saved) !== m + 1) continue;
      this.openCycle(m, scratch, extraSlot);
    }
  }

  /** Emits all moves that are ready or become so; `held` is the scratch register that holds a cycle's saved value, or -1. */
  private drain(scratch: readonly [number, number], held: number): void {
    while (this.ready.length > 0) {
      const m = this.ready.at(--this.ready.length);
      const from = this.from.at(m);
      const to = this.to.at(m);
      this.emit(from, to, this.bytes.at(m), scratch, from === held ? -1 : held);
      this.writer[to] = 0;
      if (from === held) continue;
      const readers = i32At(this.reads, from) - 1;
      this.reads[from] = readers;
      const next = i32At(this.writer, from);
      if (readers === 0 && next !== 0) this.ready.push(next - 1);
    }
  }

  /** Saves the destination of move `m`, which lies on a cycle, and runs the cycle. */
  private openCycle(m: number, scratch: readonly [number, number], extraSlot: () => number): void {
    const saved = this.to.at(m);
    // Walk against the moves: the writer of each location reads the location before it.
    let wideThroughSlots = false;
    let last = m;
    for (let step = m; ; ) {
      const from = this.from.at(step);
      const to = this.to.at(step);
      if (from >= firstSlotLocation && to >= firstSlotLocation && this.bytes.at(step) > integerBytes) wideThroughSlots = true;
      last = step;
      if (from === saved) break;
      step = i32At(this.writer, from) - 1;
    }
    const bytes = this.bytes.at(last);
    // The register that holds the value is of the class of the register it comes from or goes to, if there is one.
    const partner = saved < firstSlotLocation ? saved : this.to.at(last);
    const float = bytes > integerBytes || (partner >= 32 && partner < firstSlotLocation);
    let held = float ? scratch[1] : scratch[0];
    this.reads[saved] = 0;
    if (float && wideThroughSlots) {
      const slot = extraSlot();
      if (slot >= this.reads.length) this.growTo(slot + 1);
      this.emit(saved, slot, bytes, scratch, -1);
      this.from.set(last, slot);
      this.reads[slot] = 1;
      held = -1;
    } else {
      this.emit(saved, held, bytes, scratch, -1);
      this.from.set(last, held);
    }
    this.ready.push(m);
    this.drain(scratch, held);
  }

  private emit(from: number, to: number, bytes: number, scratch: readonly [number, number], held: number): void {
    let source = from;
    if (from >= firstSlotLocation && to >= firstSlotLocation) {
      source = bytes > integerBytes || held === scratch[0] ? scratch[1] : scratch[0];
      if (source === held) bug('no scratch register for a move between slots', `location ${to}`);
      this.outFrom.push(from);
      this.outTo.push(source);
      this.outBytes.push(bytes);
    }
    this.outFrom.push(source);
    this.outTo.push(to);
    this.outBytes.push(bytes);
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
