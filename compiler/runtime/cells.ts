// Reading and writing the blocks that compiled code and runtime share.
// Addresses are JS numbers below 2^53, stored as two little-endian 32-bit words; values of wasm types are stored by their bits.
// All positions here are 4-byte word indices into a `Uint32Array` over the block, or 16-byte slots of an argument block.

import { argumentSlot } from '../contract/vmctx.ts';
import type { DataRegion } from '../contract/processor.ts';
import { bug } from '../base/errors.ts';

const twoTo32 = 2 ** 32;

/** A region's words, for addresses and 32-bit fields at byte offsets that are multiples of 4. */
export class Words {
  readonly address: number;
  private readonly cells: Uint32Array;
  constructor(region: DataRegion, byteOffset = 0, byteLength = region.bytes.byteLength - byteOffset) {
    this.address = region.address + byteOffset;
    this.cells = new Uint32Array(region.bytes.buffer, region.bytes.byteOffset + byteOffset, byteLength >>> 2);
  }
  /** The address (or any unsigned number below 2^53) in the 8 bytes at `offset`. */
  addressAt(offset: number): number {
    const word = offset >>> 2;
    return (this.cells[word] as number) + (this.cells[word + 1] as number) * twoTo32;
  }
  setAddress(offset: number, value: number): void {
    const word = offset >>> 2;
    this.cells[word] = value;
    this.cells[word + 1] = value / twoTo32;
  }
  u32At(offset: number): number {
    return this.cells[offset >>> 2] as number;
  }
  setU32(offset: number, value: number): void {
    this.cells[offset >>> 2] = value;
  }
}

/**
 * Typed views of a buffer that holds 16-byte slots: argument blocks and the cells of globals.
 * `at` is a byte offset in the buffer and a multiple of 8. A 32-bit value lies in the low half, the high half is left as it is.
 */
export class Slots {
  readonly buffer: ArrayBufferLike;
  private readonly words: Int32Array;
  private readonly unsigned: Uint32Array;
  private readonly wide: BigInt64Array;
  private readonly unsignedWide: BigUint64Array;
  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    const whole = buffer.byteLength >>> 3;
    this.words = new Int32Array(buffer, 0, whole * 2);
    this.unsigned = new Uint32Array(buffer, 0, whole * 2);
    this.wide = new BigInt64Array(buffer, 0, whole);
    this.unsignedWide = new BigUint64Array(buffer, 0, whole);
  }
  i32(at: number): number {
    return this.words[at >>> 2] as number;
  }
  u32(at: number): number {
    return this.unsigned[at >>> 2] as number;
  }
  setI32(at: number, value: number): void {
    this.words[at >>> 2] = value;
  }
  i64(at: number): bigint {
    return this.wide[at >>> 3] as bigint;
  }
  u64(at: number): bigint {
    return this.unsignedWide[at >>> 3] as bigint;
  }
  setI64(at: number, value: bigint): void {
    this.wide[at >>> 3] = value;
  }
  /** A reference as compiled code holds it: a descriptor's address or an external handle, 0 for null. */
  reference(at: number): number {
    const word = at >>> 2;
    return (this.unsigned[word] as number) + (this.unsigned[word + 1] as number) * twoTo32;
  }
  setReference(at: number, value: number): void {
    const word = at >>> 2;
    this.unsigned[word] = value;
    this.unsigned[word + 1] = value / twoTo32;
  }
}

// Views of a buffer are made once: blocks of one stack or arena share their buffer.
const slotsOfBuffer = new WeakMap<ArrayBufferLike, Slots>();
let latest: Slots | undefined;

/** The slots of a region's buffer; index them from `region.bytes.byteOffset`. */
export function slotsOf(region: DataRegion): Slots {
  const buffer = region.bytes.buffer;
  if (latest !== undefined && latest.buffer === buffer) return latest;
  let slots = slotsOfBuffer.get(buffer);
  if (slots === undefined) slotsOfBuffer.set(buffer, (slots = new Slots(buffer)));
  latest = slots;
  return slots;
}

/** Byte offset in the buffer of slot `index` of a block that begins at `start`. */
export function slotAt(start: number, index: number): number {
  return start + index * argumentSlot;
}

/** Checks the alignment that `Slots` relies on. */
export function assertAligned(region: DataRegion): void {
  if (region.address % 16 !== 0 || region.bytes.byteOffset % 8 !== 0) bug('a shared block is not aligned', `address ${region.address}`);
}
