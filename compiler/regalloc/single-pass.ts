// Allocates in one backward walk: blocks in postorder, instructions from last to first.
// Needs:  a problem as problem.ts states it.
// Leaves: an allocation that meets all constraints; no value is moved in straight-line code unless registers run short or are fixed.
// Method: walking backwards, uses come before defs, so a value takes a register at its last use and, by preference, the very one that
//         the code below needs; two-address results and call arguments are computed in place. When a block's walk ends, the registers
//         in use become its entry map, which predecessors adopt as their exit state. A loop header's map is fixed when the first
//         edge back to it is met: its parameters and the values the loop reads most (loop-values.ts). Slots are written once, after
//         the def, so spilling a value below a point means one load there and nothing else.
// Invariant: between blocks, a value in a register stands in the entry map of the block; every other live value is in its slot.
// Cost:   linear in operands, plus registers per block border; no data flow is solved.

import { i32At, u8At } from '../base/cells.ts';
import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { findFlow } from './flow.ts';
import { LoopValues } from './loop-values.ts';
import { countMoves } from './move-list.ts';
import { type Allocation, type Problem, firstSlotLocation, problemBlockCount } from './problem.ts';
import { allocateInstruction } from './single-pass-instruction.ts';
import { shareSlots } from './share-slots.ts';
import { type State, createState, hold, pickFree, prepare, release, slotLocation } from './single-pass-state.ts';
import { SpillSlots } from './spill.ts';

/** Registers per class that a loop's entry map leaves free for what the loop computes: a quarter, at least one. */
const loopReserveShift = 2;

interface Borders {
  /** Entry map of each block: its range in the columns below; length -1 while unknown. */
  entryStart: Int32Array;
  entryLength: Int32Array;
  readonly entryRegister: Int32Column;
  readonly entryVReg: Int32Column;
  /** Location of each block parameter at entry, -1 if nobody reads it; parallel to `Problem.parameters`. */
  parameterLocation: Int32Array;
  readonly loopValues: LoopValues;
  /** Register in which the header of the loop being left holds a virtual register, valid where `headerStamp` is current. */
  headerRegister: Int32Array;
  headerStamp: Int32Array;
  stamp: number;
  // Edge transfers of a block with several successors: from where, to which register, how many bytes. They lie edge by edge in the order in which edges were
  // noted, the primary one first; `edgeEnd` has one past the last of each.
  readonly edgeEnd: Int32Column;
  /** The edge that was noted first, as a position in the successors. */
  primaryEdge: number;
  readonly edgeFrom: Int32Column;
  readonly edgeTo: Int32Column;
  readonly edgeBytes: Int32Column;
  /** While a branch is composed with its edges: where the content of each register comes from, or -1. */
  readonly movedFrom: Int32Array;
}

let state: State | undefined;
const borders: Borders = {
  entryStart: new Int32Array(0),
  entryLength: new Int32Array(0),
  entryRegister: new Int32Column(),
  entryVReg: new Int32Column(),
  parameterLocation: new Int32Array(0),
  loopValues: new LoopValues(),
  headerRegister: new Int32Array(0),
  headerStamp: new Int32Array(0),
  stamp: 0,
  edgeEnd: new Int32Column(),
  primaryEdge: 0,
  edgeFrom: new Int32Column(),
  edgeTo: new Int32Column(),
  edgeBytes: new Int32Column(),
  movedFrom: new Int32Array(64).fill(-1),
};

/** Allocates registers for `p` in one backward pass. */
export function allocateSinglePass(p: Problem, control: Control): Allocation {
  const s = (state ??= createState(p, control));
  const b = borders;
  const flow = findFlow(p);
  prepare(s, p, flow, control);
  prepareBorders(b, p);
  b.loopValues.collect(p, flow);
  for (let i = 0; i < flow.postorder.length; i++) {
    const block = i32At(flow.postorder, i);
    shunRegisters(s);
    const last = i32At(p.blockStart, block + 1) - 1;
    const successors = i32At(p.successorStart, block + 1) - i32At(p.successorStart, block);
    if (successors === 1) leaveBySoleEdge(s, b, block, last);
    else if (successors > 1) mergeEdges(s, b, block, last);
    for (let inst = last; inst >= i32At(p.blockStart, block); inst--) {
      allocateInstruction(s, inst);
      if (inst === last && successors > 1) emitEdges(s, b, block);
      else if (s.afterFrom.length > 0) emitAfter(s, inst);
    }
    enterBlock(s, b, block);
  }
  const slots = new SpillSlots();
  const slotLocation = shareSlots(p, flow, s, slots);
  const moves = s.moves.toMoves(p.registers.scratch, slotLocation, () => slots.add(16));
  for (let k = 0; k < s.locations.length; k++) {
    const location = i32At(s.locations, k);
    if (location >= firstSlotLocation) s.locations[k] = i32At(slotLocation, location - firstSlotLocation);
  }
  return { locations: s.locations, moves, ...slots.layOut(), statistics: { ...countMoves(moves), splits: s.splits } };
}

