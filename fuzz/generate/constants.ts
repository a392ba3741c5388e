// Constants that history says matter: zero, one, extremes, powers of two and their neighbours, the borders of immediate fields of the
// instruction sets (8, 12, 13, 16, 20, 21 bits, scaled and not), bit masks, and for floats the borders of conversions, rounding and NaN space.

import type { Choices } from './choices.ts';
import type { ByteWriter } from './writer.ts';

export const i32Edges: readonly number[] = [
  0, 1, -1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, -128, -129, 255, 256, 257, 511, 512, 2047, 2048, -2048, -2049, 4095, 4096, 4097, 0x7fff, 0x8000, -0x8000, -0x8001,
  0xffff, 0x10000, 0x10001, 0x7ffff, 0x80000, 0xfffff, 0x100000, 0x7fffff, 0x800000, 0xffffff, 0x1000000, 0x7fffffff, -0x80000000, -0x7fffffff, 0x7ffffffe, 0x40000000, 0x20000000, -0x40000000, 0x55555555,
  -0x55555556, 0x0f0f0f0f, 0x00ff00ff, -0x01000000, 0x00fff000, -0xfff, -4096, -0x10000, 0x12345678,
];

export const f32Edges: readonly number[] = [
  0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40000000, 0x3fc00000, 0xbfc00000, 0x40200000, 0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
  0x7fc00000, 0xffc00000, 0x7fa00000, 0xffa00001, 0x7fffffff, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0x5effffff, 0x5f000000, 0xdf000000, 0x5f7fffff, 0x5f800000, 0x4b000000,
  0x4b000001, 0x4affffff, 0x4b7fffff, 0x3effffff, 0x3f000001, 0x3f7fffff, 0xbf7fffff, 0x3dcccccd, 0x42280000,
];

/** As pairs of 32-bit halves: low, high. */
export const f64Edges: readonly (readonly [number, number])[] = [
  [0, 0], [0, 0x80000000], [0, 0x3ff00000], [0, 0xbff00000], [0, 0x3fe00000], [0, 0x40000000], [0, 0x3ff80000], [0, 0x40040000], [1, 0], [1, 0x80000000], [0xffffffff, 0x000fffff], [0, 0x00100000], [0xffffffff, 0x7fefffff],
  [0xffffffff, 0xffefffff], [0, 0x7ff00000], [0, 0xfff00000], [0, 0x7ff80000], [0, 0xfff80000], [0, 0x7ff40000], [1, 0xfff40000], [0xffffffff, 0x7fffffff], [0xffc00000, 0x41dfffff], [0, 0x41e00000], [0, 0xc1e00000],
  [0x00200000, 0xc1e00000], [0xffe00000, 0x41efffff], [0, 0x41f00000], [0, 0x43e00000], [0, 0xc3e00000], [0xffffffff, 0x43dfffff], [0xffffffff, 0x43efffff], [0, 0x43f00000], [0, 0x43300000], [1, 0x43300000],
  [0xffffffff, 0x3fdfffff], [0xe0000000, 0x47efffff], [0xf0000000, 0x47efffff], [0, 0x36a00000], [0, 0x36900000], [0x10000000, 0x3ff00000], [0x30000000, 0x3ff00000], [0x9999999a, 0x3fb99999],
];

/** A constant's bits: low and high 32-bit halves (high is 0 for 32-bit types). */
export interface Bits {
  low: number;
  high: number;
}

export function i32Constant(c: Choices): number {
  switch (c.draw(8)) {
    case 0:
    case 1:
      return c.draw(17);
    case 2:
    case 3:
    case 4:
      return i32Edges[c.draw(i32Edges.length)] ?? 0;
    case 5:
      return (1 << c.draw(32)) + c.draw(3) - 1;
    case 6:
      return -c.draw(65);
    default:
      return c.bits32();
  }
}

