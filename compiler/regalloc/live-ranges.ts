// Where each virtual register is live, and what reads or writes it there.
// Points: instruction i has four, of which three are used: 4i the gap in front of it, where moves happen; 4i+1 early; 4i+2 late.
// Ranges are half-open. A value begins at its def (late 4i+2, early or two-address 4i+1, block parameter 4·first) and lives up to the end
// of its reads: early 4i+2, late 4i+3, in the gap (by a two-address operand, which is copied first, or an edge's argument) 4i+1.
// Method: per virtual register, from each read backwards to the def, marking blocks on the way.
// Cost:   linear in operands plus the number of (block, value live at its entry) pairs.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { type Problem, problemBlockCount, problemInstCount } from './problem.ts';

export interface LiveRanges {
  readonly blockOfInst: Int32Array;
  readonly instOfOperand: Int32Array;
  /** 1 for a use whose register a def of the same instruction shares: it is read in the gap. */
  readonly tied: Uint8Array;
  /** 1 for a two-address def whose source is fixed: it is as good as fixed itself. */
  readonly fixedReuse: Uint8Array;
  /** Point at which each virtual register begins, -1 if it is never defined. */
  readonly defPoint: Int32Array;
  /** Reads and writes of virtual register v, by instruction: entries `touchStart[v]` up to `touchStart[v+1]`. */
  readonly touchStart: Int32Array;
  /** Operand index, or -1 - index of an argument. */
  readonly touchOf: Int32Array;
  /** First point at which the value must be there. */
  readonly touchPoint: Int32Array;
  /** Ranges of v, sorted and disjoint: `rangeStart[v]` up to `rangeStart[v+1]`. */
  readonly rangeStart: Int32Array;
  readonly rangeFrom: Int32Column;
  readonly rangeTo: Int32Column;
  /** Blocks at whose entry v is live, its own parameters excepted: `liveInStart[v]` up to `liveInStart[v+1]`. */
  readonly liveInStart: Int32Array;
  readonly liveInBlock: Int32Column;
}

/** Point behind the last one at which touch `entry` of `live` needs its value. */
export function touchEnd(p: Problem, live: LiveRanges, entry: number): number {
  const touch = i32At(live.touchOf, entry);
  const point = i32At(live.touchPoint, entry);
  if (touch < 0 || u8At(live.tied, touch) === 1) return point + 1;
  const operand = i32At(p.operands, touch) as Operand;
  if (isDef(operand)) return (point & ~3) + 4;
  return point + (isLate(operand) ? 2 : 1);
}

/** Finds the ranges of all virtual registers of `p`. */
export function findLiveRanges(p: Problem): LiveRanges {
  const insts = problemInstCount(p);
  const blocks = problemBlockCount(p);
  const vregs = p.vregClass.length;
  const live: LiveRanges = {
    blockOfInst: newInt32s(insts),
    instOfOperand: newInt32s(p.operands.length),
    tied: newBytes(p.operands.length),
    fixedReuse: newBytes(p.operands.length),
    defPoint: newInt32s(vregs).fill(-1),
    touchStart: newInt32s(vregs + 1),
    touchOf: newInt32s(p.operands.length + p.arguments.length),
    touchPoint: newInt32s(p.operands.length + p.arguments.length),
    rangeStart: newInt32s(vregs + 1),
    rangeFrom: new Int32Column(vregs + 1),
    rangeTo: new Int32Column(vregs + 1),
    liveInStart: newInt32s(vregs + 1),
    liveInBlock: new Int32Column(),
  };
  for (let b = 0; b < blocks; b++) {
    live.blockOfInst.fill(b, i32At(p.blockStart, b), i32At(p.blockStart, b + 1));
    for (let k = i32At(p.parameterStart, b); k < i32At(p.parameterStart, b + 1); k++) live.defPoint[i32At(p.parameters, k)] = i32At(p.blockStart, b) * 4;
  }
  for (let inst = 0; inst < insts; inst++) {
    const start = i32At(p.operandStart, inst);
    for (let k = start; k < i32At(p.operandStart, inst + 1); k++) {
      const operand = i32At(p.operands, k) as Operand;
      live.instOfOperand[k] = inst;
      live.touchStart[vregOf(operand) + 1] = i32At(live.touchStart, vregOf(operand) + 1) + 1;
      if (!isDef(operand)) continue;
      let early = !isLate(operand);
      if (constraintOf(operand) === constraints.reuse) {
        const source = start + detailOfOperand(operand);
        if (constraintOf(i32At(p.operands, source) as Operand) === constraints.fixed) live.fixedReuse[k] = 1;
        else {
          live.tied[source] = 1;
          early = true;
        }
      }
      live.defPoint[vregOf(operand)] = inst * 4 + (early ? 1 : 2);
    }
  }
  for (let k = 0; k < p.arguments.length; k++) live.touchStart[i32At(p.arguments, k) + 1] = i32At(live.touchStart, i32At(p.arguments, k) + 1) + 1;
  for (let v = 0; v < vregs; v++) live.touchStart[v + 1] = i32At(live.touchStart, v + 1) + i32At(live.touchStart, v);
  listTouches(p, live);
  const walk = { stamp: newInt32s(blocks).fill(-1), whole: newInt32s(blocks).fill(-1), work: newInt32s(blocks), from: new Int32Column(), to: new Int32Column() };
  for (let v = 0; v < vregs; v++) {
    findRanges(p, live, v, walk);
    live.rangeStart[v + 1] = live.rangeFrom.length;
    live.liveInStart[v + 1] = live.liveInBlock.length;
  }
  return live;
}

