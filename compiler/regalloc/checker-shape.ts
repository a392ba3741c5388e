// The checker's half that looks at one instruction, one move, one slot at a time; checker.ts has the definition.
// It shares nothing with the allocators: masks are rebuilt from the problem, facts from the answer alone.

import { i32At, u8At } from '../base/cells.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { type Allocation, type Problem, firstSlotLocation, problemInstCount } from './problem.ts';
import { type Fault, type FaultKind, locationName } from './proof.ts';

/** More faults than this say nothing new. */
const faultLimit = 64;

export class FaultList {
  readonly faults: Fault[] = [];
  private readonly seen = new Set<string>();
  add(kind: FaultKind, instruction: number, operand: number, location: number, expected: string, found: string): void {
    const key = `${kind} ${instruction} ${operand} ${location}`;
    if (this.faults.length >= faultLimit || this.seen.has(key)) return;
    this.seen.add(key);
    this.faults.push({ kind, instruction, operand, location, expected, found });
  }
}

export interface RegisterMasks {
  /** Registers that may be handed out, per class. */
  readonly allocatable: readonly [number, number];
  readonly scratch: readonly [number, number];
}

export function registerMasks(p: Problem): RegisterMasks {
  const maskOf = (registers: readonly number[]): number => registers.reduce((mask, register) => mask | (1 << (register & 31)), 0);
  return {
    allocatable: [maskOf(p.registers.allocatable[0]), maskOf(p.registers.allocatable[1])],
    scratch: [1 << (p.registers.scratch[0] & 31), 1 << (p.registers.scratch[1] & 31)],
  };
}

const inMask = (masks: readonly [number, number], register: number): boolean => (((register < 32 ? masks[0] : masks[1]) >>> (register & 31)) & 1) !== 0;

/** Checks sizes, alignment and bounds of the slots; answers false if later checks could not rely on them. */
export function checkSlots(a: Allocation, list: FaultList): boolean {
  if (a.slotOffset.length !== a.slotBytes.length) {
    list.add('slot misplaced', 0, -1, firstSlotLocation, `${a.slotOffset.length} slot sizes`, String(a.slotBytes.length));
    return false;
  }
  for (let s = 0; s < a.slotBytes.length; s++) {
    const bytes = i32At(a.slotBytes, s);
    const offset = i32At(a.slotOffset, s);
    const ok = (bytes === 4 || bytes === 8 || bytes === 16) && offset >= 0 && offset % bytes === 0 && offset + bytes <= a.spillBytes;
    if (!ok) list.add('slot misplaced', 0, -1, firstSlotLocation + s, `4, 8 or 16 aligned bytes within ${a.spillBytes}`, `${bytes} bytes at ${offset}`);
  }
  if (a.spillBytes % 16 !== 0) list.add('slot misplaced', 0, -1, firstSlotLocation, 'spill area in units of 16 bytes', `${a.spillBytes} bytes`);
  return true;
}

/** True if the allocation's arrays fit the problem and every location named exists. */
export function checkRanges(p: Problem, a: Allocation, list: FaultList): boolean {
  const end = firstSlotLocation + a.slotBytes.length;
  const before = list.faults.length;
  if (a.locations.length !== p.operands.length) {
    list.add('location out of range', 0, -1, -1, `${p.operands.length} locations`, String(a.locations.length));
    return false;
  }
  for (let k = 0; k < a.locations.length; k++) {
    const location = i32At(a.locations, k);
    if (location < 0 || location >= end) list.add('location out of range', instructionOf(p, k), k, location, 'a location', String(location));
  }
  const { before: place, from, to } = a.moves;
  let last = 0;
  for (let m = 0; m < to.length; m++) {
    const inst = i32At(place, m);
    if (inst < last || inst >= problemInstCount(p)) list.add('malformed move', inst, -1, i32At(to, m), `a place from ${last} on`, String(inst));
    last = Math.max(last, inst);
    for (const location of [i32At(from, m), i32At(to, m)]) {
      if (location < 0 || location >= end) list.add('malformed move', inst, -1, location, 'a location', String(location));
    }
  }
  return list.faults.length === before;
}

function instructionOf(p: Problem, operand: number): number {
  let low = 0;
  let high = problemInstCount(p);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (i32At(p.operandStart, middle) <= operand) low = middle;
    else high = middle;
  }
  return low;
}