export function i64Constant(c: Choices, into: Bits): void {
  const kind = c.draw(8);
  if (kind < 4) {
    into.low = i32Constant(c);
    // Sign-extended, zero-extended, negated, shifted up: what 32-bit immediates and their extensions get wrong.
    const extension = c.draw(4);
    if (extension === 3) {
      into.high = into.low;
      into.low = 0;
    } else into.high = extension === 1 ? 0 : into.low >> 31;
  } else if (kind < 6) {
    const shift = c.draw(64);
    const value = BigInt.asIntN(64, (1n << BigInt(shift)) + BigInt(c.draw(3) - 1));
    into.low = Number(BigInt.asIntN(32, value));
    into.high = Number(value >> 32n);
  } else if (kind === 6) {
    into.low = c.draw(2) === 0 ? 0 : -1;
    into.high = i32Constant(c);
  } else {
    into.low = c.bits32();
    into.high = c.bits32();
  }
}

export function f32Constant(c: Choices): number {
  switch (c.draw(4)) {
    case 0:
    case 1:
      return f32Edges[c.draw(f32Edges.length)] ?? 0;
    case 2: {
      cell.setFloat32(0, c.draw(1000) / 4);
      return cell.getUint32(0);
    }
    default:
      return c.bits32();
  }
}

export function f64Constant(c: Choices, into: Bits): void {
  switch (c.draw(4)) {
    case 0:
    case 1: {
      const edge = f64Edges[c.draw(f64Edges.length)] ?? [0, 0];
      into.low = edge[0];
      into.high = edge[1];
      return;
    }
    case 2:
      cell.setFloat64(0, c.draw(1000) / 4);
      into.low = cell.getInt32(4);
      into.high = cell.getInt32(0);
      return;
    default:
      into.low = c.bits32();
      into.high = c.bits32();
  }
}

const cell = new DataView(new ArrayBuffer(8));

const scratch: Bits = { low: 0, high: 0 };

/** Writes `TYPE.const` with a drawn constant. */
export function writeConstant(c: Choices, type: 'i32' | 'i64' | 'f32' | 'f64' | 'v128', out: ByteWriter): void {
  switch (type) {
    case 'i32':
      out.u8(0x41);
      out.s32(i32Constant(c));
      return;
    case 'i64':
      i64Constant(c, scratch);
      out.u8(0x42);
      out.s64(scratch.low, scratch.high);
      return;
    case 'f32':
      out.u8(0x43);
      out.fixed32(f32Constant(c));
      return;
    case 'f64':
      f64Constant(c, scratch);
      out.u8(0x44);
      out.fixed32(scratch.low);
      out.fixed32(scratch.high);
      return;
    case 'v128':
      out.u8(0xfd);
      out.u8(0x0c);
      writeLanes(c, out);
  }
}

/** Sixteen bytes, as lanes of one shape: equal, of edge values, or at random. */
function writeLanes(c: Choices, out: ByteWriter): void {
  switch (c.draw(6)) {
    case 0: {
      const byte = i32Constant(c) & 0xff;
      for (let i = 0; i < 4; i++) out.fixed32(byte * 0x01010101);
      return;
    }
    case 1: {
      const half = i32Constant(c) & 0xffff;
      for (let i = 0; i < 4; i++) out.fixed32(half | (half << 16));
      return;
    }
    case 2:
      for (let i = 0; i < 4; i++) out.fixed32(i32Constant(c));
      return;
    case 3:
      for (let i = 0; i < 4; i++) out.fixed32(f32Constant(c));
      return;
    case 4:
      for (let i = 0; i < 2; i++) {
        f64Constant(c, scratch);
        out.fixed32(scratch.low);
        out.fixed32(scratch.high);
      }
      return;
    default:
      for (let i = 0; i < 2; i++) {
        i64Constant(c, scratch);
        out.fixed32(scratch.low);
        out.fixed32(scratch.high);
      }
  }
}