function listTouches(p: Problem, live: LiveRanges): void {
  const next = live.touchStart.slice();
  const add = (v: number, touch: number, point: number): void => {
    const at = i32At(next, v);
    next[v] = at + 1;
    live.touchOf[at] = touch;
    live.touchPoint[at] = point;
  };
  for (let b = 0; b < problemBlockCount(p); b++) {
    const end = i32At(p.blockStart, b + 1);
    for (let inst = i32At(p.blockStart, b); inst < end; inst++) {
      for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) {
        const operand = i32At(p.operands, k) as Operand;
        const v = vregOf(operand);
        add(v, k, isDef(operand) ? i32At(live.defPoint, v) : inst * 4 + (u8At(live.tied, k) === 1 ? 0 : 1));
      }
    }
    for (let k = i32At(p.argumentStart, b); k < i32At(p.argumentStart, b + 1); k++) add(i32At(p.arguments, k), -1 - k, (end - 1) * 4);
  }
}

interface RangeWalk {
  /** Last virtual register found live at each block's entry, and through to its end. */
  readonly stamp: Int32Array;
  readonly whole: Int32Array;
  readonly work: Int32Array;
  readonly from: Int32Column;
  readonly to: Int32Column;
}

function findRanges(p: Problem, live: LiveRanges, v: number, walk: RangeWalk): void {
  const { from, to, stamp, work } = walk;
  from.clear();
  to.clear();
  const def = i32At(live.defPoint, v);
  const start = i32At(live.touchStart, v);
  const end = i32At(live.touchStart, v + 1);
  // A parameter that nobody reads needs no place.
  if (def < 0 || start === end) return;
  const defBlock = i32At(live.blockOfInst, def >> 2);
  let pending = 0;
  const enter = (block: number): void => {
    if (i32At(stamp, block) === v) return;
    stamp[block] = v;
    live.liveInBlock.push(block);
    work[pending++] = block;
  };
  for (let entry = start; entry < end; entry++) {
    const point = i32At(live.touchPoint, entry);
    const block = i32At(live.blockOfInst, point >> 2);
    if (block === defBlock && point >= def) from.push(def);
    else {
      from.push(i32At(p.blockStart, block) * 4);
      enter(block);
    }
    to.push(touchEnd(p, live, entry));
  }
  while (pending > 0) {
    const block = i32At(work, --pending);
    for (let e = i32At(p.predecessorStart, block); e < i32At(p.predecessorStart, block + 1); e++) {
      const predecessor = i32At(p.predecessors, e);
      if (i32At(walk.whole, predecessor) === v) continue;
      walk.whole[predecessor] = v;
      if (predecessor === defBlock) from.push(def);
      else from.push(i32At(p.blockStart, predecessor) * 4);
      to.push(i32At(p.blockStart, predecessor + 1) * 4);
      if (predecessor !== defBlock) enter(predecessor);
    }
  }
  normalise(live, from, to);
}

/** More points than any function has: a factor that packs two points into one exact number. */
const packing = 2 ** 26;

/** Appends the union of the ranges `from[i]` to `to[i]`, sorted. */
function normalise(live: LiveRanges, from: Int32Column, to: Int32Column): void {
  const count = from.length;
  let sorted = true;
  for (let i = 1; i < count && sorted; i++) sorted = from.at(i - 1) <= from.at(i);
  if (!sorted) {
    const packed = new Float64Array(count);
    for (let i = 0; i < count; i++) packed[i] = from.at(i) * packing + to.at(i);
    packed.sort();
    for (let i = 0; i < count; i++) {
      const both = packed[i] ?? 0;
      from.set(i, Math.floor(both / packing));
      to.set(i, both % packing);
    }
  }
  let openFrom = from.at(0);
  let openTo = to.at(0);
  for (let i = 1; i < count; i++) {
    if (from.at(i) <= openTo) openTo = Math.max(openTo, to.at(i));
    else {
      live.rangeFrom.push(openFrom);
      live.rangeTo.push(openTo);
      openFrom = from.at(i);
      openTo = to.at(i);
    }
  }
  live.rangeFrom.push(openFrom);
  live.rangeTo.push(openTo);
}
