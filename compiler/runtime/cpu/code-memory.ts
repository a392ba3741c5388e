// Executable memory: one range of addresses, so that "is this pc ours" is two compares. Pages of the range are either writable or
// executable, never both, and hold nothing that can be executed while nobody's code is in them: what still jumps there faults.
//
// Two ways lead there. Where the system lets the process write past a page's protection, the pages of small blocks are executable from the start, are never
// writable, and are filled with illegal instructions when a block is freed. Otherwise, and for large blocks, the protection changes; each change and what
// the next access then costs took 27 µs on a virtual machine, writing the code 4.

import { bug } from '../../base/errors.ts';
import { protection, systemPageBytes, type Libc, type MemorySource } from './libc.ts';

/** Addresses for code; only what is loaded takes memory. */
const rangeBytes = 2 ** 30;
/** Up to this size a freed block keeps its pages, which spares a system call and as many page faults as it has pages. */
const mostKept = 256 * 1024;

/** A source of memory into which code can be copied. */
export type CodeSource = Omit<MemorySource, 'view'> & Pick<Libc, 'write'>;

/** How to write code past its protection. */
export interface Overwriting {
  /** False where the system does not allow it. */
  force(address: number, bytes: Uint8Array): boolean;
  /** What free pages are filled with, see `Platform`. */
  readonly idleCode: number;
}

export interface CodeBlock {
  readonly address: number;
  readonly byteLength: number;
}

export class CodeMemory {
  readonly start: number;
  readonly end: number;
  private readonly libc: CodeSource;
  /** How small blocks are written and what free ones hold; undefined where protections change instead. */
  private readonly overwriting: { readonly force: Overwriting['force']; readonly idle: Uint8Array } | undefined;
  private next: number;
  /** Freed blocks by their size, the oldest first: reusing the same lines at once would cost a flush of the pipeline. */
  private readonly free = new Map<number, CodeBlock[]>();

  constructor(libc: CodeSource, overwriting?: Overwriting) {
    const start = libc.maybeMap(rangeBytes, protection.none);
    if (start === undefined) throw new Error('the system refuses addresses for code');
    this.libc = libc;
    this.start = start;
    this.end = start + rangeBytes;
    this.next = start;
    if (overwriting !== undefined) this.overwriting = this.tried(overwriting);
  }

  /** Writes the first page, if the system allows it. */
  private tried({ force, idleCode }: Overwriting): CodeMemory['overwriting'] {
    const block = { address: this.start, byteLength: systemPageBytes };
    const idle = new Uint8Array(mostKept).fill(idleCode);
    this.protect(block, protection.readExecute);
    if (!force(block.address, idle.subarray(0, block.byteLength))) return undefined;
    this.next += block.byteLength;
    this.free.set(block.byteLength, [block]);
    return { force, idle };
  }

  /** Copies `code` into memory of its own and makes it executable; undefined when there is no room. */
  maybeLoad(code: Uint8Array): CodeBlock | undefined {
    const byteLength = Math.max(1, Math.ceil(code.length / systemPageBytes)) * systemPageBytes;
    const freed = this.free.get(byteLength)?.shift();
    const block = freed ?? this.maybeCut(byteLength);
    if (block === undefined) return undefined;
    if (this.overwriting !== undefined && byteLength <= mostKept) {
      if (freed === undefined) this.protect(block, protection.readExecute);
      this.overwrite(block, code);
      return block;
    }
    if (freed === undefined || byteLength > mostKept) this.protect(block, protection.readWrite);
    this.libc.write(block.address, code);
    this.protect(block, protection.readExecute);
    return block;
  }

  private overwrite(block: CodeBlock, bytes: Uint8Array): void {
    if (this.overwriting?.force(block.address, bytes) !== true) bug('the system no longer lets the process write past the protection of its code');
  }

  private maybeCut(byteLength: number): CodeBlock | undefined {
    if (this.next + byteLength > this.end) return undefined;
    const block = { address: this.next, byteLength };
    this.next += byteLength;
    return block;
  }

  release(block: CodeBlock): void {
    if (block.byteLength > mostKept) {
      this.protect(block, protection.none);
      this.libc.discard(block.address, block.byteLength);
    } else if (this.overwriting !== undefined) {
      this.overwrite(block, this.overwriting.idle.subarray(0, block.byteLength));
    } else {
      // A small block's pages are kept, ready for the next code to be written over them.
      this.protect(block, protection.readWrite);
    }
    let list = this.free.get(block.byteLength);
    if (list === undefined) this.free.set(block.byteLength, (list = []));
    list.push(block);
  }

  private protect(block: CodeBlock, prot: number): void {
    if (!this.libc.protect(block.address, block.byteLength, prot)) bug('the system refuses to change the protection of code');
  }

  dispose(): void {
    this.libc.unmap(this.start, rangeBytes);
  }
}