function prepareBorders(b: Borders, p: Problem): void {
  const blocks = problemBlockCount(p);
  const vregs = p.vregClass.length;
  if (b.entryStart.length < blocks) {
    b.entryStart = new Int32Array(blocks * 2);
    b.entryLength = new Int32Array(blocks * 2);
  }
  if (b.parameterLocation.length < p.parameters.length) b.parameterLocation = new Int32Array(p.parameters.length * 2);
  if (b.headerStamp.length < vregs) {
    b.headerRegister = new Int32Array(vregs * 2);
    b.headerStamp = new Int32Array(vregs * 2);
  }
  b.headerStamp.fill(0, 0, vregs);
  b.stamp = 0;
  b.entryLength.fill(-1, 0, blocks);
  b.entryRegister.clear();
  b.entryVReg.clear();
}

/** Chaos: lets a block do without some registers unless it must use them. Choice 0 shuns none. */
function shunRegisters(s: State): void {
  for (let c = 0; c < 2; c++) {
    const order = s.p.registers.allocatable[c === 0 ? 0 : 1];
    let mask = 0;
    const choice = s.control.choose(order.length + 1);
    for (let i = 0; i < choice && i < order.length; i++) mask |= 1 << ((order[i] ?? 0) & 31);
    s.shunned[c] = mask;
  }
}

/** Fixes the entry map of a loop header before the walk has seen the loop. */
function fixEntry(s: State, b: Borders, header: number): void {
  const p = s.p;
  const room = [0, 0];
  const taken = [0, 0];
  for (let c = 0; c < 2; c++) {
    const registers = p.registers.allocatable[c === 0 ? 0 : 1].length;
    room[c] = registers - Math.max(1, registers >> loopReserveShift);
  }
  const take = (vreg: number): number => {
    const c = u8At(p.vregClass, vreg);
    const left = room[c] ?? 0;
    if (left <= 0) return -1;
    const free = i32At(s.allocatable, c) & ~(taken[c] ?? 0);
    const wish = i32At(s.lastRegisterOf, vreg);
    let register = wish;
    if (wish < 0 || ((free >>> (wish & 31)) & 1) === 0) {
      register = p.registers.allocatable[c === 0 ? 0 : 1].find((r) => ((free >>> (r & 31)) & 1) !== 0) ?? -1;
    }
    room[c] = left - 1;
    taken[c] = (taken[c] ?? 0) | (1 << (register & 31));
    return register;
  };
  b.entryStart[header] = b.entryRegister.length;
  for (let k = i32At(p.parameterStart, header); k < i32At(p.parameterStart, header + 1); k++) {
    const vreg = i32At(p.parameters, k);
    const register = take(vreg);
    b.parameterLocation[k] = register >= 0 ? register : slotLocation(s, vreg);
  }
  const values = b.loopValues;
  let length = 0;
  for (;;) {
    let best = -1;
    for (let e = values.first(header); e >= 0; e = values.following(e)) {
      if (values.weightOf(e) > 0 && (best < 0 || values.weightOf(e) > values.weightOf(best))) best = e;
    }
    if (best < 0) break;
    values.drop(best);
    const register = take(values.vregOf(best));
    if (register < 0) continue;
    b.entryRegister.push(register);
    b.entryVReg.push(values.vregOf(best));
    length++;
  }
  b.entryLength[header] = length;
}

/** True if the edge leaves the innermost loop of `block`; then `headerRegister` tells what that loop holds in registers throughout. */
function leavesLoop(s: State, b: Borders, block: number, successor: number): boolean {
  const header = i32At(s.flow.loopOf, block);
  if (header < 0 || i32At(b.entryLength, header) < 0) return false;
  // Outer loops have headers of lower rank.
  const { loopOf, outerLoop, rank } = s.flow;
  for (let loop = i32At(loopOf, successor); loop >= 0 && i32At(rank, loop) >= i32At(rank, header); loop = i32At(outerLoop, loop)) if (loop === header) return false;
  b.stamp++;
  const start = i32At(b.entryStart, header);
  for (let e = start; e < start + i32At(b.entryLength, header); e++) {
    b.headerRegister[b.entryVReg.at(e)] = b.entryRegister.at(e);
    b.headerStamp[b.entryVReg.at(e)] = b.stamp;
  }
  return true;
}

