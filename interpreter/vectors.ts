// Lane-wise building blocks: how an operation on one lane becomes an operation on a vector.
// Chapter: "Execution", section "Numerics", "Vector Operations" (lanes, lane-wise application).
//
// A vector is four words of the operand stack, little-endian: lane i of a shape is element i of the view of that width. Operands are named by
// the int index of their first word; results replace the first operand. Where a result lane depends on other lanes than its own, it is
// built in `scratch` first.
import { at, double, int, long, single, viewsOf } from './cells.ts';
import type { Views } from './cells.ts';
import { putF32, putF64 } from './floats.ts';

/** v → v, in place. */
export type Unary = (v: Views, a: number) => void;
/** v v → v, in place of the first. */
export type Binary = (v: Views, a: number, b: number) => void;
export type Ternary = (v: Views, a: number, b: number, c: number) => void;
/** v → i32. */
export type Test = (v: Views, a: number) => number;
/** v i32 → v. */
export type Shift = (v: Views, a: number, count: number) => void;

export type Map1 = (x: number) => number;
export type Map2 = (x: number, y: number) => number;
export type Predicate = (x: number, y: number) => boolean;

interface MutableLanes { [index: number]: number; readonly length: number }

/** A lane shape: which view reads and writes its lanes, and how many ints make one lane (a fraction: bytes are a quarter). */
export interface Shape {
  readonly lanes: (v: Views) => MutableLanes;
  readonly count: number;
  readonly perInt: number;
}

export const S8: Shape = { lanes: (v) => v.I8, count: 16, perInt: 4 };
export const U8: Shape = { lanes: (v) => v.U8, count: 16, perInt: 4 };
export const S16: Shape = { lanes: (v) => v.I16, count: 8, perInt: 2 };
export const U16: Shape = { lanes: (v) => v.U16, count: 8, perInt: 2 };
export const S32: Shape = { lanes: (v) => v.I, count: 4, perInt: 1 };
export const U32: Shape = { lanes: (v) => v.U32, count: 4, perInt: 1 };

export const scratch: Views = viewsOf(new ArrayBuffer(16));

/** Copies the scratch vector to the stack. */
export function fromScratch(v: Views, a: number): void {
  for (let i = 0; i < 4; i++) v.I[a + i] = int(scratch.I, i);
}

export function map({ lanes, count, perInt }: Shape, f: Map1): Unary {
  return (v, a) => {
    const cells = lanes(v);
    for (let i = 0; i < count; i++) cells[a * perInt + i] = f(at<number>(cells, a * perInt + i));
  };
}

export function zip({ lanes, count, perInt }: Shape, f: Map2): Binary {
  return (v, a, b) => {
    const cells = lanes(v);
    for (let i = 0; i < count; i++) cells[a * perInt + i] = f(at<number>(cells, a * perInt + i), at<number>(cells, b * perInt + i));
  };
}

/** A comparison: all ones where it holds. */
export function compare(shape: Shape, f: Predicate): Binary {
  return zip(shape, (x, y) => (f(x, y) ? -1 : 0));
}

export function shift({ lanes, count, perInt }: Shape, f: Map2): Shift {
  const width = 32 / perInt;
  return (v, a, amount) => {
    const cells = lanes(v);
    const k = amount & width - 1;
    for (let i = 0; i < count; i++) cells[a * perInt + i] = f(at<number>(cells, a * perInt + i), k);
  };
}

export function allTrue({ lanes, count, perInt }: Shape): Test {
  return (v, a) => {
    const cells = lanes(v);
    for (let i = 0; i < count; i++) if (at<number>(cells, a * perInt + i) === 0) return 0;
    return 1;
  };
}

/** The sign bits of the lanes of a signed shape, lane 0 lowest. */
export function bitmask({ lanes, count, perInt }: Shape): Test {
  return (v, a) => {
    const cells = lanes(v);
    let mask = 0;
    for (let i = 0; i < count; i++) if (at<number>(cells, a * perInt + i) < 0) mask |= 1 << i;
    return mask;
  };
}

/** Two vectors of wide lanes to one of narrow ones, saturating by `clamp`. */
export function narrow(from: Shape, to: Shape, clamp: Map1): Binary {
  return (v, a, b) => {
    const cells = from.lanes(v);
    const out = to.lanes(scratch);
    for (let i = 0; i < from.count; i++) {
      out[i] = clamp(at<number>(cells, a * from.perInt + i));
      out[from.count + i] = clamp(at<number>(cells, b * from.perInt + i));
    }
    fromScratch(v, a);
  };
}

/** Half of the narrow lanes, widened; `first` is the lane to begin with. */
export function extend(from: Shape, to: Shape, first: number): Unary {
  return (v, a) => {
    const cells = from.lanes(v);
    const out = to.lanes(scratch);
    for (let i = 0; i < to.count; i++) out[i] = at<number>(cells, a * from.perInt + first + i);
    fromScratch(v, a);
  };
}

