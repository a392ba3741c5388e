// Where the checker need not walk: a demand on a slot, made far from what settles it, goes there straight. Demands are defined in checker.ts; this is the proof.
//
// Let block A dominate block B and not be B; let slot L share no bytes with others, and let none of the blocks between them write it; let v be defined at one
// place only, in a block that dominates A or is A. Then a demand of v on L at the entry of B becomes one at the end of A. Between them are the blocks on a way from A
// to B that does not come through A again. A dominates them, or B could be reached without A. None of them defines v: the block that does dominates A, so that a
// way leads to it without A, and it would go on to B without A. So all of them would pass the demand on as it is, and every way to B comes through A: to walk
// them says nothing. That a block which writes L is not between them is known where A does not dominate it; and, if every block that can be reached stands behind one of its
// predecessors that can, and so what A dominates behind A, where it is B or stands behind B, and no edge from B or from behind it leads to a block behind A up to B: a way back
// would need one. Where a block that cannot be reached writes L, no shortcut is taken.
// Slots are written at few places and read much later, so that without it a function of n values live over n blocks would cost n².

import { i32At } from '../base/cells.ts';
import { type Dominance, dominanceOf } from '../base/dominance.ts';
import { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import { type Operand, isDef, vregOf } from './operand.ts';
import { type Allocation, type Problem, firstSlotLocation, problemBlockCount } from './problem.ts';

export const nowhere = -1;
/** More than one place. */
const somewhere = -2;
/** Functions of fewer blocks are walked sooner than prepared. */
const leastBlocks = 8;
/** Of slots that are written in more blocks no shortcut is looked for. */
const mostWriters = 8;

function dominanceIn(p: Problem): Dominance {
  return dominanceOf({
    blocks: problemBlockCount(p), entry: 0,
    successorCount: (block) => i32At(p.successorStart, block + 1) - i32At(p.successorStart, block),
    successorAt: (block, number) => i32At(p.successors, i32At(p.successorStart, block) + number),
  });
}

export class Shortcuts {
  /** Undefined where none are taken. */
  private p: Problem | undefined;
  /** Found when it is first asked for, and `lastReturn` with it. */
  private dominance: Dominance | undefined;
  /** The blocks in which each slot is written, as linked lists. */
  private firstWriter = new Int32Array(0);
  private readonly writer = new Int32Column();
  private readonly nextWriter = new Int32Column();
  /** Block in which each virtual register is defined, where that is at one place; negative else. */
  private defBlockOf = new Int32Array(0);
  /** The last block up to each one to which an edge leads from it or from behind it, or `nowhere`; everywhere beyond all blocks if some block stands before its predecessors. */
  private lastReturn = new Int32Array(0);

  /** Starts on an allocation; `moveEnd` has for each block the index after its last move. */
  begin(p: Problem, a: Allocation, moveEnd: Int32Array, isWanted: boolean): void {
    this.dominance = undefined;
    this.p = isWanted && a.slotBytes.length > 0 && problemBlockCount(p) >= leastBlocks ? p : undefined;
    if (this.p !== undefined) this.findWriters(p, a, moveEnd);
  }

  /** Finds the blocks in which slots are written and virtual registers are defined. */
  private findWriters(p: Problem, a: Allocation, moveEnd: Int32Array): void {
    const { from, to } = a.moves;
    const slots = a.slotBytes.length;
    const vregs = p.vregClass.length;
    if (this.firstWriter.length < slots) this.firstWriter = new Int32Array(slots * 2);
    if (this.defBlockOf.length < vregs) this.defBlockOf = new Int32Array(vregs * 2);
    this.firstWriter.fill(nowhere, 0, slots);
    this.defBlockOf.fill(nowhere, 0, vregs);
    this.writer.clear();
    this.nextWriter.clear();
    let m = 0;
    for (let b = 0; b < problemBlockCount(p); b++) {
      for (let k = i32At(p.parameterStart, b); k < i32At(p.parameterStart, b + 1); k++) this.define(i32At(p.parameters, k), b);
      const end = i32At(p.operandStart, i32At(p.blockStart, b + 1));
      for (let k = i32At(p.operandStart, i32At(p.blockStart, b)); k < end; k++) {
        const operand = i32At(p.operands, k) as Operand;
        if (!isDef(operand)) continue;
        this.define(vregOf(operand), b);
        this.write(i32At(a.locations, k), b);
      }
      for (; m < i32At(moveEnd, b); m++) if (i32At(to, m) !== i32At(from, m)) this.write(i32At(to, m), b);
    }
  }

  private define(vreg: number, block: number): void {
    this.defBlockOf[vreg] = i32At(this.defBlockOf, vreg) === nowhere ? block : somewhere;
  }

  private write(location: number, block: number): void {
    if (location < firstSlotLocation) return;
    const slot = location - firstSlotLocation;
    const last = i32At(this.firstWriter, slot);
    if (last !== nowhere && this.writer.at(last) === block) return;
    this.firstWriter[slot] = this.writer.push(block);
    this.nextWriter.push(last);
  }

  private findReturns(p: Problem, { isReachable }: Dominance): void {
    const blocks = problemBlockCount(p);
    if (this.lastReturn.length < blocks) this.lastReturn = new Int32Array(blocks * 2);
    // Of the blocks that edges lead back to, those to which one leads from here or from behind; the last on top.
    const heads: number[] = [];
    const farthest = newInt32s(blocks);
    for (let b = 0; b < blocks; b++) {
      if (!isReachable(b)) continue;
      let isBehindOne = b === 0;
      let last = nowhere;
      for (let e = i32At(p.predecessorStart, b); e < i32At(p.predecessorStart, b + 1); e++) {
        const predecessor = i32At(p.predecessors, e);
        if (!isReachable(predecessor)) continue;
        if (predecessor < b) isBehindOne = true;
        else last = Math.max(last, predecessor);
      }
      if (!isBehindOne) {
        this.lastReturn.fill(blocks, 0, blocks);
        return;
      }
      farthest[b] = last;
      if (last !== nowhere) heads.push(b);
      while (heads.length > 0 && i32At(farthest, heads.at(-1) ?? 0) < b) heads.pop();
      this.lastReturn[b] = heads.at(-1) ?? nowhere;
    }
  }

  /**
   * The block at whose end a demand on a slot that shares no bytes, made at the entry of `b`, may be met in its stead: where the slot was written last, or else where
   * the virtual register is defined; `nowhere` if that is not known.
   */
  from(b: number, location: number, vreg: number): number {
    const { p } = this;
    const defined = p === undefined ? nowhere : i32At(this.defBlockOf, vreg);
    if (p === undefined || defined < 0) return nowhere;
    if (this.dominance === undefined) {
      this.dominance = dominanceIn(p);
      this.findReturns(p, this.dominance);
    }
    const { isReachable, dominates } = this.dominance;
    if (!isReachable(b) || !isReachable(defined) || !dominates(defined, b)) return nowhere;
    const first = i32At(this.firstWriter, location - firstSlotLocation);
    // The lowest of the writers that dominate `b`, if any lies below the definition.
    let above = defined;
    let count = 0;
    for (let e = first; e !== nowhere; e = this.nextWriter.at(e)) {
      const writer = this.writer.at(e);
      if (++count > mostWriters || !isReachable(writer)) return nowhere;
      if (writer !== b && dominates(above, writer) && dominates(writer, b)) above = writer;
    }
    if (above === b) return nowhere;
    for (let e = first; e !== nowhere; e = this.nextWriter.at(e)) {
      const writer = this.writer.at(e);
      if (writer !== above && dominates(above, writer) && (writer < b || i32At(this.lastReturn, b) > above)) return nowhere;
    }
    return above;
  }
}
