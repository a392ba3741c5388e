// From bundles in registers to an answer: locations of operands, moves where a value changes its place, slots.
// A value in no register at some point is in its slot there. A slot is written right after the def (for a parameter, on the edges), so
// that going to the slot costs nothing and coming back one load. Values of one family share a slot: where argument and parameter
// are of one family and both in the slot, the edge has nothing to do.
// Groups of parallel moves at the place before instruction i, in this order: at a block's head, its incoming edge; what is due
// after instruction i-1; the gap (loads and changes of register, copies for fixed and two-address operands); the outgoing edge.
// Last, slots of families that never live at the same time are laid on top of each other.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import type { Bundles } from './bundles.ts';
import type { LiveRanges } from './live-ranges.ts';
import { countMoves, movesOf } from './move-list.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { ParallelMoves } from './parallel-moves.ts';
import { type Allocation, type Moves, type Problem, firstSlotLocation, problemBlockCount, problemInstCount } from './problem.ts';
import { Quads } from './quads.ts';
import { SpillSlots } from './spill.ts';

const incomingEdge = 0;
const afterInstruction = 1;
const gap = 2;
const outgoingEdge = 3;

interface Resolution {
  readonly p: Problem;
  readonly live: LiveRanges;
  readonly bundles: Bundles;
  readonly locations: Int32Array;
  // Stretches in registers by virtual register, ascending: `pieceStart[v]` up to `pieceStart[v+1]`.
  readonly pieceStart: Int32Array;
  readonly pieceFrom: Int32Array;
  readonly pieceTo: Int32Array;
  readonly pieceRegister: Int32Array;
  /** 1 if something reads the slot of v as v's. */
  readonly spilled: Uint8Array;
  /** Slot of each family (by its root), -1 if none; provisional, numbered by request. */
  readonly slotOfFamily: Int32Array;
  readonly slotFamilies: Int32Column;
  /** Moves per place and kind of group, linked: from, to, bytes, next. */
  readonly groups: Quads;
  readonly groupHead: Int32Array;
}

/** Turns the assignment in `bundles` into an allocation of `p`. */
export function resolveAllocation(p: Problem, live: LiveRanges, bundles: Bundles, splits: number): Allocation {
  const vregs = p.vregClass.length;
  const r: Resolution = {
    p,
    live,
    bundles,
    locations: newInt32s(p.operands.length),
    ...collectPieces(bundles, vregs),
    spilled: newBytes(vregs),
    slotOfFamily: newInt32s(vregs).fill(-1),
    slotFamilies: new Int32Column(),
    groups: new Quads(),
    groupHead: newInt32s(4 * problemInstCount(p) + 4).fill(-1),
  };
  placeOperands(r);
  for (let v = 0; v < vregs; v++) changeRegisters(r, v);
  for (let v = 0; v < vregs; v++) crossEdges(r, v);
  passArguments(r);
  // By now it is known whose slots are read.
  for (let k = 0; k < p.operands.length; k++) if (isDef(i32At(p.operands, k) as Operand)) finishDef(r, k);
  const slots = new SpillSlots();
  const finalSlot = shareSlots(r, slots);
  const moves = sequenceMoves(r, slots, finalSlot);
  for (let k = 0; k < r.locations.length; k++) r.locations[k] = finalLocation(finalSlot, i32At(r.locations, k));
  return { locations: r.locations, moves, ...slots.layOut(), statistics: { ...countMoves(moves), splits } };
}

type Pieces = Pick<Resolution, 'pieceStart' | 'pieceFrom' | 'pieceTo' | 'pieceRegister'>;

