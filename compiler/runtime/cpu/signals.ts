// The process-wide signal handler for faults in compiled code, and the alternate stack of each thread.
//
// The handler is machine code from the backend. It looks the pc up in a table of code ranges; a pc in none of them belongs to somebody else
// (V8's own WebAssembly, or a crash), and the previous handler gets the signal. It is installed once per process and never removed.
// Worker threads load their own copy of this file: they recognise the installed handler by the words in front of its code and
// add their range to the same table.
//
//   handler page:  magic | address of the table | code
//   table:         count | { start, end, trapExitAfterSignal } × capacity, then the owner table of thread-memory.ts
//
// A range is added by filling its row, then raising the count; a row is given back by emptying it (start = end = 0).
// Threads do both, and the installation, one at a time. The handler may read a row at any moment: it is in use only while end > start.

import { bug } from '../../base/errors.ts';
import { Words } from '../cells.ts';
import { protection, signals, systemPageBytes, type Libc, type MemorySource } from './libc.ts';
import { processStubs } from './stubs.ts';

const magic = 0x41535347; // "ASSG"
const headerBytes = 16;
const fallbackOffset = 2048;
const tableBytes = 65536;
const rowBytes = 24;
const capacity = Math.floor((tableBytes - 8) / rowBytes);
/** A row of the owner table, whose first is behind the last of the handler's. */
export const ownerRow = { thread: 0, start: 8, record: 16, size: 24 } as const;
const ownersOffset = tableBytes;
const bothTablesBytes = tableBytes + capacity * ownerRow.size;

/** glibc's `struct sigaction` where Linux is 64 bits wide: handler at 0, mask at 8, flags at 136, restorer at 144. */
const sigactionBytes = 152;
const flagsOffset = 136;
const flagSigInfo = 4;
const flagOnStack = 0x08000000;
const flagNoDefer = 0x40000000;
const defaultAction = 0;
const ignoreAction = 1;

/** `stack_t`: sp at 0, flags at 8, size at 16. */
const stackTypeBytes = 24;
const stackDisabled = 2;
const alternateStackBytes = 65536;

export interface RangeEntry {
  /** Where the handler continues for faults in this range. */
  setTrapExit(address: number): void;
  release(): void;
}

function installedHandler(libc: Libc, signal: number): number {
  const old = new Uint8Array(sigactionBytes);
  libc.sigaction(signal, null, old);
  return new Words({ address: 0, bytes: old }).addressAt(0);
}

/** The table behind an installed handler if it is ours. */
function maybeTableOf(libc: Libc, handler: number): Words | undefined {
  if (handler <= headerBytes || handler % 16 !== 0) return undefined;
  const header = new Words({ address: handler - headerBytes, bytes: new Uint8Array(libc.view(handler - headerBytes, headerBytes)) });
  if (header.u32At(0) !== magic || header.u32At(4) !== magic) return undefined;
  return tableAt(libc, header.addressAt(8));
}

function tableAt(libc: Libc, address: number): Words {
  return new Words({ address, bytes: new Uint8Array(libc.view(address, bothTablesBytes)) });
}

function mapOrFail(libc: Libc, byteLength: number): number {
  return libc.maybeMap(byteLength, protection.readWrite) ?? bug('the system refuses memory for the signal handler');
}

/** Installs a handler of our own for every signal a fault can bring. */
function install(libc: Libc): Words {
  const table = mapOrFail(libc, bothTablesBytes);
  const stubs = processStubs();
  for (const signal of Object.values(signals)) {
    const page = mapOrFail(libc, systemPageBytes);
    const bytes = new Uint8Array(libc.view(page, systemPageBytes));
    const previous = installedHandler(libc, signal);
    const chained = previous !== defaultAction && previous !== ignoreAction;
    if (!chained) bytes.set(stubs.defaultHandler(libc.addressOf('signal')), fallbackOffset);
    const code = stubs.signalHandler({ ranges: table, previous: chained ? previous : page + fallbackOffset });
    if (headerBytes + code.length > fallbackOffset) bug('the signal handler is longer than its page has room for');
    const header = new Words({ address: page, bytes });
    header.setU32(0, magic);
    header.setU32(4, magic);
    header.setAddress(8, table);
    bytes.set(code, headerBytes);
    if (!libc.protect(page, systemPageBytes, protection.readExecute)) bug('the system refuses to make the signal handler executable');
    const action = new Uint8Array(sigactionBytes);
    const words = new Words({ address: 0, bytes: action });
    words.setAddress(0, page + headerBytes);
    words.setU32(flagsOffset, flagSigInfo | flagOnStack | flagNoDefer);
    libc.sigaction(signal, action, null);
  }
  return tableAt(libc, table);
}

/** The shared tables; the first to ask installs the handler. */
function sharedTable(libc: Libc): Words {
  return maybeTableOf(libc, installedHandler(libc, signals.SIGSEGV)) ?? install(libc);
}

export interface OwnerTable {
  readonly words: Words;
  /** Offsets of its rows. */
  readonly rows: readonly number[];
}

export function ownerTable(libc: Libc): OwnerTable {
  const words = libc.exclusively(() => sharedTable(libc));
  return { words, rows: Array.from({ length: capacity }, (_, i) => ownersOffset + i * ownerRow.size) };
}

/** Forgets code that begins in `[start, end)`. */
export function clearCodeRanges(libc: Libc, start: number, end: number): void {
  libc.exclusively(() => {
    const table = sharedTable(libc);
    const count = table.u32At(0);
    for (let i = 0; i < count; i++) {
      const row = 8 + i * rowBytes;
      if (table.addressAt(row) < start || table.addressAt(row) >= end) continue;
      table.setAddress(row + 8, 0);
      table.setAddress(row, 0);
    }
  });
}

/** Makes faults with a pc in `[start, end)` ours. They go nowhere before `setTrapExit`. */
export function addCodeRange(libc: Libc, start: number, end: number): RangeEntry {
  return libc.exclusively(() => {
    const table = sharedTable(libc);
    const row = takeRow(table);
    table.setAddress(row, start);
    return {
      setTrapExit: (address) => {
        table.setAddress(row + 16, address);
        table.setAddress(row + 8, end);
      },
      release: () => {
        table.setAddress(row + 8, 0);
        table.setAddress(row, 0);
      },
    };
  });
}

/** Byte offset of a row nobody uses; a row with a start is taken. */
function takeRow(table: Words): number {
  const count = table.u32At(0);
  for (let i = 0; i < count; i++) if (table.addressAt(8 + i * rowBytes) === 0) return 8 + i * rowBytes;
  if (count === capacity) bug('more threads run compiled code than the signal handler knows');
  table.setU32(0, count + 1);
  return 8 + count * rowBytes;
}

/** Gives this thread an alternate signal stack if it has none: a fault on a full stack needs it. */
export function ensureAlternateStack(libc: Libc, memory: MemorySource): void {
  const old = new Uint8Array(stackTypeBytes);
  libc.sigaltstack(null, old);
  if ((new Words({ address: 0, bytes: old }).u32At(8) & stackDisabled) === 0) return;
  const address = memory.maybeMap(alternateStackBytes, protection.readWrite) ?? bug('the system refuses memory for an alternate stack');
  const stack = new Uint8Array(stackTypeBytes);
  const words = new Words({ address: 0, bytes: stack });
  words.setAddress(0, address);
  words.setAddress(16, alternateStackBytes);
  libc.sigaltstack(stack, null);
}
