// Allocates by priority with second thoughts: quality before compile time.
// Needs:  a problem as problem.ts states it.
// Leaves: an allocation that meets all constraints.
// Method: live ranges; bundles merged over two-address operands, copies and edges; longest bundle first into a free register, else the
//         bundles that are worth less there are put out again, else the bundle is split where the register that is free longest ends
//         and its parts wait for another turn. What is in no register is in its slot, stored once, after the def. Fixed operands
//         and clobbers do not tie a bundle to a register: they reserve theirs for the moment, and a move bridges the difference; a
//         bundle that gets the very register saves the move.
// Invariant: putting out happens only for strictly greater weight, and a split gives every part fewer touches or points than the whole, so
//         the search ends. A bundle confined to one instruction outweighs all others, so each instruction gets what it demands.
// Cost:   per turn, one look at the windows its ranges touch, for each register of its class.
// Source: the general scheme of priority-based allocation with live-range splitting (Chow and Hennessy).

import { i32At, u8At } from '../base/cells.ts';
import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { BundleQueue } from './bundle-queue.ts';
import { Bundles } from './bundles.ts';
import { type LiveRanges, findLiveRanges, touchEnd } from './live-ranges.ts';
import { type ConflictCursor, Occupancy, noOwner } from './occupancy.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { type Allocation, type Problem, problemInstCount } from './problem.ts';
import { resolveAllocation } from './resolve-allocation.ts';

/** What one execution at each loop depth counts; deeper ones as the last. */
const depthWeights = [1, 8, 64, 512, 4096];
/** Weight of a bundle that cannot be split any more; twice that if it spans both half-points. */
const minimalWeight = 1e12;
/**
 * A bundle that comes from this many splits is shattered instead: one part per block it is touched in, and after twice as many one per
 * instruction. Each split looks at all remaining touches, so splitting off one part at a time would cost quadratic time.
 */
const shatterAfter = 8;
/** Blocks searched backwards for a place of lower loop depth to load a value again. */
const hoistLimit = 64;

interface Search {
  p: Problem;
  live: LiveRanges;
  control: Control;
  readonly bundles: Bundles;
  readonly occupancy: Occupancy;
  readonly queue: BundleQueue;
  /** Spill weight of each bundle; 0 if nothing touches it. */
  weight: Float64Array;
  /** Register that the heaviest fixed operand of each bundle names, or -1; and whether the bundle demands a register at all. */
  fixedHint: Int32Array;
  demanding: Uint8Array;
  /** How many splits each bundle comes from. */
  generation: Uint8Array;
  /** Instructions with clobbers, ascending. */
  readonly clobbering: Int32Column;
  /** First point at which the bundle at hand meets a clobber of each register, or -1. */
  readonly clobberedAt: Int32Array;
  readonly cursor: ConflictCursor;
  splits: number;
  /** Touches of the bundle being split, in order: entry numbers in `live`. */
  readonly touches: Int32Column;
}

let reused: Search | undefined;

/** Allocates registers for `p` with bundles, eviction and splitting. */
export function allocateBacktracking(p: Problem, control: Control): Allocation {
  const live = findLiveRanges(p);
  const s = (reused ??= {
    p,
    live,
    control,
    bundles: new Bundles(),
    occupancy: new Occupancy(),
    queue: new BundleQueue(),
    weight: new Float64Array(256),
    fixedHint: new Int32Array(256),
    demanding: new Uint8Array(256),
    generation: new Uint8Array(256),
    clobbering: new Int32Column(),
    clobberedAt: new Int32Array(64),
    cursor: { window: 0, entry: 0, done: true },
    splits: 0,
    touches: new Int32Column(),
  });
  s.p = p;
  s.live = live;
  s.control = control;
  s.splits = 0;
  s.queue.clear();
  s.occupancy.reset(problemInstCount(p) * 4);
  reserveFixed(s);
  s.bundles.build(p, live);
  for (let bundle = 0; bundle < s.bundles.count; bundle++) if (s.bundles.first.at(bundle) >= 0) enqueue(s, bundle, 0);
  for (let bundle = s.queue.pop(); bundle >= 0; bundle = s.queue.pop()) place(s, bundle);
  return resolveAllocation(p, live, s.bundles, s.splits);
}

