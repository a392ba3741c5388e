// Stacks for compiled code: a mapping with an inaccessible page at its low end. Compiled code checks its stack limit itself;
// touching the guard page is a fault without a trap, and reported as such.

import { protection, systemPageBytes, type Libc } from './libc.ts';

/** Below the limit: trampolines and the trap exit run there. */
const reserveBelowLimit = 8192;
const mostWaiting = 16;

export class Stack {
  /** Lowest address, where the guard page is. */
  readonly address: number;
  readonly byteLength: number;
  readonly buffer: ArrayBuffer;
  constructor(address: number, byteLength: number, buffer: ArrayBuffer) {
    this.address = address;
    this.byteLength = byteLength;
    this.buffer = buffer;
  }
  /** First address above the stack; it grows downwards from here. */
  get top(): number {
    return this.address + this.byteLength;
  }
  /** Lowest address the stack pointer of compiled code may take. */
  get limit(): number {
    return this.address + systemPageBytes + reserveBelowLimit;
  }
  /** The stack's bytes from `address`, which lies in it, to its top. */
  bytesFrom(address: number): Uint8Array {
    return new Uint8Array(this.buffer, address - this.address - systemPageBytes);
  }
  contains(address: number): boolean {
    return address >= this.address && address < this.top;
  }
}

export class StackPool {
  private readonly libc: Libc;
  private readonly byteLength: number;
  private readonly waiting: Stack[] = [];
  private readonly all = new Set<Stack>();

  /** `byteLength` is what compiled code may use, a multiple of the system's page. */
  constructor(libc: Libc, byteLength: number) {
    this.libc = libc;
    this.byteLength = byteLength + systemPageBytes + reserveBelowLimit;
  }

  maybeTake(): Stack | undefined {
    return this.waiting.pop() ?? this.maybeMap();
  }

  private maybeMap(): Stack | undefined {
    const address = this.libc.maybeMap(this.byteLength, protection.none);
    if (address === undefined) return undefined;
    const usable = this.byteLength - systemPageBytes;
    if (!this.libc.protect(address + systemPageBytes, usable, protection.readWrite)) return undefined;
    const stack = new Stack(address, this.byteLength, this.libc.view(address + systemPageBytes, usable));
    this.all.add(stack);
    return stack;
  }

  giveBack(stack: Stack): void {
    if (this.waiting.length < mostWaiting) this.waiting.push(stack);
    else {
      this.all.delete(stack);
      this.libc.unmap(stack.address, stack.byteLength);
    }
  }

  dispose(): void {
    for (const stack of this.all) this.libc.unmap(stack.address, stack.byteLength);
    this.all.clear();
    this.waiting.length = 0;
  }
}
