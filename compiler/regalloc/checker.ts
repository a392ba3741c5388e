// Proves that an allocation keeps every value where it is read. This header is the definition; the code is its transcription.
//
// Demand. At a point, location L *demands* virtual register v if some path from that point reads L as v, through any number of moves.
// A state is a set of demanded virtual registers per location (several, if moves, copies or arguments made them equal).
// Points are walked backwards; states of several successors are joined by union. It is the mirror image of tracking the set of
// virtual registers each location holds and meeting by intersection: it accepts exactly the same allocations, but speaks only of what
// somebody reads, so its cost follows live values, and a fault names both the reader and the culprit.
//
// Steps, backwards:
//   instruction   clobber of L: a demand on L is a fault.
//                 def of v at L: a demand of v on L is met; another one on L, or on any slot whose bytes overlap L, is a fault
//                 (wrong value); a demand of v on another location is a fault (it would read the v of an earlier pass through here).
//                 then each use of v at L makes a demand.
//   copy          (an instruction with `isCopy`, s at L to d at M) as above, but demands of others than d on M pass to L, if the copy is
//                 as wide as they are or L is M (then it does nothing).
//   move          L to M of n bytes: demands on M pass to L; one of more than n bytes is a fault; one on another slot whose bytes
//                 overlap M is a fault.
//   edge          demands on a block's parameter become demands of the argument; all others pass unchanged, all at once.
//   entry         any demand is a fault (undefined value). Unreachable code is vacuously right.
//   Between instructions no demand is on a scratch register.
// Shortcut (checker-shortcuts.ts): a demand on a slot goes from the entry of a block straight to the end of one that dominates it, where nothing between can say anything.
// One instruction (checker-shape.ts): constraints, class, size, allocatable registers; per half-point, what it writes shares no byte with
// what it reads or writes: early defs against all uses and defs, late defs against late uses and defs, clobbers against defs and late uses.
//
// Termination: per block, the demands at its entry only grow. The first pass handles a block's own reads; a later one only what is new.
// Cost: one walk of all code, plus one of a block for each batch of demands that a loop carries round; demands at the borders of blocks, but where a shortcut can be taken.
// Not proved here: that operands and clobbers tell the truth about the instruction, and that moves are emitted as they are written.

import { i32At, u8At } from '../base/cells.ts';
import { Int32Column } from '../base/growable.ts';
import { newBytes, newInt32s } from '../base/storage.ts';
import { FaultList, type RegisterMasks, checkMove, checkOperands, checkRanges, checkSlots, registerMasks } from './checker-shape.ts';
import { Shortcuts, nowhere } from './checker-shortcuts.ts';
import { type Operand, isDef, vregOf } from './operand.ts';
import { type Allocation, type Problem, firstSlotLocation, problemBlockCount, problemInstCount } from './problem.ts';
import { type Verdict, locationName } from './proof.ts';
import { Quads } from './quads.ts';

// Fields of a demand, at a point and at a border of blocks.
const vregField = 0;
const originField = 1;
const nextField = 2;
const locationField = 3;

/** Demands at block borders, as linked lists per block. */
interface BorderLists {
  head: Int32Array;
  readonly entries: Quads;
}

const borderLists = (): BorderLists => ({ head: new Int32Array(0), entries: new Quads() });

interface Walk {
  p: Problem;
  a: Allocation;
  masks: RegisterMasks;
  list: FaultList;
  // The state at the point being walked: per location a list of demands; which registers have any; how many locations demand each vreg.
  demand: Int32Array;
  readonly nodes: Quads;
  demandedInt: number;
  demandedFloat: number;
  demandCount: Int32Array;
  /** Slots that got a demand in this pass, some perhaps met since. */
  readonly slots: Int32Column;
  /** Demands at the entry of each block so far. */
  readonly entry: BorderLists;
  /** Demands at the end of each block that await its next pass. */
  readonly pending: BorderLists;
  /** Index after the last move before each block's end. */
  moveEnd: Int32Array;
  /** For each slot, the range in `overlapping` of slots that share bytes with it. */
  overlapStart: Int32Array;
  readonly overlapping: Int32Column;
  /** While a block's entry list is consulted: its entries by location, linked through `seenNext`. */
  seen: Int32Array;
  readonly seenNext: Int32Column;
  /** Index of each virtual register in `Problem.parameters`, or -1. */
  parameterOf: Int32Array;
  readonly shortcuts: Shortcuts;
  /** 1 for a def operand, and for an edge argument, that met a demand. */
  defMet: Uint8Array;
  argumentMet: Uint8Array;
}

