// Bundles awaiting a register, longest first, in a binary heap: long lives are the hardest to place, short ones fit between them.
// Ties go to the lower number, so that the order is total.

import { Int32Column } from '../base/growable.ts';

export class BundleQueue {
  private readonly bundle = new Int32Column();
  private readonly size = new Int32Column();

  clear(): void {
    this.bundle.clear();
    this.size.clear();
  }

  push(bundle: number, size: number): void {
    let at = this.bundle.push(bundle);
    this.size.push(size);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.precedes(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** Takes the longest bundle, or answers -1. */
  pop(): number {
    const count = this.bundle.length;
    if (count === 0) return -1;
    const top = this.bundle.at(0);
    this.swap(0, count - 1);
    this.bundle.length = this.size.length = count - 1;
    for (let at = 0; ; ) {
      let best = at;
      if (2 * at + 1 < count - 1 && this.precedes(2 * at + 1, best)) best = 2 * at + 1;
      if (2 * at + 2 < count - 1 && this.precedes(2 * at + 2, best)) best = 2 * at + 2;
      if (best === at) return top;
      this.swap(at, best);
      at = best;
    }
  }

  private precedes(x: number, y: number): boolean {
    const difference = this.size.at(x) - this.size.at(y);
    return difference > 0 || (difference === 0 && this.bundle.at(x) < this.bundle.at(y));
  }

  private swap(x: number, y: number): void {
    const bundle = this.bundle.at(x);
    const size = this.size.at(x);
    this.bundle.set(x, this.bundle.at(y));
    this.size.set(x, this.size.at(y));
    this.bundle.set(y, bundle);
    this.size.set(y, size);
  }
}
