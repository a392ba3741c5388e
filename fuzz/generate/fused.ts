// Pairs of operations that instruction sets fuse: a product added or subtracted, a shifted or widened operand, bits cleared by a complement, a field taken
// out, a test of bits, a constant at the border of an immediate field. Trees drawn at random hold such pairs too seldom for the lowering rules that
// look for them, and wrong rules live there.

import type { Body } from './body.ts';
import { codes } from './instructions.ts';

type Integer = 'i32' | 'i64';

const operations = {
  i32: { add: codes.i32Add, sub: codes.i32Sub, mul: codes.i32Mul, and: codes.i32And, or: codes.i32Or, xor: codes.i32Xor, shl: codes.i32Shl, shrS: codes.i32ShrS, shrU: codes.i32ShrU },
  i64: { add: codes.i64Add, sub: codes.i64Sub, mul: codes.i64Mul, and: codes.i64And, or: codes.i64Or, xor: codes.i64Xor, shl: codes.i64Shl, shrS: codes.i64ShrS, shrU: codes.i64ShrU },
} as const;

/** At the borders of the immediate fields of additions: 8, 12 and 13 bits, with their signs, and 12 bits shifted by 12. */
const borders: readonly number[] = [1, -1, 127, 128, -128, -129, 2047, 2048, -2048, -2049, 4095, 4096, -4095, -4096, 0xfff000, -0xfff000];

/** An operand: mostly one of two variables, so that the pair is seen as one. Of a type that the module otherwise does without, a constant. */
function operand(b: Body, type: Integer, depth: number): void {
  if (!b.hasLocal(type)) b.constant(type);
  else if (b.c.draw(4) < 3) b.opIndex(codes.localGet, b.oneOfTwo(type));
  else b.expression(type, depth - 2);
}

function constant(b: Body, type: Integer, value: number): void {
  if (type === 'i32') b.i32Const(value);
  else {
    b.op(codes.i64Const);
    b.out.s64(value, value >> 31);
  }
}

/** An operand shifted by a constant, small ones above all. */
function shifted(b: Body, type: Integer, depth: number): void {
  const { shl, shrS, shrU } = operations[type];
  operand(b, type, depth);
  constant(b, type, b.c.draw(2) === 0 ? b.c.draw(5) : b.c.draw(type === 'i32' ? 32 : 64));
  b.op([shl, shl, shrS, shrU][b.c.draw(4)] ?? shl);
}

function complement(b: Body, type: Integer, depth: number): void {
  operand(b, type, depth);
  constant(b, type, -1);
  b.op(operations[type].xor);
}

function product(b: Body, type: Integer, depth: number): void {
  operand(b, type, depth);
  operand(b, type, depth);
  b.op(operations[type].mul);
}

/** An i32 widened to the i64 that is asked for, perhaps shifted; where an i32 is asked for, one narrowed. */
function widened(b: Body, type: Integer, depth: number): void {
  if (type === 'i32') {
    operand(b, 'i64', depth);
    b.op(codes.i32Wrap);
    return;
  }
  operand(b, 'i32', depth);
  b.op(b.c.draw(2) === 0 ? codes.i64ExtendU : codes.i64ExtendS);
  if (b.c.draw(3) > 0) return;
  constant(b, 'i64', b.c.draw(5));
  b.op(codes.i64Shl);
}

/** Two operands, one of them special, on either side. */
function beside(b: Body, type: Integer, depth: number, special: (b: Body, type: Integer, depth: number) => void): void {
  const isFirst = b.c.draw(4) === 3;
  if (isFirst) special(b, type, depth);
  operand(b, type, depth);
  if (!isFirst) special(b, type, depth);
}

/** Leaves one integer. */
export function writeFused(b: Body, type: Integer, depth: number): void {
  const { c } = b;
  const { add, sub, mul, and, or, xor, shrU } = operations[type];
  switch (c.draw(8)) {
    case 0:
      beside(b, type, depth, product);
      b.op(c.draw(2) === 0 ? add : sub);
      return;
    case 1:
      beside(b, type, depth, complement);
      b.op([and, or, xor][c.draw(3)] ?? and);
      return;
    case 2:
      beside(b, type, depth, shifted);
      b.op([add, sub, and, or, xor][c.draw(5)] ?? add);
      return;
    case 3:
      // A field: shifted down and masked.
      operand(b, type, depth);
      constant(b, type, c.draw(type === 'i32' ? 32 : 64));
      b.op(shrU);
      constant(b, type, 2 ** (1 + c.draw(16)) - 1);
      b.op(and);
      return;
    case 4:
      beside(b, type, depth, widened);
      b.op([add, add, sub, mul][c.draw(4)] ?? add);
      return;
    case 5:
      operand(b, type, depth);
      constant(b, type, borders[c.draw(borders.length)] ?? 1);
      b.op(c.draw(2) === 0 ? add : sub);
      return;
    case 6:
      if (type === 'i32') {
        // Are any of these bits set?
        operand(b, type, depth);
        operand(b, type, depth);
        b.op(and);
        b.op(codes.i32Eqz);
      } else {
        widened(b, type, depth);
        widened(b, type, depth);
        b.op(mul);
      }
      return;
    default:
      constant(b, type, 0);
      operand(b, type, depth);
      b.op(sub);
  }
}
