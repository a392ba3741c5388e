// Small shared blocks (vmctx, definitions, argument blocks) cut from large mappings, so that making a store costs no system call.
// Blocks come in powers of two and go back to the list of their size; each is zeroed when it is freed, so that what is allocated is zero.
// A size's blocks are aligned to 16 bytes at least.

import type { DataRegion } from '../../contract/processor.ts';
import { bug } from '../../base/errors.ts';
import { Words } from '../cells.ts';
import { protection, type MemorySource } from './libc.ts';

const chunkBytes = 1 << 20;
const smallestBlock = 64;

interface Chunk {
  readonly address: number;
  readonly buffer: ArrayBuffer;
  readonly words: Words;
  used: number;
}

export class Arena {
  private readonly libc: MemorySource;
  private readonly chunks: Chunk[] = [];
  /** Free blocks by the logarithm of their size. */
  private readonly free: DataRegion[][] = Array.from({ length: 48 }, () => []);
  private current: Chunk | undefined = undefined;

  constructor(libc: MemorySource) {
    this.libc = libc;
  }

  /** A zeroed block of at least `byteLength` bytes; undefined when the system has no memory. */
  maybeAllocate(byteLength: number): DataRegion | undefined {
    const log = logOf(byteLength);
    const freed = this.free[log]?.pop();
    if (freed !== undefined) return freed;
    const size = 2 ** log;
    let chunk = this.current;
    if (chunk === undefined || chunk.used + size > chunk.buffer.byteLength) {
      chunk = this.maybeAddChunk(Math.max(size, chunkBytes));
      if (chunk === undefined) return undefined;
      if (size < chunkBytes) this.current = chunk;
    }
    const offset = chunk.used;
    chunk.used += size;
    return { address: chunk.address + offset, bytes: new Uint8Array(chunk.buffer, offset, size) };
  }

  release(region: DataRegion): void {
    region.bytes.fill(0);
    this.free[logOf(region.bytes.byteLength)]?.push(region);
  }

  /** The address stored at `address`, which must lie in a block of this arena. */
  addressAt(address: number): number {
    return this.maybeAddressAt(address) ?? bug('no shared block has this address', `0x${address.toString(16)}`);
  }

  /** The same; undefined for an address that is in no block. */
  maybeAddressAt(address: number): number | undefined {
    for (const chunk of this.chunks) {
      const offset = address - chunk.address;
      if (offset >= 0 && offset + 8 <= chunk.buffer.byteLength) return chunk.words.addressAt(offset);
    }
    return undefined;
  }

  private maybeAddChunk(byteLength: number): Chunk | undefined {
    const address = this.libc.maybeMap(byteLength, protection.readWrite);
    if (address === undefined) return undefined;
    const buffer = this.libc.view(address, byteLength);
    const chunk: Chunk = { address, buffer, words: new Words({ address, bytes: new Uint8Array(buffer) }), used: 0 };
    this.chunks.push(chunk);
    return chunk;
  }

  dispose(): void {
    for (const { address, buffer } of this.chunks) this.libc.unmap(address, buffer.byteLength);
    this.chunks.length = 0;
  }
}

function logOf(byteLength: number): number {
  let log = 6;
  for (let size = smallestBlock; size < byteLength; size *= 2) log++;
  return log;
}
