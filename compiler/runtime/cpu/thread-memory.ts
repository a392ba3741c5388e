// The memory that a thread has mapped, on record where other threads find it: a thread that ends, above all one that is terminated, unmaps nothing itself,
// since JavaScript may look at its memories to the very end, and runs nothing of ours after it. Whoever opens a CPU next gives back what the dead have left.
//
//   owner table   { thread id, time it started, its record } × capacity, behind the signal handler's table, so that all threads share it
//   record        a page of a chain: address of the next | { address, bytes } × places; an address of 0 is a free place
//
// Invariants: what is mapped through `threadMemory` is in the record of the thread that mapped it until it is unmapped. Only its thread writes to a record
// while it lives; a record is taken from the table, by one thread, before what it names is unmapped. A thread's id may come again, its starting time with
// it does not.

import { readFileSync, readlinkSync } from 'node:fs';
import { bug } from '../../base/errors.ts';
import { Words } from '../cells.ts';
import { protection, systemPageBytes, type Libc, type MemorySource } from './libc.ts';
import { clearCodeRanges, type OwnerTable, ownerRow, ownerTable } from './signals.ts';

const recordBytes = systemPageBytes;
const placeBytes = 16;
const placesPerRecord = (recordBytes - 16) / placeBytes;

/** What tells a thread from all that ever lived in this process; undefined for one that does not live. */
function maybeStartOf(thread: number): number | undefined {
  try {
    // Field 22, counted from behind the name, which may hold anything.
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

const thisThread = (): number => Number(readlinkSync('/proc/thread-self').split('/').at(-1));

class MappingRecord {
  private readonly libc: Libc;
  private readonly pages: Words[] = [];
  /** Offsets of free places, as page * recordBytes + offset. */
  private readonly free: number[] = [];
  private readonly placeOf = new Map<number, number>();

  constructor(libc: Libc) {
    this.libc = libc;
    this.addPage();
  }
  get address(): number {
    return this.pages[0]?.address ?? bug('a record without a page');
  }
  private addPage(): void {
    const address = this.libc.maybeMap(recordBytes, protection.readWrite) ?? bug('the system refuses memory for a record of mappings');
    const page = wordsAt(this.libc, address, recordBytes);
    this.pages.at(-1)?.setAddress(0, address);
    this.pages.push(page);
    for (let i = placesPerRecord - 1; i >= 0; i--) this.free.push((this.pages.length - 1) * recordBytes + 16 + i * placeBytes);
  }
  private write(place: number, address: number, byteLength: number): void {
    const page = this.pages[Math.floor(place / recordBytes)] ?? bug('a place in no record');
    // A reader takes a place for used when its address is there.
    if (address !== 0) page.setAddress((place % recordBytes) + 8, byteLength);
    page.setAddress(place % recordBytes, address);
  }
  add(address: number, byteLength: number): void {
    if (this.free.length === 0) this.addPage();
    const place = this.free.pop() ?? bug('a record without a free place');
    this.placeOf.set(address, place);
    this.write(place, address, byteLength);
  }
  remove(address: number): void {
    const place = this.placeOf.get(address) ?? bug('memory is unmapped that this thread has not mapped', `address ${address}`);
    this.placeOf.delete(address);
    this.write(place, 0, 0);
    this.free.push(place);
  }
}

const wordsAt = (libc: Libc, address: number, byteLength: number): Words => new Words({ address, bytes: new Uint8Array(libc.view(address, byteLength)) });

let ofThread: MemorySource | undefined;

/** Where this thread's CPUs take memory from. Opened first, it gives back what threads have left that are no more. */
export function threadMemory(libc: Libc): MemorySource {
  if (ofThread !== undefined) return ofThread;
  const owners = ownerTable(libc);
  reclaim(libc, owners);
  const record = new MappingRecord(libc);
  const thread = thisThread();
  const start = maybeStartOf(thread) ?? bug('this thread is not among those of its process', `thread ${thread}`);
  libc.exclusively(() => {
    const row = owners.rows.find((at) => owners.words.addressAt(at + ownerRow.thread) === 0) ?? bug('more threads run compiled code than the record of mappings knows');
    owners.words.setAddress(row + ownerRow.start, start);
    owners.words.setAddress(row + ownerRow.record, record.address);
    owners.words.setAddress(row + ownerRow.thread, thread);
  });
  ofThread = {
    maybeMap: (byteLength, prot) => {
      const address = libc.maybeMap(byteLength, prot);
      if (address !== undefined) record.add(address, byteLength);
      return address;
    },
    unmap: (address, byteLength) => {
      record.remove(address);
      libc.unmap(address, byteLength);
    },
    protect: (address, byteLength, prot) => libc.protect(address, byteLength, prot),
    discard: (address, byteLength) => libc.discard(address, byteLength),
    view: (address, byteLength) => libc.view(address, byteLength),
  };
  return ofThread;
}

/** Unmaps what dead threads had mapped, and takes their code out of the signal handler's table. */
function reclaim(libc: Libc, { words, rows }: OwnerTable): void {
  for (const row of rows) {
    const thread = words.addressAt(row + ownerRow.thread);
    const start = words.addressAt(row + ownerRow.start);
    if (thread === 0 || maybeStartOf(thread) === start) continue;
    const record = libc.exclusively(() => {
      if (words.addressAt(row + ownerRow.thread) !== thread || words.addressAt(row + ownerRow.start) !== start) return 0;
      words.setAddress(row + ownerRow.thread, 0);
      return words.addressAt(row + ownerRow.record);
    });
    for (let page = record; page !== 0; ) {
      // Copied: a view of it must not outlive it.
      const held = new Words({ address: 0, bytes: new Uint8Array(libc.view(page, recordBytes)).slice() });
      for (let i = 0; i < placesPerRecord; i++) {
        const [address, byteLength] = [held.addressAt(16 + i * placeBytes), held.addressAt(24 + i * placeBytes)];
        if (address === 0) continue;
        clearCodeRanges(libc, address, address + byteLength);
        libc.unmap(address, byteLength);
      }
      libc.unmap(page, recordBytes);
      page = held.addressAt(0);
    }
  }
}