let reused: Walk | undefined;

function startWalk(p: Problem, a: Allocation, list: FaultList, takesShortcuts: boolean): Walk {
  const w = (reused ??= {
    p,
    a,
    masks: registerMasks(p),
    list,
    demand: new Int32Array(0),
    nodes: new Quads(),
    demandedInt: 0,
    demandedFloat: 0,
    demandCount: new Int32Array(0),
    slots: new Int32Column(),
    entry: borderLists(),
    pending: borderLists(),
    moveEnd: new Int32Array(0),
    overlapStart: new Int32Array(0),
    overlapping: new Int32Column(),
    seen: new Int32Array(0),
    seenNext: new Int32Column(),
    parameterOf: new Int32Array(0),
    shortcuts: new Shortcuts(),
    defMet: new Uint8Array(0),
    argumentMet: new Uint8Array(0),
  });
  const blocks = problemBlockCount(p);
  const locations = firstSlotLocation + a.slotBytes.length;
  w.p = p;
  w.a = a;
  w.masks = registerMasks(p);
  w.list = list;
  if (w.demand.length < locations) w.demand = new Int32Array(locations * 2);
  w.demand.fill(-1, 0, locations);
  if (w.seen.length < locations) w.seen = new Int32Array(locations * 2);
  w.seen.fill(-1, 0, locations);
  if (w.parameterOf.length < p.vregClass.length) w.parameterOf = new Int32Array(p.vregClass.length * 2);
  w.parameterOf.fill(-1, 0, p.vregClass.length);
  for (let k = 0; k < p.parameters.length; k++) w.parameterOf[i32At(p.parameters, k)] = k;
  if (w.demandCount.length < p.vregClass.length) w.demandCount = new Int32Array(p.vregClass.length * 2);
  w.demandCount.fill(0, 0, p.vregClass.length);
  if (w.defMet.length < p.operands.length) w.defMet = new Uint8Array(p.operands.length * 2);
  w.defMet.fill(0, 0, p.operands.length);
  if (w.argumentMet.length < p.arguments.length) w.argumentMet = new Uint8Array(p.arguments.length * 2);
  w.argumentMet.fill(0, 0, p.arguments.length);
  if (w.moveEnd.length < blocks) w.moveEnd = new Int32Array(blocks * 2);
  for (const lists of [w.entry, w.pending]) {
    if (lists.head.length < blocks) lists.head = new Int32Array(blocks * 2);
    lists.head.fill(-1, 0, blocks);
    lists.entries.clear();
  }
  let m = 0;
  for (let b = 0; b < blocks; b++) {
    const end = i32At(p.blockStart, b + 1);
    while (m < a.moves.before.length && i32At(a.moves.before, m) < end) m++;
    w.moveEnd[b] = m;
  }
  findOverlaps(w);
  w.shortcuts.begin(p, a, w.moveEnd, takesShortcuts);
  return w;
}

/** Lists, for each slot, the others that share bytes with it: by offset, so that disjoint slots cost nothing. */
function findOverlaps(w: Walk): void {
  const { slotOffset, slotBytes, spillBytes } = w.a;
  const count = slotBytes.length;
  if (w.overlapStart.length < count + 1) w.overlapStart = new Int32Array(count * 2 + 2);
  w.overlapStart.fill(0, 0, count + 1);
  w.overlapping.clear();
  // The area is cut into units of 4 bytes; a unit with one tenant involves nobody else.
  const tenants = newBytes(spillBytes >> 2);
  let shared = false;
  for (let s = 0; s < count; s++) {
    const end = (i32At(slotOffset, s) + i32At(slotBytes, s)) >> 2;
    for (let unit = i32At(slotOffset, s) >> 2; unit < end; unit++) {
      if (u8At(tenants, unit) !== 0) shared = true;
      tenants[unit] = 1;
    }
  }
  if (!shared) return;
  const order = Int32Array.from({ length: count }, (_, s) => s).sort((x, y) => i32At(slotOffset, x) - i32At(slotOffset, y) || x - y);
  const position = newInt32s(count);
  order.forEach((s, at) => (position[s] = at));
  for (let s = 0; s < count; s++) {
    w.overlapStart[s] = w.overlapping.length;
    const start = i32At(slotOffset, s);
    const end = start + i32At(slotBytes, s);
    // Slots are aligned to their size of at most 16 bytes, so one that overlaps starts within 16 bytes.
    for (const step of [-1, 1]) {
      for (let at = i32At(position, s) + step; at >= 0 && at < count; at += step) {
        const other = i32At(order, at);
        const otherStart = i32At(slotOffset, other);
        if (otherStart >= end || otherStart <= start - 16) break;
        if (otherStart + i32At(slotBytes, other) > start) w.overlapping.push(firstSlotLocation + other);
      }
    }
  }
  w.overlapStart[count] = w.overlapping.length;
}

