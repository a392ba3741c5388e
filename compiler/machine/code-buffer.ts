// Bytes of code under construction, with what is recorded at offsets of it: labels and their uses, relocations, traps, origins.
// Little-endian, as all targets are. Offsets are in bytes from the buffer's start.
// The meaning of a fix-up's kind belongs to the ISA, which patches them through `FixupPatcher` when the code is complete.

import { type Label, asLabel } from '../base/entity.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';

/** Patches the use of a label at `offset` once the label's `target` is known. */
export type FixupPatcher = (buffer: CodeBuffer, kind: number, offset: number, target: number) => void;

export class CodeBuffer {
  private bytes = new Uint8Array(4096);
  /** Bytes written. */
  length = 0;
  private readonly labelOffset = new Int32Column();
  private readonly fixupOffset = new Int32Column();
  private readonly fixupLabel = new Int32Column();
  private readonly fixupKind = new Int32Column();
  /** Uses of functions: offset and function. */
  readonly relocationOffset = new Int32Column();
  readonly relocationFunction = new Int32Column();
  /** Trap table, in ascending order of `pc` as long as code is only appended. */
  readonly trapPc = new Int32Column();
  readonly trapCode = new Int32Column();
  readonly trapOrigin = new Int32Column();
  readonly originPc = new Int32Column();
  readonly originValue = new Int32Column();

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const next = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    next.set(this.bytes);
    this.bytes = next;
  }
  put1(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }
  put2(value: number): void {
    this.put1(value);
    this.put1(value >> 8);
  }
  put4(value: number): void {
    this.reserve(4);
    const bytes = this.bytes;
    const at = this.length;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
    this.length = at + 4;
  }
  /** Appends `fill` bytes until the length is a multiple of `alignment`. */
  align(alignment: number, fill: number): void {
    while (this.length % alignment !== 0) this.put1(fill);
  }
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
  byteAt(offset: number): number {
    return this.bytes[offset] as number;
  }
  patch1(offset: number, value: number): void {
    this.bytes[offset] = value;
  }
  patch4(offset: number, value: number): void {
    this.bytes[offset] = value;
    this.bytes[offset + 1] = value >> 8;
    this.bytes[offset + 2] = value >> 16;
    this.bytes[offset + 3] = value >> 24;
  }
  /** A copy of the bytes written, or of a part of them. */
  toBytes(start = 0, end = this.length): Uint8Array {
    return this.bytes.slice(start, end);
  }

  // ---- labels

  createLabel(): Label {
    return asLabel(this.labelOffset.push(-1));
  }
  bind(label: Label): void {
    if (this.labelOffset.at(label) >= 0) bug('label bound twice', `label${label}`);
    this.labelOffset.set(label, this.length);
  }
  /** Where a label is bound, or -1 while it is not. */
  offsetOf(label: Label): number {
    return this.labelOffset.at(label);
  }
  /** Records a use of `label` whose bytes begin at `offset`. */
  useLabel(label: Label, offset: number, kind: number): void {
    this.fixupOffset.push(offset);
    this.fixupLabel.push(label);
    this.fixupKind.push(kind);
  }
  /** Patches all uses and forgets the labels; every label used must be bound. */
  resolve(patch: FixupPatcher): void {
    for (let i = 0; i < this.fixupOffset.length; i++) {
      const target = this.labelOffset.at(this.fixupLabel.at(i));
      if (target < 0) bug('label never bound', `label${this.fixupLabel.at(i)}`);
      patch(this, this.fixupKind.at(i), this.fixupOffset.at(i), target);
    }
    this.fixupOffset.clear();
    this.fixupLabel.clear();
    this.fixupKind.clear();
    this.labelOffset.clear();
  }

  // ---- records

  /** Records a use of function `func` whose bytes begin at `offset`; how they are patched is the target's to know. */
  recordRelocation(offset: number, func: number): void {
    this.relocationOffset.push(offset);
    this.relocationFunction.push(func);
  }
  /**
   * Records that the call just written is an explicit trap. Its place in the table is the call's last byte, one before the return address: that one
   * may be the place of an instruction that faults by itself.
   */
  recordTrapCall(code: number, origin: number): void {
    this.recordTrap(this.length - 1, code, origin);
  }
  recordTrap(pc: number, code: number, origin: number): void {
    this.trapPc.push(pc);
    this.trapCode.push(code);
    this.trapOrigin.push(origin);
  }
  /** From here on code stems from `origin`. */
  recordOrigin(origin: number): void {
    const last = this.originPc.length - 1;
    if (last >= 0 && this.originValue.at(last) === origin) return;
    if (last >= 0 && this.originPc.at(last) === this.length) {
      this.originValue.set(last, origin);
      return;
    }
    this.originPc.push(this.length);
    this.originValue.push(origin);
  }
}