/** Where `vreg`, wanted in `register` behind an edge, is at the end of the block in front of it; it is put there if it is nowhere yet. */
function placeAtExit(s: State, b: Borders, block: number, vreg: number, register: number, leaving: boolean): number {
  const already = i32At(s.registerOf, vreg);
  if (already >= 0) return already;
  let place = register;
  if (leaving && b.loopValues.definedOutside(vreg, i32At(s.flow.rank, i32At(s.flow.loopOf, block)))) {
    // It crosses the loop: in the register the loop keeps it in, or in its slot, so that the load happens once, outside.
    if (i32At(b.headerStamp, vreg) !== b.stamp) return slotLocation(s, vreg);
    place = i32At(b.headerRegister, vreg);
  }
  if (i32At(s.vregIn, place) >= 0) place = pickFree(s, register >>> 5, 0, register);
  if (place < 0) return slotLocation(s, vreg);
  hold(s, place, vreg);
  s.touched[place] = s.p.operandStart.length;
  return place;
}

/** Makes the exit state of a block with one successor, and the moves of its edge. */
function leaveBySoleEdge(s: State, b: Borders, block: number, last: number): void {
  const p = s.p;
  const successor = i32At(p.successors, i32At(p.successorStart, block));
  if (i32At(b.entryLength, successor) < 0) fixEntry(s, b, successor);
  const leaving = leavesLoop(s, b, block, successor);
  s.moves.begin();
  const start = i32At(b.entryStart, successor);
  for (let e = start; e < start + i32At(b.entryLength, successor); e++) {
    const vreg = b.entryVReg.at(e);
    const register = b.entryRegister.at(e);
    s.moves.add(last, placeAtExit(s, b, block, vreg, register, leaving), register, u8At(p.vregBytes, vreg));
  }
  const parameter = i32At(p.parameterStart, successor);
  const argument = i32At(p.argumentStart, block);
  const count = i32At(p.parameterStart, successor + 1) - parameter;
  for (let k = 0; k < count; k++) {
    const location = i32At(b.parameterLocation, parameter + k);
    if (location < 0 || location >= firstSlotLocation) continue;
    const vreg = i32At(p.arguments, argument + k);
    const from = placeAtExit(s, b, block, vreg, location, leaving);
    s.moves.add(last, from, location, u8At(p.vregBytes, i32At(p.parameters, parameter + k)));
  }
  for (let k = 0; k < count; k++) {
    const location = i32At(b.parameterLocation, parameter + k);
    if (location < firstSlotLocation) continue;
    const vreg = i32At(p.arguments, argument + k);
    // In no register so far: its own slot will do, and most likely becomes the parameter's.
    const register = i32At(s.registerOf, vreg);
    const from = register >= 0 ? register : slotLocation(s, vreg);
    s.moves.add(last, from, location, u8At(p.vregBytes, i32At(p.parameters, parameter + k)));
  }
}

/** Makes the exit state of a block with several successors out of what they expect, and notes what each edge has to transfer. */
function mergeEdges(s: State, b: Borders, block: number, last: number): void {
  const p = s.p;
  const start = i32At(p.successorStart, block);
  const end = i32At(p.successorStart, block + 1);
  b.edgeEnd.clear();
  b.edgeFrom.clear();
  b.edgeTo.clear();
  b.edgeBytes.clear();
  // The successor in most loops runs most often: its wishes come first.
  let primary = start;
  for (let e = start + 1; e < end; e++) {
    if (u8At(p.loopDepth, i32At(p.successors, e)) > u8At(p.loopDepth, i32At(p.successors, primary))) primary = e;
  }
  b.primaryEdge = primary;
  noteEdge(s, b, block, i32At(p.successors, primary));
  for (let e = start; e < end; e++) if (e !== primary) noteEdge(s, b, block, i32At(p.successors, e));
  for (let c = 0; c < 2; c++) {
    for (let bits = i32At(s.occupied, c); bits !== 0; bits &= bits - 1) s.touched[(c << 5) + 31 - Math.clz32(bits & -bits)] = last + 1;
  }
}

