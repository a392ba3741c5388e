// One instruction of the single-pass allocator: given what is in registers below it, places its operands and says what is in registers above.
// Method: fixed operands and clobbers first, putting out values that live through in their way; then operands that need a register at
//         both half-points, then those of one half-point. A greedy choice in this order fails only if the instruction itself demands
//         more registers than there are. Last, each value put out gets a place for the duration: a register the instruction leaves
//         alone, else its slot.
// Moves:  before the instruction, from the home of a value to further places where operands want it; after it, from defs to where code
//         below expects them and to their slots, and from the interim places of values put out back to their registers.
// Cost:   linear in operands, plus the registers of a class per register given.

import { i32At, u8At } from '../base/cells.ts';
import { bug } from '../base/errors.ts';
import { type Operand, constraintOf, constraints, detailOfOperand, isDef, isLate, vregOf } from './operand.ts';
import { firstSlotLocation } from './problem.ts';
import { type State, displace, hold, pick, pickFree, pickUncoveted, release, setNewHome, slotLocation } from './single-pass-state.ts';

const operandAt = (s: State, index: number): Operand => i32At(s.p.operands, index) as Operand;

// Kinds of operand met in an instruction, so that passes nobody needs are skipped.
const hasReuse = 1;
const hasBothHalves = 2;
const hasLateDef = 4;
const hasFixed = 8;
const hasUse = 16;
const hasAny = 32;

function takeEarly(s: State, register: number): void {
  const c = register >>> 5;
  s.early[c] = i32At(s.early, c) | (1 << (register & 31));
}
function takeLate(s: State, register: number): void {
  const c = register >>> 5;
  s.late[c] = i32At(s.late, c) | (1 << (register & 31));
}
function takeWritten(s: State, register: number): void {
  const c = register >>> 5;
  s.late[c] = i32At(s.late, c) | (1 << (register & 31));
  s.written[c] = i32At(s.written, c) | (1 << (register & 31));
}
const has = (mask: Int32Array, register: number): boolean => ((i32At(mask, register >>> 5) >>> (register & 31)) & 1) !== 0;

function demand(register: number, inst: number): number {
  return register >= 0 ? register : bug('instruction demands more registers than there are', `instruction ${inst}`);
}

/** Places the operands of `inst`; the moves before it are emitted, those after it are left in `s.after…`. */
export function allocateInstruction(s: State, inst: number): void {
  const p = s.p;
  const start = i32At(p.operandStart, inst);
  const end = i32At(p.operandStart, inst + 1);
  const clobberInt = i32At(p.clobberInt, inst);
  const clobberFloat = i32At(p.clobberFloat, inst);
  s.afterFrom.clear();
  s.afterTo.clear();
  s.afterBytes.clear();
  if (start === end && (clobberInt | clobberFloat) === 0) return;
  s.inst = inst;
  s.displaced.clear();
  s.displacedFrom.clear();
  s.early[0] = s.early[1] = s.newHomes[0] = s.newHomes[1] = s.read[0] = s.read[1] = s.coveted[0] = s.coveted[1] = 0;
  s.late[0] = s.written[0] = clobberInt;
  s.late[1] = s.written[1] = clobberFloat;

  const kinds = endDefs(s, start, end);
  noteReads(s, start, end);
  if ((kinds & hasFixed) !== 0 || (clobberInt | clobberFloat) !== 0) {
    if ((kinds & hasReuse) !== 0) fixReuses(s, start, end);
    makeWay(s, inst);
    if ((kinds & hasFixed) !== 0) homeFixedUses(s, start, end);
  }
  if ((kinds & hasReuse) !== 0) placeReuses(s, inst, start, end);
  // Whoever may do with a slot waits for those who may not.
  for (let round = 0; round < 2; round++) {
    const flexible = round === 1;
    if (flexible && (kinds & hasAny) === 0) break;
    if ((kinds & hasBothHalves) !== 0) placeBothHalves(s, inst, start, end, flexible);
    if ((kinds & hasLateDef) !== 0) placeLateDefs(s, inst, start, end, flexible);
    if ((kinds & hasUse) !== 0) placeEarlyUses(s, inst, start, end, flexible);
  }
  for (let d = 0; d < s.displaced.length; d++) placeDisplaced(s, s.displaced.at(d), s.displacedFrom.at(d));
  moveDefs(s, start, end);
  if ((kinds & (hasUse | hasFixed | hasReuse | hasBothHalves)) !== 0) moveUses(s, inst, start, end);
}