function collectPieces(bundles: Bundles, vregs: number): Pieces {
  const pieceStart = newInt32s(vregs + 1);
  for (let bundle = 0; bundle < bundles.count; bundle++) {
    if (bundles.register.at(bundle) < 0) continue;
    for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
      const v = bundles.vregOf(range);
      pieceStart[v + 1] = i32At(pieceStart, v + 1) + 1;
    }
  }
  for (let v = 0; v < vregs; v++) pieceStart[v + 1] = i32At(pieceStart, v + 1) + i32At(pieceStart, v);
  const total = i32At(pieceStart, vregs);
  const pieces = { pieceStart, pieceFrom: newInt32s(total), pieceTo: newInt32s(total), pieceRegister: newInt32s(total) };
  const end = pieceStart.slice();
  for (let bundle = 0; bundle < bundles.count; bundle++) {
    const register = bundles.register.at(bundle);
    if (register < 0) continue;
    for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
      const v = bundles.vregOf(range);
      const from = bundles.fromOf(range);
      // Insertion keeps the pieces of a virtual register ascending; parts of one value are few.
      let at = i32At(end, v);
      end[v] = at + 1;
      for (; at > i32At(pieceStart, v) && i32At(pieces.pieceFrom, at - 1) > from; at--) {
        pieces.pieceFrom[at] = i32At(pieces.pieceFrom, at - 1);
        pieces.pieceTo[at] = i32At(pieces.pieceTo, at - 1);
        pieces.pieceRegister[at] = i32At(pieces.pieceRegister, at - 1);
      }
      pieces.pieceFrom[at] = from;
      pieces.pieceTo[at] = bundles.toOf(range);
      pieces.pieceRegister[at] = register;
    }
  }
  return pieces;
}

/** Register of `v` at `point`, or -1 if it is in its slot. */
function registerAt(r: Resolution, v: number, point: number): number {
  let low = i32At(r.pieceStart, v);
  let high = i32At(r.pieceStart, v + 1);
  const first = low;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (i32At(r.pieceFrom, middle) <= point) low = middle + 1;
    else high = middle;
  }
  return low > first && i32At(r.pieceTo, low - 1) > point ? i32At(r.pieceRegister, low - 1) : -1;
}

/** Provisional location of the slot of `v`. */
function slotOf(r: Resolution, v: number): number {
  const family = r.bundles.bundleOf(v);
  const known = i32At(r.slotOfFamily, family);
  if (known >= 0) return known;
  const slot = firstSlotLocation + r.slotFamilies.push(family);
  r.slotOfFamily[family] = slot;
  return slot;
}

/** Where to read `v` at `point`; if that is its slot, the slot will be written. */
function sourceAt(r: Resolution, v: number, point: number): number {
  const register = registerAt(r, v, point);
  if (register >= 0) return register;
  r.spilled[v] = 1;
  return slotOf(r, v);
}

function addMove(r: Resolution, place: number, kind: number, from: number, to: number, v: number): void {
  if (from === to) return;
  const key = place * 4 + kind;
  r.groupHead[key] = r.groups.push(from, to, u8At(r.p.vregBytes, v), i32At(r.groupHead, key));
}

function placeOperands(r: Resolution): void {
  const { p, live } = r;
  // Last instruction that loaded each register for a fixed use: two uses of one register need one move.
  const loaded = new Int32Array(64).fill(-1);
  for (let inst = 0; inst < problemInstCount(p); inst++) {
    const start = i32At(p.operandStart, inst);
    const end = i32At(p.operandStart, inst + 1);
    for (let k = start; k < end; k++) {
      const operand = i32At(p.operands, k) as Operand;
      const v = vregOf(operand);
      const constraint = constraintOf(operand);
      if (constraint === constraints.stack) {
        r.locations[k] = slotOf(r, v);
        if (!isDef(operand)) r.spilled[v] = 1;
      } else if (isDef(operand)) {
        const register = registerAt(r, v, i32At(live.defPoint, v));
        if (constraint === constraints.fixed) r.locations[k] = detailOfOperand(operand);
        else if (u8At(live.fixedReuse, k) === 1) r.locations[k] = detailOfOperand(i32At(p.operands, start + detailOfOperand(operand)) as Operand);
        else r.locations[k] = register >= 0 ? register : slotOf(r, v);
      } else if (constraint === constraints.fixed) {
        const register = detailOfOperand(operand);
        r.locations[k] = register;
        if (registerAt(r, v, inst * 4 + 1) === register || i32At(loaded, register) === inst) continue;
        loaded[register] = inst;
        addMove(r, inst, gap, sourceAt(r, v, inst * 4), register, v);
      } // A stretch may end between the half-points: a late read needs it to last.
      else if (u8At(live.tied, k) === 0) r.locations[k] = sourceAt(r, v, inst * 4 + (isLate(operand) ? 2 : 1));
    }
    for (let k = start; k < end; k++) {
      const operand = i32At(p.operands, k) as Operand;
      if (constraintOf(operand) !== constraints.reuse || u8At(live.fixedReuse, k) === 1) continue;
      const source = start + detailOfOperand(operand);
      const v = vregOf(i32At(p.operands, source) as Operand);
      r.locations[source] = i32At(r.locations, k);
      addMove(r, inst, gap, sourceAt(r, v, inst * 4), i32At(r.locations, k), v);
    }
  }
}