/** Judges allocation `a` of problem `p`. Without shortcuts the verdict is the same, but that a fault may name another of several readers. */
export function checkAllocation(p: Problem, a: Allocation, takesShortcuts = true): Verdict {
  const list = new FaultList();
  if (!checkSlots(a, list) || !checkRanges(p, a, list) || list.faults.length > 0) return { kind: 'faults', faults: list.faults };
  const w = startWalk(p, a, list, takesShortcuts);
  const blocks = problemBlockCount(p);
  const insts = problemInstCount(p);
  for (let inst = 0; inst < insts; inst++) checkOperands(p, a, w.masks, inst, list);
  for (let m = 0; m < a.moves.to.length; m++) checkMove(p, a, w.masks, m, list);
  // Every block is walked once, from the end of the layout, where most successors have been seen; then whatever is pending.
  for (let b = blocks - 1; b >= 0; b--) walkBlock(w, b, true);
  for (let again = true; again; ) {
    again = false;
    for (let b = blocks - 1; b >= 0; b--) {
      if (i32At(w.pending.head, b) < 0) continue;
      walkBlock(w, b, false);
      again = true;
    }
  }
  if (list.faults.length > 0) return { kind: 'faults', faults: list.faults };
  return { kind: 'proof', operands: p.operands.length, moves: a.moves.to.length, edges: p.successors.length, fingerprint: fingerprintOf(w) };
}

const vregOfDemand = (w: Walk, d: number): number => w.nodes.at(d, vregField);
const originOf = (w: Walk, d: number): number => w.nodes.at(d, originField);
const nextOf = (w: Walk, d: number): number => w.nodes.at(d, nextField);

function addDemand(w: Walk, location: number, vreg: number, origin: number): void {
  const first = i32At(w.demand, location);
  for (let d = first; d >= 0; d = nextOf(w, d)) if (vregOfDemand(w, d) === vreg) return;
  w.demand[location] = w.nodes.push(vreg, origin, first, location);
  w.demandCount[vreg] = i32At(w.demandCount, vreg) + 1;
  if (first < 0) noteDemanded(w, location);
}

/** Notes that `location`, which had no demand, has one. */
function noteDemanded(w: Walk, location: number): void {
  if (location < 32) w.demandedInt |= 1 << location;
  else if (location < firstSlotLocation) w.demandedFloat |= 1 << (location & 31);
  else w.slots.push(location);
}

/** Takes the whole list of demands off `location`; their counts are the caller's to keep. */
function takeDemands(w: Walk, location: number): number {
  const first = i32At(w.demand, location);
  w.demand[location] = -1;
  if (location < 32) w.demandedInt &= ~(1 << location);
  else if (location < firstSlotLocation) w.demandedFloat &= ~(1 << (location & 31));
  return first;
}

/** Passes demand `d`, which is on no location now, to `location`. */
function passDemand(w: Walk, d: number, location: number): void {
  const vreg = vregOfDemand(w, d);
  w.demandCount[vreg] = i32At(w.demandCount, vreg) - 1;
  addDemand(w, location, vreg, originOf(w, d));
}

function dropDemand(w: Walk, d: number): void {
  w.demandCount[vregOfDemand(w, d)] = i32At(w.demandCount, vregOfDemand(w, d)) - 1;
}

const sharesBytes = (w: Walk, slot: number): boolean => w.overlapping.length > 0 && i32At(w.overlapStart, slot - firstSlotLocation) < i32At(w.overlapStart, slot - firstSlotLocation + 1);