/** Reserves the registers of fixed operands for their moment, and lists the clobbers. */
function reserveFixed(s: Search): void {
  const p = s.p;
  s.clobbering.clear();
  for (let inst = 0; inst < problemInstCount(p); inst++) {
    if ((i32At(p.clobberInt, inst) | i32At(p.clobberFloat, inst)) !== 0) s.clobbering.push(inst);
    const start = i32At(p.operandStart, inst);
    for (let k = start; k < i32At(p.operandStart, inst + 1); k++) {
      const operand = i32At(p.operands, k) as Operand;
      const constraint = constraintOf(operand);
      if (constraint !== constraints.fixed && u8At(s.live.fixedReuse, k) === 0) continue;
      const named = constraint === constraints.fixed ? operand : (i32At(p.operands, start + detailOfOperand(operand)) as Operand);
      const from = inst * 4 + (isDef(operand) && isLate(operand) ? 2 : 1);
      const to = isDef(operand) ? inst * 4 + 4 : inst * 4 + (isLate(operand) ? 3 : 2);
      s.occupancy.insert(detailOfOperand(named), from, to, -1 - vregOf(operand));
    }
  }
}

function enqueue(s: Search, bundle: number, generation: number): void {
  if (s.weight.length <= bundle) {
    const size = Math.max(bundle + 1, s.weight.length * 2);
    const weight = new Float64Array(size);
    const fixedHint = new Int32Array(size);
    const demanding = new Uint8Array(size);
    weight.set(s.weight);
    fixedHint.set(s.fixedHint);
    demanding.set(s.demanding);
    const ages = new Uint8Array(size);
    ages.set(s.generation);
    s.generation = ages;
    s.weight = weight;
    s.fixedHint = fixedHint;
    s.demanding = demanding;
  }
  s.generation[bundle] = Math.min(generation, 255);
  s.queue.push(bundle, measure(s, bundle));
}

/** First touch of `vreg` at or behind `point`. */
function firstTouchFrom(live: LiveRanges, vreg: number, point: number): number {
  let low = i32At(live.touchStart, vreg);
  let high = i32At(live.touchStart, vreg + 1);
  // A two-address read comes a point before another read of the same instruction, so instructions are compared.
  while (low < high) {
    const middle = (low + high) >> 1;
    if (i32At(live.touchPoint, middle) >> 2 < point >> 2) low = middle + 1;
    else high = middle;
  }
  return low;
}

const touchWeight = (s: Search, entry: number): number => {
  const depth = u8At(s.p.loopDepth, i32At(s.live.blockOfInst, i32At(s.live.touchPoint, entry) >> 2));
  return depthWeights[Math.min(depth, depthWeights.length - 1)] ?? 1;
};

/** True if the touch can only be met in a register of the allocator's choice. */
function demandsRegister(s: Search, entry: number): boolean {
  const touch = i32At(s.live.touchOf, entry);
  if (touch < 0 || u8At(s.live.tied, touch) === 1) return false;
  const constraint = constraintOf(i32At(s.p.operands, touch) as Operand);
  return constraint === constraints.register || (constraint === constraints.reuse && u8At(s.live.fixedReuse, touch) === 0);
}

/** Computes weight, demand and hint of `bundle`; answers its length in points. */
function measure(s: Search, bundle: number): number {
  const { bundles, live, p } = s;
  let length = 0;
  let weight = 0;
  let hint = -1;
  let hintWeight = 0;
  let demandStart = -1;
  let demandEnd = 0;
  const first = bundles.first.at(bundle);
  let last = first;
  for (let range = first; range >= 0; range = bundles.nextOf(range)) {
    const from = bundles.fromOf(range);
    const to = bundles.toOf(range);
    const vreg = bundles.vregOf(range);
    last = range;
    length += to - from;
    const end = i32At(live.touchStart, vreg + 1);
    for (let entry = firstTouchFrom(live, vreg, from); entry < end; entry++) {
      const point = i32At(live.touchPoint, entry);
      if (point >= to) break;
      if (point < from) continue;
      const w = touchWeight(s, entry);
      weight += w;
      const touch = i32At(live.touchOf, entry);
      if (touch < 0) continue;
      if (demandsRegister(s, entry)) {
        if (demandStart < 0) demandStart = point;
        demandEnd = Math.max(demandEnd, touchEnd(p, live, entry));
      }
      const operand = i32At(p.operands, touch) as Operand;
      if (w > hintWeight && constraintOf(operand) === constraints.fixed) {
        hint = detailOfOperand(operand);
        hintWeight = w;
      }
    }
  }
  s.demanding[bundle] = demandStart >= 0 ? 1 : 0;
  s.fixedHint[bundle] = hint;
  if (first < 0) return 0;
  const start = bundles.fromOf(first);
  const end = bundles.toOf(last);
  // Nothing can be cut off a single stretch that demands a register from its first to its last point, all in one instruction.
  const minimal = first === last && start >> 2 === (end - 1) >> 2 && demandStart === start && demandEnd === end;
  if (minimal) s.weight[bundle] = (start & 3) <= 1 && ((end - 1) & 3) >= 2 ? 2 * minimalWeight : minimalWeight;
  else s.weight[bundle] = weight / length;
  return length;
}

