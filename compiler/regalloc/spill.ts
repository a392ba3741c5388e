// Spill slots: one per spilled virtual register, placed in the spill area by size so that each is aligned to its size without padding.

import { i32At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import { firstSlotLocation } from './problem.ts';

/** The spill area's size is a multiple of this, as stack pointers are on all targets. */
const areaAlignment = 16;

export class SpillSlots {
  private readonly bytes = new Int32Column();

  reset(): void {
    this.bytes.clear();
  }
  get count(): number {
    return this.bytes.length;
  }
  bytesOf(location: number): number {
    return this.bytes.at(location - firstSlotLocation);
  }
  /** A new slot of 4, 8 or 16 bytes; answers its location. */
  add(bytes: number): number {
    return firstSlotLocation + this.bytes.push(bytes);
  }
  /** Offsets and sizes of all slots; fresh arrays that belong to the caller. */
  layOut(): { slotOffset: Int32Array; slotBytes: Int32Array; spillBytes: number } {
    const slotBytes = this.bytes.toArray();
    const slotOffset = newInt32s(slotBytes.length);
    let end = 0;
    for (let size = 16; size >= 4; size >>= 1) {
      for (let s = 0; s < slotBytes.length; s++) {
        if (i32At(slotBytes, s) !== size) continue;
        slotOffset[s] = end;
        end += size;
      }
    }
    return { slotOffset, slotBytes, spillBytes: (end + areaAlignment - 1) & -areaAlignment };
  }
}