const fits = (allocatable: number, location: number): boolean => ((allocatable >>> (location & 31)) & 1) !== 0;

/** Constraints, class, size and half-point interference of the operands of `inst`. */
export function checkOperands(p: Problem, a: Allocation, masks: RegisterMasks, inst: number, list: FaultList): void {
  const start = i32At(p.operandStart, inst);
  const end = i32At(p.operandStart, inst + 1);
  // Per class: registers of uses, late uses, defs, early defs.
  let uses0 = 0;
  let uses1 = 0;
  let lateUses0 = 0;
  let lateUses1 = 0;
  let defs0 = 0;
  let defs1 = 0;
  let earlyDefs0 = 0;
  let earlyDefs1 = 0;
  let doubled = false;
  let slotDefs = 0;
  for (let k = start; k < end; k++) {
    const operand = i32At(p.operands, k) as Operand;
    const vreg = vregOf(operand);
    const location = i32At(a.locations, k);
    const constraint = constraintOf(operand);
    if (location >= firstSlotLocation) {
      if (constraint !== constraints.any && constraint !== constraints.stack) list.add('constraint broken', inst, k, location, 'a register', 'a slot');
      const bytes = i32At(a.slotBytes, location - firstSlotLocation);
      if (bytes < u8At(p.vregBytes, vreg)) list.add('slot too small', inst, k, location, `${u8At(p.vregBytes, vreg)} bytes`, `${bytes} bytes`);
      if (isDef(operand)) slotDefs++;
      continue;
    }
    const float = location >= 32;
    if (float !== (u8At(p.vregClass, vreg) === 1)) {
      list.add('wrong class', inst, k, location, float ? 'an integer register' : 'a float register', locationName(location));
    }
    if (constraint === constraints.fixed) {
      if (location !== detailOfOperand(operand)) list.add('constraint broken', inst, k, location, locationName(detailOfOperand(operand)), locationName(location));
    } else if (constraint === constraints.stack) list.add('constraint broken', inst, k, location, 'a slot', locationName(location));
    else if (constraint === constraints.reuse) checkReuse(p, a, masks, inst, k, list);
    else if (!fits(float ? masks.allocatable[1] : masks.allocatable[0], location) && !sharesFixed(p, a, inst, k)) {
      list.add('register not allocatable', inst, k, location, 'an allocatable register', locationName(location));
    }
    const bit = 1 << (location & 31);
    if (isDef(operand)) {
      if (((float ? defs1 : defs0) & bit) !== 0) doubled = true;
      if (float) defs1 |= bit;
      else defs0 |= bit;
      if (!isLate(operand)) {
        if (float) earlyDefs1 |= bit;
        else earlyDefs0 |= bit;
      }
    } else {
      if (float) uses1 |= bit;
      else uses0 |= bit;
      if (isLate(operand)) {
        if (float) lateUses1 |= bit;
        else lateUses0 |= bit;
      }
    }
  }
  const clobberInt = i32At(p.clobberInt, inst);
  const clobberFloat = i32At(p.clobberFloat, inst);
  const conflict =
    (earlyDefs0 & uses0) |
    (earlyDefs1 & uses1) |
    (defs0 & lateUses0) |
    (defs1 & lateUses1) |
    (clobberInt & (defs0 | lateUses0)) |
    (clobberFloat & (defs1 | lateUses1));
  if (conflict !== 0 || doubled || (slotDefs > 0 && end - start > 1)) findInterference(p, a, inst, list);
}

function checkReuse(p: Problem, a: Allocation, masks: RegisterMasks, inst: number, k: number, list: FaultList): void {
  const start = i32At(p.operandStart, inst);
  const detail = detailOfOperand(i32At(p.operands, k) as Operand);
  const source = start + detail;
  const location = i32At(a.locations, k);
  if (source >= i32At(p.operandStart, inst + 1) || isDef(i32At(p.operands, source) as Operand)) {
    list.add('constraint broken', inst, k, location, `a use as operand ${detail}`, 'none');
  } else if (i32At(a.locations, source) !== location) {
    list.add('constraint broken', inst, k, location, `the register of operand ${detail}`, locationName(i32At(a.locations, source)));
  } else if (constraintOf(i32At(p.operands, source) as Operand) !== constraints.fixed && !inMask(masks.allocatable, location)) {
    list.add('register not allocatable', inst, k, location, 'an allocatable register', locationName(location));
  }
}