function noteEdge(s: State, b: Borders, block: number, successor: number): void {
  if (i32At(b.entryLength, successor) < 0) fixEntry(s, b, successor);
  const leaving = leavesLoop(s, b, block, successor);
  const start = i32At(b.entryStart, successor);
  for (let e = start; e < start + i32At(b.entryLength, successor); e++) {
    const vreg = b.entryVReg.at(e);
    const register = b.entryRegister.at(e);
    b.edgeFrom.push(placeAtExit(s, b, block, vreg, register, leaving));
    b.edgeTo.push(register);
    b.edgeBytes.push(u8At(s.p.vregBytes, vreg));
  }
  b.edgeEnd.push(b.edgeFrom.length);
}

/** Emits, at the head of each successor, its edge's transfers composed with the moves due right after the branch. */
function emitEdges(s: State, b: Borders, block: number): void {
  const p = s.p;
  for (let a = 0; a < s.afterFrom.length; a++) {
    if (s.afterTo.at(a) < firstSlotLocation) b.movedFrom[s.afterTo.at(a)] = s.afterFrom.at(a);
  }
  const first = i32At(p.successorStart, block);
  for (let e = first; e < i32At(p.successorStart, block + 1); e++) {
    const head = i32At(p.blockStart, i32At(p.successors, e));
    const noted = e === b.primaryEdge ? 0 : e < b.primaryEdge ? e - first + 1 : e - first;
    s.moves.begin();
    for (let t = noted === 0 ? 0 : b.edgeEnd.at(noted - 1); t < b.edgeEnd.at(noted); t++) {
      s.moves.add(head, sourceAfterBranch(s, b, b.edgeFrom.at(t)), b.edgeTo.at(t), b.edgeBytes.at(t));
    }
    for (let a = 0; a < s.afterFrom.length; a++) {
      if (s.afterTo.at(a) >= firstSlotLocation) s.moves.add(head, s.afterFrom.at(a), s.afterTo.at(a), s.afterBytes.at(a));
    }
  }
  b.movedFrom.fill(-1);
}

/** Where right after the branch is what the moves due there would put into `location`. */
function sourceAfterBranch(s: State, b: Borders, location: number): number {
  if (location < firstSlotLocation) {
    const moved = i32At(b.movedFrom, location);
    return moved >= 0 ? moved : location;
  }
  for (let a = 0; a < s.afterTo.length; a++) if (s.afterTo.at(a) === location) return s.afterFrom.at(a);
  return location;
}

function emitAfter(s: State, inst: number): void {
  s.moves.begin();
  for (let a = 0; a < s.afterFrom.length; a++) s.moves.add(inst + 1, s.afterFrom.at(a), s.afterTo.at(a), s.afterBytes.at(a));
}

/** Ends the walk of a block: makes its entry map, or joins the map that was fixed before to what the block needs. */
function enterBlock(s: State, b: Borders, block: number): void {
  const p = s.p;
  const head = i32At(p.blockStart, block);
  const fixed = i32At(b.entryLength, block) >= 0;
  s.moves.begin();
  for (let k = i32At(p.parameterStart, block); k < i32At(p.parameterStart, block + 1); k++) {
    const vreg = i32At(p.parameters, k);
    const register = i32At(s.registerOf, vreg);
    const slot = i32At(s.slotOf, vreg);
    if (!fixed) b.parameterLocation[k] = register >= 0 ? register : slot;
    const location = i32At(b.parameterLocation, k);
    if (register >= 0) {
      s.moves.add(head, location, register, u8At(p.vregBytes, vreg));
      release(s, register);
    }
    if (slot >= 0) s.moves.add(head, location, slot, u8At(p.vregBytes, vreg));
  }
  if (fixed) {
    const start = i32At(b.entryStart, block);
    for (let e = start; e < start + i32At(b.entryLength, block); e++) {
      const vreg = b.entryVReg.at(e);
      const register = i32At(s.registerOf, vreg);
      if (register < 0) continue;
      s.moves.add(head, b.entryRegister.at(e), register, u8At(p.vregBytes, vreg));
      release(s, register);
    }
  } else b.entryStart[block] = b.entryRegister.length;
  let length = 0;
  for (let c = 0; c < 2; c++) {
    for (let bits = i32At(s.occupied, c); bits !== 0; bits &= bits - 1) {
      const register = (c << 5) + 31 - Math.clz32(bits & -bits);
      const vreg = i32At(s.vregIn, register);
      if (block === 0) bug('value is read but never defined', `r${vreg}`);
      if (fixed) s.moves.add(head, slotLocation(s, vreg), register, u8At(p.vregBytes, vreg));
      else {
        b.entryRegister.push(register);
        b.entryVReg.push(vreg);
        length++;
      }
      release(s, register);
    }
  }
  if (!fixed) b.entryLength[block] = length;
}
