// Bundles: ranges that are to share one register, of one or several virtual registers whose lives do not overlap.
// At first, a bundle is all of a virtual register; those that a two-address operand, a copy, or an edge's argument connects are
// merged where their ranges are disjoint, which makes the move between them vanish. Splitting cuts bundles into smaller ones.
// What began as one bundle is one family: its members never live at the same time, so they share a spill slot.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import type { LiveRanges } from './live-ranges.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, vregOf } from './operand.ts';
import { type Problem, problemBlockCount, problemInstCount } from './problem.ts';
import { Quads } from './quads.ts';

/** Bundles with more ranges than this are not merged: comparing them again and again would cost quadratic time. */
const mergeLimit = 256;

// Fields of a range.
const from = 0;
const to = 1;
const vregField = 2;
const next = 3;

export class Bundles {
  /** Ranges, linked per bundle in ascending order. */
  readonly ranges = new Quads();
  readonly first = new Int32Column();
  /** Assigned register, or -1. */
  readonly register = new Int32Column();
  readonly family = new Int32Column();
  /** A register to try first, or -1. */
  readonly hint = new Int32Column();
  private readonly rangeCount = new Int32Column();

  clear(): void {
    this.ranges.clear();
    this.first.clear();
    this.register.clear();
    this.family.clear();
    this.hint.clear();
    this.rangeCount.clear();
  }
  get count(): number {
    return this.first.length;
  }
  fromOf(range: number): number {
    return this.ranges.at(range, from);
  }
  toOf(range: number): number {
    return this.ranges.at(range, to);
  }
  vregOf(range: number): number {
    return this.ranges.at(range, vregField);
  }
  nextOf(range: number): number {
    return this.ranges.at(range, next);
  }
  setNext(range: number, following: number): void {
    this.ranges.set(range, next, following);
  }
  addRange(start: number, end: number, vreg: number): number {
    return this.ranges.push(start, end, vreg, -1);
  }
  addBundle(firstRange: number, family: number): number {
    this.register.push(-1);
    this.family.push(family);
    this.hint.push(-1);
    this.rangeCount.push(0);
    return this.first.push(firstRange);
  }

  /** One bundle per virtual register (of the same number), then merged. */
  build(p: Problem, live: LiveRanges): void {
    this.clear();
    for (let v = 0; v < p.vregClass.length; v++) {
      const start = i32At(live.rangeStart, v);
      const end = i32At(live.rangeStart, v + 1);
      let firstRange = -1;
      for (let r = end - 1; r >= start; r--) firstRange = this.ranges.push(live.rangeFrom.at(r), live.rangeTo.at(r), v, firstRange);
      this.addBundle(firstRange, v);
      this.rangeCount.set(v, end - start);
    }
    for (let inst = 0; inst < problemInstCount(p); inst++) {
      const start = i32At(p.operandStart, inst);
      const end = i32At(p.operandStart, inst + 1);
      if (u8At(p.isCopy, inst) === 1) this.merge(p, vregOf(i32At(p.operands, start) as Operand), vregOf(i32At(p.operands, start + 1) as Operand));
      for (let k = start; k < end; k++) {
        const operand = i32At(p.operands, k) as Operand;
        if (constraintOf(operand) === constraints.reuse) this.merge(p, vregOf(i32At(p.operands, start + detailOfOperand(operand)) as Operand), vregOf(operand));
      }
    }
    for (let b = 0; b < problemBlockCount(p); b++) {
      for (let e = i32At(p.predecessorStart, b); e < i32At(p.predecessorStart, b + 1); e++) {
        const argument = i32At(p.argumentStart, i32At(p.predecessors, e));
        const parameter = i32At(p.parameterStart, b);
        for (let k = parameter; k < i32At(p.parameterStart, b + 1); k++) this.merge(p, i32At(p.arguments, argument + k - parameter), i32At(p.parameters, k));
      }
    }
  }

  /** The bundle that `vreg` is in, before any splitting. */
  bundleOf(vreg: number): number {
    let bundle = vreg;
    for (let parent = this.family.at(bundle); parent !== bundle; parent = this.family.at(bundle)) {
      this.family.set(bundle, this.family.at(parent));
      bundle = parent;
    }
    return bundle;
  }

  private merge(p: Problem, x: number, y: number): void {
    const a = this.bundleOf(x);
    const b = this.bundleOf(y);
    if (a === b || u8At(p.vregClass, x) !== u8At(p.vregClass, y)) return;
    const size = this.rangeCount.at(a) + this.rangeCount.at(b);
    if (size > mergeLimit || this.first.at(a) < 0 || this.first.at(b) < 0 || this.overlap(a, b)) return;
    let left = this.first.at(a);
    let right = this.first.at(b);
    let tail = -1;
    while (left >= 0 || right >= 0) {
      const takeLeft = right < 0 || (left >= 0 && this.fromOf(left) < this.fromOf(right));
      const taken = takeLeft ? left : right;
      if (takeLeft) left = this.nextOf(left);
      else right = this.nextOf(right);
      if (tail < 0) this.first.set(a, taken);
      else this.setNext(tail, taken);
      tail = taken;
    }
    this.setNext(tail, -1);
    this.rangeCount.set(a, size);
    this.first.set(b, -1);
    this.family.set(b, a);
  }

  private overlap(a: number, b: number): boolean {
    let x = this.first.at(a);
    let y = this.first.at(b);
    while (x >= 0 && y >= 0) {
      if (this.toOf(x) <= this.fromOf(y)) x = this.nextOf(x);
      else if (this.toOf(y) <= this.fromOf(x)) y = this.nextOf(y);
      else return true;
    }
    return false;
  }
}