/** True if `k` is a use in a register that another operand of the instruction names as fixed for the same virtual register. */
function sharesFixed(p: Problem, a: Allocation, inst: number, k: number): boolean {
  const vreg = vregOf(i32At(p.operands, k) as Operand);
  if (isDef(i32At(p.operands, k) as Operand)) return false;
  for (let j = i32At(p.operandStart, inst); j < i32At(p.operandStart, inst + 1); j++) {
    const operand = i32At(p.operands, j) as Operand;
    if (constraintOf(operand) === constraints.fixed && !isDef(operand) && vregOf(operand) === vreg && detailOfOperand(operand) === i32At(a.locations, k)) return true;
  }
  return false;
}

function overlap(a: Allocation, x: number, y: number): boolean {
  if (x < firstSlotLocation || y < firstSlotLocation) return x === y;
  const xStart = i32At(a.slotOffset, x - firstSlotLocation);
  const yStart = i32At(a.slotOffset, y - firstSlotLocation);
  return xStart < yStart + i32At(a.slotBytes, y - firstSlotLocation) && yStart < xStart + i32At(a.slotBytes, x - firstSlotLocation);
}

/** Names the pairs that share a location at a half-point. Only called where masks show a conflict or a def is in a slot. */
function findInterference(p: Problem, a: Allocation, inst: number, list: FaultList): void {
  const end = i32At(p.operandStart, inst + 1);
  for (let k = i32At(p.operandStart, inst); k < end; k++) {
    const operand = i32At(p.operands, k) as Operand;
    const location = i32At(a.locations, k);
    if ((isDef(operand) || isLate(operand)) && location < firstSlotLocation) {
      const clobber = location < 32 ? i32At(p.clobberInt, inst) : i32At(p.clobberFloat, inst);
      if (((clobber >>> (location & 31)) & 1) !== 0) list.add('interference', inst, k, location, 'a register the instruction leaves alone', 'its clobber');
    }
    if (!isDef(operand)) continue;
    for (let j = i32At(p.operandStart, inst); j < end; j++) {
      const other = i32At(p.operands, j) as Operand;
      if (j === k || (isDef(other) && j < k) || !overlap(a, location, i32At(a.locations, j))) continue;
      const together = isDef(other) || isLate(other) || !isLate(operand);
      if (together) list.add('interference', inst, k, location, `nothing of r${vregOf(other)} at that half-point`, `operand ${j}`);
    }
  }
}

/** Shape of move `m`: widths, classes, and whom its destination belongs to. */
export function checkMove(p: Problem, a: Allocation, masks: RegisterMasks, m: number, list: FaultList): void {
  const inst = i32At(a.moves.before, m);
  const from = i32At(a.moves.from, m);
  const to = i32At(a.moves.to, m);
  const bytes = u8At(a.moves.bytes, m);
  if (from >= firstSlotLocation && to >= firstSlotLocation) list.add('malformed move', inst, -1, to, 'a register on one side', 'two slots');
  if (bytes !== 4 && bytes !== 8 && bytes !== 16) list.add('malformed move', inst, -1, to, '4, 8 or 16 bytes', `${bytes} bytes`);
  for (const location of [from, to]) {
    if (location >= firstSlotLocation) {
      const size = i32At(a.slotBytes, location - firstSlotLocation);
      if (bytes > size) list.add('slot too small', inst, -1, location, `${bytes} bytes`, `${size} bytes`);
    } else if (location < 32 && bytes > 8) list.add('malformed move', inst, -1, location, 'at most 8 bytes', `${bytes} bytes`);
  }
  if (from < firstSlotLocation && to < firstSlotLocation && from >>> 5 !== to >>> 5) list.add('wrong class', inst, -1, to, 'one class on both sides', locationName(from));
  if (to >= firstSlotLocation || inMask(masks.allocatable, to) || inMask(masks.scratch, to)) return;
  for (let k = i32At(p.operandStart, inst); k < i32At(p.operandStart, inst + 1); k++) {
    const operand = i32At(p.operands, k) as Operand;
    if (!isDef(operand) && constraintOf(operand) === constraints.fixed && detailOfOperand(operand) === to) return;
  }
  list.add('register not allocatable', inst, -1, to, 'a destination the allocator may write', locationName(to));
}
