// Which values from outside a loop deserve a register while it runs.
// Needs:  block order and loops (flow.ts).
// Leaves: per loop a short list of virtual registers defined outside and read inside, each with a weight.
// Method: one forward scan. A read counts for the loops around it that do not contain the def, and more the deeper it lies. Once a
//         loop has met an instruction that destroys all registers, later reads do not count: a value in a register at the back edge
//         would only help those before.
// Cost:   linear in operands: a read counts for at most `loopLimit` loops, and lists are capped at `listLimit`.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import type { Flow } from './flow.ts';
import { type Operand, isDef, vregOf } from './operand.ts';
import { type Problem, problemBlockCount } from './problem.ts';

const listLimit = 32;
/** The innermost so many; in loops farther out much else is read. */
const loopLimit = 16;
/** How much more a read in a directly nested loop weighs. */
const nestingWeight = 8;

export class LoopValues {
  // Lists are linked through `next`; `firstOf` is by header block.
  private firstOf = new Int32Array(0);
  private lengthOf = new Int32Array(0);
  private readonly vreg = new Int32Column();
  private readonly weight = new Int32Column();
  private readonly next = new Int32Column();
  /** Rank of the block that defines each virtual register. */
  private defRank = new Int32Array(0);
  private destroyed = new Uint8Array(0);

  first(header: number): number {
    return i32At(this.firstOf, header);
  }
  following(entry: number): number {
    return this.next.at(entry);
  }
  vregOf(entry: number): number {
    return this.vreg.at(entry);
  }
  weightOf(entry: number): number {
    return this.weight.at(entry);
  }
  drop(entry: number): void {
    this.weight.set(entry, 0);
  }
  /** True if `vreg` is defined before the loop of `header` is entered, given that its def dominates some block of the loop. */
  definedOutside(vreg: number, headerRank: number): boolean {
    return i32At(this.defRank, vreg) < headerRank;
  }

  collect(p: Problem, flow: Flow): void {
    const blocks = problemBlockCount(p);
    const vregs = p.vregClass.length;
    if (this.firstOf.length < blocks) {
      this.firstOf = new Int32Array(blocks * 2);
      this.lengthOf = new Int32Array(blocks * 2);
      this.destroyed = new Uint8Array(blocks * 2);
    }
    if (this.defRank.length < vregs) {
      this.defRank = new Int32Array(vregs * 2);
    }
    this.firstOf.fill(-1, 0, blocks);
    this.lengthOf.fill(0, 0, blocks);
    this.destroyed.fill(0, 0, blocks);
    this.defRank.fill(0, 0, vregs);
    this.vreg.clear();
    this.weight.clear();
    this.next.clear();
    let allInt = 0;
    for (const register of p.registers.allocatable[0]) allInt |= 1 << register;
    for (let rank = 0; rank < blocks; rank++) {
      const block = i32At(flow.postorder, blocks - 1 - rank);
      for (let k = i32At(p.parameterStart, block); k < i32At(p.parameterStart, block + 1); k++) this.defRank[i32At(p.parameters, k)] = rank;
      const loop = i32At(flow.loopOf, block);
      for (let inst = i32At(p.blockStart, block); inst < i32At(p.blockStart, block + 1); inst++) {
        for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) {
          const operand = i32At(p.operands, k) as Operand;
          if (isDef(operand)) this.defRank[vregOf(operand)] = rank;
          else if (loop >= 0) this.count(flow, loop, vregOf(operand), 1);
        }
        if (loop >= 0 && (i32At(p.clobberInt, inst) & allInt) === allInt) this.destroy(flow, loop);
      }
      if (loop < 0) continue;
      for (let k = i32At(p.argumentStart, block); k < i32At(p.argumentStart, block + 1); k++) this.count(flow, loop, i32At(p.arguments, k), 1);
    }
  }

  private destroy(flow: Flow, innermost: number): void {
    for (let loop = innermost; loop >= 0 && u8At(this.destroyed, loop) === 0; loop = i32At(flow.outerLoop, loop)) this.destroyed[loop] = 1;
  }

  private count(flow: Flow, innermost: number, vreg: number, readWeight: number): void {
    let weight = readWeight;
    let loop = innermost;
    for (let loops = 0; loops < loopLimit && loop >= 0 && i32At(this.defRank, vreg) < i32At(flow.rank, loop); loops++, loop = i32At(flow.outerLoop, loop)) {
      if (u8At(this.destroyed, loop) === 0) this.add(loop, vreg, weight);
      weight = Math.min(weight * nestingWeight, 1 << 20);
    }
  }

  private add(header: number, vreg: number, weight: number): void {
    let entry = this.first(header);
    while (entry >= 0 && this.vreg.at(entry) !== vreg) entry = this.next.at(entry);
    if (entry >= 0) {
      this.weight.set(entry, this.weight.at(entry) + weight);
      return;
    }
    if (i32At(this.lengthOf, header) >= listLimit) return;
    this.lengthOf[header] = i32At(this.lengthOf, header) + 1;
    this.vreg.push(vreg);
    this.weight.push(weight);
    this.firstOf[header] = this.next.push(i32At(this.firstOf, header));
  }
}
