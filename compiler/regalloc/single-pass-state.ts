// What the single-pass allocator knows at one point of its backward walk, and how it finds a register.
// Invariant: a register holds at most one virtual register, `vregIn[r] === v` exactly if `registerOf[v] === r`. Everything in a
// register here is in that register just below this point too. A live virtual register in no register is in its slot; slots are
// valid from def to last use, because a def whose value has a slot stores to it.

import { i32At, u8At } from '../base/cells.ts';
import type { Control } from '../base/control.ts';
import { bug } from '../base/errors.ts';
import { Int32Column } from '../base/growable.ts';
import { newInt32s } from '../base/storage.ts';
import { type Flow } from './flow.ts';
import { MoveList } from './move-list.ts';
import type { Problem } from './problem.ts';
import { SpillSlots } from './spill.ts';

export interface State {
  p: Problem;
  flow: Flow;
  control: Control;
  readonly moves: MoveList;
  readonly slots: SpillSlots;
  /** Location of each operand: the answer under construction. */
  locations: Int32Array;
  /** Virtual register in each register, or -1. */
  readonly vregIn: Int32Array;
  /** Register of each virtual register, or -1. */
  registerOf: Int32Array;
  /** Slot location of each virtual register, or -1; once given, the def will store to it. */
  slotOf: Int32Array;
  /** The register a virtual register was last seen in, or -1: a wish. */
  lastRegisterOf: Int32Array;
  /** Instruction that last touched what a register holds: the farther below, the better a victim. */
  readonly touched: Int32Array;
  splits: number;

  // Bit masks of registers, per class.
  readonly allocatable: Int32Array;
  /** Registers to use only when all others fail; chaos only. */
  readonly shunned: Int32Array;
  /** Registers whose value lives through the current point. */
  readonly occupied: Int32Array;

  // The instruction at hand.
  inst: number;
  /** Registers taken by its operands (and clobbers) at the early and at the late half-point. */
  readonly early: Int32Array;
  readonly late: Int32Array;
  /** Registers it writes: defs and clobbers. */
  readonly written: Int32Array;
  /** Registers that become the home of a value that ends here. */
  readonly newHomes: Int32Array;
  /** Registers whose value it reads. */
  readonly read: Int32Array;
  /** Virtual register of the fixed use of each register, or -1. */
  readonly fixedUseOf: Int32Array;
  /** Registers in which code below expects its defs: operands of both half-points had better leave them alone. */
  readonly coveted: Int32Array;
  /** Per operand, the register in which code below expects the def, or -1. */
  wanted: Int32Array;
  /** Values put out of their registers by this instruction. */
  readonly displaced: Int32Column;
  readonly displacedFrom: Int32Column;
  /** The parallel moves due right after it. */
  readonly afterFrom: Int32Column;
  readonly afterTo: Int32Column;
  readonly afterBytes: Int32Column;
}

const noFlow: Flow = {
  postorder: new Int32Array(0),
  rank: new Int32Array(0),
  loopOf: new Int32Array(0),
  outerLoop: new Int32Array(0),
  retreatTarget: new Uint8Array(0),
};

/** An empty state around `p`; `prepare` fills it. One state serves any number of problems in turn. */
export function createState(p: Problem, control: Control): State {
  const masks = (): Int32Array => new Int32Array(2);
  return {
    p,
    flow: noFlow,
    control,
    moves: new MoveList(),
    slots: new SpillSlots(),
    locations: new Int32Array(0),
    vregIn: new Int32Array(64).fill(-1),
    registerOf: new Int32Array(0),
    slotOf: new Int32Array(0),
    lastRegisterOf: new Int32Array(0),
    touched: new Int32Array(64),
    splits: 0,
    allocatable: masks(),
    shunned: masks(),
    occupied: masks(),
    inst: 0,
    early: masks(),
    late: masks(),
    written: masks(),
    newHomes: masks(),
    read: masks(),
    coveted: masks(),
    fixedUseOf: new Int32Array(64).fill(-1),
    wanted: new Int32Array(16),
    displaced: new Int32Column(),
    displacedFrom: new Int32Column(),
    afterFrom: new Int32Column(),
    afterTo: new Int32Column(),
    afterBytes: new Int32Column(),
  };
}

/** Readies `s` for problem `p`, whatever it was used for before. */
export function prepare(s: State, p: Problem, flow: Flow, control: Control): void {
  s.p = p;
  s.flow = flow;
  s.control = control;
  const vregs = p.vregClass.length;
  if (s.registerOf.length < vregs) {
    const size = Math.max(vregs, s.registerOf.length * 2);
    s.registerOf = new Int32Array(size);
    s.slotOf = new Int32Array(size);
    s.lastRegisterOf = new Int32Array(size);
  }
  s.registerOf.fill(-1, 0, vregs);
  s.slotOf.fill(-1, 0, vregs);
  s.lastRegisterOf.fill(-1, 0, vregs);
  s.vregIn.fill(-1);
  s.fixedUseOf.fill(-1);
  s.occupied.fill(0);
  s.moves.reset(p.operandStart.length);
  s.slots.reset();
  s.locations = newInt32s(p.operands.length);
  s.splits = 0;
  for (let c = 0; c < 2; c++) {
    let mask = 0;
    for (const register of p.registers.allocatable[c === 0 ? 0 : 1]) mask |= 1 << (register & 31);
    s.allocatable[c] = mask;
  }
}