/** Lists the touches of `bundle` in order. */
function listTouches(s: Search, bundle: number): void {
  const { bundles, live, touches } = s;
  touches.clear();
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    const from = bundles.fromOf(range);
    const to = bundles.toOf(range);
    const vreg = bundles.vregOf(range);
    const end = i32At(live.touchStart, vreg + 1);
    for (let entry = firstTouchFrom(live, vreg, from); entry < end && i32At(live.touchPoint, entry) < to; entry++) {
      if (i32At(live.touchPoint, entry) >= from) touches.push(entry);
    }
  }
}

/** Notes for each register of class `c` where the bundle first meets a clobber of it; answers the mask of those. */
function meetClobbers(s: Search, bundle: number, c: number): number {
  const { bundles, clobbering, p } = s;
  let all = 0;
  for (const register of p.registers.allocatable[c === 0 ? 0 : 1]) all |= 1 << (register & 31);
  let met = 0;
  for (let range = bundles.first.at(bundle); range >= 0 && met !== all; range = bundles.nextOf(range)) {
    const from = bundles.fromOf(range);
    const to = bundles.toOf(range);
    let low = 0;
    let high = clobbering.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (clobbering.at(middle) * 4 + 2 < from) low = middle + 1;
      else high = middle;
    }
    for (; low < clobbering.length && clobbering.at(low) * 4 + 2 < to && met !== all; low++) {
      const inst = clobbering.at(low);
      const fresh = (c === 0 ? i32At(p.clobberInt, inst) : i32At(p.clobberFloat, inst)) & all & ~met;
      met |= fresh;
      for (let bits = fresh; bits !== 0; bits &= bits - 1) s.clobberedAt[(c << 5) + 31 - Math.clz32(bits & -bits)] = inst * 4 + 2;
    }
  }
  return met;
}

/** First point at which the bundle cannot have `register` because of others, or -1. */
function firstConflict(s: Search, bundle: number, register: number): number {
  const { bundles, occupancy } = s;
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    const conflict = occupancy.firstConflict(register, bundles.fromOf(range), bundles.toOf(range), bundles.vregOf(range));
    if (conflict >= 0) return conflict;
  }
  return -1;
}

function assign(s: Search, bundle: number, register: number): void {
  const { bundles, occupancy } = s;
  bundles.register.set(bundle, register);
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    occupancy.insert(register, bundles.fromOf(range), bundles.toOf(range), bundle);
  }
}

function putOut(s: Search, bundle: number): void {
  const { bundles, occupancy } = s;
  const register = bundles.register.at(bundle);
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    occupancy.remove(register, bundles.fromOf(range), bundles.toOf(range), bundle);
  }
  bundles.register.set(bundle, -1);
  bundles.hint.set(bundle, register);
  s.queue.push(bundle, lengthOf(s, bundle));
}

function lengthOf(s: Search, bundle: number): number {
  let length = 0;
  for (let range = s.bundles.first.at(bundle); range >= 0; range = s.bundles.nextOf(range)) length += s.bundles.toOf(range) - s.bundles.fromOf(range);
  return length;
}

/** One turn of a bundle: a register, or less of it in registers. */
function place(s: Search, bundle: number): void {
  // A stretch that nobody touches is as well off in its slot.
  if ((s.weight[bundle] ?? 0) === 0) return;
  const { bundles, p } = s;
  const c = u8At(p.vregClass, bundles.vregOf(bundles.first.at(bundle)));
  const order = p.registers.allocatable[c === 0 ? 0 : 1];
  const clobbered = meetClobbers(s, bundle, c);
  const rotation = s.control.choose(order.length);
  let best = -1;
  let bestConflict = -1;
  for (let i = -2; i < order.length; i++) {
    const register = i === -2 ? bundles.hint.at(bundle) : i === -1 ? i32At(s.fixedHint, bundle) : (order[(i + rotation) % order.length] ?? 0);
    if (register < 0 || (i < 0 && !order.includes(register))) continue;
    let conflict = firstConflict(s, bundle, register);
    if (((clobbered >>> (register & 31)) & 1) !== 0) {
      const at = i32At(s.clobberedAt, register);
      if (conflict < 0 || at < conflict) conflict = at;
    }
    if (conflict < 0) return assign(s, bundle, register);
    if (conflict > bestConflict) {
      best = register;
      bestConflict = conflict;
    }
  }
  if (putOutCheaper(s, bundle, order, clobbered)) return;
  // Without a demand for a register, reads go straight to the slot.
  if (u8At(s.demanding, bundle) === 1 && !split(s, bundle, best, bestConflict)) {
    bug('instruction demands more registers than there are', `instruction ${bundles.fromOf(bundles.first.at(bundle)) >> 2}`);
  }
}