/** Reports and drops every demand on the slots that share bytes with slot `location`, which is being written. */
function killOverlapping(w: Walk, location: number, inst: number, found: string): void {
  const slot = location - firstSlotLocation;
  for (let o = i32At(w.overlapStart, slot); o < i32At(w.overlapStart, slot + 1); o++) {
    const other = w.overlapping.at(o);
    for (let d = takeDemands(w, other); d >= 0; d = nextOf(w, d)) {
      w.list.add('wrong value', inst, originOf(w, d), other, `r${vregOfDemand(w, d)}`, `${found} in ${locationName(location)}, which overlaps`);
      dropDemand(w, d);
    }
  }
}

function checkClobbers(w: Walk, inst: number): void {
  let hitInt = w.demandedInt & i32At(w.p.clobberInt, inst);
  let hitFloat = w.demandedFloat & i32At(w.p.clobberFloat, inst);
  while ((hitInt | hitFloat) !== 0) {
    const location = hitInt !== 0 ? 31 - Math.clz32(hitInt) : 63 - Math.clz32(hitFloat);
    if (hitInt !== 0) hitInt &= ~(1 << location);
    else hitFloat &= ~(1 << (location & 31));
    for (let d = takeDemands(w, location); d >= 0; d = nextOf(w, d)) {
      w.list.add('clobbered', inst, originOf(w, d), location, `r${vregOfDemand(w, d)}`, `clobbered by instruction ${inst}`);
      dropDemand(w, d);
    }
  }
}

/** Reports and drops the demands of `vreg` that are left although its def has been reached. */
function killStale(w: Walk, vreg: number, inst: number): void {
  for (let location = 0; location < firstSlotLocation + w.a.slotBytes.length; location++) {
    for (let d = i32At(w.demand, location); d >= 0; d = nextOf(w, d)) {
      if (vregOfDemand(w, d) !== vreg) continue;
      w.list.add('stale value', inst, originOf(w, d), location, `r${vreg}`, `what ${locationName(location)} held before r${vreg} was defined`);
      for (let rest = takeDemands(w, location); rest >= 0; rest = nextOf(w, rest)) {
        if (vregOfDemand(w, rest) === vreg) dropDemand(w, rest);
        else passDemand(w, rest, location);
      }
      break;
    }
  }
}

function stepDef(w: Walk, inst: number, k: number): void {
  const vreg = vregOf(i32At(w.p.operands, k) as Operand);
  const location = i32At(w.a.locations, k);
  for (let d = takeDemands(w, location); d >= 0; d = nextOf(w, d)) {
    dropDemand(w, d);
    if (vregOfDemand(w, d) === vreg) w.defMet[k] = 1;
    else w.list.add('wrong value', inst, originOf(w, d), location, `r${vregOfDemand(w, d)}`, `r${vreg}`);
  }
  if (location >= firstSlotLocation && w.overlapping.length > 0) killOverlapping(w, location, inst, `r${vreg}`);
  if (i32At(w.demandCount, vreg) > 0) killStale(w, vreg, inst);
}

function stepCopy(w: Walk, inst: number): void {
  const use = i32At(w.p.operandStart, inst);
  const def = use + 1;
  const from = i32At(w.a.locations, use);
  const to = i32At(w.a.locations, def);
  const result = vregOf(i32At(w.p.operands, def) as Operand);
  const bytes = u8At(w.p.vregBytes, result);
  const first = takeDemands(w, to);
  if (to >= firstSlotLocation && to !== from && w.overlapping.length > 0) killOverlapping(w, to, inst, `r${result}`);
  for (let d = first; d >= 0; d = nextOf(w, d)) {
    if (vregOfDemand(w, d) === result) {
      dropDemand(w, d);
      w.defMet[def] = 1;
    } else if (from !== to && u8At(w.p.vregBytes, vregOfDemand(w, d)) > bytes) {
      w.list.add('move too narrow', inst, originOf(w, d), to, `${u8At(w.p.vregBytes, vregOfDemand(w, d))} bytes of r${vregOfDemand(w, d)}`, `a copy of ${bytes} bytes`);
      dropDemand(w, d);
    } else passDemand(w, d, from);
  }
  if (i32At(w.demandCount, result) > 0) killStale(w, result, inst);
}