/** Moves between stretches of `v` that meet inside a block, and loads where a stretch begins. */
function changeRegisters(r: Resolution, v: number): void {
  const def = i32At(r.live.defPoint, v);
  for (let piece = i32At(r.pieceStart, v); piece < i32At(r.pieceStart, v + 1); piece++) {
    const from = i32At(r.pieceFrom, piece);
    if (from === def || (from & 3) !== 1) continue;
    addMove(r, from >> 2, gap, sourceAt(r, v, from - 1), i32At(r.pieceRegister, piece), v);
  }
}

const successorsOf = (p: Problem, block: number): number => i32At(p.successorStart, block + 1) - i32At(p.successorStart, block);

/** Index of the def operand of `v` if it is in the last instruction of `block`, which has several successors; else -1. */
function branchDefOf(r: Resolution, v: number, block: number): number {
  const { p, live } = r;
  const inst = i32At(p.blockStart, block + 1) - 1;
  const def = i32At(live.defPoint, v);
  if (def >> 2 !== inst || (def & 3) === 0 || successorsOf(p, block) < 2) return -1;
  for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) {
    const operand = i32At(p.operands, k) as Operand;
    if (isDef(operand) && vregOf(operand) === v) return k;
  }
  return -1;
}

/** Moves on the edges into the blocks at whose entry `v` is live. */
function crossEdges(r: Resolution, v: number): void {
  const { p, live } = r;
  for (let i = i32At(live.liveInStart, v); i < i32At(live.liveInStart, v + 1); i++) {
    const block = live.liveInBlock.at(i);
    const head = i32At(p.blockStart, block);
    const register = registerAt(r, v, head * 4);
    if (register < 0) {
      r.spilled[v] = 1;
      continue;
    }
    for (let e = i32At(p.predecessorStart, block); e < i32At(p.predecessorStart, block + 1); e++) {
      const predecessor = i32At(p.predecessors, e);
      const end = i32At(p.blockStart, predecessor + 1);
      const several = successorsOf(p, predecessor) > 1;
      const def = several ? branchDefOf(r, v, predecessor) : -1;
      const from = def >= 0 ? i32At(r.locations, def) : sourceAt(r, v, end * 4 - 1);
      if (several) addMove(r, head, incomingEdge, from, register, v);
      else addMove(r, end - 1, outgoingEdge, from, register, v);
    }
  }
}

function passArguments(r: Resolution): void {
  const { p, live } = r;
  for (let round = 0; round < 2; round++) {
    for (let b = 0; b < problemBlockCount(p); b++) {
      const first = i32At(p.parameterStart, b);
      for (let k = first; k < i32At(p.parameterStart, b + 1); k++) {
        const parameter = i32At(p.parameters, k);
        if (i32At(live.touchStart, parameter) === i32At(live.touchStart, parameter + 1)) continue;
        const register = registerAt(r, parameter, i32At(p.blockStart, b) * 4);
        if (register < 0) r.spilled[parameter] = 1;
        for (let e = i32At(p.predecessorStart, b); e < i32At(p.predecessorStart, b + 1); e++) {
          const predecessor = i32At(p.predecessors, e);
          const last = i32At(p.blockStart, predecessor + 1) - 1;
          const argument = i32At(p.arguments, i32At(p.argumentStart, predecessor) + k - first);
          const from = sourceAt(r, argument, last * 4);
          // The first round tells which slots are read, the second moves.
          if (round === 0) continue;
          if (register >= 0) addMove(r, last, outgoingEdge, from, register, parameter);
          if (u8At(r.spilled, parameter) === 0) continue;
          const inPlace = u8At(r.spilled, argument) === 1 && slotOf(r, argument) === slotOf(r, parameter);
          if (!inPlace) addMove(r, last, outgoingEdge, from, slotOf(r, parameter), parameter);
        }
      }
    }
  }
}