/** Takes defs out of the registers below, takes the registers of fixed operands, and tells which kinds of operand there are. */
function endDefs(s: State, start: number, end: number): number {
  if (s.wanted.length < end - start) s.wanted = new Int32Array((end - start) * 2);
  let kinds = 0;
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    const constraint = constraintOf(operand);
    s.locations[k] = -1;
    if (constraint === constraints.any) kinds |= hasAny;
    if (isDef(operand)) {
      const below = i32At(s.registerOf, vregOf(operand));
      s.wanted[k - start] = below;
      if (below >= 0) {
        release(s, below);
        s.coveted[below >>> 5] = i32At(s.coveted, below >>> 5) | (1 << (below & 31));
      }
      if (constraint === constraints.fixed) {
        const register = detailOfOperand(operand);
        s.locations[k] = register;
        takeWritten(s, register);
        if (!isLate(operand)) takeEarly(s, register);
        kinds |= hasFixed;
      } else if (constraint === constraints.reuse) kinds |= hasReuse;
      else kinds |= isLate(operand) ? hasLateDef : hasBothHalves;
    } else if (constraint === constraints.fixed) {
      const register = detailOfOperand(operand);
      s.locations[k] = register;
      takeEarly(s, register);
      if (isLate(operand)) takeLate(s, register);
      s.fixedUseOf[register] = vregOf(operand);
      kinds |= hasFixed;
    } else kinds |= isLate(operand) ? hasBothHalves : hasUse;
  }
  return kinds;
}

function noteReads(s: State, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (isDef(operand)) continue;
    const home = i32At(s.registerOf, vregOf(operand));
    if (home >= 0) s.read[home >>> 5] = i32At(s.read, home >>> 5) | (1 << (home & 31));
  }
}

/** A def that shares the register of a fixed use is fixed itself. */
function fixReuses(s: State, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (constraintOf(operand) !== constraints.reuse) continue;
    const register = i32At(s.locations, start + detailOfOperand(operand));
    if (register < 0) continue;
    s.locations[k] = register;
    takeWritten(s, register);
  }
}

/** Puts out every value that lives through in a register which fixed operands or clobbers need for something else. */
function makeWay(s: State, inst: number): void {
  for (let c = 0; c < 2; c++) {
    let conflicts = i32At(s.occupied, c) & (i32At(s.early, c) | i32At(s.late, c));
    while (conflicts !== 0) {
      const bit = conflicts & -conflicts;
      conflicts ^= bit;
      const register = (c << 5) + 31 - Math.clz32(bit);
      if ((i32At(s.written, c) & bit) === 0 && i32At(s.fixedUseOf, register) === i32At(s.vregIn, register)) {
        s.touched[register] = inst;
        continue;
      }
      displace(s, register);
    }
  }
}

/** The first fixed use of a value that is in no register becomes its home, so that it tends to be computed right there. */
function homeFixedUses(s: State, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (constraintOf(operand) !== constraints.fixed || isDef(operand)) continue;
    const register = detailOfOperand(operand);
    s.fixedUseOf[register] = -1;
    if (i32At(s.registerOf, vregOf(operand)) < 0 && has(s.allocatable, register)) setNewHome(s, register, vregOf(operand));
  }
}