/** The greatest weight of what stands in the bundle's way in `register`; infinite for a reservation, or once above `limit`. */
function weightInTheWay(s: Search, bundle: number, register: number, limit: number): number {
  const { bundles, occupancy, cursor } = s;
  let greatest = 0;
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    const from = bundles.fromOf(range);
    const to = bundles.toOf(range);
    occupancy.begin(register, from, cursor);
    for (;;) {
      const owner = occupancy.nextConflict(register, from, to, bundles.vregOf(range), cursor);
      if (cursor.done) break;
      if (owner < 0) return Infinity;
      greatest = Math.max(greatest, s.weight[owner] ?? 0);
      if (greatest >= limit) return Infinity;
    }
  }
  return greatest;
}

/** Puts out bundles of less weight and takes their register, if there is one where all in the way weigh less. */
function putOutCheaper(s: Search, bundle: number, order: readonly number[], clobbered: number): boolean {
  const { bundles, occupancy, cursor } = s;
  let cheapest = -1;
  let limit = s.weight[bundle] ?? 0;
  for (const register of order) {
    if (((clobbered >>> (register & 31)) & 1) !== 0) continue;
    const weight = weightInTheWay(s, bundle, register, limit);
    if (weight >= limit) continue;
    limit = weight;
    cheapest = register;
  }
  if (cheapest < 0) return false;
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) {
    for (;;) {
      // The list changes under the cursor: begin anew after each.
      occupancy.begin(cheapest, bundles.fromOf(range), cursor);
      const owner = occupancy.nextConflict(cheapest, bundles.fromOf(range), bundles.toOf(range), bundles.vregOf(range), cursor);
      if (cursor.done || owner === noOwner) break;
      putOut(s, owner);
    }
  }
  assign(s, bundle, cheapest);
  return true;
}

/** Makes a bundle of what `bundle` has within `[from, to)`, in `firstRange` or behind it, and queues it. */
function cut(s: Search, bundle: number, firstRange: number, from: number, to: number, hint: number): void {
  const { bundles } = s;
  let first = -1;
  let tail = -1;
  for (let range = firstRange; range >= 0 && bundles.fromOf(range) < to; range = bundles.nextOf(range)) {
    const start = Math.max(from, bundles.fromOf(range));
    const end = Math.min(to, bundles.toOf(range));
    if (start >= end) continue;
    const part = bundles.addRange(start, end, bundles.vregOf(range));
    if (tail < 0) first = part;
    else bundles.setNext(tail, part);
    tail = part;
  }
  if (first < 0) return;
  const part = bundles.addBundle(first, bundles.bundleOf(bundles.vregOf(first)));
  bundles.hint.set(part, hint);
  enqueue(s, part, u8At(s.generation, bundle) + 1);
}

/** True if the listed touches lie in more than one block, or at more than one moment. */
function spansMore(s: Search, blocks: boolean): boolean {
  const { live, touches } = s;
  const first = touches.at(0);
  const last = touches.at(touches.length - 1);
  const blockOf = (entry: number): number => i32At(live.blockOfInst, i32At(live.touchPoint, entry) >> 2);
  return blocks ? blockOf(first) !== blockOf(last) : i32At(live.touchPoint, first) >> 2 !== i32At(live.touchPoint, last) >> 2;
}

