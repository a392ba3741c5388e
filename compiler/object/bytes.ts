// A growing little-endian byte string, as object files are written.

export class ByteWriter {
  private bytes = new Uint8Array(256);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  private reserve(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.bytes.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
  u8(value: number): void {
    const at = this.reserve(1);
    this.view.setUint8(at, value);
  }
  u16(value: number): void {
    const at = this.reserve(2);
    this.view.setUint16(at, value, true);
  }
  u32(value: number): void {
    const at = this.reserve(4);
    this.view.setUint32(at, value, true);
  }
  /** A whole number of either sign below 2^53. */
  u64(value: number): void {
    const at = this.reserve(8);
    this.view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), true);
  }
  /** Unsigned LEB128. */
  uleb(value: number): void {
    for (let rest = value; ; rest >>>= 7) {
      this.u8(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) return;
    }
  }
  /** Signed LEB128. */
  sleb(value: number): void {
    for (let rest = value; ; rest >>= 7) {
      const last = rest >= -64 && rest < 64;
      this.u8(last ? rest & 127 : (rest & 127) | 128);
      if (last) return;
    }
  }
  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
  }
  align(alignment: number, padding = 0): void {
    while (this.length % alignment !== 0) this.u8(padding);
  }
  /** Writes over 4 bytes at `offset`. */
  patch32(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}