/** Products of half of the narrow lanes at double width; `Math.imul` is exact modulo 2^32, all that a 32-bit lane keeps. */
export function extendMultiply(from: Shape, to: Shape, first: number): Binary {
  return (v, a, b) => {
    const cells = from.lanes(v);
    const out = to.lanes(scratch);
    for (let i = 0; i < to.count; i++) {
      out[i] = Math.imul(at<number>(cells, a * from.perInt + first + i), at<number>(cells, b * from.perInt + first + i));
    }
    fromScratch(v, a);
  };
}

/** Neighbouring narrow lanes added at double width. */
export function addPairs(from: Shape, to: Shape): Unary {
  return (v, a) => {
    const cells = from.lanes(v);
    const out = to.lanes(scratch);
    for (let i = 0; i < to.count; i++) out[i] = at<number>(cells, a * from.perInt + 2 * i) + at<number>(cells, a * from.perInt + 2 * i + 1);
    fromScratch(v, a);
  };
}

// ---- 64-bit integer lanes -------------------------------------------------------------------------------------------------------------

export function map64(f: (x: bigint) => bigint): Unary {
  return ({ B }, a) => {
    for (let i = a >> 1; i < (a >> 1) + 2; i++) B[i] = f(long(B, i));
  };
}

export function zip64(f: (x: bigint, y: bigint) => bigint): Binary {
  return ({ B }, a, b) => {
    for (let i = 0; i < 2; i++) B[(a >> 1) + i] = f(long(B, (a >> 1) + i), long(B, (b >> 1) + i));
  };
}

export function compare64(f: (x: bigint, y: bigint) => boolean): Binary {
  return zip64((x, y) => (f(x, y) ? -1n : 0n));
}

export function shift64(f: (x: bigint, k: bigint) => bigint): Shift {
  return ({ B }, a, count) => {
    const k = BigInt(count & 63);
    for (let i = a >> 1; i < (a >> 1) + 2; i++) B[i] = f(long(B, i), k);
  };
}

/** Widening of 32-bit lanes; a signed or unsigned shape says how. */
export function extendTo64(from: Shape, first: number): Unary {
  return (v, a) => {
    const cells = from.lanes(v);
    for (let i = 0; i < 2; i++) scratch.B[i] = BigInt(at<number>(cells, a + first + i));
    fromScratch(v, a);
  };
}

export function extendMultiplyTo64(from: Shape, first: number): Binary {
  return (v, a, b) => {
    const cells = from.lanes(v);
    for (let i = 0; i < 2; i++) scratch.B[i] = BigInt(at<number>(cells, a + first + i)) * BigInt(at<number>(cells, b + first + i));
    fromScratch(v, a);
  };
}

// ---- float lanes; NaNs by `putF32` and `putF64` -----------------------------------------------------------------------------------------

export function mapF32(f: Map1): Unary {
  return ({ I, F }, a) => {
    for (let i = a; i < a + 4; i++) putF32(I, F, i, f(single(F, i)));
  };
}

export function zipF32(f: Map2): Binary {
  return ({ I, F }, a, b) => {
    for (let i = 0; i < 4; i++) putF32(I, F, a + i, f(single(F, a + i), single(F, b + i)));
  };
}

export function compareF32(f: Predicate): Binary {
  return ({ I, F }, a, b) => {
    for (let i = 0; i < 4; i++) I[a + i] = f(single(F, a + i), single(F, b + i)) ? -1 : 0;
  };
}

/** Keeps the first operand's lane or takes the second's, bits unchanged. */
export function pickF32(second: Predicate): Binary {
  return ({ I, F }, a, b) => {
    for (let i = 0; i < 4; i++) if (second(single(F, a + i), single(F, b + i))) I[a + i] = int(I, b + i);
  };
}

export function mapF64(f: Map1): Unary {
  return ({ I, D }, a) => {
    for (let i = a; i < a + 4; i += 2) putF64(I, D, i, f(double(D, i >> 1)));
  };
}

export function zipF64(f: Map2): Binary {
  return ({ I, D }, a, b) => {
    for (let i = 0; i < 4; i += 2) putF64(I, D, a + i, f(double(D, a + i >> 1), double(D, b + i >> 1)));
  };
}

export function compareF64(f: Predicate): Binary {
  return ({ I, D }, a, b) => {
    for (let i = 0; i < 4; i += 2) {
      const mask = f(double(D, a + i >> 1), double(D, b + i >> 1)) ? -1 : 0;
      I[a + i] = mask;
      I[a + i + 1] = mask;
    }
  };
}

export function pickF64(second: Predicate): Binary {
  return ({ I, D }, a, b) => {
    for (let i = 0; i < 4; i += 2) {
      if (!second(double(D, a + i >> 1), double(D, b + i >> 1))) continue;
      I[a + i] = int(I, b + i);
      I[a + i + 1] = int(I, b + i + 1);
    }
  };
}

/** Word by word, with the word's place in the vector. */
export function mapWords(f: (word: number, index: number) => number): Unary {
  return ({ I }, a) => {
    for (let i = 0; i < 4; i++) I[a + i] = f(int(I, a + i), i);
  };
}

export function zipWords(f: Map2): Binary {
  return zip(S32, f);
}
