// Lays spill slots on top of each other after an allocator gave every virtual register one of its own.
// Needs:  slots written right after defs and on edges, as the single pass leaves them; block order (flow.ts).
// Leaves: fewer, shared slots; a move between two slots that became one has nothing to do.
// Method: instructions and moves are numbered, blocks in reverse postorder. A slot's life reaches from its first to its last mention, and
//         on to the end of every span that contains the last but not the first. A span reaches from the target of a retreating edge to its
//         source; overlapping spans are grown until they nest. This covers all paths: a value that lives across a retreating edge has
//         a def of lower rank than the edge's target, and is read within the span or behind it.
//         First, slots that an edge copies one to the other are united if their lives are disjoint; then disjoint unions share.
// Cost:   one walk of operands and moves, a sort of slots, and the spans around each slot's end.

import { i32At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import type { Flow } from './flow.ts';
import type { MoveList } from './move-list.ts';
import { type Problem, firstSlotLocation, problemBlockCount, problemInstCount } from './problem.ts';
import type { SpillSlots } from './spill.ts';

/** Two unions are compared slot by slot; more comparisons than this are not worth a union. */
const comparisonLimit = 256;

/** What the single pass leaves: its answer with one slot per spilled virtual register. */
interface Placed {
  readonly locations: Int32Array;
  readonly moves: MoveList;
  readonly slots: SpillSlots;
  /** Slot location of each virtual register, or -1. */
  readonly slotOf: Int32Array;
}

/** Spans of retreating edges, by rank. */
interface Spans {
  /** Last rank of the span that begins at each rank, or -1. */
  readonly end: Int32Array;
  /** Start of the next larger span around the one that begins at each rank, or -1. */
  readonly outer: Int32Array;
  /** Start of the smallest span that contains each rank, or -1. */
  readonly innermost: Int32Array;
}

function findSpans(p: Problem, flow: Flow): Spans {
  const blocks = problemBlockCount(p);
  const spans = { end: newInt32s(blocks).fill(-1), outer: newInt32s(blocks).fill(-1), innermost: newInt32s(blocks).fill(-1) };
  for (let b = 0; b < blocks; b++) {
    const source = i32At(flow.rank, b);
    for (let e = i32At(p.successorStart, b); e < i32At(p.successorStart, b + 1); e++) {
      const target = i32At(flow.rank, i32At(p.successors, e));
      if (target <= source) spans.end[target] = Math.max(i32At(spans.end, target), source);
    }
  }
  // From the last span on, each takes in those that begin within it; what it reaches grows with them.
  const open = newInt32s(blocks);
  let count = 0;
  for (let start = blocks - 1; start >= 0; start--) {
    if (i32At(spans.end, start) < 0) continue;
    for (; count > 0 && i32At(open, count - 1) <= i32At(spans.end, start); count--) {
      const inner = i32At(open, count - 1);
      spans.outer[inner] = start;
      spans.end[start] = Math.max(i32At(spans.end, start), i32At(spans.end, inner));
    }
    open[count++] = start;
  }
  let span = -1;
  for (let rank = 0; rank < blocks; rank++) {
    while (span >= 0 && i32At(spans.end, span) < rank) span = i32At(spans.outer, span);
    if (i32At(spans.end, rank) >= 0) span = rank;
    spans.innermost[rank] = span;
  }
  return spans;
}

interface Lives {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Number of the first step of the block of each rank. */
  readonly blockStep: Int32Array;
}

/**
 * Numbers all steps and finds each slot's first and last mention. Two steps per instruction: groups of moves before it, and the instruction.
 * A parameter's slot lives from the head of its block: the moves of an edge that write it happen at once with all others of the edge, and
 * whatever outlives the edge is live at that head too.
 */
function findMentions(p: Problem, flow: Flow, a: Placed): Lives {
  const slots = a.slots.count;
  const blocks = problemBlockCount(p);
  const lives = { from: newInt32s(slots).fill(-1), to: newInt32s(slots).fill(-1), blockStep: newInt32s(blocks + 1) };
  // Block whose parameter each slot belongs to, or -1.
  const parameterBlock = newInt32s(slots).fill(-1);
  for (let b = 0; b < blocks; b++) {
    for (let k = i32At(p.parameterStart, b); k < i32At(p.parameterStart, b + 1); k++) {
      const slot = i32At(a.slotOf, i32At(p.parameters, k));
      if (slot >= 0) parameterBlock[slot - firstSlotLocation] = b;
    }
  }
  let step = 0;
  const mention = (location: number): void => {
    if (location < firstSlotLocation) return;
    const slot = location - firstSlotLocation;
    if (i32At(lives.from, slot) < 0) lives.from[slot] = step;
    lives.to[slot] = step;
  };
  for (let rank = 0; rank < blocks; rank++) {
    const b = i32At(flow.postorder, blocks - 1 - rank);
    const end = i32At(p.blockStart, b + 1);
    const exit = i32At(p.successorStart, b + 1) - i32At(p.successorStart, b) === 1 ? i32At(p.successors, i32At(p.successorStart, b)) : -1;
    lives.blockStep[rank] = step;
    for (let k = i32At(p.parameterStart, b); k < i32At(p.parameterStart, b + 1); k++) mention(i32At(a.slotOf, i32At(p.parameters, k)));
    for (let inst = i32At(p.blockStart, b); inst < end; inst++, step += 2) {
      for (let m = a.moves.first(inst); m >= 0; m = a.moves.following(m)) {
        mention(a.moves.fromOf(m));
        const to = a.moves.toOf(m);
        const passed = to >= firstSlotLocation && inst + 1 === end && exit >= 0 && i32At(parameterBlock, to - firstSlotLocation) === exit;
        if (!passed) mention(to);
      }
      step++;
      for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) mention(i32At(a.locations, k));
      step--;
    }
  }
  lives.blockStep[blocks] = step;
  return lives;
}

