// The runner's memory as the runtime's pools take it. Data is shared: the zone's file, mapped here and there, where the place in the file is the
// address in the runner minus the zone's. Inaccessible is what is not mapped in the runner: at these addresses nothing else ever is, so a
// reservation costs nothing there, whatever its length. Code is the runner's own memory, into which the runner copies.

import { bug } from '../../base/errors.ts';
import { privateAddress, sharedAddress, zone, zoneAddress, zoneDescriptor } from '../../contract/runner.ts';
import type { CodeSource } from '../cpu/code-memory.ts';
import { protection, systemPageBytes, type Libc, type MemorySource } from '../cpu/libc.ts';
import type { Channel } from './channel.ts';

const mapShared = 0x1;
const mapPrivate = 0x2;
const mapFixed = 0x10;
const mapAnonymous = 0x20;
const mapNoReserve = 0x4000;
/** Between ranges, so that what runs over the end of one meets nothing. */
const gapBytes = 65536;

interface Range {
  readonly address: number;
  readonly byteLength: number;
  /** Where this process sees it. */
  readonly mapping: number;
}

export class SharedMemory implements MemorySource {
  private readonly libc: Libc;
  private readonly channel: Channel;
  private readonly ranges: Range[] = [];
  private next = sharedAddress;
  /** The range found last. */
  private latest: Range | undefined = undefined;

  constructor(libc: Libc, channel: Channel) {
    this.libc = libc;
    this.channel = channel;
  }

  maybeMap(byteLength: number, prot: number): number | undefined {
    const size = Math.ceil(byteLength / systemPageBytes) * systemPageBytes;
    const address = this.next;
    if (address + size > privateAddress) return undefined;
    const mapping = this.libc.maybeMapFile(this.channel.file, address - zoneAddress, size);
    if (mapping === undefined) return undefined;
    // Places in the file are not used again: there are 8 TiB of them, and a runner does not live that long.
    this.next = address + size + gapBytes;
    this.ranges.push({ address, byteLength: size, mapping });
    if (prot !== protection.none) this.protect(address, size, prot);
    return address;
  }

  unmap(address: number, byteLength: number): void {
    const range = this.rangeOf(address, byteLength);
    this.channel.system('munmap', address, byteLength);
    this.libc.unmap(range.mapping, range.byteLength);
    this.libc.discardFile(this.channel.file, address - zoneAddress, range.byteLength);
    this.ranges.splice(this.ranges.indexOf(range), 1);
    this.latest = undefined;
  }

  protect(address: number, byteLength: number, prot: number): boolean {
    if (prot === protection.none) this.channel.system('munmap', address, byteLength);
    else this.channel.system('mmap', address, byteLength, prot, mapShared | mapFixed | mapNoReserve, zoneDescriptor, address - zoneAddress);
    return true;
  }

  discard(address: number, byteLength: number): void {
    this.libc.discardFile(this.channel.file, address - zoneAddress, byteLength);
  }

  view(address: number, byteLength: number): ArrayBuffer {
    const range = this.rangeOf(address, byteLength);
    return this.libc.view(range.mapping + address - range.address, byteLength);
  }

  /** A view from `address` to the end of its range. */
  viewFrom(address: number): ArrayBuffer {
    const range = this.rangeOf(address, 1);
    return this.view(address, range.address + range.byteLength - address);
  }

  private rangeOf(address: number, byteLength: number): Range {
    const holds = (range: Range): boolean => address >= range.address && address + byteLength <= range.address + range.byteLength;
    if (this.latest === undefined || !holds(this.latest)) this.latest = this.ranges.find(holds);
    return this.latest ?? bug('no shared range has this address', `0x${address.toString(16)}`);
  }

  /** Gives back what is mapped here. */
  dispose(): void {
    for (const { mapping, byteLength } of this.ranges) this.libc.unmap(mapping, byteLength);
    this.ranges.length = 0;
  }
}

/** The runner's own memory for code. */
export function codeSource(channel: Channel): CodeSource {
  return {
    // One range is all that is ever asked for.
    maybeMap: () => privateAddress,
    unmap: () => undefined,
    protect: (address, byteLength, prot) => {
      if (prot === protection.none) channel.system('munmap', address, byteLength);
      else if (prot === protection.readWrite) channel.system('mmap', address, byteLength, prot, mapPrivate | mapFixed | mapAnonymous, 2 ** 32 - 1, 0);
      else channel.system('mprotect', address, byteLength, prot);
      return true;
    },
    discard: () => undefined,
    write: (address, bytes) => channel.copy(address, bytes, zoneAddress + zone.staging),
  };
}
