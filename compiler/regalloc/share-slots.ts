// Lays spill slots on top of each other after an allocator gave every virtual register one of its own.
// Needs:  slots written right after defs and on edges, as the single pass leaves them; block order (flow.ts).
// Leaves: fewer, shared slots; moves between two slots that became one are gone.
// Method: instructions and moves are numbered, blocks in reverse postorder. A slot's life reaches from its first to its last mention, and
//         on to the end of every span that contains the last but not the first. A span reaches from the target of a retreating edge to its
//         source; overlapping spans are grown until they nest. This covers all paths: a value that lives across a retreating edge has
//         a def of lower rank than the edge's target, and is read within the span or behind it.
//         First, slots that an edge copies one to the other are united if their lives are disjoint; then disjoint unions share.
// Cost:   one walk of operands and moves, a sort of slots, and the spans around each slot's end.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import type { Flow } from './flow.ts';
import { type Allocation, type Moves, type Problem, firstSlotLocation, problemBlockCount } from './problem.ts';
import { SpillSlots } from './spill.ts';

/** Unions of more slots than this grow no further: their lives are compared one by one. */
const unionLimit = 32;

type Placed = Pick<Allocation, 'locations' | 'moves' | 'slotBytes'>;

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
  const spans = { end: new Int32Array(blocks).fill(-1), outer: new Int32Array(blocks).fill(-1), innermost: new Int32Array(blocks).fill(-1) };
  for (let b = 0; b < blocks; b++) {
    const source = i32At(flow.rank, b);
    for (let e = i32At(p.successorStart, b); e < i32At(p.successorStart, b + 1); e++) {
      const target = i32At(flow.rank, i32At(p.successors, e));
      if (target <= source) spans.end[target] = Math.max(i32At(spans.end, target), source);
    }
  }
  // From the last span on, each takes in those that begin within it; what it reaches grows with them.
  const open = new Int32Array(blocks);
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