/** A copy that widens its value is an ordinary def: it does not make two virtual registers equal. */
function isPlainCopy(p: Problem, inst: number): boolean {
  if (u8At(p.isCopy, inst) === 0) return false;
  const start = i32At(p.operandStart, inst);
  const from = vregOf(i32At(p.operands, start) as Operand);
  const to = vregOf(i32At(p.operands, start + 1) as Operand);
  return u8At(p.vregBytes, to) <= u8At(p.vregBytes, from);
}

function stepInstruction(w: Walk, inst: number, withUses: boolean): void {
  const p = w.p;
  checkClobbers(w, inst);
  const start = i32At(p.operandStart, inst);
  const end = i32At(p.operandStart, inst + 1);
  if (u8At(p.isCopy, inst) !== 0 && isPlainCopy(p, inst)) stepCopy(w, inst);
  else {
    for (let k = start; k < end; k++) if (isDef(i32At(p.operands, k) as Operand)) stepDef(w, inst, k);
  }
  if (!withUses) return;
  for (let k = start; k < end; k++) {
    const operand = i32At(p.operands, k) as Operand;
    if (!isDef(operand)) addDemand(w, i32At(w.a.locations, k), vregOf(operand), k);
  }
}

function stepMove(w: Walk, m: number): void {
  const { before, from, to, bytes } = w.a.moves;
  const source = i32At(from, m);
  const target = i32At(to, m);
  if (source === target) return;
  const first = takeDemands(w, target);
  if (target >= firstSlotLocation && w.overlapping.length > 0) killOverlapping(w, target, i32At(before, m), `a move from ${locationName(source)}`);
  if (first >= 0 && nextOf(w, first) < 0 && i32At(w.demand, source) < 0 && u8At(w.p.vregBytes, vregOfDemand(w, first)) <= u8At(bytes, m)) {
    // The usual case: the one demand changes its place, and nothing else.
    w.demand[source] = first;
    noteDemanded(w, source);
    return;
  }
  for (let d = first; d >= 0; d = nextOf(w, d)) {
    const vreg = vregOfDemand(w, d);
    if (u8At(w.p.vregBytes, vreg) > u8At(bytes, m)) {
      w.list.add('move too narrow', i32At(before, m), originOf(w, d), target, `${u8At(w.p.vregBytes, vreg)} bytes of r${vreg}`, `a move of ${u8At(bytes, m)} bytes`);
      dropDemand(w, d);
    } else passDemand(w, d, source);
  }
}

function checkScratch(w: Walk, inst: number): void {
  const masks = w.masks.scratch;
  if (((w.demandedInt & masks[0]) | (w.demandedFloat & masks[1])) === 0) return;
  for (let c = 0; c < 2; c++) {
    const location = w.p.registers.scratch[c === 0 ? 0 : 1];
    for (let d = takeDemands(w, location); d >= 0; d = nextOf(w, d)) {
      w.list.add('scratch register holds a value', inst, originOf(w, d), location, 'no value kept across an instruction', `r${vregOfDemand(w, d)}`);
      dropDemand(w, d);
    }
  }
}

/** Walks block `b` backwards with the demands pending at its end and, the first time, its own reads. */
function walkBlock(w: Walk, b: number, withUses: boolean): void {
  const { p, a, pending } = w;
  w.nodes.clear();
  w.slots.clear();
  for (let e = i32At(pending.head, b); e >= 0; e = pending.entries.at(e, nextField)) addDemand(w, pending.entries.at(e, locationField), pending.entries.at(e, vregField), pending.entries.at(e, originField));
  pending.head[b] = -1;
  let m = i32At(w.moveEnd, b) - 1;
  const start = i32At(p.blockStart, b);
  for (let inst = i32At(p.blockStart, b + 1) - 1; inst >= start; inst--) {
    checkScratch(w, inst);
    stepInstruction(w, inst, withUses);
    for (; m >= 0 && i32At(a.moves.before, m) === inst; m--) stepMove(w, m);
  }
  checkScratch(w, start);
  leaveBlock(w, b, withUses);
}

