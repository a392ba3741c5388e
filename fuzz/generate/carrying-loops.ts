// Loops that carry two values and really go round, a few times, by a table of branches: what a loop at random does seldom, as most leave at once.
// The values are not alike and their difference is what comes out, so that any that is lost or taken for the other shows.

import type { Body } from './body.ts';
import { codes } from './instructions.ts';

/** Leaves one integer. Needs a module with multi-value blocks, loops, and locals of `type` and i32. */
export function writeCarryingLoop(b: Body, type: 'i32' | 'i64', depth: number): void {
  const { c } = b;
  const rounds = b.scratch('i32');
  const kept = b.local(type);
  b.expression(type, depth - 2);
  b.expression(type, depth - 2);
  b.i32Const(1 + c.draw(4));
  b.opIndex(codes.localSet, rounds);
  b.open(codes.loop, [type, type], [type]);
  b.spendFuel();
  b.op(type === 'i32' ? codes.i32Sub : codes.i64Sub);
  b.opIndex(codes.localTee, kept);
  b.constant(type);
  b.opIndex(codes.localGet, rounds);
  b.i32Const(1);
  b.op(codes.i32Sub);
  b.opIndex(codes.localTee, rounds);
  b.open(codes.if, [type, type], [type, type]);
  b.opIndex(codes.localGet, rounds);
  b.i32Const(c.draw(8));
  b.op(codes.i32Xor);
  b.op(codes.brTable);
  const entries = c.draw(4);
  b.out.u32(entries);
  for (let i = 0; i < entries; i++) b.out.u32(c.draw(2));
  b.out.u32(1);
  b.op(codes.else);
  b.close();
  b.op(codes.drop);
  b.close();
}