/** Puts `vreg`, which is in no register, into the empty `register`. */
export function hold(s: State, register: number, vreg: number): void {
  s.vregIn[register] = vreg;
  s.registerOf[vreg] = register;
  s.lastRegisterOf[vreg] = register;
  const c = register >>> 5;
  s.occupied[c] = i32At(s.occupied, c) | (1 << (register & 31));
}

/** Empties `register`. */
export function release(s: State, register: number): void {
  s.registerOf[i32At(s.vregIn, register)] = -1;
  s.vregIn[register] = -1;
  const c = register >>> 5;
  s.occupied[c] = i32At(s.occupied, c) & ~(1 << (register & 31));
}

/** Location of the slot of `vreg`, made at the first request. */
export function slotLocation(s: State, vreg: number): number {
  const known = i32At(s.slotOf, vreg);
  if (known >= 0) return known;
  const location = s.slots.add(u8At(s.p.vregBytes, vreg));
  s.slotOf[vreg] = location;
  return location;
}

/** Makes the empty `register` the home of `vreg`, which is in no register, from the early half-point upwards. */
export function setNewHome(s: State, register: number, vreg: number): void {
  s.vregIn[register] = vreg;
  s.registerOf[vreg] = register;
  s.lastRegisterOf[vreg] = register;
  const c = register >>> 5;
  s.newHomes[c] = i32At(s.newHomes, c) | (1 << (register & 31));
  s.touched[register] = s.inst;
}

/** Puts the value in `register` out of it; where it stays meanwhile is decided when all operands have their places. */
export function displace(s: State, register: number): void {
  s.displaced.push(i32At(s.vregIn, register));
  s.displacedFrom.push(register);
  release(s, register);
}

function firstOf(order: readonly number[], mask: number): number {
  for (let i = 0; i < order.length; i++) {
    const register = order[i] ?? 0;
    if (((mask >>> (register & 31)) & 1) !== 0) return register;
  }
  return bug('register mask outside the allocatable registers');
}

/** Of the registers in `mask`, the one whose value is cheapest to put out: not read here, already in a slot, next used farthest below. */
function victimOf(s: State, c: number, mask: number): number {
  const order = s.p.registers.allocatable[c === 0 ? 0 : 1];
  const read = i32At(s.read, c);
  let best = -1;
  let bestScore = -1;
  for (let i = 0; i < order.length; i++) {
    const register = order[i] ?? 0;
    const bit = 1 << (register & 31);
    if ((mask & bit) === 0) continue;
    let score = i32At(s.touched, register) * 2 + 1;
    if (i32At(s.slotOf, i32At(s.vregIn, register)) >= 0) score += 16;
    if ((read & bit) !== 0) score = 0;
    if (score > bestScore) {
      best = register;
      bestScore = score;
    }
  }
  return best;
}

/** A register of class `c` outside `forbidden` that nothing occupies, preferably `wish`; -1 if there is none. */
export function pickFree(s: State, c: number, forbidden: number, wish: number): number {
  const free = i32At(s.allocatable, c) & ~forbidden & ~i32At(s.occupied, c);
  if (wish >= 0 && ((free >>> (wish & 31)) & 1) !== 0) return wish;
  const welcome = free & ~i32At(s.shunned, c);
  return welcome === 0 ? -1 : firstOf(s.p.registers.allocatable[c === 0 ? 0 : 1], welcome);
}

/** As `pick`, but rather not a register that a def of the instruction is wanted in. */
export function pickUncoveted(s: State, c: number, forbidden: number, wish: number): number {
  const coveted = i32At(s.coveted, c) & (wish >= 0 ? ~(1 << (wish & 31)) : -1);
  const register = coveted === 0 ? -1 : pickFree(s, c, forbidden | coveted, wish);
  return register >= 0 ? register : pick(s, c, forbidden, wish);
}

/** A register of class `c` outside `forbidden`, putting a value out of it if need be; -1 if the instruction itself takes them all. */
export function pick(s: State, c: number, forbidden: number, wish: number): number {
  const register = pickFree(s, c, forbidden, wish);
  if (register >= 0) return register;
  const possible = i32At(s.allocatable, c) & ~forbidden;
  const shunned = i32At(s.shunned, c);
  let victim = victimOf(s, c, possible & i32At(s.occupied, c) & ~shunned);
  if (victim < 0) {
    const free = possible & ~i32At(s.occupied, c);
    if (free !== 0) return firstOf(s.p.registers.allocatable[c === 0 ? 0 : 1], free);
    victim = victimOf(s, c, possible & i32At(s.occupied, c));
    if (victim < 0) return -1;
  }
  const vreg = i32At(s.vregIn, victim);
  displace(s, victim);
  // A value that the instruction reads in this very register keeps it for the early half-point.
  if (((i32At(s.early, c) >>> (victim & 31)) & 1) !== 0) setNewHome(s, victim, vreg);
  return victim;
}