/** Numbers all steps and finds each slot's first and last mention. */
function findMentions(p: Problem, flow: Flow, a: Placed): Lives {
  const slots = a.slotBytes.length;
  const blocks = problemBlockCount(p);
  const lives = { from: new Int32Array(slots).fill(-1), to: new Int32Array(slots).fill(-1), blockStep: new Int32Array(blocks + 1) };
  let step = 0;
  const mention = (location: number): void => {
    if (location < firstSlotLocation) return;
    const slot = location - firstSlotLocation;
    if (i32At(lives.from, slot) < 0) lives.from[slot] = step;
    lives.to[slot] = step;
  };
  const firstMove = new Int32Array(blocks);
  for (let b = 0, at = 0; b < blocks; b++) {
    while (at < a.moves.to.length && i32At(a.moves.before, at) < i32At(p.blockStart, b)) at++;
    firstMove[b] = at;
  }
  for (let rank = 0; rank < blocks; rank++) {
    lives.blockStep[rank] = step;
    const b = i32At(flow.postorder, blocks - 1 - rank);
    let m = i32At(firstMove, b);
    for (let inst = i32At(p.blockStart, b); inst < i32At(p.blockStart, b + 1); inst++) {
      for (; m < a.moves.to.length && i32At(a.moves.before, m) === inst; m++, step++) {
        mention(i32At(a.moves.from, m));
        mention(i32At(a.moves.to, m));
      }
      for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) mention(i32At(a.locations, k));
      step++;
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
  if (left === right || i32At(a.slotBytes, x) !== i32At(a.slotBytes, y) || i32At(u.size, left) + i32At(u.size, right) > unionLimit) return;
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

/** True if moves `m` and `m+1` copy one slot to another through a scratch register. */
function copiesSlot(p: Problem, moves: Moves, m: number): boolean {
  const through = i32At(moves.to, m);
  return (
    m + 1 < moves.to.length &&
    (through === p.registers.scratch[0] || through === p.registers.scratch[1]) &&
    i32At(moves.from, m + 1) === through &&
    i32At(moves.before, m + 1) === i32At(moves.before, m) &&
    i32At(moves.from, m) >= firstSlotLocation &&
    i32At(moves.to, m + 1) >= firstSlotLocation
  );
}

/** Shares the slots of an allocation; rewrites `a.locations` in place and answers new moves and the slots. */
export function shareSlots(p: Problem, flow: Flow, a: Placed): { moves: Moves; slots: SpillSlots } {
  const lives = findMentions(p, flow, a);
  extendOverSpans(findSpans(p, flow), lives);
  const count = a.slotBytes.length;
  const identity = Int32Array.from({ length: count }, (_, i) => i);
  const u: Unions = { root: identity.slice(), ring: identity.slice(), size: new Int32Array(count).fill(1) };
  for (let m = 0; m < a.moves.to.length; m++) {
    if (copiesSlot(p, a.moves, m)) unite(a, lives, u, i32At(a.moves.from, m) - firstSlotLocation, i32At(a.moves.to, m + 1) - firstSlotLocation);
  }
  const slots = new SpillSlots();
  const final = layOver(a, lives, u, slots);
  const relocate = (location: number): number => (location < firstSlotLocation ? location : i32At(final, location - firstSlotLocation));
  for (let k = 0; k < a.locations.length; k++) a.locations[k] = relocate(i32At(a.locations, k));
  return { moves: relocateMoves(p, a.moves, relocate), slots };
}

/** Gives each union a location, the same to unions whose lives, from first to last step, are disjoint. */
function layOver(a: Placed, lives: Lives, u: Unions, slots: SpillSlots): Int32Array {
  const count = a.slotBytes.length;
  const from = new Int32Array(count).fill(0x7fffffff);
  const to = new Int32Array(count).fill(-1);
  for (let slot = 0; slot < count; slot++) {
    if (i32At(lives.from, slot) < 0) continue;
    const root = i32At(u.root, slot);
    from[root] = Math.min(i32At(from, root), i32At(lives.from, slot));
    to[root] = Math.max(i32At(to, root), i32At(lives.to, slot));
  }
  const location = new Int32Array(count).fill(-1);
  const roots = Int32Array.from({ length: count }, (_, i) => i).filter((slot) => i32At(u.root, slot) === slot && i32At(to, slot) >= 0);
  const byStart = roots.slice().sort((x, y) => i32At(from, x) - i32At(from, y) || x - y);
  const byEnd = roots.slice().sort((x, y) => i32At(to, x) - i32At(to, y) || x - y);
  const free = { 4: new Int32Column(), 8: new Int32Column(), 16: new Int32Column() };
  const freeOf = (bytes: number): Int32Column => (bytes === 4 ? free[4] : bytes === 8 ? free[8] : free[16]);
  let ended = 0;
  for (const slot of byStart) {
    for (; ended < byEnd.length && i32At(to, i32At(byEnd, ended)) < i32At(from, slot); ended++) {
      const old = i32At(byEnd, ended);
      freeOf(i32At(a.slotBytes, old)).push(i32At(location, old));
    }
    const pool = freeOf(i32At(a.slotBytes, slot));
    location[slot] = pool.length > 0 ? pool.at(--pool.length) : slots.add(i32At(a.slotBytes, slot));
  }
  for (let slot = 0; slot < count; slot++) location[slot] = i32At(location, i32At(u.root, slot));
  return location;
}

function relocateMoves(p: Problem, moves: Moves, relocate: (location: number) => number): Moves {
  const count = moves.to.length;
  const before = new Int32Array(count);
  const from = new Int32Array(count);
  const to = new Int32Array(count);
  const bytes = new Uint8Array(count);
  let kept = 0;
  for (let m = 0; m < count; m++) {
    if (copiesSlot(p, moves, m) && relocate(i32At(moves.from, m)) === relocate(i32At(moves.to, m + 1))) {
      m++;
      continue;
    }
    before[kept] = i32At(moves.before, m);
    from[kept] = relocate(i32At(moves.from, m));
    to[kept] = relocate(i32At(moves.to, m));
    bytes[kept++] = u8At(moves.bytes, m);
  }
  if (kept === count) return { before, from, to, bytes };
  return { before: before.slice(0, kept), from: from.slice(0, kept), to: to.slice(0, kept), bytes: bytes.slice(0, kept) };
}