/** Cuts `bundle`, whose touches are listed, into one part per block or per moment; what lies between goes to the slot. */
function shatter(s: Search, bundle: number, perBlock: boolean): void {
  const { bundles, live, p, touches } = s;
  let range = bundles.first.at(bundle);
  for (let i = 0; i < touches.length; ) {
    const entry = touches.at(i++);
    const point = i32At(live.touchPoint, entry);
    // A read in the gap takes its value from the slot as well.
    if ((point & 3) === 0) continue;
    const block = i32At(live.blockOfInst, point >> 2);
    let end = perBlock || demandsRegister(s, entry) ? touchEnd(p, live, entry) : 0;
    for (; i < touches.length; i++) {
      const other = touches.at(i);
      const together = perBlock ? i32At(live.blockOfInst, i32At(live.touchPoint, other) >> 2) === block : oneMoment(s, entry, other);
      if (!together) break;
      if (perBlock || demandsRegister(s, other)) end = Math.max(end, touchEnd(p, live, other));
    }
    while (range >= 0 && bundles.toOf(range) <= point) range = bundles.nextOf(range);
    if (end > point) cut(s, bundle, range, point, end, -1);
  }
}

/**
 * Splits `bundle`, whose best register is taken from `conflict` on: a part before, a part behind, the slot between.
 * Answers false if nothing is left to split off.
 */
function split(s: Search, bundle: number, best: number, conflict: number): boolean {
  const { live, p, touches, bundles } = s;
  s.splits++;
  listTouches(s, bundle);
  const count = touches.length;
  const generation = u8At(s.generation, bundle);
  let fits = 0;
  while (fits < count && touchEnd(p, live, touches.at(fits)) <= conflict) fits++;
  // Reads of one value in one instruction stay together.
  while (fits > 0 && fits < count && oneMoment(s, touches.at(fits - 1), touches.at(fits))) fits--;
  const start = bundles.fromOf(bundles.first.at(bundle));
  let end = 0;
  for (let range = bundles.first.at(bundle); range >= 0; range = bundles.nextOf(range)) end = bundles.toOf(range);
  if (generation >= shatterAfter && spansMore(s, generation < 2 * shatterAfter)) {
    shatter(s, bundle, generation < 2 * shatterAfter);
    return true;
  }
  let behind = fits;
  let frontEnd = 0;
  let frontStart = start;
  if (fits > 0) {
    for (let i = 0; i < fits; i++) frontEnd = Math.max(frontEnd, touchEnd(p, live, touches.at(i)));
  } else {
    // Not even the first touch fits. Those that may read the slot do; the first that may not gets a part of its own.
    let needy = 0;
    while (needy < count && !demandsRegister(s, touches.at(needy))) needy++;
    frontStart = i32At(live.touchPoint, touches.at(needy));
    behind = needy;
    while (behind < count && (behind === needy || oneMoment(s, touches.at(needy), touches.at(behind)))) {
      if (demandsRegister(s, touches.at(behind))) frontEnd = Math.max(frontEnd, touchEnd(p, live, touches.at(behind)));
      behind++;
    }
    if (behind === count && frontStart === start && frontEnd === end) return false;
  }
  // A read in the gap takes its value from the slot as well as from a register.
  while (behind < count && (i32At(live.touchPoint, touches.at(behind)) & 3) === 0) behind++;
  const backStart = behind < count ? hoisted(s, frontEnd, i32At(live.touchPoint, touches.at(behind))) : -1;
  cut(s, bundle, bundles.first.at(bundle), frontStart, frontEnd, fits > 0 ? best : -1);
  if (backStart >= 0) cut(s, bundle, bundles.first.at(bundle), backStart, end, -1);
  return true;
}

const vregOfTouch = (s: Search, entry: number): number => {
  const touch = i32At(s.live.touchOf, entry);
  return touch < 0 ? i32At(s.p.arguments, -1 - touch) : vregOf(i32At(s.p.operands, touch) as Operand);
};

/** True if both touches are of one virtual register at one instruction, not in the gap in front of it. */
function oneMoment(s: Search, x: number, y: number): boolean {
  const a = i32At(s.live.touchPoint, x);
  const b = i32At(s.live.touchPoint, y);
  return a >> 2 === b >> 2 && (a & 3) !== 0 && (b & 3) !== 0 && vregOfTouch(s, x) === vregOfTouch(s, y);
}

/** Where to begin a part whose first touch is at `point`: there, or at the entry of a loop around it that begins behind `after`. */
function hoisted(s: Search, after: number, point: number): number {
  const { live, p } = s;
  let block = i32At(live.blockOfInst, point >> 2);
  let depth = u8At(p.loopDepth, block);
  let best = point;
  for (let steps = 0; steps < hoistLimit && block > 0 && depth > 0; steps++, block--) {
    const start = i32At(p.blockStart, block) * 4;
    if (start < after) break;
    const outer = u8At(p.loopDepth, block - 1);
    if (outer >= depth) continue;
    depth = outer;
    best = start;
  }
  return best;
}
