// Ranges of addresses of which a prefix is accessible: the home of memories and tables. Mapping 8 GiB and viewing it costs several
// microseconds, so a range that is released waits for its next user.
//
// Invariant of a waiting slot: bytes [0, accessible) are readable, writable and zero; all others fault.
// Who takes one gets exactly the prefix it asks for: a shorter one is cut back before anyone sees it.

import type { Reservation } from '../../contract/processor.ts';
import { protection, type MemorySource } from './libc.ts';

/** Below this a memory is zeroed by writing; above, its pages go back to the system. */
const zeroByWriting = 512 * 1024;
const mostWaiting = 64;
const mostViews = 16;
const noBytes = new Uint8Array(0);

/** Tables grow by steps of this many bytes, so that most tables of a campaign find their slot as they need it. */
const commitStep = 65536;

class Slot {
  readonly address: number;
  readonly byteLength: number;
  accessible = 0;
  private readonly views = new Map<number, Uint8Array>();
  constructor(address: number, byteLength: number) {
    this.address = address;
    this.byteLength = byteLength;
  }
  view(libc: MemorySource, byteLength: number): Uint8Array {
    if (byteLength === 0) return noBytes;
    let view = this.views.get(byteLength);
    if (view === undefined) {
      if (this.views.size >= mostViews) this.views.clear();
      this.views.set(byteLength, (view = new Uint8Array(libc.view(this.address, byteLength))));
    }
    return view;
  }
}

export class ReservationPool {
  private readonly libc: MemorySource;
  private readonly waiting = new Map<number, Slot[]>();
  private readonly all = new Set<Slot>();

  constructor(libc: MemorySource) {
    this.libc = libc;
  }

  /** A reservation of at least `byteLength` bytes, nothing of it committed; undefined when the system refuses. `first` is what will be committed first. */
  maybeReserve(byteLength: number, first = 0): Reservation | undefined {
    const size = roundUp(byteLength, commitStep);
    const slot = this.maybeWaiting(size, roundUp(first, commitStep)) ?? this.maybeMap(size);
    return slot === undefined ? undefined : new PooledReservation(slot, this.libc, this);
  }

  /** The slot used last of those that need no change of protection, else the one used last. */
  private maybeWaiting(size: number, accessible: number): Slot | undefined {
    const list = this.waiting.get(size);
    if (list === undefined) return undefined;
    for (let i = list.length - 1; i >= 0; i--) {
      const slot = list[i];
      if (slot?.accessible !== accessible) continue;
      list.splice(i, 1);
      return slot;
    }
    return list.pop();
  }

  private maybeMap(size: number): Slot | undefined {
    const address = this.libc.maybeMap(size, protection.none);
    if (address === undefined) return undefined;
    const slot = new Slot(address, size);
    this.all.add(slot);
    return slot;
  }

  /** Takes a slot back whose first `used` bytes may hold something. */
  takeBack(slot: Slot, used: number): void {
    if (used > zeroByWriting) this.libc.discard(slot.address, used);
    else if (used > 0) slot.view(this.libc, used).fill(0);
    let list = this.waiting.get(slot.byteLength);
    if (list === undefined) this.waiting.set(slot.byteLength, (list = []));
    if (list.length < mostWaiting) list.push(slot);
    else {
      this.all.delete(slot);
      this.libc.unmap(slot.address, slot.byteLength);
    }
  }

  /** True if `address` lies in the inaccessible part of a range. */
  guards(address: number): boolean {
    for (const slot of this.all) if (address >= slot.address + slot.accessible && address < slot.address + slot.byteLength) return true;
    return false;
  }

  dispose(): void {
    for (const slot of this.all) this.libc.unmap(slot.address, slot.byteLength);
    this.all.clear();
    this.waiting.clear();
  }
}

class PooledReservation implements Reservation {
  readonly address: number;
  readonly byteLength: number;
  committed = 0;
  private view: Uint8Array = noBytes;
  private readonly slot: Slot;
  private readonly libc: MemorySource;
  private readonly pool: ReservationPool;
  private fresh = true;
  constructor(slot: Slot, libc: MemorySource, pool: ReservationPool) {
    this.address = slot.address;
    this.byteLength = slot.byteLength;
    this.slot = slot;
    this.libc = libc;
    this.pool = pool;
  }
  get bytes(): Uint8Array {
    return this.view;
  }
  commit(byteLength: number): boolean {
    const { slot, libc } = this;
    const wanted = roundUp(byteLength, commitStep);
    if (wanted > slot.byteLength) return false;
    if (wanted <= this.committed && !this.fresh) return true;
    if (wanted > slot.accessible) {
      if (!libc.protect(slot.address + slot.accessible, wanted - slot.accessible, protection.readWrite)) return false;
    } else if (wanted < slot.accessible && !libc.protect(slot.address + wanted, slot.accessible - wanted, protection.none)) return false;
    slot.accessible = wanted;
    this.fresh = false;
    this.committed = wanted;
    this.view = slot.view(libc, wanted);
    return true;
  }
  release(): void {
    this.view = noBytes;
    this.pool.takeBack(this.slot, this.committed);
  }
}

function roundUp(byteLength: number, step: number): number {
  return Math.ceil(byteLength / step) * step;
}