function placeReuses(s: State, inst: number, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (constraintOf(operand) !== constraints.reuse || i32At(s.locations, k) >= 0) continue;
    const vreg = vregOf(operand);
    const c = u8At(s.p.vregClass, vreg);
    const below = i32At(s.wanted, k - start);
    const wish = below >= 0 ? below : i32At(s.lastRegisterOf, vreg);
    const register = demand(pickUncoveted(s, c, i32At(s.early, c) | i32At(s.late, c), wish), inst);
    const source = start + detailOfOperand(operand);
    s.locations[k] = s.locations[source] = register;
    takeEarly(s, register);
    takeWritten(s, register);
    const input = vregOf(operandAt(s, source));
    if (i32At(s.registerOf, input) < 0) setNewHome(s, register, input);
  }
}

/** Early defs, and uses that are read late. */
function placeBothHalves(s: State, inst: number, start: number, end: number, flexible: boolean): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    const constraint = constraintOf(operand);
    if (isDef(operand) === isLate(operand) || i32At(s.locations, k) >= 0 || (constraint === constraints.any) !== flexible) continue;
    const vreg = vregOf(operand);
    const c = u8At(s.p.vregClass, vreg);
    const taken = i32At(s.early, c) | i32At(s.late, c);
    if (constraint === constraints.stack) {
      s.locations[k] = slotLocation(s, vreg);
      continue;
    }
    const home = isDef(operand) ? -1 : i32At(s.registerOf, vreg);
    if (home >= 0 && !has(s.late, home)) {
      s.locations[k] = home;
      takeEarly(s, home);
      takeLate(s, home);
      s.touched[home] = inst;
      continue;
    }
    const below = isDef(operand) ? i32At(s.wanted, k - start) : -1;
    const wish = below >= 0 ? below : i32At(s.lastRegisterOf, vreg);
    if (constraint === constraints.any) {
      const register = below < 0 && i32At(s.slotOf, vreg) >= 0 ? -1 : pickFree(s, c, taken, wish);
      if (register < 0) {
        s.locations[k] = slotLocation(s, vreg);
        continue;
      }
      s.locations[k] = register;
    } else s.locations[k] = demand(pickUncoveted(s, c, taken, wish), inst);
    const register = i32At(s.locations, k);
    takeEarly(s, register);
    if (isDef(operand)) takeWritten(s, register);
    else {
      takeLate(s, register);
      if (i32At(s.registerOf, vreg) < 0) setNewHome(s, register, vreg);
    }
  }
}

function placeLateDefs(s: State, inst: number, start: number, end: number, flexible: boolean): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    const constraint = constraintOf(operand);
    if (!isDef(operand) || i32At(s.locations, k) >= 0 || (constraint === constraints.any) !== flexible) continue;
    const vreg = vregOf(operand);
    const c = u8At(s.p.vregClass, vreg);
    const below = i32At(s.wanted, k - start);
    const wish = below >= 0 ? below : i32At(s.lastRegisterOf, vreg);
    let register = -1;
    if (constraint === constraints.register) register = demand(pick(s, c, i32At(s.late, c), wish), inst);
    else if (constraint === constraints.any && (below >= 0 || i32At(s.slotOf, vreg) < 0)) register = pickFree(s, c, i32At(s.late, c), wish);
    if (register < 0) {
      s.locations[k] = slotLocation(s, vreg);
      continue;
    }
    s.locations[k] = register;
    takeWritten(s, register);
  }
}

