// A fake address space for code that runs on the evaluator: regions of bytes at addresses that no process uses, so that a wild access is seen.
//
//   address   bits 34–52: region number    bits 0–33: offset in the region
//
// Each region owns 16 GiB of addresses, of which a prefix holds bytes: an 8 GiB reservation fits, and running off one region's end
// never reaches another. Region 0 is never given out, so that small integers and null are no addresses.

import { bug } from '../base/errors.ts';
import type { DataRegion, Reservation } from '../contract/processor.ts';

const offsetBits = 34;
const regionBytes = 2 ** offsetBits;
const maxRegions = 2 ** (52 - offsetBits);
/** Reservations keep one growing buffer up to here; beyond it the system refuses, as it may. */
const maxGrowth = 2 ** 32;

const noBytes = new DataView(new ArrayBuffer(0));

export class AddressSpace {
  private readonly views: DataView[] = [noBytes];
  private readonly free: number[] = [];

  /** Zeroed bytes at a new address. */
  allocate(byteLength: number): DataRegion {
    const bytes = new Uint8Array(byteLength);
    return { address: this.place(new DataView(bytes.buffer)) * regionBytes, bytes };
  }

  /** Takes a region back; touching its address faults from then on, until all other addresses have been used. */
  release(address: number): void {
    const region = Math.floor(address / regionBytes);
    if (this.views[region] === undefined || this.views[region] === noBytes || address % regionBytes !== 0) bug(`no region at 0x${address.toString(16)}`);
    this.views[region] = noBytes;
    this.free.push(region);
  }

  reserve(byteLength: number): Reservation {
    if (byteLength > regionBytes) bug(`reservation of ${byteLength} bytes is larger than a region`);
    const buffer = new ArrayBuffer(0, { maxByteLength: Math.min(byteLength, maxGrowth) });
    const region = this.place(new DataView(buffer, 0, 0));
    const address = region * regionBytes;
    let bytes = new Uint8Array(buffer, 0, 0);
    return {
      address,
      byteLength,
      get committed() {
        return bytes.length;
      },
      get bytes() {
        return bytes;
      },
      commit: (wanted) => {
        if (wanted > buffer.maxByteLength) return false;
        if (wanted <= bytes.length) return true;
        try {
          buffer.resize(wanted);
        } catch (error) {
          if (error instanceof RangeError) return false;
          throw error;
        }
        bytes = new Uint8Array(buffer, 0, wanted);
        this.views[region] = new DataView(buffer, 0, wanted);
        return true;
      },
      release: () => this.release(address),
    };
  }

  /** A range of addresses without bytes, for code; touching them faults. Answers the first. */
  nameless(): number {
    return this.place(new DataView(new ArrayBuffer(0))) * regionBytes;
  }

  /** The bytes of the region that an address given as two int32 halves lies in; empty if there is none. */
  view(high: number): DataView {
    return this.views[high >>> (offsetBits - 32)] ?? noBytes;
  }

  private place(view: DataView): number {
    if (this.views.length < maxRegions) return this.views.push(view) - 1;
    const region = this.free.shift() ?? bug('the evaluator ran out of addresses');
    this.views[region] = view;
    return region;
  }
}

/** Offset in its region of an address given as two int32 halves. */
export function offsetInRegion(low: number, high: number): number {
  return (high & 3) * 0x1_0000_0000 + (low >>> 0);
}

/** The address of two int32 halves, as a number. */
export function addressOf(low: number, high: number): number {
  return high * 0x1_0000_0000 + (low >>> 0);
}
