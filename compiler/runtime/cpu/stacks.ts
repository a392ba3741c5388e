// Stacks for compiled code: a mapping with an inaccessible page at its low end. Compiled code checks its stack limit itself;
// touching the guard page is a fault without a trap, and reported as such.

import { protection, systemPageBytes, type MemorySource } from './libc.ts';

/**
 * JavaScript sees a stack through windows made when they are first needed: V8 counts what is viewed as memory to collect, and
 * most stacks are never looked at. Windows overlap by half, so that a block of up to half a window lies whole in one of them.
 */
const windowBytes = 65536;
const windowStep = windowBytes / 2;

/** Below the limit: trampolines and the trap exit run there. */
const reserveBelowLimit = 8192;
const mostWaiting = 16;

export class Stack {
  /** Lowest address, where the guard page is. */
  readonly address: number;
  readonly byteLength: number;
  private readonly libc: MemorySource;
  /** By how many steps below the top they begin. */
  private readonly windows: (ArrayBuffer | undefined)[] = [];
  constructor(address: number, byteLength: number, libc: MemorySource) {
    this.address = address;
    this.byteLength = byteLength;
    this.libc = libc;
  }
  /** First address above the stack; it grows downwards from here. */
  get top(): number {
    return this.address + this.byteLength;
  }
  /** Lowest address the stack pointer of compiled code may take. */
  get limit(): number {
    return this.address + systemPageBytes + reserveBelowLimit;
  }
  /** The stack's bytes from `address`, which lies in it, on: at least half a window or up to the top. */
  bytesFrom(address: number): Uint8Array {
    const steps = Math.max(2, Math.floor((this.top - address - 1) / windowStep) + 1);
    const start = Math.max(this.top - steps * windowStep, this.address + systemPageBytes);
    const window = (this.windows[steps] ??= this.libc.view(start, Math.min(windowBytes, this.top - start)));
    return new Uint8Array(window, address - start);
  }
  contains(address: number): boolean {
    return address >= this.address && address < this.top;
  }
}

export class StackPool {
  private readonly libc: MemorySource;
  private readonly byteLength: number;
  private readonly waiting: Stack[] = [];
  private readonly all = new Set<Stack>();

  /** `byteLength` is what compiled code may use, a multiple of the system's page. */
  constructor(libc: MemorySource, byteLength: number) {
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
    const stack = new Stack(address, this.byteLength, this.libc);
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