/** Collects what is demanded at the entry of `b`, empties the state, and hands what is new to the predecessors. */
function leaveBlock(w: Walk, b: number, firstTime: boolean): void {
  if (!firstTime) indexEntry(w, b);
  for (let bits = w.demandedInt; bits !== 0; bits &= bits - 1) leaveLocation(w, b, 31 - Math.clz32(bits & -bits), firstTime);
  for (let bits = w.demandedFloat; bits !== 0; bits &= bits - 1) leaveLocation(w, b, 63 - Math.clz32(bits & -bits), firstTime);
  for (let i = 0; i < w.slots.length; i++) leaveLocation(w, b, w.slots.at(i), firstTime);
  if (!firstTime) for (let e = i32At(w.entry.head, b); e >= 0; e = w.entry.entries.at(e, nextField)) w.seen[w.entry.entries.at(e, locationField)] = -1;
}

function indexEntry(w: Walk, b: number): void {
  while (w.seenNext.length < w.entry.entries.length) w.seenNext.push(-1);
  for (let e = i32At(w.entry.head, b); e >= 0; e = w.entry.entries.at(e, nextField)) {
    const location = w.entry.entries.at(e, locationField);
    w.seenNext.set(e, i32At(w.seen, location));
    w.seen[location] = e;
  }
}

function isKnown(w: Walk, location: number, vreg: number): boolean {
  for (let e = i32At(w.seen, location); e >= 0; e = w.seenNext.at(e)) if (w.entry.entries.at(e, vregField) === vreg) return true;
  return false;
}

function pushBorder(lists: BorderLists, block: number, location: number, vreg: number, origin: number): void {
  lists.head[block] = lists.entries.push(vreg, origin, i32At(lists.head, block), location);
}

function leaveLocation(w: Walk, b: number, location: number, firstTime: boolean): void {
  const p = w.p;
  for (let d = takeDemands(w, location); d >= 0; d = nextOf(w, d)) {
    dropDemand(w, d);
    const vreg = vregOfDemand(w, d);
    if (!firstTime && isKnown(w, location, vreg)) continue;
    const origin = originOf(w, d);
    if (b === 0) {
      w.list.add('undefined value', 0, origin, location, `r${vreg}`, 'nothing written on some path from the entry');
      continue;
    }
    pushBorder(w.entry, b, location, vreg, origin);
    const above = location < firstSlotLocation || sharesBytes(w, location) ? nowhere : w.shortcuts.from(b, location, vreg);
    if (above !== nowhere) {
      pushBorder(w.pending, above, location, vreg, origin);
      continue;
    }
    const parameter = i32At(w.parameterOf, vreg);
    const first = i32At(p.parameterStart, b);
    const isParameter = parameter >= first && parameter < i32At(p.parameterStart, b + 1);
    for (let e = i32At(p.predecessorStart, b); e < i32At(p.predecessorStart, b + 1); e++) {
      const predecessor = i32At(p.predecessors, e);
      let demanded = vreg;
      if (isParameter) {
        const argument = i32At(p.argumentStart, predecessor) + parameter - first;
        w.argumentMet[argument] = 1;
        demanded = i32At(p.arguments, argument);
      }
      pushBorder(w.pending, predecessor, location, demanded, origin);
    }
  }
}

/** Hash of every read, every def that met a demand, and every argument that a read parameter received. */
function fingerprintOf(w: Walk): string {
  const p = w.p;
  let low = 0x811c9dc5 | 0;
  let high = 0x01000193 | 0;
  for (let k = 0; k < p.operands.length; k++) {
    const operand = i32At(p.operands, k) as Operand;
    if (isDef(operand) && u8At(w.defMet, k) === 0) continue;
    low = Math.imul(low ^ Math.imul(k, 0x9e3779b1) ^ vregOf(operand), 0x01000193) ^ (low >>> 15);
    high = Math.imul(high ^ (vregOf(operand) + (isDef(operand) ? 0x40000000 : 0)), 0x85ebca6b) ^ (high >>> 13) ^ low;
  }
  for (let k = 0; k < p.arguments.length; k++) {
    if (u8At(w.argumentMet, k) === 0) continue;
    low = Math.imul(low ^ Math.imul(k, 0x9e3779b1) ^ i32At(p.arguments, k), 0x01000193) ^ (low >>> 15);
    high = Math.imul(high ^ i32At(p.arguments, k), 0xc2b2ae35) ^ (high >>> 13) ^ low;
  }
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
}