/** Moves from where def operand `k` is written to where its value lives, and to its slot if anybody reads that. */
function finishDef(r: Resolution, k: number): void {
  const { p, live } = r;
  const v = vregOf(i32At(p.operands, k) as Operand);
  const inst = i32At(live.instOfOperand, k);
  const location = i32At(r.locations, k);
  const block = i32At(live.blockOfInst, inst);
  const atEnd = inst + 1 === i32At(p.blockStart, block + 1);
  if (!atEnd) {
    const register = registerAt(r, v, i32At(live.defPoint, v));
    if (register >= 0) addMove(r, inst + 1, afterInstruction, location, register, v);
  }
  if (u8At(r.spilled, v) === 0) return;
  if (!atEnd) return addMove(r, inst + 1, afterInstruction, location, slotOf(r, v), v);
  for (let i = i32At(live.liveInStart, v); i < i32At(live.liveInStart, v + 1); i++) {
    const target = live.liveInBlock.at(i);
    const head = i32At(p.blockStart, target);
    for (let e = i32At(p.predecessorStart, target); e < i32At(p.predecessorStart, target + 1); e++) {
      if (i32At(p.predecessors, e) === block) addMove(r, head, incomingEdge, location, slotOf(r, v), v);
    }
  }
}

const finalLocation = (finalSlot: Int32Array, location: number): number =>
  location < firstSlotLocation ? location : i32At(finalSlot, location - firstSlotLocation);

/** Gives families whose lives, from first to last point, do not overlap the same slot; answers the location per provisional slot. */
function shareSlots(r: Resolution, slots: SpillSlots): Int32Array {
  const { bundles, live, p } = r;
  const families = r.slotFamilies.length;
  const from = newInt32s(families).fill(0x7fffffff);
  const to = newInt32s(families);
  const bytes = newInt32s(families);
  for (let v = 0; v < p.vregClass.length; v++) {
    const provisional = i32At(r.slotOfFamily, bundles.bundleOf(v)) - firstSlotLocation;
    const start = i32At(live.rangeStart, v);
    const end = i32At(live.rangeStart, v + 1);
    if (provisional < 0 || start === end) continue;
    from[provisional] = Math.min(i32At(from, provisional), live.rangeFrom.at(start));
    to[provisional] = Math.max(i32At(to, provisional), live.rangeTo.at(end - 1));
    bytes[provisional] = Math.max(i32At(bytes, provisional), u8At(p.vregBytes, v));
  }
  const order = Int32Array.from({ length: families }, (_, i) => i).sort((x, y) => i32At(from, x) - i32At(from, y) || x - y);
  const finalSlot = newInt32s(families);
  // Slots in use by the end of their tenant's life, and those free again, per size.
  const busy: { location: number; end: number; size: number }[] = [];
  const free: Record<number, number[]> = { 4: [], 8: [], 16: [] };
  for (const family of order) {
    const start = i32At(from, family);
    for (let top = busy[0]; top !== undefined && top.end <= start; top = busy[0]) {
      free[top.size]?.push(top.location);
      popEarliest(busy);
    }
    const size = i32At(bytes, family);
    const location = free[size]?.pop() ?? slots.add(size);
    finalSlot[family] = location;
    pushByEnd(busy, { location, end: i32At(to, family), size });
  }
  return finalSlot;
}

interface Tenancy {
  readonly location: number;
  readonly end: number;
  readonly size: number;
}

/** Adds to a binary heap whose top ends first. */
function pushByEnd(heap: Tenancy[], tenancy: Tenancy): void {
  let at = heap.push(tenancy) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || above.end <= tenancy.end) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = tenancy;
}

function popEarliest(heap: Tenancy[]): void {
  const moved = heap.pop();
  if (moved === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const takeRight = right !== undefined && left !== undefined && right.end < left.end;
    const least = takeRight ? right : left;
    if (least === undefined || least.end >= moved.end) break;
    heap[at] = least;
    at = 2 * at + (takeRight ? 2 : 1);
  }
  heap[at] = moved;
}

/** Sequences every group, in the order of places. */
function sequenceMoves(r: Resolution, slots: SpillSlots, finalSlot: Int32Array): Moves {
  const sequence = new Quads();
  const group = new ParallelMoves();
  const insts = problemInstCount(r.p);
  for (let key = 0; key < 4 * insts; key++) {
    let entry = i32At(r.groupHead, key);
    if (entry < 0) continue;
    group.clear();
    for (; entry >= 0; entry = r.groups.at(entry, 3)) {
      group.add(finalLocation(finalSlot, r.groups.at(entry, 0)), finalLocation(finalSlot, r.groups.at(entry, 1)), r.groups.at(entry, 2));
    }
    if (group.pending === 0) continue;
    group.resolve(r.p.registers.scratch, () => slots.add(16));
    for (let m = 0; m < group.length; m++) sequence.push(key >> 2, group.fromOf(m), group.toOf(m), group.bytesOf(m));
  }
  return movesOf(sequence);
}
