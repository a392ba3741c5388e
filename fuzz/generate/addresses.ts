// Addresses of memory accesses: mostly inside, often at the very end, sometimes far outside.
//
// The shapes are those that code generators fold into address modes and bounds checks: constant, constant at the end split between operand and offset,
// masked, shifted left by 0 to 3 (also so that bits are pushed out above), wrapped from an i64 with more above, sum of a value and a scaled value, and (where trapping is allowed) any i32 with any offset, 2^31 and above included.

import type { Body } from './body.ts';
import { codes } from './instructions.ts';

const pageSize = 0x10000;

/** A memory that accesses may use: index and bytes it has at least; undefined when there is none. Empty ones only where trapping is welcome. */
export function maybeMemory(b: Body): { index: number; size: number; wide: boolean } | undefined {
  const { memories } = b.shape;
  const usable = memories.flatMap((memory, index) => (memory.min > 0 || b.swarm.trapping === 2 ? [index] : []));
  const index = usable[b.c.draw(usable.length)];
  return index === undefined ? undefined : { index, size: (memories[index]?.min ?? 0) * pageSize, wide: memories[index]?.wide ?? false };
}

function mayTrap(b: Body): boolean {
  if (b.swarm.trapping === 0) return false;
  return b.swarm.trapping === 2 ? b.c.draw(4) === 3 : b.c.draw(24) === 23;
}

/** Writes the address operand of an access of `width` bytes; returns the constant offset to go with it. */
export function writeAddress(b: Body, memory: { readonly size: number; readonly wide: boolean }, width: number, depth: number): number {
  if (!memory.wide) return narrowAddress(b, memory.size, width, depth);
  if (b.swarm.trapping > 0 && b.c.draw(16) === 15) return farAddress(b, depth);
  const offset = narrowAddress(b, memory.size, width, depth);
  b.widen(true);
  return offset;
}

/** Beyond what 32 bits can say: in the operand, the offset, or only in their sum. */
function farAddress(b: Body, depth: number): number {
  const { c } = b;
  switch (c.draw(b.swarm.numeric.includes('i64') ? 4 : 3)) {
    case 0:
      b.i32Const(c.draw(64));
      b.widen(true);
      return [2 ** 32, 2 ** 32 + 8, 2 ** 48, 2 ** 53 - 8][c.draw(4)] ?? 2 ** 32;
    case 1:
      b.op(codes.i64Const);
      b.out.s64(c.draw(64), [1, -1, 0x10000, -0x80000000, 0x7fffffff][c.draw(5)] ?? 1);
      return c.draw(2) === 0 ? 0 : c.draw(0x10000);
    case 2:
      // The sum wraps round 2^64 to something small.
      b.op(codes.i64Const);
      b.out.s64(-8 * (1 + c.draw(4)), -1);
      return 8 * (1 + c.draw(8));
    default:
      b.expression('i64', depth - 1);
      return c.draw(2) === 0 ? 0 : c.draw(0x10000);
  }
}

function narrowAddress(b: Body, size: number, width: number, depth: number): number {
  const { c } = b;
  if (mayTrap(b)) return outside(b, size, width, depth);
  if (size < width) {
    // An empty memory has no inside: any access traps, unless it has grown.
    b.i32Const(0);
    return 0;
  }
  switch (c.draw(10)) {
    case 0: {
      b.i32Const(c.draw(64));
      return c.draw(16);
    }
    case 1:
    case 2: {
      // The last 16 bytes, split between operand and offset.
      const at = size - width - c.draw(17 - Math.min(width, 8));
      const offset = [0, at, c.draw(256), Math.min(4096, at)][c.draw(4)] ?? 0;
      b.i32Const(at - offset);
      return offset;
    }
    case 3: {
      const offset = c.draw(32);
      const shift = c.draw(4);
      b.expression('i32', depth - 1);
      b.i32Const(0xfff);
      b.op(codes.i32And);
      b.i32Const(shift);
      b.op(codes.i32Shl);
      return offset;
    }
    case 4: {
      // A value and a scaled value.
      const shift = c.draw(4);
      b.expression('i32', depth - 1);
      b.i32Const(0xff0);
      b.op(codes.i32And);
      b.expression('i32', depth - 1);
      b.i32Const(0x3ff);
      b.op(codes.i32And);
      b.i32Const(shift);
      b.op(codes.i32Shl);
      b.op(codes.i32Add);
      return c.draw(8);
    }
    case 5: {
      // Inside only because the shift pushes bits out.
      const shift = 1 + c.draw(3);
      b.expression('i32', depth - 1);
      b.i32Const(0x1ff);
      b.op(codes.i32And);
      b.i32Const((1 + c.draw(2 ** shift - 1)) << (32 - shift));
      b.op(codes.i32Or);
      b.i32Const(shift);
      b.op(codes.i32Shl);
      return c.draw(8);
    }
    case 6: {
      // Inside only because the upper half does not count.
      if (!b.swarm.numeric.includes('i64')) {
        b.i32Const(c.draw(64));
        return 0;
      }
      b.expression('i64', depth - 1);
      b.op(codes.i64Const);
      b.out.s64(0xfff, 0);
      b.op(codes.i64And);
      b.op(codes.i64Const);
      b.out.s64(0, [1, 5, -1, 0x7fffffff][c.draw(4)] ?? 1);
      b.op(codes.i64Or);
      b.op(codes.i32Wrap);
      return c.draw(8);
    }
    default: {
      const offset = c.draw(2) === 0 ? 0 : c.draw(1024);
      const mask = [0xff, 0xfff, 0x7fff, 0xfff8][c.draw(4)] ?? 0xff;
      b.expression('i32', depth - 1);
      b.i32Const(mask + offset + width <= size ? mask : 0xff);
      b.op(codes.i32And);
      return offset;
    }
  }
}

function outside(b: Body, size: number, width: number, depth: number): number {
  const { c } = b;
  switch (c.draw(4)) {
    case 0: {
      // Across the end by 1 to width bytes, or just past it.
      b.i32Const(Math.max(0, size - width) + 1 + c.draw(width));
      return 0;
    }
    case 1:
      b.expression('i32', depth - 1);
      return [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8][c.draw(8)] ?? 0;
    case 2:
      b.expression('i32', depth - 1);
      b.i32Const(1 + c.draw(3));
      b.op(codes.i32Shl);
      return c.draw(2) === 0 ? 0 : c.draw(0x10000);
    default:
      b.i32Const([-1, -2, -4, -8, -16, -0x80000000, 0x7fffffff, -0x10000][c.draw(8)] ?? -1);
      return [0, 1, 8, 16, 0xffff, 0x80000000, 0xffffffff, 0x7fffffff][c.draw(8)] ?? 0;
  }
}

/** Writes alignment hint, memory index where it is not 0, and offset. `width` is a power of two. */
export function writeMemarg(b: Body, memory: number, width: number, offset: number): void {
  writeAlignedMemarg(b, memory, b.c.draw(32 - Math.clz32(width)), offset);
}

/** As `writeMemarg` with the alignment given, as a power of two. */
export function writeAlignedMemarg(b: Body, memory: number, alignment: number, offset: number): void {
  if (memory === 0) b.out.u32(alignment);
  else {
    b.out.u32(alignment | 0x40);
    b.out.u32(memory);
  }
  b.out.u32(offset);
}