function placeEarlyUses(s: State, inst: number, start: number, end: number, flexible: boolean): void {
  const isCopy = u8At(s.p.isCopy, inst) !== 0;
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    const constraint = constraintOf(operand);
    if (isDef(operand) || i32At(s.locations, k) >= 0 || (constraint === constraints.any) !== flexible) continue;
    const vreg = vregOf(operand);
    if (constraint === constraints.stack) {
      s.locations[k] = slotLocation(s, vreg);
      continue;
    }
    const home = i32At(s.registerOf, vreg);
    if (home >= 0) {
      s.locations[k] = home;
      takeEarly(s, home);
      s.touched[home] = inst;
      continue;
    }
    const c = u8At(s.p.vregClass, vreg);
    const result = isCopy ? i32At(s.locations, start + 1) : -1;
    const wish = result >= 0 && result < firstSlotLocation ? result : i32At(s.lastRegisterOf, vreg);
    let register = -1;
    if (constraint === constraints.register) register = demand(pick(s, c, i32At(s.early, c), wish), inst);
    else if (i32At(s.slotOf, vreg) < 0) register = pickFree(s, c, i32At(s.early, c), wish);
    if (register < 0) {
      s.locations[k] = slotLocation(s, vreg);
      continue;
    }
    s.locations[k] = register;
    takeEarly(s, register);
    setNewHome(s, register, vreg);
  }
}

/** Finds where `vreg`, put out of `register`, stays during the instruction, and returns it to `register` afterwards. */
function placeDisplaced(s: State, vreg: number, register: number): void {
  const c = u8At(s.p.vregClass, vreg);
  const home = i32At(s.registerOf, vreg);
  let interim: number;
  if (home >= 0 && !has(s.written, home)) interim = home;
  else {
    interim = pickFree(s, c, i32At(s.early, c) | i32At(s.late, c), -1);
    if (interim < 0) interim = slotLocation(s, vreg);
    else {
      if (home >= 0) {
        s.vregIn[home] = -1;
        s.registerOf[vreg] = -1;
        s.newHomes[c] = i32At(s.newHomes, c) & ~(1 << (home & 31));
      }
      hold(s, interim, vreg);
      s.touched[interim] = i32At(s.touched, register);
      s.splits++;
    }
  }
  s.afterFrom.push(interim);
  s.afterTo.push(register);
  s.afterBytes.push(u8At(s.p.vregBytes, vreg));
}

/** Moves from where defs are written to where code below expects them, and to their slots. */
function moveDefs(s: State, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (!isDef(operand)) continue;
    const vreg = vregOf(operand);
    const location = i32At(s.locations, k);
    const below = i32At(s.wanted, k - start);
    const slot = i32At(s.slotOf, vreg);
    if (below >= 0 && below !== location) {
      s.afterFrom.push(location);
      s.afterTo.push(below);
      s.afterBytes.push(u8At(s.p.vregBytes, vreg));
    }
    if (slot >= 0 && slot !== location) {
      s.afterFrom.push(location);
      s.afterTo.push(slot);
      s.afterBytes.push(u8At(s.p.vregBytes, vreg));
    }
  }
}

/** Emits moves from homes to the further places where uses want their values, and makes new homes hold from here upwards. */
function moveUses(s: State, inst: number, start: number, end: number): void {
  s.moves.begin();
  let loaded0 = 0;
  let loaded1 = 0;
  for (let k = start; k < end; k++) {
    const operand = operandAt(s, k);
    if (isDef(operand)) continue;
    const vreg = vregOf(operand);
    const location = i32At(s.locations, k);
    // A slot that belongs to the value needs no move: the def stores to it.
    if (location >= firstSlotLocation) continue;
    const bit = 1 << (location & 31);
    if (((location < 32 ? loaded0 : loaded1) & bit) !== 0) continue;
    let home = i32At(s.registerOf, vreg);
    if (home < 0) {
      const c = u8At(s.p.vregClass, vreg);
      home = pickFree(s, c, i32At(s.early, c), i32At(s.lastRegisterOf, vreg));
      if (home < 0) home = slotLocation(s, vreg);
      else {
        takeEarly(s, home);
        setNewHome(s, home, vreg);
      }
    }
    if (home === location) continue;
    if (location < 32) loaded0 |= bit;
    else loaded1 |= bit;
    s.moves.add(inst, home, location, u8At(s.p.vregBytes, vreg));
  }
  for (let c = 0; c < 2; c++) s.occupied[c] = i32At(s.occupied, c) | i32At(s.newHomes, c);
}
