// The module a worker is about to run, on disk before it runs: whatever kills the process, the supervisor finds here what it was doing.
//
// A fixed header, rewritten in place, and the module behind it. Header: eight 32-bit words, little-endian:
//   magic · running (1) or idle (0) · number of the module · index of the engine · index of the call · length of the module · beats, which every change
//   raises by one, so that a watcher can tell slow from stuck · target index
// The file lies in memory (`/dev/shm`) where the machine has that, since it is written thousands of times a second.

import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const magic = 0x41535359;
const headerBytes = 32;

export interface InFlight {
  readonly running: boolean;
  readonly number: number;
  readonly engine: number;
  readonly call: number;
  readonly beats: number;
  readonly target: number;
  readonly bytes: Uint8Array;
}

/** A fresh folder for a campaign's slots. */
export function slotFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'assay-'));
}

/** In the place of an engine's number: an oracle of compilations is at work. */
export const oracleTurn = -2;

export class Slot {
  private readonly file: number;
  private readonly header = new Int32Array(headerBytes / 4);
  private readonly headerView = new Uint8Array(this.header.buffer);

  constructor(path: string) {
    this.file = openSync(path, 'w');
    this.header[0] = magic;
    this.flush();
  }

  private flush(): void {
    this.header[6] = (this.header[6] ?? 0) + 1;
    writeSync(this.file, this.headerView, 0, headerBytes, 0);
  }

  /** Call before the first engine runs the module. */
  begin(target: number, number: number, bytes: Uint8Array): void {
    writeSync(this.file, bytes, 0, bytes.length, headerBytes);
    this.header[1] = 1;
    this.header[2] = number;
    this.header[3] = -1;
    this.header[4] = -1;
    this.header[5] = bytes.length;
    this.header[7] = target;
    this.flush();
  }

  engine(index: number): void {
    this.header[3] = index;
    this.header[4] = -1;
    this.flush();
  }

  /** Not flushed alone: calls are too many; the next flush carries it. */
  end(): void {
    this.header[1] = 0;
    this.flush();
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Reads a slot, of a live or a dead worker; undefined when nothing usable is there. */
export function readSlot(path: string): InFlight | undefined {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch {
    return undefined;
  }
  if (file.length < headerBytes || file.readInt32LE(0) !== magic) return undefined;
  const word = (index: number): number => file.readInt32LE(4 * index);
  return {
    running: word(1) === 1,
    number: word(2),
    engine: word(3),
    call: word(4),
    beats: word(6),
    target: word(7),
    bytes: new Uint8Array(file.subarray(headerBytes, headerBytes + word(5))),
  };
}

/** What was at work when a slot was left: an engine of the plan by name, `oracle`, or, before the first, `generator`. */
export function whoRan({ engine }: InFlight, { engines, occasional }: { readonly engines: readonly string[]; readonly occasional: readonly string[] }): string {
  return [...engines, ...occasional][engine] ?? (engine === oracleTurn ? 'oracle' : 'generator');
}