function rankOfStep(lives: Lives, step: number): number {
  let low = 0;
  let high = lives.blockStep.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (i32At(lives.blockStep, middle) <= step) low = middle;
    else high = middle;
  }
  return low;
}

function extendOverSpans(spans: Spans, lives: Lives): void {
  for (let slot = 0; slot < lives.from.length; slot++) {
    const from = i32At(lives.from, slot);
    if (from < 0) continue;
    let to = i32At(lives.to, slot);
    for (let span = i32At(spans.innermost, rankOfStep(lives, to)); span >= 0; span = i32At(spans.outer, span)) {
      if (i32At(lives.blockStep, span) <= from) break;
      to = Math.max(to, i32At(lives.blockStep, i32At(spans.end, span) + 1) - 1);
    }
    lives.to[slot] = to;
  }
}

/** Unions of slots as linked rings, with the root of each slot. */
interface Unions {
  readonly root: Int32Array;
  readonly ring: Int32Array;
  readonly size: Int32Array;
}

function unite(a: Placed, lives: Lives, u: Unions, x: number, y: number): void {
  const left = i32At(u.root, x);
  const right = i32At(u.root, y);
  if (left === right || bytesOfSlot(a, x) !== bytesOfSlot(a, y) || i32At(u.size, left) * i32At(u.size, right) > comparisonLimit) return;
  let i = left;
  do {
    let j = right;
    do {
      if (i32At(lives.from, i) <= i32At(lives.to, j) && i32At(lives.from, j) <= i32At(lives.to, i)) return;
      j = i32At(u.ring, j);
    } while (j !== right);
    i = i32At(u.ring, i);
  } while (i !== left);
  let member = right;
  do {
    u.root[member] = left;
    member = i32At(u.ring, member);
  } while (member !== right);
  const next = i32At(u.ring, left);
  u.ring[left] = i32At(u.ring, right);
  u.ring[right] = next;
  u.size[left] = i32At(u.size, left) + i32At(u.size, right);
}

const bytesOfSlot = (a: Placed, slot: number): number => a.slots.bytesOf(firstSlotLocation + slot);

/** Lays the slots of `a` into `slots`; answers the new location of each old slot. */
export function shareSlots(p: Problem, flow: Flow, a: Placed, slots: SpillSlots): Int32Array {
  const count = a.slots.count;
  if (count === 0) return new Int32Array(0);
  const lives = findMentions(p, flow, a);
  extendOverSpans(findSpans(p, flow), lives);
  const identity = Int32Array.from({ length: count }, (_, i) => i);
  const u: Unions = { root: identity.slice(), ring: identity.slice(), size: newInt32s(count).fill(1) };
  for (let inst = 0; inst < problemInstCount(p); inst++) {
    for (let m = a.moves.first(inst); m >= 0; m = a.moves.following(m)) {
      const from = a.moves.fromOf(m) - firstSlotLocation;
      const to = a.moves.toOf(m) - firstSlotLocation;
      if (from >= 0 && to >= 0) unite(a, lives, u, from, to);
    }
  }
  return layOver(a, lives, u, slots);
}

/** Gives each union a location, the same to unions whose lives, from first to last step, are disjoint. */
function layOver(a: Placed, lives: Lives, u: Unions, slots: SpillSlots): Int32Array {
  const count = a.slots.count;
  const from = newInt32s(count).fill(0x7fffffff);
  const to = newInt32s(count).fill(-1);
  for (let slot = 0; slot < count; slot++) {
    if (i32At(lives.from, slot) < 0) continue;
    const root = i32At(u.root, slot);
    from[root] = Math.min(i32At(from, root), i32At(lives.from, slot));
    to[root] = Math.max(i32At(to, root), i32At(lives.to, slot));
  }
  const location = newInt32s(count).fill(-1);
  const roots = Int32Array.from({ length: count }, (_, i) => i).filter((slot) => i32At(u.root, slot) === slot && i32At(to, slot) >= 0);
  const byStart = roots.slice().sort((x, y) => i32At(from, x) - i32At(from, y) || x - y);
  const byEnd = roots.slice().sort((x, y) => i32At(to, x) - i32At(to, y) || x - y);
  const free = { 4: new Int32Column(), 8: new Int32Column(), 16: new Int32Column() };
  const freeOf = (bytes: number): Int32Column => (bytes === 4 ? free[4] : bytes === 8 ? free[8] : free[16]);
  let ended = 0;
  for (const slot of byStart) {
    for (; ended < byEnd.length && i32At(to, i32At(byEnd, ended)) < i32At(from, slot); ended++) {
      const old = i32At(byEnd, ended);
      freeOf(bytesOfSlot(a, old)).push(i32At(location, old));
    }
    const pool = freeOf(bytesOfSlot(a, slot));
    location[slot] = pool.length > 0 ? pool.at(--pool.length) : slots.add(bytesOfSlot(a, slot));
  }
  for (let slot = 0; slot < count; slot++) location[slot] = i32At(location, i32At(u.root, slot));
  return location;
}
